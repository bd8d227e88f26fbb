// Looks at the run in the cluster, and keeps what its failed pods said last.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';
import { recordWord } from './logs.ts';
import { type EventLook, type Look, lookOf, objectsOf } from './look.ts';
import { testRuns } from './preflight.ts';
import { type Said, wordsOf } from './said.ts';

/** In the folder of the joined run. */
const logsFolder = 'kubernetes';
const tailLines = 50;
const tailBytesMax = 256 * 1024;
/** Of a log, what stands in a message. */
const tellingLines = 3;
/** Runners that fail alike need not all be heard. */
const logsMax = 20;
/** Looks without any trouble, after which warnings are asked for all the same. */
const calmLooksMax = 5;

export class Watch {
  readonly #described: Pick<Described, 'name'>;
  readonly #kubectl: Kubectl;
  readonly #outDir: string;
  #calmLooks = 0;
  /** Last words of pods that failed, by name. */
  readonly logs = new Map<string, string>();
  /** Why the last look failed. */
  away = '';

  constructor(described: Pick<Described, 'name'>, kubectl: Kubectl, outDir: string) {
    this.#described = described;
    this.#kubectl = kubectl;
    this.#outDir = outDir;
  }

  /** Of the TestRun and what comes of it; undefined where the API server does not answer. */
  async atRun(): Promise<Look | undefined> {
    const { name } = this.#described;
    return await this.#look(
      ['get', testRuns, name, '--ignore-not-found', '-o', 'json'],
      ['get', 'jobs.batch,pods', '-l', `k6_cr=${name}`, '-o', 'json'],
    );
  }

  /** Of one pod alone. */
  async atPod(pod: string): Promise<Look | undefined> {
    return await this.#look(undefined, ['get', 'pods', pod, '--ignore-not-found', '-o', 'json']);
  }

  async #look(
    testRun: readonly string[] | undefined,
    others: readonly string[],
  ): Promise<Look | undefined> {
    const [run, found] = await Promise.all([
      testRun && this.#kubectl.run(testRun),
      this.#kubectl.run(others),
    ]);
    const failed = [run, found].find((one) => one !== undefined && one.code !== 0);
    if (failed !== undefined) return this.#lost(failed);
    try {
      const [object] = run === undefined ? [] : objectsOf(run.stdout);
      const objects = objectsOf(found.stdout);
      const bare = lookOf(this.#described.name, object, objects, []);
      const events = await this.#eventsFor(bare);
      await this.#keepLogs(bare);
      return { ...bare, events };
    } catch (error) {
      return this.#lost({ code: 1, stdout: '', stderr: (error as Error).message });
    }
  }

  #lost(said: Said): undefined {
    this.away = wordsOf(said);
    return undefined;
  }

  /** There may be many, of others in the namespace: asked for where they can tell something. */
  async #eventsFor({ pods, jobs }: Look): Promise<readonly EventLook[]> {
    const isCalm = pods.every(({ phase }) => phase === 'Running' || phase === 'Succeeded');
    const hasPods = jobs.every((job) => job.isOver || pods.some((pod) => pod.job === job.name));
    this.#calmLooks = isCalm && hasPods ? this.#calmLooks + 1 : 0;
    if (this.#calmLooks % calmLooksMax !== 0) return [];
    const waits = pods.some(({ scheduled }) => scheduled !== undefined);
    const [warnings, growth] = await Promise.all([
      this.#events('type=Warning'),
      waits ? this.#events('type=Normal,involvedObject.kind=Pod') : [],
    ]);
    return [...warnings, ...growth];
  }

  async #events(selector: string): Promise<readonly EventLook[]> {
    const words = ['get', 'events', '--field-selector', selector, '-o', 'json'];
    const { code, stdout } = await this.#kubectl.run(words);
    return code === 0 ? lookOf('', undefined, [], objectsOf(stdout)).events : [];
  }

  async #keepLogs({ pods }: Look): Promise<void> {
    for (const { name, phase, ended } of pods) {
      if (phase !== 'Failed' || ended === undefined || this.logs.has(name)) continue;
      if (this.logs.size >= logsMax) return;
      const words = ['logs', name, `--tail=${tailLines}`, `--limit-bytes=${tailBytesMax}`];
      const { code, stdout } = await this.#kubectl.run(words);
      // Timelines are no words.
      const lines = stdout.split('\n').filter((line) => !line.startsWith(recordWord));
      const told = lines.filter((line) => line.trim() !== '');
      this.logs.set(name, code === 0 ? told.slice(-tellingLines).join(' ') : '');
      if (told.length === 0) continue;
      await mkdir(join(this.#outDir, logsFolder), { recursive: true });
      await writeFile(join(this.#outDir, logsFolder, `${name}.log`), lines.join('\n'));
    }
  }
}
