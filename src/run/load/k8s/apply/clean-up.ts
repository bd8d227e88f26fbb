// What a run made in the cluster, and taking it away.
import { setTimeout as sleep } from 'node:timers/promises';
import { collectorName } from '../manifests.ts';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';
import { testRuns } from './preflight.ts';
import { wordsOf } from './said.ts';

/** Runners have 30 s to end their timelines. */
const endMsMax = 60_000;
const deleteMs = 60_000;

/** As `kind/name`, in the order in which they were made. */
export class Made {
  readonly #described: Described;
  readonly #kubectl: Kubectl;
  readonly #all = new Set<string>();

  constructor(described: Described, kubectl: Kubectl) {
    this.#described = described;
    this.#kubectl = kubectl;
  }

  add(...objects: readonly string[]): void {
    for (const object of objects) this.#all.add(object);
  }

  /** Stays in the cluster. */
  keep(...objects: readonly string[]): void {
    for (const object of objects) this.#all.delete(object);
  }

  get isEmpty(): boolean {
    return this.#all.size === 0;
  }

  /** A command that takes all of it away. */
  command(): string {
    return this.#kubectl.typed('delete', '--ignore-not-found', ...this.#all);
  }

  /** Gives why it could not. */
  async takeAway(): Promise<string | undefined> {
    if (this.isEmpty) return undefined;
    const words = ['delete', ...this.#all, '--ignore-not-found', '--wait=false'];
    const said = await this.#kubectl.run(words, { timeoutMs: deleteMs });
    if (said.code !== 0) return wordsOf(said);
    this.#all.clear();
    return undefined;
  }

  get collector(): string {
    return `pod/${collectorName(this.#described.name)}`;
  }

  get testRun(): string {
    return `${testRuns}/${this.#described.name}`;
  }

  /** Deletes the TestRun, and waits until its runners have ended. */
  async stopRunners(): Promise<void> {
    const words = ['delete', this.testRun, '--ignore-not-found', '--wait=false'];
    await this.#kubectl.run(words);
    const untilMs = Date.now() + endMsMax;
    const select = `k6_cr=${this.#described.name},runner=true`;
    while (Date.now() < untilMs) {
      const { code, stdout } = await this.#kubectl.run(['get', 'pods', '-l', select, '-o', 'name']);
      if (code === 0 && stdout.trim() === '') return;
      await sleep(1000);
    }
  }
}
