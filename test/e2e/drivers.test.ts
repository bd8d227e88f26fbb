// One conversation, two drivers: the requests that Node and k6 make for a pull are the same.
import { describe, expect } from 'vitest';
import { NodeDriver } from '../../src/drivers/node.ts';
import { profiles } from '../../src/profiles/index.ts';
import { pull } from '../../src/protocol/talks/pull.ts';
import { cli, scratch } from '../lib/cli.ts';
import { type Recorder, type Seen, startRecorder } from '../lib/recorder.ts';
import { testWith } from '../lib/tools.ts';

const platform = { os: 'linux', architecture: 'arm64' };

async function seenBy(run: (recorder: Recorder) => Promise<void>): Promise<Seen[]> {
  const recorder = await startRecorder();
  try {
    await run(recorder);
    return recorder.seen;
  } finally {
    await recorder.close();
  }
}

/** Blobs travel side by side: their order is nobody's. */
function sorted(seen: readonly Seen[]): string[] {
  return seen.map((one) => JSON.stringify(one)).sort();
}

// docker is not among them: the order of its Accept lines is a matter of chance.
const names = ['podman', 'skopeo@1.9', 'containerd', 'crane', 'regclient', 'oras', 'lazy'];

describe.each(names)('a pull as %s', (name) => {
  testWith('k6')('is the same sequence of requests from Node and from k6', async () => {
    const client = profiles[name];
    if (client === undefined) throw new Error(name);
    const byNode = await seenBy(async ({ registryUrl }) => {
      const driver = new NodeDriver({ timeoutMs: 10_000 });
      const target = { registryUrl, repository: 'demo/app', reference: 'latest', platform, client };
      await driver.run(pull({ ...target, verification: 'all' }));
      await driver.close();
    });
    let setUp = 0;
    const byK6 = await seenBy(async ({ registryUrl, seen }) => {
      const words = [
        'load',
        `${registryUrl}/demo/app:latest`,
        '--client',
        name,
        '--iterations',
        '1',
      ];
      const { code, stderr } = await cli([
        ...words,
        '--platform',
        'linux/arm64',
        '--out',
        scratch(),
      ]);
      expect(code, stderr).toBe(0);
      // The set-up locates the image first, by the Node driver; what follows is k6's.
      setUp = seen.findIndex((one) => one.path.includes('/blobs/')) - located(byNode);
    });
    const measured = byK6.slice(setUp);
    const ordered = located(byNode);
    expect(measured.slice(0, ordered)).toEqual(byNode.slice(0, ordered));
    expect(sorted(measured)).toEqual(sorted(byNode));
    expect(measured.some((one) => one.role === 'cdn')).toBe(true);
  });
});

/** How many requests come before the first blob. */
function located(seen: readonly Seen[]): number {
  return seen.findIndex((one) => one.path.includes('/blobs/'));
}
