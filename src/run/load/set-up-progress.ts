// Where the set-up of a load run is: which image it asks for, what it waits for and why.
import type { ClientProfile } from '../../protocol/client.ts';
import type { PullFailure } from '../../protocol/failure.ts';
import type { Wait } from '../../protocol/talk.ts';
import type { Image } from '../target.ts';

interface UnderWay {
  readonly image: Image;
  readonly sinceMs: number;
  /** Tries that failed, by request. */
  readonly tries: Map<string, number>;
  waits?: { readonly why: string; readonly untilMs: number; readonly which: string } | undefined;
}

export class SetUpProgress {
  readonly #images: number;
  readonly #client: ClientProfile;
  readonly #say: (line: string) => void;
  readonly #now: () => number;
  readonly #underWay: UnderWay[] = [];
  #done = 0;
  /** What was tried again last, for those who stop the run meanwhile. */
  after: PullFailure | undefined;

  constructor(
    images: number,
    client: ClientProfile,
    say: (line: string) => void,
    now: () => number = Date.now,
  ) {
    this.#images = images;
    this.#client = client;
    this.#say = say;
    this.#now = now;
  }

  begin(image: Image): void {
    this.#underWay.push({ image, sinceMs: this.#now(), tries: new Map() });
  }

  end(image: Image): void {
    const at = this.#underWay.findIndex((one) => one.image === image);
    if (at >= 0) this.#underWay.splice(at, 1);
    this.#done++;
    this.after = undefined;
  }

  /** What a driver is to tell of each pause before it begins. */
  readonly onWait = ({ waitMs, after }: Wait): void => {
    if (after === undefined) return;
    const one = this.#ofFailure(after);
    if (one === undefined) return;
    this.after = after;
    const key = `${after.evidence.method} ${after.evidence.url}`;
    const tried = (one.tries.get(key) ?? 0) + 1;
    one.tries.set(key, tried);
    const triesMax = this.#client.retry?.request?.triesMax;
    const which = triesMax === undefined ? '' : ` (${tried + 1} of ${triesMax})`;
    one.waits = { why: wordsOf(after), untilMs: this.#now() + waitMs, which };
    // What goes on at once is not worth a line.
    if (waitMs >= 1000) this.#say(this.#lineOf(one));
  };

  /** Of what waits, else of what has been under way for longest. */
  line(): string {
    const one = this.#underWay.find(({ waits }) => waits !== undefined) ?? this.#underWay[0];
    return one === undefined ? 'setting up' : this.#lineOf(one);
  }

  #lineOf({ image, sinceMs, waits }: UnderWay): string {
    const others = this.#images > 1 ? ` (${this.#done} of ${this.#images} images done)` : '';
    const head = `locating ${image.text}`;
    if (waits === undefined) return `${head}, ${secondsOf(this.#now() - sinceMs)}${others}`;
    const leftMs = waits.untilMs - this.#now();
    const next = leftMs < 500 ? 'trying again now' : `trying again in ${secondsOf(leftMs)}`;
    return `${head}: ${waits.why}, ${next}${waits.which}${others}`;
  }

  /** A request tells its repository; one for a token or a ping is of the first that asks this registry. */
  #ofFailure({ evidence, host }: PullFailure): UnderWay | undefined {
    return (
      this.#underWay.find(({ image }) => evidence.url.includes(`/v2/${image.repository}/`)) ??
      this.#underWay.find(({ image }) => image.registry === host) ??
      this.#underWay[0]
    );
  }
}

/** `429 from registry.example`, `reset (eof) from registry.example`. */
function wordsOf({ status, class: kind, reason, host }: PullFailure): string {
  const what =
    status >= 300 ? String(status) : `${kind}${reason === undefined ? '' : ` (${reason})`}`;
  return `${what} from ${host}`;
}

function secondsOf(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1000))} s`;
}
