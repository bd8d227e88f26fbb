// What goes wrong in the middle of a run, or with what it leaves: a runner that dies, a node that goes, timelines that
// were cut or that clocks disagree in. It is named, the rest is kept, and it is never a pass.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cli, type Ended, readResults, scratch } from '../lib/cli.ts';
import { processesOf } from '../lib/cluster/cgroups.ts';
import { claimName, Fleet, fleetName, type Way } from '../lib/cluster/fleet.ts';
import { kill, powerOff, powerOn } from '../lib/cluster/power.ts';
import { until } from '../lib/cluster/until.ts';
import { Workspace } from '../lib/cluster/workspace.ts';

const cluster = inject('cluster');
const loadSeconds = 25;
const load = ['--rate', '4/s', '--duration', `${loadSeconds}s`, '--vus', '8'];

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly nodeName: string };
}

async function inSpace(
  act: (fleet: Fleet) => Promise<void>,
  way: Way,
  words: readonly string[] = [],
): Promise<void> {
  const space = await Workspace.open(cluster);
  try {
    if (way === 'volume') await space.volume(claimName);
    const fleet = new Fleet(space, await space.mock());
    await fleet.write([...load, '--results', way, ...words]);
    await act(fleet);
  } finally {
    await space.close();
  }
}

/** Pods of runners, once both of them ask. `ending`: what `--apply` comes to. */
async function runnersAtWork(fleet: Fleet, ending: Promise<Ended>) {
  const early = ending.then(({ code, stderr }) => {
    throw new Error(`it ended with ${code} before there was load: ${stderr}`);
  });
  await Promise.race([until('the runners ask', () => fleet.asked.length > 40), early]);
  const { items } = await fleet.space.get('pods', '-l', `k6_cr=${fleetName},runner=true`);
  expect(items.length).toBe(2);
  return items as Pod[];
}

const ways: readonly Way[] = ['volume', 'logs'];
const soon = ['--start-in', '20s'];

test.concurrent.each(ways)(
  'by %s, a runner that is killed in mid-run is named, and the other one is kept',
  async (way) => {
    await inSpace(async (fleet) => {
      const ending = fleet.apply(soon);
      const [runner] = await runnersAtWork(fleet, ending);
      for (const pid of processesOfPod(runner!.metadata.uid)) kill(pid);
      expectPartly(fleet, await ending, jobOf(runner!));
    }, way);
  },
);

test.concurrent.each(ways)(
  'by %s, Ctrl-C stops the runners, and what they did until then is kept',
  async (way) => {
    await inSpace(async (fleet) => {
      let interrupt = () => {};
      const ending = fleet.apply(soon, {
        onStart: (child) => {
          interrupt = () => void child.kill('SIGINT');
        },
      });
      await runnersAtWork(fleet, ending);
      interrupt();
      const { code, stderr } = await ending;
      expect(code, stderr).toBe(130);
      const { verdict, load: figures } = fleet.results;
      expect(verdict).not.toBe('pass');
      expect(figures?.pulls.ok).toBeGreaterThan(0);
      await until('nothing is left', async () => (await fleet.left()).length === 0);
      expect(figures?.requests.total).toBeLessThanOrEqual(fleet.asked.length);
    }, way);
  },
);

test('a node that goes is named, and what the other runner did is kept', async () => {
  const node = cluster.nodes[1]!;
  let atWork = 0;
  let off: Promise<void> | undefined;
  const run = (way: Way) =>
    inSpace(
      async (fleet) => {
        const ending = fleet.apply([...soon, '--patience', '20s']);
        const pods = await runnersAtWork(fleet, ending);
        const nodes = pods.map(({ spec }) => spec.nodeName).sort();
        expect(nodes).toEqual(cluster.nodes.map(({ place }) => place.name));
        atWork += 1;
        await until('both runs are at work', () => atWork === ways.length);
        off ??= powerOff(node);
        await off;
        const gone = pods.find(({ spec }) => spec.nodeName === node.place.name)!;
        expectPartly(fleet, await ending, jobOf(gone));
      },
      way,
      ['--spread'],
    );
  try {
    const ends = await Promise.allSettled(ways.map(run));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  } finally {
    if (off !== undefined) await powerOn(cluster, node);
  }
});

/** Not all is there: whose part is missing is named, the rest is kept, and it is no pass. */
function expectPartly(fleet: Fleet, { code, stderr }: Ended, missing: string): void {
  expect(code, stderr).toBeGreaterThan(0);
  expect(stderr).toContain(missing);
  const { verdict, load: figures } = fleet.results;
  expect(verdict).not.toBe('pass');
  // The other runner has done its half.
  expect(figures?.pulls.ok).toBeGreaterThan(loadSeconds);
  expect(figures?.requests.total).toBeLessThanOrEqual(fleet.asked.length);
}

/** By which people know a runner: its pod's name without what is random in it. */
function jobOf({ metadata }: Pod): string {
  return metadata.name.replace(/-\w+$/, '');
}

describe('timelines that came back', () => {
  let collected: string;
  let space: Workspace;
  beforeAll(async () => {
    space = await Workspace.open(cluster);
    await space.volume(claimName);
    const fleet = new Fleet(space, await space.mock());
    await fleet.write(['--iterations', '40', '--vus', '4']);
    const { code, stderr } = await fleet.apply(soon);
    expect(code, stderr).toBe(0);
    collected = fleet.dir;
  });
  afterAll(() => space.close());

  /** A copy of the folder in which one timeline is other than it was; and what `report merge` makes of it. */
  async function merged(change: (lines: string[]) => string[]) {
    const dir = join(scratch(), 'fleet');
    cpSync(collected, dir, { recursive: true });
    const folder = join(dir, 'timelines');
    const file = join(folder, readdirSync(folder).sort()[1] ?? '');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    writeFileSync(file, `${change(lines).join('\n')}\n`);
    const out = join(scratch(), 'out');
    const { code, stderr } = await cli(['report', 'merge', dir, '--out', out]);
    return { code, stderr, results: readResults(out) };
  }

  test('as they are: a pass', async () => {
    const { code, stderr, results } = await merged((lines) => lines);
    expect(code, stderr).toBe(0);
    expect(results.verdict).toBe('pass');
  });

  test('one that was cut is named, and what it has is kept', async () => {
    const { code, stderr, results } = await merged((lines) => lines.slice(0, -1));
    expect(code, stderr).toBeGreaterThan(0);
    expect(results.verdict).not.toBe('pass');
    expect(results.load?.pulls.ok).toBeGreaterThan(20);
    expect(JSON.stringify(results)).toContain(`${fleetName}-2`);
  });

  test('one whose clock is five minutes ahead is named, and is no pass', async () => {
    const aheadSeconds = 300;
    const { code, stderr, results } = await merged((lines) =>
      lines.map((line) => ahead(line, aheadSeconds)),
    );
    expect(code, stderr).toBeGreaterThan(0);
    expect(results.load?.merged?.clocks?.differMs).toBeGreaterThan((aheadSeconds - 1) * 1000);
    expect(results.verdict).not.toBe('pass');
  });
});

/** A line as a clock that is so far ahead would have it. */
function ahead(line: string, seconds: number): string {
  const entry = JSON.parse(line);
  const moved = (value: unknown) => (typeof value === 'number' ? value + seconds : value);
  const skewed = typeof entry.skewMs === 'number' ? { skewMs: entry.skewMs + seconds * 1000 } : {};
  return JSON.stringify({ ...entry, t: moved(entry.t), ...skewed });
}

/** Of the pod's own programs, not of what holds its network. */
function processesOfPod(uid: string): number[] {
  const pids = cluster.nodes.flatMap(({ cgroup }) =>
    ['', 'besteffort', 'burstable'].flatMap((quality) =>
      processesOf(join(cgroup, 'kubepods', quality, `pod${uid}`)),
    ),
  );
  const programs = pids.filter(
    (pid) => readFileSync(join('/proc', String(pid), 'comm'), 'utf8').trim() === 'k6',
  );
  expect(programs).not.toEqual([]);
  return programs;
}
