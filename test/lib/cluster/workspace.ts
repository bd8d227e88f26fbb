// What one test has of the cluster: a namespace, kubectl and the command line in it, volumes, and mocks of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { RunningMock } from '../../../mocks/server.ts';
import { type CliOptions, cli, type Ended, scratch } from '../cli.ts';
import type { ClusterFacts } from './cluster.ts';
import { inNetworkOf } from './inside.ts';
import { cdnAddress, mockAddress } from './plan.ts';

/** A mock in the cluster's network. */
export type ClusterMock = Omit<RunningMock, 'close'> & {
  readonly log: string;
  close(): Promise<void>;
};

export interface ShellEnd {
  readonly code: number;
  readonly output: string;
}

/** How strict the namespace is with pods (Pod Security Standards). */
export type PodSecurity = 'privileged' | 'baseline' | 'restricted';

let opened = 0;

export class Workspace {
  readonly name: string;
  /** For files of the test. */
  readonly folder = scratch();
  readonly #cluster: ClusterFacts;
  readonly #undo: (() => Promise<unknown>)[] = [];

  private constructor(cluster: ClusterFacts, name: string) {
    this.#cluster = cluster;
    this.name = name;
    const config = JSON.parse(readFileSync(cluster.variables.KUBECONFIG ?? '', 'utf8'));
    config.contexts[0].context.namespace = name;
    writeFileSync(join(this.folder, 'kubeconfig'), JSON.stringify(config));
  }

  static async open(cluster: ClusterFacts, security: PodSecurity = 'baseline'): Promise<Workspace> {
    opened += 1;
    const own = new Workspace(cluster, `test-${process.pid}-${opened}`);
    await own.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: own.name, labels: { 'pod-security.kubernetes.io/enforce': security } },
    });
    const { name } = own;
    own.#undo.push(() => own.kubectl('delete', 'namespace', name, '--wait=false'));
    return own;
  }

  async close(): Promise<void> {
    for (const step of this.#undo.splice(0).reverse()) await step();
  }

  /** Of programs in the cluster: kubectl and pullproof are on their PATH, and look at this namespace. */
  get variables(): Record<string, string> {
    return { ...this.#cluster.variables, KUBECONFIG: join(this.folder, 'kubeconfig') };
  }

  /** Program and words that run the program in the cluster's network. */
  readonly by = (program: string, words: readonly string[]): [string, string[]] =>
    inNetworkOf(this.#cluster.nodes[0]!, program, words);

  /** What kubectl says on stdout. @throws Error with what it said otherwise */
  async kubectl(...words: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run('kubectl', words);
    if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** What kubectl knows of something, as JSON. */
  async get(...words: readonly string[]) {
    return JSON.parse(await this.kubectl('get', ...words, '--output=json'));
  }

  /** @throws Error with what the API server said */
  async apply(...documents: readonly object[]): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: documents };
    const words = ['apply', '--server-side', '-f', '-'];
    const { code, stderr } = await this.run('kubectl', words, { input: JSON.stringify(list) });
    if (code !== 0) throw new Error(stderr);
  }

  /** Runs a program in the cluster's network to its end. */
  async run(
    program: string,
    words: readonly string[],
    { input = '', cwd = this.folder }: { readonly input?: string; readonly cwd?: string } = {},
  ): Promise<Ended> {
    const child = this.start(program, words, cwd);
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk) => {
        said[name] += chunk;
      });
    }
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const [code] = await once(child, 'close');
    return { code: code ?? -1, ...said };
  }

  start(program: string, words: readonly string[], cwd = this.folder): ChildProcess {
    const env = { ...process.env, ...this.variables };
    return spawn(...this.by(program, words), { env, cwd });
  }

  /** The built command line, in the cluster's network. */
  cli(words: readonly string[], options: CliOptions = {}): Promise<Ended> {
    const env = { ...this.variables, ...options.env };
    return cli(words, { cwd: this.folder, ...options, env, by: this.by });
  }

  /** A volume for the claim, to which every user can write unless told otherwise. Gives its folder. */
  async volume(claim: string, mode = 0o777): Promise<string> {
    const folder = join(this.folder, `volume-${claim}`);
    mkdirSync(folder);
    chmodSync(folder, mode);
    const name = `${this.name}-${claim}`;
    await this.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: folder, type: 'Directory' },
        claimRef: { namespace: this.name, name: claim },
      },
    });
    this.#undo.push(() => this.kubectl('delete', 'persistentvolume', name, '--wait=false'));
    return folder;
  }

  /** A mock that pods can reach, with a request log of its own; with these words of `pullproof mock`. */
  async mock(...words: readonly string[]): Promise<ClusterMock> {
    const log = join(this.folder, `requests-${this.#undo.length}.ndjson`);
    writeFileSync(log, '');
    const own = ['--host', mockAddress, '--cdn-host', cdnAddress, '--port', '0', '--cdn-port', '0'];
    const child = this.start('pullproof', ['mock', ...own, '--log', log, ...words]);
    let trouble = '';
    child.stderr?.on('data', (chunk) => {
      trouble += chunk;
    });
    const ended = once(child, 'close');
    const close = async () => {
      child.kill();
      await ended;
    };
    for await (const line of createInterface({ input: child.stdout! })) {
      this.#undo.push(close);
      return { ...JSON.parse(line), log, close };
    }
    throw new Error(`the mock did not start: ${trouble}`);
  }
}
