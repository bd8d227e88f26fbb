// What a verb of the command line is, and the flags that several verbs share.
import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { formats } from '../../reports/index.ts';
import { readBounded } from '../access/read-file.ts';
import type { AccessFlags } from '../access/resolve.ts';
import { durationForms, parseSecondsMs, parseSizeBytes, sizeForms } from '../lib/units.ts';
import { UserError } from '../lib/user-error.ts';
import type { Access } from '../run/context.ts';

export interface Verb {
  /** Adds arguments, flags and examples. */
  declare(command: Command): void;
  /** Whether an empty word is one like others; else it is refused. */
  readonly takesEmptyWords?: true;
  /** Resolves to the exit code. */
  run(args: readonly string[], flags: Flags, call: Call): Promise<number>;
}

/** Values of flags by their camel-case names, as the parsers of `declare` made them. */
export type Flags = Readonly<Record<string, unknown>>;

/** A verb before it is loaded. */
export interface VerbEntry {
  readonly summary: string;
  load(): Promise<Verb>;
}

export type Verbs = Readonly<Record<string, VerbEntry>>;

export interface Call {
  /** All that there are. */
  readonly verbs: Verbs;
  readonly words: readonly string[];
  readonly signal: AbortSignal;
}

const hoursMax = 168;

/**
 * A duration (src/lib/units.ts) or plain seconds, in whole milliseconds, up to a week.
 * @throws InvalidArgumentError
 */
export function readDurationMs(text: string): number {
  const ms = Math.round(parseSecondsMs(text) ?? Number.NaN);
  if (ms > 0 && ms <= hoursMax * 3_600_000) return ms;
  throw new InvalidArgumentError(`Write ${durationForms}, at most ${hoursMax}h.`);
}

/** A whole number within bounds, for a flag's parser. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** A size (src/lib/units.ts) in whole bytes, at least one. @throws InvalidArgumentError */
export function readSizeBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new InvalidArgumentError(`Write ${sizeForms}.`);
}

export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

/** `withoutOut`: what comes of a run for which no `--out` is given; `more`: formats of this verb alone. */
export function addOutputFlags(
  command: Command,
  withoutOut = `pullproof-results/<time>-${command.name()}`,
  more: readonly string[] = [],
): void {
  command
    .addOption(
      new Option('--format <format>', 'what goes to standard output')
        .choices([...new Set([...Object.keys(formats), ...more])])
        .default('text'),
    )
    .option(
      '--out <dir>',
      `folder for results.json, report.html and junit.xml (default: ${withoutOut})`,
    )
    .option('-q, --quiet', 'no progress on standard error')
    .option('--seed <n>', 'seed of every random choice', wholeNumber(0, 0xffff_ffff));
}

export function addAccessFlags(command: Command): void {
  command
    .option('--plain-http', 'speak HTTP instead of HTTPS (or write http:// in front)')
    .option('--insecure', 'accept any TLS certificate')
    .option('--ca <file>', 'PEM file of a CA to trust')
    .option('--username <name>', 'user to authenticate as; needs --password-stdin')
    .option('--password-stdin', 'read the password from standard input')
    .option('--authfile <file>', 'credentials in the auth.json form, as podman login writes it')
    .option('--pull-secret <file>', 'credentials in a Kubernetes Secret, YAML or JSON')
    .option(
      '--allow-realm <host>',
      'let a token server HOST[:PORT] have credentials without TLS (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--timeout <duration>',
        'limit for a request without progress, such as 500ms or 2m; a bare number is seconds',
      )
        .argParser(readDurationMs)
        .default(30_000, '30s'),
    );
}

/** A bundle of all public CAs has a quarter of a megabyte. */
const caBytesMax = 8 * 1024 * 1024;

/** @throws UserError (exit 2) for an unreadable CA file */
export async function accessOf(flags: Flags): Promise<Access> {
  const caFile = flags.ca as string | undefined;
  const access = { timeoutMs: flags.timeout as number, insecure: flags.insecure === true };
  if (caFile === undefined) return access;
  const read = await readBounded(caFile, caBytesMax);
  if ('text' in read && read.text.includes('-----BEGIN CERTIFICATE-----')) {
    return { ...access, ca: [read.text] };
  }
  const why = 'text' in read ? 'it holds no PEM certificate' : read.why;
  throw new UserError(
    'ca-unreadable',
    `--ca ${caFile}: ${why}`,
    'Give a PEM file with the CA certificate.',
  );
}

/** What flags say of credentials and trust, for src/access; `access`: if known. @throws UserError (exit 2) */
export async function accessFlagsOf(flags: Flags, access?: Access): Promise<AccessFlags> {
  const { ca } = access ?? (await accessOf(flags));
  refuseAbsent('authfile', flags.authfile, 'Name an auth.json or config.json of podman or Docker.');
  refuseAbsent('pull-secret', flags.pullSecret, 'Name a file with a Kubernetes Secret.');
  return {
    ...(await loginOf(flags)),
    authfile: flags.authfile as string | undefined,
    pullSecret: flags.pullSecret as string | undefined,
    ca,
    insecure: flags.insecure === true,
    plainHttp: flags.plainHttp === true,
    realms: flags.allowRealm as string[] | undefined,
  };
}

/** What is in the file is for whoever plays the client to judge. @throws UserError (exit 2) */
function refuseAbsent(flag: string, path: unknown, hint: string): void {
  if (typeof path !== 'string' || !isAbsent(path)) return;
  throw new UserError(`${flag}-unusable`, `--${flag} ${path}: there is no such file`, hint);
}

function isAbsent(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false; // hidden from us
  }
}

/** `--username` with the password of standard input. @throws UserError (exit 2) */
async function loginOf(flags: Flags): Promise<{ username: string; password: string } | undefined> {
  const username = flags.username as string | undefined;
  const fromStdin = flags.passwordStdin === true;
  if ((username !== undefined) !== fromStdin) {
    const hint = 'Give both: --username NAME --password-stdin < password-file.';
    throw new UserError(
      'credentials-incomplete',
      '--username and --password-stdin go together',
      hint,
    );
  }
  if (username !== undefined) {
    const password = new TextDecoder().decode(await readStdin()).replace(/\r?\n$/, '');
    if (password === '') {
      const hint = 'Write it there: --username NAME --password-stdin < password-file.';
      throw new UserError('password-empty', 'standard input holds no password', hint);
    }
    return { username, password };
  }
  return undefined;
}

const stdinBytesMax = 64 * 1024 * 1024;

/** @throws UserError (exit 2) past the limit */
export async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    bytes += chunk.length;
    if (bytes > stdinBytesMax) {
      throw new UserError(
        'stdin-too-large',
        `standard input holds more than ${stdinBytesMax} bytes`,
        'Give a file.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
