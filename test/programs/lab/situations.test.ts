// Each situation for the real clients, and for `doctor` beside them. Whether their pulls work, with which exit code and
// in which words they end, is in words.json, which is kept by UPDATE=1; doctor names the cause, ends accordingly, and
// says of the client what that says.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import type { DoctorResult } from '../../../reports/results.ts';
import { packageRoot } from '../../../src/run/package-root.ts';
import { reasonForNoDaemons } from '../../lib/daemons.ts';
import { Lab, labTools } from '../../lib/lab/lab.ts';
import { hasTools, testWith } from '../../lib/tools.ts';
import { exitCodeOf, type LabClient, pullBy } from './clients.ts';
import { type Diagnosis, diagnose } from './diagnose.ts';
import { isSaid } from './not-said.ts';
import { type Situation, situations } from './situations.ts';
import { lastWordsOf, ourWordsOf } from './words.ts';

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
      const { ends, diagnoses } = await endsOf(situation);
      for (const [client, { code }] of Object.entries(ends)) {
        expect(code, client).toBe(situation.pull === 'works' ? 0 : exitCodeOf[client as LabClient]);
      }
      met[situation.id] = ends;
      // Of daemons, that run here.
      if (!isUpdate) expect(known[situation.id]).toMatchObject(ends);
      for (const [client, { code, doctor }] of diagnoses) {
        expect(told(doctor), client).toEqual(expected(situation, doctor));
        expect(code === 0, client).toBe(ends[client]?.code === 0);
        if (isSaid(situation.id, client)) {
          expect(ourWordsOf(client, doctor.clientSays), client).toBe(ends[client]?.words);
        }
      }
    });
  }
});

/** Ids of what `doctor` found: causes, and warnings. */
function told({ causes }: DoctorResult): { causes: string[]; warnings: string[] } {
  const ids = (isHarmless: boolean) => [
    ...new Set(causes.filter(({ harmless }) => harmless === isHarmless).map(({ id }) => id)),
  ];
  return { causes: ids(false), warnings: ids(true) };
}

/** What it is to find, and of what else fits what it found. */
function expected({ cause, also = [], warns = [] }: Situation, doctor: DoctorResult) {
  const found = told(doctor);
  const musts = cause === undefined ? [] : [cause];
  const causes = found.causes.filter((id) => musts.includes(id) || also.includes(id));
  const warnings = found.warnings.filter((id) => warns.includes(id) || id === cause);
  const isMissing = !musts.every((id) => causes.includes(id)) && musts;
  return { causes: isMissing === false ? causes : musts, warnings };
}

async function endsOf(
  situation: Situation,
): Promise<{ ends: Ends; diagnoses: [LabClient, Diagnosis][] }> {
  const { plan, clients = ['podman', 'skopeo'], image, daemons } = situation;
  const lab = await Lab.open(plan);
  try {
    const each = [...clients, ...(daemons === true ? await daemonsHere : [])].map(
      async (client) => {
        const { code, stderr } = await pullBy(client, lab, image ?? lab.image);
        return [client, { code, words: lastWordsOf(client, code, stderr) }];
      },
    );
    const ends: Ends = Object.fromEntries(await Promise.all(each));
    const diagnoses: [LabClient, Diagnosis][] = [];
    for (const client of Object.keys(ends) as LabClient[]) {
      diagnoses.push([client, await diagnose(lab, client, image)]);
    }
    if (lab.troubles.length > 0) throw new Error(lab.troubles.join('\n'));
    return { ends, diagnoses };
  } finally {
    await lab.close();
  }
}
