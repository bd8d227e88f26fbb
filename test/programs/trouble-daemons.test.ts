// As fidelity-daemons.test.ts, where one thing goes wrong: containerd (by CRI) and dockerd pull from mocks with a
// fault each, and our profile of the same version does, by k6, from others like them. They agree in what comes of
// it, and in what is asked of which host, how often and with which answer.
import { join } from 'node:path';
import { expect, onTestFinished, type TestContext } from 'vitest';
import type { LogEntry } from '../../mocks/http/log.ts';
import { randomOf } from '../../mocks/random.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { bothDaemons, containerdTools, dockerTools } from '../lib/both-daemons.ts';
import { scratch } from '../lib/cli.ts';
import type { Daemon } from '../lib/daemons.ts';
import { pullByK6 } from '../lib/k6-pull.ts';
import { requestsIn } from '../lib/request-log.ts';
import { runTool, testWith } from '../lib/tools.ts';

const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
const repository = 'demo/app';
const tag = 'latest';

const daemons = bothDaemons();

/** What goes wrong. */
interface Trouble {
  readonly fault: string;
  /** It strikes once, after so many of what it is aimed at; absent: always. */
  readonly onceAfter?: number;
  /** The chance by which it strikes when it is not limited, of faults that have one. */
  readonly chance?: number;
  /** So many requests come before the pull's. */
  readonly askedBefore?: number;
  /** Of blobs side by side any may be refused first, and ends the pull: they are not counted. */
  readonly everyBlob?: true;
}

/** A chance that a fault is limited to, so that a seed can be found with which it strikes once. */
const chanceGiven = 0.05;
/** More than a pull asks of what a fault is aimed at. */
const asksMax = 40;
const seedsMax = 100_000;

/** Another one for each mock and look: the daemons keep what they had of a pull that failed. */
let lastSeed = 0;

function seedFor({ fault, onceAfter, chance = chanceGiven }: Trouble): number {
  for (let seed = lastSeed + 1; seed < lastSeed + seedsMax; seed++) {
    const random = randomOf(seed, `fault ${fault}`);
    const isOnce = () =>
      random() < chance && Array.from({ length: asksMax }, random).every((next) => next >= chance);
    if (onceAfter !== undefined && !isOnce()) continue;
    lastSeed = seed;
    return seed;
  }
  throw new Error(`no seed has ${fault} strike once`);
}

const all: readonly Trouble[] = [
  { fault: 'tag-unreachable' },
  // HEAD alone.
  { fault: 'tag-unreachable', onceAfter: 0 },
  { fault: 'manifest-head-refused' },
  { fault: 'layer-lost' },
  { fault: 'blob-flipped-byte' },
  // Every blob, the first time that it is asked for.
  { fault: 'edge-cold-timeout' },
  { fault: 'token-unavailable' },
  { fault: 'token-server-falters', onceAfter: 0, chance: 1 / 20 },
  { fault: 'server-errors-now-and-then', onceAfter: 2, chance: 1 / 100 },
  // A GET: HEADs are answered all the same.
  { fault: 'connections-dropped-now-and-then', onceAfter: 2, chance: 1 / 50 },
  // The requests after the first hundred are answered 429: the last of four, and all of them.
  { fault: 'rate-limited-in-run', askedBefore: 103 },
  { fault: 'rate-limited-in-run', askedBefore: 100 },
  { fault: 'storage-failure-unauthorized', everyBlob: true },
  { fault: 'edge-bad-signature', everyBlob: true },
  { fault: 'redirect-nowhere', everyBlob: true },
  { fault: 'digest-unreachable' },
  { fault: 'server-errors-now-and-then', onceAfter: 0, chance: 1 / 100 },
];

/**
 * With blobs one after the other, so that it is known which is struck: after some, dockerd begins again at
 * once, after others in 5 s.
 */
const inTurn: readonly Trouble[] = [
  { fault: 'edge-large-refused' },
  { fault: 'edge-falters', onceAfter: 0, chance: 1 / 20 },
  { fault: 'edge-bad-signature', onceAfter: 2 },
  { fault: 'cache-keeps-cut' },
  { fault: 'blob-body-cut' },
  { fault: 'blob-body-cut', onceAfter: 0 },
  { fault: 'blob-body-cut', onceAfter: 2 },
  { fault: 'blob-body-reset', onceAfter: 2 },
  { fault: 'storage-failure-unauthorized', onceAfter: 1 },
];

/** Who pulls, under what, and how its profile is told to pull the same. */
interface Rival {
  readonly program: string;
  /** Of the profile, before the version. */
  readonly client: string;
  readonly tools: readonly string[];
  daemon(): Daemon | undefined;
  readonly change?: Partial<ClientProfile>;
  readonly troubles: readonly Trouble[];
  /** Where the profile is known to differ, by the trouble's name, and why. */
  readonly known: Readonly<Record<string, string>>;
}

const rivals: readonly Rival[] = [
  {
    program: 'containerd',
    client: 'containerd',
    tools: containerdTools,
    daemon: () => daemons.containerd,
    change: { parallelBlobs: 1 },
    troubles: [...all, ...inTurn],
    known: {},
  },
  {
    program: 'dockerd',
    client: 'docker',
    tools: dockerTools,
    daemon: () => daemons.dockerd,
    troubles: [...all, { fault: 'connections-dropped-now-and-then', onceAfter: 0, chance: 1 / 50 }],
    known: {
      'digest-unreachable':
        'It falls back on GET by the tag, and asks for the next manifest as well.',
    },
  },
];

/** One pull from a mock of its own. */
interface Scene {
  readonly mock: RunningMock;
  /** What was asked since it is ready. */
  asked(): LogEntry[];
}

async function open({ fault, onceAfter, chance, askedBefore = 0 }: Trouble, seed: number) {
  const p = onceAfter !== undefined && chance === undefined ? [`p=${chanceGiven}`] : [];
  const after = onceAfter === undefined ? [] : [`after=${onceAfter}`];
  const log = join(scratch(), 'requests.ndjson');
  const mock = await startMock({
    log,
    seed,
    slowMs: 1,
    faults: [[fault, ...p, ...after].join(':')],
  });
  onTestFinished(() => mock.close());
  for (let i = 0; i < askedBefore; i++) {
    await (await fetch(`${mock.registry}/v2/${repository}/tags/list`)).arrayBuffer();
  }
  const scene: Scene = { mock, asked: () => requestsIn(log).slice(askedBefore) };
  return scene;
}

interface Outcome {
  readonly fails: boolean;
  readonly requests: readonly LogEntry[];
}

async function byDaemon(daemon: Daemon, { mock, asked }: Scene): Promise<Outcome> {
  const name = `${new URL(mock.registry).host}/${repository}:${tag}`;
  const fails = await daemon.pull(name).then(
    () => false,
    (error: Error) => {
      if (!/PullImage|docker pull/.test(error.message)) throw error;
      return true;
    },
  );
  await mock.close();
  return { fails, requests: asked() };
}

/** All of them by one k6, whose words about a failure name the host. */
async function byProfile(client: ClientProfile, scenes: readonly Scene[]): Promise<Outcome[]> {
  const images = scenes.map(({ mock }) => ({
    registryUrl: mock.registry,
    repository,
    reference: tag,
  }));
  const plan = { client: client.name, profiles: { [client.name]: client }, images, platform };
  const said = await pullByK6(plan, undefined, images.length).then(
    () => '',
    (error: Error) => error.message,
  );
  const failures = said.split('\n').filter((line) => line.includes('pullFailure'));
  if (said !== '' && failures.length === 0) throw new Error(said);
  const outcomes: Outcome[] = [];
  for (const { mock, asked } of scenes) {
    const hosts = [mock.registry, mock.cdn].map((origin) => new URL(origin).host);
    const fails = failures.some((line) => hosts.some((host) => line.includes(host)));
    await mock.close();
    outcomes.push({ fails, requests: asked() });
  }
  return outcomes;
}

/** How often what was asked where, and what was answered. */
function countsOf(
  { fails, requests }: Outcome,
  { everyBlob }: Trouble,
  isInTurn: boolean,
): Record<string, number> {
  const refused = new Set(
    requests.filter(({ status }) => status >= 400).map(({ path }) => digestIn(path)),
  );
  const counts: Record<string, number> = {};
  for (const { role, method, path, status, headers } of requests) {
    const isBlob = role === 'edge' || path.includes('/blobs/');
    // Where a pull fails, how far other blobs had come by then is chance.
    const isCounted = !fails || isInTurn || (!everyBlob && refused.has(digestIn(path)));
    if (isBlob && !isCounted) continue;
    const range = headers.find(([name]) => name.toLowerCase() === 'range')?.[1] ?? '';
    const key = `${role} ${method} ${path} ${range} ${status}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function digestIn(path: string): string | undefined {
  return /[0-9a-f]{64}/.exec(path)?.[0];
}

for (const rival of rivals) {
  // A machine that is very busy may end a pull for reasons of its own.
  testWith(...rival.tools, 'k6')(`${rival.program} in trouble`, { retry: 1 }, async ({ skip }) => {
    const { client, daemon } = await rivalHere(rival, skip);
    const { troubles, known } = rival;
    const chosen = troubles.map((trouble) => ({ trouble, seed: seedFor(trouble) }));
    const openAll = () => Promise.all(chosen.map(({ trouble, seed }) => open(trouble, seed)));
    const [scenes, others] = [await openAll(), await openAll()];
    const [theirs, ours] = await Promise.all([
      Promise.all(scenes.map((scene) => byDaemon(daemon, scene))),
      byProfile(client, others),
    ]);
    const isInTurn = client.parallelBlobs === 1;
    const told = (outcomes: readonly Outcome[]) =>
      chosen.map(({ trouble }, at) => {
        const outcome = outcomes[at] as Outcome;
        const requests = countsOf(outcome, trouble, isInTurn);
        return { name: nameOf(trouble), fails: outcome.fails, requests };
      });
    const isKnown = ({ name }: { name: string }) => name in known;
    const [real, profiled] = [told(theirs), told(ours)];
    expect(profiled.filter((one) => !isKnown(one))).toEqual(real.filter((one) => !isKnown(one)));
    for (const [at, one] of profiled.entries()) {
      if (isKnown(one)) expect(one).not.toEqual(real[at]);
    }
  });
}

function nameOf({ fault, onceAfter, askedBefore }: Trouble): string {
  const limits = [onceAfter ?? '', askedBefore ?? ''].filter((limit) => limit !== '');
  return [fault, ...limits].join(' ');
}

/** The daemon, and the profile of the version that is installed. */
async function rivalHere(
  { program, client, daemon, change }: Rival,
  skip: TestContext['skip'],
): Promise<{ client: ClientProfile; daemon: Daemon }> {
  const running = daemon() ?? skip(daemons.reason ?? `${program} was not started`);
  const { output } = await runTool(program, ['--version']);
  const name = `${client}@${/(\d+\.\d+)\.\d+/.exec(output)?.[1]}`;
  const profile = profiles[name] ?? skip(`there is no profile ${name}`);
  return { client: { ...profile, ...change }, daemon: running };
}
