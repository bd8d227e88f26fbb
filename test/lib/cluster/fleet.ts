// A run of `load --k8s` as the tests of the cluster make it: small, of two runners, in a workspace.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogEntry } from '../../../mocks/http/log.ts';
import type { Results } from '../../../reports/results.ts';
import { type CliOptions, type Ended, readResults } from '../cli.ts';
import { requestsIn } from '../request-log.ts';
import { imageNames } from './plan.ts';
import type { ClusterMock, Workspace } from './workspace.ts';

/** Of the TestRun, as the folder `fleet` gives it. */
export const fleetName = 'pullproof-fleet';
export const claimName = `${fleetName}-results`;

export type Way = 'volume' | 'logs';

export class Fleet {
  readonly space: Workspace;
  readonly mock: ClusterMock;
  readonly dir: string;
  readonly out: string;

  constructor(space: Workspace, mock: ClusterMock) {
    this.space = space;
    this.mock = mock;
    this.dir = join(space.folder, 'fleet');
    this.out = join(space.folder, 'report');
  }

  /** Words of `load` that describe a run; what comes later counts. */
  words(...more: readonly string[]): string[] {
    const { mock, dir } = this;
    return [
      ...['load', `${mock.registry}/demo/app:latest`, '--client', 'kubelet-containerd'],
      ...['--seed', '3', '--k8s', dir, '--k6-image', imageNames.k6],
      ...['--parallelism', '2', '--cpu-request', '50m'],
      ...more,
    ];
  }

  /** Writes the folder. */
  async write(more: readonly string[], options: CliOptions = {}): Promise<void> {
    const { code, stderr } = await this.space.cli(this.words(...more), options);
    if (code !== 0) throw new Error(stderr);
  }

  /** Applies the folder that `write` left. */
  apply(more: readonly string[] = [], options: CliOptions = {}): Promise<Ended> {
    mkdirSync(this.out, { recursive: true });
    const words = ['load', '--k8s', this.dir, '--apply', '--out', this.out];
    return this.space.cli([...words, ...more], options);
  }

  /** Writes the folder and applies it, by one command. */
  load(more: readonly string[], options: CliOptions = {}): Promise<Ended> {
    const words = this.words(...more, '--apply', '--out', this.out);
    return this.space.cli(words, options);
  }

  get results(): Results {
    return readResults(this.out);
  }

  /** What the mock was asked since the folder was written: by the runners. */
  get asked(): LogEntry[] {
    const { mtime } = statSync(join(this.dir, 'README.md'));
    return requestsIn(this.mock.log, mtime.toISOString());
  }

  /** What of the run is in the cluster. */
  async left(): Promise<string[]> {
    const kinds = 'testruns,jobs,pods,configmaps,secrets,persistentvolumeclaims,services';
    const { items } = await this.space.get(kinds);
    return items
      .filter(({ metadata }: { metadata: { name: string } }) => metadata.name.startsWith(fleetName))
      .map(({ kind, metadata }: { kind: string; metadata: { name: string } }) =>
        [kind, metadata.name].join('/'),
      );
  }
}
