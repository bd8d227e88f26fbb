// One run of the official suite as a child process: in a folder of its own, told its settings by a file that nobody else can
// read, its words in a log, ended for certain.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trustedCertificates } from '../../../drivers/network/trust.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { configVariable, settings } from '../official-settings.ts';
import type { Variables } from '../official-suite.ts';
import type { OfficialSuite } from './find-suite.ts';

/** What the suite is told; wins over the user's own settings of the suite. */
export interface SuiteTarget {
  /** `host[:port]`. */
  readonly registry: string;
  readonly tls: 'enabled' | 'insecure' | 'disabled';
  readonly repo1: string;
  readonly repo2: string;
  readonly username: string;
  readonly password: string;
}

export interface SuiteRun {
  readonly suite: OfficialSuite;
  readonly target: SuiteTarget;
  /** The user's variables: those of the suite that are not about the target go on to it. */
  readonly variables: Variables;
  /** The user's oci-conformance.yaml, read. */
  readonly document: JsonObject;
  /** PEM texts to trust besides what is trusted anyway. */
  readonly ca?: readonly string[] | undefined;
  /** Gets what it writes to its outputs, at most `logBytesMax`. */
  readonly logFile: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The files that a submission has of the suite. */
export const officialFiles = ['results.yaml', 'report.html', 'junit.xml'] as const;
export type OfficialFile = (typeof officialFiles)[number];

export interface SuiteOutcome {
  /** Why there are no files to go by, in a sentence without an end. */
  readonly problem?: string;
  readonly files?: Readonly<Record<OfficialFile, Buffer>>;
  readonly durationMs: number;
}

/** The suite writes about 2 MB of each. */
export const fileBytesMax = 64 * 1024 * 1024;
const logBytesMax = 16 * 1024 * 1024;
/** After SIGTERM it has this long; then it is killed. */
const graceMs = 3_000;
const settingsFile = 'oci-conformance.yaml';
const resultsFolder = 'results';

/** Rejects only where this machine's files fail; what the suite does wrong is told. */
export async function runOfficialSuite(run: SuiteRun): Promise<SuiteOutcome> {
  const startMs = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'pullproof-official-'));
  try {
    await mkdir(join(folder, resultsFolder));
    const { target, document } = run;
    const { commit: _, legacy: __, ...own } = document;
    const told = { ...own, ...target, resultsDir: `./${resultsFolder}` };
    // JSON is YAML.
    await writeFile(join(folder, settingsFile), JSON.stringify(told), { mode: 0o600 });
    const certificates = join(folder, 'certificates.pem');
    await writeFile(certificates, trustedCertificates(run.variables, run.ca).join('\n'));
    const ended = await child(run, folder, certificates);
    const durationMs = Date.now() - startMs;
    if (ended !== undefined) return { problem: ended, durationMs };
    return { ...(await collect(join(folder, resultsFolder))), durationMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const settled: ReadonlySet<unknown> = new Set([
  ...['registry', 'tls', 'repository', 'otherRepository', 'username', 'password', 'reportDir'],
]);
const ofTarget = settings
  .filter(({ effect }) => settled.has(effect))
  .flatMap(({ name, before = [] }) => [name, ...before]);

function environmentOf({ variables }: SuiteRun, folder: string, certificates: string) {
  const rest = Object.entries(variables).filter(([name]) => !ofTarget.includes(name));
  return {
    ...Object.fromEntries(rest),
    [configVariable]: join(folder, settingsFile),
    SSL_CERT_FILE: certificates,
  };
}

/** What went wrong; undefined when it ended as it does. */
async function child(
  run: SuiteRun,
  folder: string,
  certificates: string,
): Promise<string | undefined> {
  const { suite, signal, timeoutMs, logFile } = run;
  const log = createWriteStream(logFile, { mode: 0o600 });
  const process_ = spawn(suite.path, [], {
    cwd: folder,
    env: environmentOf(run, folder, certificates),
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C on the terminal reaches us alone, and what it started ends with it.
    detached: true,
  });
  let [bytes, last] = [0, ''];
  const keep = (chunk: Buffer) => {
    last = (last + chunk.toString()).slice(-300);
    if (bytes < logBytesMax) log.write(chunk.subarray(0, logBytesMax - bytes));
    bytes += chunk.length;
  };
  process_.stdout.on('data', keep);
  process_.stderr.on('data', keep);
  const killGroup = (name: NodeJS.Signals) => kill(process_.pid, name);
  const lastResort = () => killGroup('SIGKILL');
  process.once('exit', lastResort);
  let timedOut = false;
  let grace: NodeJS.Timeout | undefined;
  const end = () => {
    killGroup('SIGTERM');
    grace ??= setTimeout(lastResort, graceMs);
  };
  const limit = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  signal.addEventListener('abort', end, { once: true });
  try {
    const [code, by] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      process_.once('error', reject);
      process_.once('exit', (...how) => resolve(how));
      if (signal.aborted) end();
    });
    if (signal.aborted) return 'it was stopped';
    if (timedOut) return `it had not ended after ${Math.round(timeoutMs / 1000)} s`;
    // 1: something failed, which is for its files to say.
    if (code === 0 || code === 1) return undefined;
    const how = code === null ? `was ended by ${by}` : `ended with ${code}`;
    return `it ${how}: ${last.trim().split('\n').at(-1) || 'without a word'}`;
  } catch (error) {
    return `it cannot be started: ${(error as Error).message}`;
  } finally {
    clearTimeout(limit);
    clearTimeout(grace);
    signal.removeEventListener('abort', end);
    process.removeListener('exit', lastResort);
    // What it left running in its group.
    lastResort();
    process_.stdout.destroy();
    process_.stderr.destroy();
    await new Promise<void>((resolve) => log.end(() => resolve()));
  }
}

function kill(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Already gone.
  }
}

async function collect(folder: string): Promise<Pick<SuiteOutcome, 'problem' | 'files'>> {
  const read: [OfficialFile, Buffer][] = [];
  for (const name of officialFiles) {
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats === undefined) return { problem: `it wrote no ${name}` };
    if (!stats.isFile()) return { problem: `its ${name} is no plain file` };
    if (stats.size > fileBytesMax) {
      return { problem: `its ${name} has ${stats.size} bytes, more than ${fileBytesMax}` };
    }
    read.push([name, await readFile(path)]);
  }
  return { files: Object.fromEntries(read) as Record<OfficialFile, Buffer> };
}
