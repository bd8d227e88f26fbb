// Each situation for the real clients: whether their pulls work, with which exit code and in which words they end,
// as words.json has it. It is kept by UPDATE=1.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { packageRoot } from '../../../src/run/package-root.ts';
import { reasonForNoDaemons } from '../../lib/daemons.ts';
import { Lab, labTools } from '../../lib/lab/lab.ts';
import { hasTools, testWith } from '../../lib/tools.ts';
import { exitCodeOf, type LabClient, pullBy } from './clients.ts';
import { type Situation, situations } from './situations.ts';
import { lastWordsOf } from './words.ts';

type Ends = Partial<Record<LabClient, { code: number; words: string }>>;

const file = join(packageRoot, 'test', 'programs', 'lab', 'words.json');
const isUpdate = process.env.UPDATE === '1';
const known = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Ends>;
const met: Record<string, Ends> = {};

/** Those of them that can run. */
const daemonsHere = (async (): Promise<LabClient[]> => {
  if (!hasTools('containerd') || (await reasonForNoDaemons()) !== undefined) return [];
  return hasTools('dockerd', 'docker') ? ['containerd', 'docker'] : ['containerd'];
})();

afterAll(() => {
  if (!isUpdate) return;
  const all = situations.map(({ id }) => [id, met[id] ?? known[id]]);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
});

// Much of it is waiting.
describe('pulls of real clients', { concurrent: true }, () => {
  const labTest = testWith(...labTools, 'podman', 'skopeo');
  for (const situation of situations) {
    labTest(situation.id, async ({ expect }) => {
      const ends = await endsOf(situation);
      for (const [client, { code }] of Object.entries(ends)) {
        expect(code, client).toBe(situation.pull === 'works' ? 0 : exitCodeOf[client as LabClient]);
      }
      met[situation.id] = ends;
      // Of daemons, that run here.
      if (!isUpdate) expect(known[situation.id]).toMatchObject(ends);
    });
  }
});

async function endsOf(situation: Situation): Promise<Ends> {
  const { plan, clients = ['podman', 'skopeo'], image, daemons } = situation;
  const lab = await Lab.open(plan);
  try {
    const each = [...clients, ...(daemons === true ? await daemonsHere : [])].map(
      async (client) => {
        const { code, stderr } = await pullBy(client, lab, image ?? lab.image);
        return [client, { code, words: lastWordsOf(client, code, stderr) }];
      },
    );
    const ends = Object.fromEntries(await Promise.all(each));
    if (lab.troubles.length > 0) throw new Error(lab.troubles.join('\n'));
    return ends;
  } finally {
    await lab.close();
  }
}
