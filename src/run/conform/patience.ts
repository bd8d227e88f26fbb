// What a rate limit asks for: to wait as long as Retry-After says, and to ask again. A 429 is no verdict. Who
// is told to wait waits for all: the limit is one for the whole run.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Perform } from '../../drivers/drive.ts';
import { dateOf, parseRetryAfter } from '../../protocol/grammar/http-date.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { HttpReply } from '../../protocol/talk.ts';

/** Pauses before one request; who is put off once more is left to the check. */
const pausesMax = 8;
/** After so many requests that waited in vain, the limit is no passing one. */
const inVainMax = 3;
/** Longer ones would hold up the run: what is put off for minutes is void. */
const pauseMsMax = 10_000;
/** A date has whole seconds, and the limit may end with any of them. */
const pauseMsMin = 200;

/** Resolves after so many milliseconds, or once `signal` is aborted; never rejects. */
type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** One for a run. */
export class Patience {
  readonly #limited: (exchange: Exchange) => void;
  readonly #pause: Pause;
  readonly #now: () => number;
  /** No request goes out before. */
  #untilMs = 0;
  /** Requests in a row that were put off until nobody waited any more. */
  #inVain = 0;
  /** Replies that were 429. */
  count = 0;
  /** Time that requests of the run had to wait, each moment once. */
  waitedMs = 0;

  /** `limited` is told of each 429, also of those that are not the last reply. */
  constructor(
    limited: (exchange: Exchange) => void,
    pause: Pause = sleepFor,
    now: () => number = Date.now,
  ) {
    this.#limited = limited;
    this.#pause = pause;
    this.#now = now;
  }

  over(perform: Perform): Perform {
    return async (request, signal) => {
      for (let pauses = 0; ; pauses++) {
        const early = this.#untilMs - this.#now();
        if (early > 0 && signal?.aborted !== true) await this.#pause(early, signal);
        const reply = await perform(request, signal);
        if (reply.status !== 429) {
          this.#inVain = 0;
          return reply;
        }
        this.count++;
        this.#limited({ request, reply });
        const ms = pauseMsOf(reply, this.#now());
        if (pauses === pausesMax) this.#inVain++;
        const isOver = pauses === pausesMax || this.#inVain >= inVainMax;
        if (ms === undefined || isOver || signal?.aborted === true) return reply;
        this.#waitFor(Math.max(ms, pauseMsMin * pauses));
      }
    };
  }

  #waitFor(ms: number): void {
    const nowMs = this.#now();
    const untilMs = Math.max(this.#untilMs, nowMs + ms);
    this.waitedMs += untilMs - Math.max(this.#untilMs, nowMs);
    this.#untilMs = untilMs;
  }
}

const sleepFor: Pause = (ms, signal) =>
  sleep(ms, undefined, signal && { signal }).catch(() => undefined);

/** Of Retry-After, where it is not too long; undefined when there is nothing to wait for. */
function pauseMsOf(reply: HttpReply, nowMs: number): number | undefined {
  const asked = parseRetryAfter(reply.header('Retry-After') ?? '');
  if (asked === undefined) return undefined;
  if ('seconds' in asked)
    return asked.seconds * 1000 <= pauseMsMax ? asked.seconds * 1000 : undefined;
  // By the server's own clock where it tells the time, else by ours.
  const ms = Math.max(0, asked.atMs - (dateOf(reply) ?? nowMs));
  return ms <= pauseMsMax ? ms + pauseMsMin : undefined;
}
