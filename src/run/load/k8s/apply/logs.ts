// The timelines out of the logs of the runners, where there is no volume: each read when its runner has ended, or
// while it is made to end.
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { timelinesFolder } from '../../merge/parts.ts';
import { logEnding } from '../../timeline/records.ts';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';
import type { Look, PodLook } from './look.ts';
import { wordsOf } from './said.ts';

/** Kubelets keep 10 MiB, and what was rotated is not read. */
const bytesMax = 64 * 1024 * 1024;
const silentMs = 60_000;
const triesMax = 3;
/** Begins the lines that are of a timeline. */
export const recordWord = 'pullproof-timeline ';
/** Until a log that is followed has begun to come. */
const beginMs = 5000;

export class RunnerLogs {
  readonly #described: Described;
  readonly #kubectl: Kubectl;
  /** Jobs whose log was read to its end. */
  readonly #seen = new Set<string>();
  /** Those with a timeline in it, which is here. */
  readonly #done = new Set<string>();
  readonly #tries = new Map<string, number>();
  /** Why those that are not could not be read. */
  readonly failures = new Map<string, string>();

  constructor(described: Described, kubectl: Kubectl) {
    this.#described = described;
    this.#kubectl = kubectl;
  }

  get files(): readonly string[] {
    return [...this.#done].map((job) => `${job}${logEnding}`);
  }

  /** Those of runners that have ended: a node that goes later takes nothing with it. */
  readonly takeEnded = async ({ pods }: Look): Promise<void> => {
    for (const pod of pods) {
      const isOver = pod.phase === 'Succeeded' || pod.phase === 'Failed';
      if (pod.role !== 'runner' || !isOver || pod.ended === undefined) continue;
      if (this.#seen.has(pod.job) || (this.#tries.get(pod.job) ?? 0) >= triesMax) continue;
      await this.#take(pod);
    }
  };

  async #take({ job, name }: PodLook): Promise<void> {
    this.#tries.set(job, (this.#tries.get(job) ?? 0) + 1);
    const file = await this.#fileOf(job);
    const words = ['logs', name, '-c', 'k6'];
    const input = new PassThrough();
    let hasTimeline = false;
    let last = '';
    const looking = async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        last = (last + chunk.toString('latin1')).slice(-chunk.length - recordWord.length);
        hasTimeline ||= last.includes(recordWord);
        yield chunk;
      }
    };
    const writing = pipeline(input, looking, createWriteStream(`${file}.part`));
    const said = await this.#kubectl.stream(words, input, { bytesMax, silentMs });
    input.end();
    await writing;
    if (said.code !== 0) {
      this.failures.set(job, wordsOf(said));
      return;
    }
    this.failures.delete(job);
    await (hasTimeline ? rename(`${file}.part`, file) : rm(`${file}.part`));
    this.#seen.add(job);
    if (hasTimeline) this.#done.add(job);
  }

  /** Follows all that run while `stop` makes them end, since their logs go with them. */
  async takeWhile(runners: number, stop: () => Promise<void>): Promise<void> {
    const { name } = this.#described;
    const select = ['-l', `k6_cr=${name},runner=true`, '-c', 'k6', '--prefix', '--ignore-errors'];
    const words = ['logs', '-f', '--tail=-1', `--max-log-requests=${runners}`, ...select];
    const input = new PassThrough();
    const outs = new Map<string, WriteStream>();
    const reading = this.#demultiplex(input, outs);
    let hasBegun: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      hasBegun = resolve;
    });
    const limits = { bytesMax: runners * bytesMax, silentMs };
    input.once('data', () => hasBegun());
    const following = this.#kubectl.stream(words, input, limits);
    await Promise.race([begun, following, sleep(beginMs)]);
    await stop();
    await following;
    input.end();
    await reading;
    for (const [job, out] of outs) {
      out.end();
      await finished(out);
      this.#done.add(job);
    }
  }

  /** `[pod/NAME-2-x7k2p/k6] line`. */
  async #demultiplex(input: PassThrough, outs: Map<string, WriteStream>): Promise<void> {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const [, job = '', text = ''] =
        /^\[pod\/([a-z0-9-]+-\d+)-[a-z0-9]+\/k6\] (.*)$/.exec(line) ?? [];
      if (job === '' || this.#seen.has(job)) continue;
      if (!outs.has(job) && !text.startsWith(recordWord)) continue;
      const out = outs.get(job) ?? createWriteStream(await this.#fileOf(job));
      outs.set(job, out);
      out.write(`${text}\n`);
    }
  }

  async #fileOf(job: string): Promise<string> {
    const folder = join(this.#described.dir, timelinesFolder);
    await mkdir(folder, { recursive: true });
    return join(folder, `${job}${logEnding}`);
  }
}
