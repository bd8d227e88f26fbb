// A registry that is away for a while, as while it is started anew: nobody gets a whole answer then, so what its
// requests come to says nothing of them. Who meets that waits until it answers again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pause, Perform } from '../../drivers/drive.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { HttpRequest } from '../../protocol/talk.ts';
import { isStumble } from './stumbles.ts';

/** Before each knock, milliseconds: some seconds in all. */
const pausesMs = [100, 200, 400, 800, 1600, 2000, 2000];

/** What came of looking whether the registry is there. */
export interface Looked {
  /** It was away, and is back. */
  readonly wasAway: boolean;
  /** Knocks that were not answered. */
  readonly stumbles: readonly Exchange[];
}

/** One for a run. */
export class Outages {
  readonly #perform: Perform;
  readonly #knock: HttpRequest;
  readonly #pause: Pause;
  readonly #isOver: () => boolean;
  /** Nobody was there any more after the last wait. */
  #isGone = false;
  #looking: Promise<Looked> | undefined;
  /** Whole answers of the registry, so far. */
  whole = 0;

  /** `knock`: a request that every registry answers; `isOver`: whether nobody waits any more. */
  constructor(
    perform: Perform,
    knock: HttpRequest,
    isOver: () => boolean,
    pause: Pause = (ms) => sleep(ms),
  ) {
    this.#perform = this.#counted(perform);
    this.#knock = knock;
    this.#isOver = isOver;
    this.#pause = pause;
  }

  get perform(): Perform {
    return this.#perform;
  }

  #counted(perform: Perform): Perform {
    return async (request, signal) => {
      const reply = await perform(request, signal);
      if (request.hop === 'registry' && !isStumble({ request, reply })) {
        this.whole++;
        this.#isGone = false;
      }
      return reply;
    };
  }

  /** Waits while the registry is away, where nothing whole came since there were so many. Never rejects. */
  async look(wholeBefore: number): Promise<Looked> {
    if (this.whole > wholeBefore || this.#isGone) return { wasAway: false, stumbles: [] };
    if (this.#looking !== undefined) {
      const { wasAway } = await this.#looking;
      return { wasAway, stumbles: [] };
    }
    this.#looking = this.#wait();
    const looked = await this.#looking;
    this.#looking = undefined;
    return looked;
  }

  async #wait(): Promise<Looked> {
    const stumbles: Exchange[] = [];
    for (const ms of [0, ...pausesMs]) {
      if (ms > 0) await this.#pause(ms);
      if (this.#isOver()) break;
      const reply = await this.#perform(this.#knock);
      const exchange = { request: this.#knock, reply };
      if (!isStumble(exchange)) return { wasAway: stumbles.length > 0, stumbles };
      stumbles.push(exchange);
      // Who takes that long to say nothing is waited for long enough.
      if (reply.failure === 'stalled') break;
    }
    this.#isGone = true;
    return { wasAway: false, stumbles };
  }
}
