// Verdicts about real runs, ten times in a row: mocks that are the same, and ones that are slower, narrower or
// failing now and then, against runs that were made at the same time on the same machine.
import { join } from 'node:path';
import type { Comparison } from '../../reports/comparison.ts';
import { runChild } from '../child.ts';
import { line, verdict } from '../figures.ts';
import { builtLauncher } from '../launcher.ts';
import { type Server, startMock } from '../mock/servers.ts';
import type { Run } from '../parts.ts';

const times = 10;
const runsASide = 4;
/** Of ten, at the chance of a false alarm that is claimed, more are one in a hundred cases. */
const falseMax = 2;
const foundMin = 9;
const asked = ['--rate', '10/s', '--duration', '20s', '--vus', '100', '--seed', '1'];
const secondsMax = 120;

/** What sets a mock apart from the base, as its flags say it. */
const worlds = {
  base: ['--latency', 'edge=200ms±20ms'],
  same: ['--latency', 'edge=200ms±20ms'],
  'edge + 30 %': ['--latency', 'edge=200ms±20ms+30%'],
  // A quarter more than what the pulls ask for: they queue, and none is dropped.
  'less bandwidth': ['--latency', 'edge=200ms±20ms', '--bandwidth', 'edge=1500KB/s'],
  'blob-5xx, 1 %': ['--latency', 'edge=200ms±20ms', '--fault', 'blob-5xx:p=0.01'],
} as const;
type World = keyof typeof worlds;

/** Which lines have to be worse; none for the same mock. */
const due: Partial<Record<World, RegExp>> = {
  'edge + 30 %': /^hop:edge\.p/,
  'less bandwidth': /^(?:pull|phase:layer|hop:edge)\.p/,
  'blob-5xx, 1 %': /^pull\.(?:retried|failed)$/,
};
const names = Object.keys(worlds) as World[];

export async function ofReal(run: Run): Promise<void> {
  const mocks = new Map<World, Server>();
  try {
    for (const name of names) mocks.set(name, await startMock([...worlds[name]]));
    const told: Told[] = [];
    for (let time = 1; time <= times; time++) {
      run.say(`real runs, ${time} of ${times}`);
      told.push(...(await once(run, mocks, join(run.folder, String(time)))));
    }
    tell(run, told);
  } finally {
    for (const mock of mocks.values()) await mock.stop();
  }
}

interface Told {
  readonly world: World;
  readonly runs: number;
  readonly worse: readonly string[];
  /** Why nothing was compared: a machine so busy that pulls were dropped, for instance. */
  readonly refused: readonly string[];
}

/** Runs of all mocks at once, so many turns; then each held against the base, all turns and the first alone. */
async function once(run: Run, mocks: ReadonlyMap<World, Server>, folder: string): Promise<Told[]> {
  const folderOf = (name: World, turn: number) => join(folder, `${names.indexOf(name)}-${turn}`);
  for (let turn = 0; turn < runsASide; turn++) {
    await Promise.all(
      [...mocks].map(([name, { registry }]) => {
        const words = [`${registry}/demo/app:latest`, ...asked, '--out', folderOf(name, turn)];
        return pullproof(run, ['load', ...words, '--quiet']);
      }),
    );
  }
  const told: Told[] = [];
  for (const world of names.slice(1)) {
    for (const runs of [1, runsASide]) {
      const of = (name: World) => Array.from({ length: runs }, (_, turn) => folderOf(name, turn));
      const words = ['--base', ...of('base'), '--with', ...of(world), '--format', 'json'];
      const { stdout } = await pullproof(run, ['report', 'compare', ...words]);
      const { load: table, incomparable } = JSON.parse(stdout) as Comparison;
      const worse = table?.changes.filter(({ regression }) => regression) ?? [];
      const refused = incomparable.map(({ message }) => message);
      told.push({ world, runs, worse: worse.map(({ metric }) => metric), refused });
    }
  }
  return told;
}

/** The built command line. @throws Error where it says nothing */
async function pullproof({ signal }: Run, words: readonly string[]) {
  const ended = await runChild(process.execPath, [builtLauncher(), ...words], {
    secondsMax,
    signal,
  });
  const isTold = ended.code <= 1 || (words[0] === 'report' && ended.stdout !== '');
  if (!isTold) throw new Error(`${words[0]} ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}

function tell({ verdicts, figures }: Run, told: readonly Told[]): void {
  process.stdout.write(`real runs, ${times} times\n${line('', 'one a side', 'four a side')}\n`);
  for (const world of names.slice(1)) {
    const wanted = due[world];
    const cells = [1, runsASide].map((runs) => {
      const all = told.filter((one) => one.world === world && one.runs === runs);
      const isDue = (metric: string) => wanted?.test(metric) ?? true;
      const { length: count } = all.filter(({ worse }) => worse.some(isDue));
      // Of single runs the noise between runs is not known: told, and not judged.
      if (runs === runsASide) {
        const what = `real runs, four a side, ${world}: worse, of ${times}`;
        verdicts.push(
          wanted === undefined
            ? verdict(what, count, falseMax, 'max')
            : verdict(what, count, foundMin, 'min'),
        );
      }
      return `${count} of ${times}`;
    });
    process.stdout.write(`${line(world, ...cells)}\n`);
    const refused = told.filter((one) => one.world === world && one.refused.length > 0);
    if (refused.length > 0)
      process.stdout.write(`  ${refused.length} refused: ${refused[0]?.refused[0]}\n`);
  }
  process.stdout.write('\n');
  figures['real runs'] = told;
}
