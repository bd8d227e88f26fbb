// One k6 run as a child process: started in a group of its own, followed, and ended for certain.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  durationSecondsOf,
  gracefulStopSeconds,
  type K6Plan,
  planFileVariable,
  startMsOf,
  usersPerVu,
} from '../../../../scenarios/lib/plan.ts';
import { trustedCertificates } from '../../../drivers/network/trust.ts';
import type { Segment } from '../plan/segment.ts';
import { watchProcess } from '../result/bottleneck.ts';
import type { K6 } from './find.ts';

export interface K6Run {
  readonly k6: K6;
  readonly plan: K6Plan;
  /** Scenario file, absolute. */
  readonly scenario: string;
  /** Where the timeline (built) or the summary (stock) goes. */
  readonly figuresFile: string;
  readonly logFile: string;
  /** PEM file to trust besides what is trusted anyway. */
  readonly ca?: readonly string[] | undefined;
  /** Force HTTP/1.1, as the client does: stock k6 cannot tell clients apart. */
  readonly http1: boolean;
  readonly signal: AbortSignal;
  /** Outputs of k6 beside ours, as its `--out` takes them. */
  readonly outs?: readonly string[] | undefined;
  /** The share of the load that this run makes; absent: all of it. */
  readonly segment?: Segment | undefined;
  /** Told the new text of the timeline about once a second. */
  readonly onText?: (text: string) => void;
}

export interface K6Outcome {
  /** Exit code of k6; 137 when it had to be killed. */
  readonly code: number;
  /** Last words on stderr and stdout, for an error message. */
  readonly output: string;
  /** Share of all cores that it took, 0 to 1, where the system tells. */
  readonly cpuShare: number | undefined;
}

const outputCharsMax = 8000;
/** After the interrupt k6 may write its files for this long; then it is killed. */
const interruptSeconds = 10;
const startSecondsMax = 120;
const cpuSampleMs = 500;
/** 105: k6's own exit code for an interrupt. */
const interruptedCode = 105;

/** Runs k6 to its end. Rejects only when it cannot be started. */
export async function runK6(run: K6Run): Promise<K6Outcome> {
  const folder = folderFor(run);
  const child = spawn(run.k6.path, argumentsOf(run), {
    env: environmentOf(run, folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C on the terminal reaches us alone, and we pass it on once.
    detached: true,
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-outputCharsMax);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = (signal: NodeJS.Signals) => killGroup(child.pid, signal);
  const lastResort = () => kill('SIGKILL');
  process.once('exit', lastResort);
  const cpuShare = watchProcess(child.pid, startMsOf(run.plan));
  const watching = setInterval(cpuShare, cpuSampleMs);
  let deadline: NodeJS.Timeout | undefined;
  const interrupt = () => {
    kill('SIGINT');
    deadline ??= setTimeout(lastResort, interruptSeconds * 1000);
  };
  const limit = setTimeout(interrupt, secondsMax(run.plan) * 1000);
  run.signal.addEventListener('abort', interrupt, { once: true });
  const ended = new AbortController();
  const following = follow(run, ended.signal);
  // Judged when k6 has ended, below; until then its failure must not count as unhandled.
  following.catch(() => undefined);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => resolve(exit ?? 137));
      if (run.signal.aborted) interrupt();
    });
    return { code: code === interruptedCode ? 0 : code, output, cpuShare: cpuShare() };
  } finally {
    clearInterval(watching);
    clearTimeout(limit);
    clearTimeout(deadline);
    run.signal.removeEventListener('abort', interrupt);
    process.removeListener('exit', lastResort);
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
    await following;
  }
}

const trustFile = 'certificates.pem';

const planFile = 'plan.json';

/**
 * A folder that nobody else can read, with the plan, whose credentials are not to stand in an environment, and the
 * certificates that the set-up trusts, for k6 to trust the same.
 */
function folderFor({ plan, ca }: K6Run): string {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-k6-'));
  writeFileSync(join(folder, planFile), JSON.stringify(plan), { mode: 0o600 });
  writeFileSync(join(folder, trustFile), trustedCertificates(process.env, ca).join('\n'));
  return folder;
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Already gone.
  }
}

function argumentsOf(run: K6Run): string[] {
  const { k6, figuresFile, logFile, outs = [], scenario, segment } = run;
  const common = ['run', '--quiet', '--no-color', '--no-usage-report', '--address', ''];
  const log = ['--log-output', `file=${logFile}`, '--log-format', 'json'];
  // Our output adds up everything itself; k6's own engine for summary and thresholds would do the
  // same work again for every sample.
  const figures =
    k6.engine === 'built'
      ? ['--out', `pullproof=${figuresFile}`, '--summary-mode', 'disabled', '--no-thresholds']
      : [];
  const more = outs.flatMap((out) => ['--out', out]);
  const share =
    segment === undefined
      ? []
      : ['--execution-segment', segment.part, '--execution-segment-sequence', segment.of];
  return [...common, ...log, ...figures, ...share, ...more, scenario];
}

/** Variables of k6 that would put another shape in the place of the plan's; `load` reads them itself. */
const shapeVariables = [
  ...['K6_VUS', 'K6_DURATION', 'K6_ITERATIONS', 'K6_STAGES', 'K6_OUT'],
  ...['K6_EXECUTION_SEGMENT', 'K6_EXECUTION_SEGMENT_SEQUENCE'],
];

function environmentOf({ plan, figuresFile, http1 }: K6Run, folder: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !shapeVariables.includes(name));
  return {
    ...Object.fromEntries(inherited),
    [planFileVariable]: join(folder, planFile),
    PULLPROOF_SUMMARY: figuresFile,
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    // Fewer collections for some memory: 10 to 20 % more throughput.
    GOGC: process.env.GOGC ?? '400',
    // … but not without end: past this the collector works harder instead of taking more.
    GOMEMLIMIT: process.env.GOMEMLIMIT ?? `${memoryMiB(plan)}MiB`,
    SSL_CERT_FILE: join(folder, trustFile),
    ...(http1 && { GODEBUG: 'http2client=0' }),
  };
}

/**
 * What k6 needs for itself, for each JavaScript engine (half of it is in use, the rest lets the collector
 * rest: with less, 200 users took half of their time for collections) and for each user's connections and
 * buffers. `share` is the part of the users that this machine has.
 */
export function memoryMiB(plan: K6Plan, share = 1): number {
  const { shape, push } = plan;
  const engines = Math.ceil(shape.vus / usersPerVu(plan)) + (push?.vus ?? 0);
  return Math.ceil(80 + share * (2 * engines + 0.3 * (shape.vus - engines)));
}

/** Wall-clock limit of the child, whatever its scripts do. */
function secondsMax({ shape, startAt }: K6Plan): number {
  const waitSeconds = Math.max(0, ((startMsOf({ startAt }) ?? 0) - Date.now()) / 1000);
  const seconds = waitSeconds + startSecondsMax + durationSecondsOf(shape) + gracefulStopSeconds;
  return Math.min(seconds, timerSecondsMax);
}

/** What setTimeout cannot hold (2^31 ms, 24 days) it calls at once. */
const timerSecondsMax = 2_147_483;

/** Hands over what is appended to the timeline, and the rest of it after the end. */
async function follow({ figuresFile, onText }: K6Run, ended: AbortSignal): Promise<void> {
  if (onText === undefined) return;
  let position = 0;
  const readOn = async () => {
    const file = await open(figuresFile).catch(() => undefined);
    if (file === undefined) return;
    try {
      for await (const chunk of file.createReadStream({
        start: position,
        encoding: 'utf8',
        autoClose: false,
      })) {
        position += Buffer.byteLength(chunk);
        onText(chunk);
      }
    } finally {
      await file.close();
    }
  };
  while (!ended.aborted) {
    await sleep(1000, undefined, { signal: ended }).catch(() => undefined);
    await readOn();
  }
  // What was written after the last reading had come to its end.
  await readOn();
}
