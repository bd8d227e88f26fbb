// One pull of a rig each: by the program that has the client's library, and by our k6 with the client's profile.
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type K6Plan, planVariable } from '../../../scenarios/lib/plan.ts';
import { profiles } from '../../../src/profiles/index.ts';
import type { ClientProfile } from '../../../src/protocol/client.ts';
import { findK6 } from '../../../src/run/load/k6/find.ts';
import { packageRoot } from '../../../src/run/package-root.ts';
import { goToolPath } from '../../lib/go-tools.ts';
import { caFile, hostsFile } from './certificates.ts';
import type { Client } from './clients.ts';
import { repository, tag } from './image.ts';
import type { Rig } from './rig.ts';

/** What came of a pull. `hangs`: it was ended, or gave up because nothing came. */
export interface Outcome {
  readonly outcome: 'ok' | 'fails' | 'hangs';
  /** The program's own words. */
  readonly error?: string;
  /** What k6 logs of the profile's failure. */
  readonly failure?: Readonly<Record<string, unknown>>;
}

const folder = mkdtempSync(join(tmpdir(), 'o-'));
const ca = join(folder, 'ca.pem');
const hosts = join(folder, 'hosts');
writeFileSync(ca, caFile);
writeFileSync(hosts, hostsFile);

/** In a view of the file system in which the rigs' host names are known. */
export const unsharing = ['--map-root-user', '--mount'];
const mounted = (path: string, words: readonly string[]) => [
  ...unsharing,
  'sh',
  '-c',
  `mount --bind ${hosts} /etc/hosts && exec "$@"`,
  'sh',
  path,
  ...words,
];

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

function run(
  path: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>>,
  msMax: number,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', mounted(path, words), {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: msMax,
      killSignal: 'SIGKILL',
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

const wrongPassword = 'not-the-password';
/** The longest that a client waits between its tries is podman's 2 + 4 + 8 + 16 s after 429. */
const pullMsMax = 50_000;
const hangMsMax = 10_000;

function passwordOf({ fault, credentials }: Rig): string {
  return fault.wrongPassword ? wrongPassword : credentials.password;
}

export async function pullByProgram(client: Client, rig: Rig): Promise<Outcome> {
  const { fault, credentials } = rig;
  const registry = new URL(rig.origin('registry')).host;
  const { words, env, read } = client.setUp({
    reference: `${registry}/${repository}:${tag}`,
    folder: mkdtempSync(join(folder, 'p-')),
    ca,
    ...(fault.login && { username: credentials.username, password: passwordOf(rig) }),
  });
  const { code, output } = await run(
    goToolPath(client.program) ?? client.program,
    words,
    { HOME: folder, ...env },
    fault.hangs ? hangMsMax : pullMsMax,
  );
  if (code === null) return { outcome: 'hangs' };
  const error = read(code, output);
  if (error === '') return { outcome: 'ok' };
  // containerd's own limit, which is as short here as the profile's.
  const hangs = fault.hangs && /timeout awaiting response headers/.test(error);
  return { outcome: hangs ? 'hangs' : 'fails', error };
}

const stalledMs = 7_000;
const k6SecondsMax = 240;

/** One after the other begins, so that the machine is not busy with all at once. */
/** Pulls at a time: some of them wait for long. */
const vusMax = 20;

/** All rigs, so many at a time. */
export async function pullByProfile(
  { profile: name }: Client,
  rigs: readonly Rig[],
): Promise<Outcome[]> {
  const { path } = await findK6('built', { variables: process.env, progress: () => undefined });
  const plan: K6Plan = {
    client: name,
    profiles: { [name]: profiles[name] as ClientProfile },
    platform: { os: 'linux', architecture: 'amd64' },
    images: rigs.map((rig) => ({
      registryUrl: rig.origin('registry'),
      repository,
      reference: tag,
      resolvesTo: 'index',
      ...(rig.fault.login && {
        credentials: { username: rig.credentials.username, password: passwordOf(rig) },
      }),
    })),
    shape: {
      kind: 'iterations',
      vus: Math.min(vusMax, rigs.length),
      iterations: rigs.length,
      durationSecondsMax: k6SecondsMax,
    },
    verify: 'all',
    timeoutMs: stalledMs,
    insecure: false,
  };
  const file = join(folder, `plan-${name}.json`);
  writeFileSync(file, JSON.stringify(plan));
  const words = 'run --quiet --no-usage-report --summary-mode disabled --log-format raw --address';
  const { output } = await run(
    path,
    [...words.split(' '), '', join(packageRoot, 'scenarios', 'pull.ts')],
    {
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      [planVariable]: JSON.stringify(plan),
      SSL_CERT_FILE: ca,
    },
    k6SecondsMax * 1000,
  );
  return outcomesOf(output, rigs);
}

/** Which line of the log is about which rig, its hosts tell. */
function outcomesOf(output: string, rigs: readonly Rig[]): Outcome[] {
  const outcomes = rigs.map((): Outcome => ({ outcome: 'ok' }));
  for (const line of output.split('\n')) {
    if (!line.startsWith('{"pullFailure":')) continue;
    const failure = JSON.parse(line) as Record<string, unknown>;
    const named: string[] = line.match(/[\w.]+:\d{4,5}\b/g) ?? [];
    const at = rigs.findIndex((rig) => rig.hosts.some((host) => named.includes(host)));
    if (at < 0) throw new Error(`of no rig: ${line}`);
    outcomes[at] = { outcome: hangs(failure, rigs[at]) ? 'hangs' : 'fails', failure };
  }
  return outcomes;
}

/** Also where our limit ended what Go's HTTP/2 asks again and again. */
function hangs(failure: Readonly<Record<string, unknown>>, rig: Rig | undefined): boolean {
  const { pullFailure: kind, reason } = failure;
  if (kind === 'stalled' || kind === 'interrupted') return true;
  return rig?.fault.hangs === true && reason === 'refused-stream';
}
