// The story that this program began with: a vendor moves the blobs of its registry to a CDN, and behind a firewall that
// knows the registry alone `podman pull` fails at the config. `doctor` says so first, by name; and when the names that
// it lists are let through, the pull works.
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { Lab, labTools, type Ran } from '../../lib/lab/lab.ts';
import { cdnNames, registryName, tokenName } from '../../lib/lab/plan.ts';
import { hasTools, testWith } from '../../lib/tools.ts';
import { pullBy } from './clients.ts';
import { diagnose } from './diagnose.ts';

const tools = [...labTools, 'podman', 'skopeo', 'script'];
const storyTest = testWith(...tools);
const known = [registryName, tokenName];
/** Four dials of thirty seconds, and pauses between them. */
const podmanMsMax = 170_000;

/** Of a pull on a terminal, where its log has the form that the vendor's text shows. */
async function pullOnTerminal(lab: Lab, timeoutMs?: number): Promise<Ran> {
  const folder = mkdtempSync(join(lab.folder, 'terminal-'));
  const command = [
    'podman --root',
    join(folder, 'root'),
    '--runroot /run/terminal --storage-driver vfs --events-backend none pull',
    lab.image,
  ];
  const words = ['-qec', command.join(' '), '/dev/null'];
  return await lab.run('script', words, timeoutMs === undefined ? {} : { timeoutMs });
}

/** What podman says of each try, `(1/3)` to `(3/3)`. */
function retriesIn(said: string): string[] {
  const plain = stripVTControlCharacters(said).replaceAll(/\?[^"\s]+(?=")/g, '');
  const lines = plain.split('\n').map((line) => line.trim());
  return lines.filter((line) =>
    /^WARN\[\d{4}\] Failed, retrying in 1s \.\.\. \(\d\/3\)\./.test(line),
  );
}

/** From the try to what failed. */
const retryLine = (why: string) =>
  new RegExp(
    String.raw`^WARN\[\d{4}\] Failed, retrying in 1s \.\.\. \(\d/3\)\. Error: copying system image from manifest list: parsing image configuration: Get "https://(?:${cdnNames.join('|')})/sha256/[0-9a-f]{2}/[0-9a-f]{64}": dial tcp 10\.77\.0\.\d+:443: ${why}$`,
  );

describe.each([
  { refusal: 'reset' as const, why: 'connect: connection refused' },
  { refusal: 'drop' as const, why: 'i/o timeout' },
])('a firewall that knows the registry alone: $refusal', ({ refusal, why }) => {
  const plan = { fence: { allows: known, else: refusal } };
  let podman: Promise<Ran> | undefined;
  let forPodman: Lab | undefined;
  let lab: Lab | undefined;

  beforeAll(async () => {
    if (!hasTools(...tools)) return;
    [forPodman, lab] = await Promise.all([Lab.open(plan), Lab.open(plan)]);
    podman = pullOnTerminal(forPodman, podmanMsMax);
  });
  afterAll(async () => {
    await Promise.all([forPodman?.close(), lab?.close()]);
  });

  storyTest('doctor names the cause and the hosts; with them let through, pulls work', async () => {
    const at = lab as Lab;
    const found = await diagnose(at, 'podman');
    expect(found.code).toBe(1);
    expect(found.doctor.pullable).toBe(false);
    const certain = found.doctor.causes.filter(({ harmless }) => !harmless);
    expect(new Set(certain.map(({ id }) => id))).toEqual(new Set(['blob-host-blocked']));
    expect(found.doctor.allowList).toEqual(expect.arrayContaining([...known, 'cdn02.quay.test']));
    expect(found.doctor.clientSays).toMatch(
      new RegExp(`parsing image configuration: Get "https://cdn.*${why}$`),
    );
    at.allow(found.doctor.allowList);
    // A CDN has more names than one pull shows: what is not let through yet is named the next time.
    for (let time = 0; time < cdnNames.length; time++) {
      const next = await diagnose(at, 'podman');
      if (next.code === 0) break;
      at.allow(next.doctor.allowList);
    }
    const sound = await diagnose(at, 'podman');
    expect(sound.code).toBe(0);
    expect(sound.doctor.causes).toEqual([]);
    for (const client of ['podman', 'skopeo'] as const) {
      const { code, stderr } = await pullBy(client, at, at.image);
      expect(code, stderr).toBe(0);
    }
  });

  storyTest(
    'podman tries four times, and says it as the vendor wrote',
    async () => {
      const { code, stdout } = (await podman) as Ran;
      expect(code).toBe(125);
      const retries = retriesIn(stdout);
      expect(retries).toHaveLength(3);
      for (const line of retries) expect(line).toMatch(retryLine(why));
      expect(retries[0]).toContain('https://cdn02.quay.test/');
    },
    podmanMsMax + 10_000,
  );
});
