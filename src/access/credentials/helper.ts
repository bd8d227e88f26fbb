// Asks a credential helper (docker/docker-credential-helpers: `docker-credential-NAME get`, the server on standard
// input, JSON or an error on standard output). Whatever it is, it runs bounded, without a shell, and without what
// of our environment holds credentials.
import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { asObject, asString, nameIn, parseJson } from '../../lib/json.ts';
import { programsOnPath } from '../../lib/node/programs.ts';
import type { Credentials } from '../../protocol/client.ts';
import type { HostView } from '../host-view.ts';
import { codeOf } from '../read-file.ts';

/** How long a helper may take. */
const helperMsMax = 10_000;
const outputBytesMax = 64 * 1024;
const saidCharsMax = 200;

export type HelperFault =
  | 'helper-name'
  | 'helper-missing'
  | 'helper-not-executable'
  | 'helper-other-os'
  | 'helper-not-asked'
  | 'helper-slow'
  | 'helper-failed'
  | 'helper-reply';

export type HelperAnswer =
  | { readonly credentials: Credentials }
  /** It has none for this server, which is no failure. */
  | { readonly none: true }
  | { readonly fault: HelperFault; readonly message: string; readonly hint: string };

const isName = (name: string) => /^[A-Za-z0-9._-]{1,64}$/.test(name);

/** The words of a helper that knows no such server, or is asked for none. */
const notFound = 'credentials not found in native keychain';

/** Asks `docker-credential-<name>` for the credentials of a server. */
export async function askHelper(
  name: string,
  server: string,
  host: HostView,
  limitMs = helperMsMax,
): Promise<HelperAnswer> {
  if (!isName(name)) {
    const hint = 'Write its name alone, such as "ecr-login": letters, digits, ".", "_" and "-".';
    return fault('helper-name', 'the name of the helper is none that may be run', hint);
  }
  if (host.root !== '') {
    const message = `docker-credential-${name} is a program of another host, which is not run here`;
    return fault('helper-not-asked', message, 'Run this on that host, or give --authfile FILE.');
  }
  const program = await findProgram(name, host);
  if (typeof program !== 'string') return program;
  const ended = await run(program, server, environmentOf(host), limitMs);
  return 'fault' in ended ? ended : readAnswer(name, ended);
}

function fault(id: HelperFault, message: string, hint: string) {
  return { fault: id, message, hint };
}

/** The program on the PATH, as Go's exec.LookPath finds it: absolute folders alone, what may be executed. */
async function findProgram(name: string, host: HostView) {
  const program = `docker-credential-${name}`;
  const folders = pathOf(host);
  for await (const path of programsOnPath(program, { PATH: folders.join(delimiter) })) return path;
  const refused = folders.map((folder) => join(folder, program)).find(isFile);
  if (refused !== undefined) {
    const hint = `Make it executable: chmod +x ${refused}. Or take the line that names it out.`;
    return fault('helper-not-executable', `${refused} may not be executed`, hint);
  }
  return missing(program, folders);
}

function missing(program: string, folders: readonly string[]) {
  const hint = 'Install it, add its folder to PATH, or take the line that names it out.';
  const other = folders.map((folder) => [folder, otherEnding(folder, program)] as const);
  const found = other.find(([, file]) => file !== undefined);
  if (found !== undefined) {
    const message = `there is ${join(found[0], found[1] ?? '')}, which this system does not run as ${program}`;
    return fault('helper-other-os', message, 'Name a helper of this system, or log in anew here.');
  }
  const where = folders.length === 0 ? 'PATH is empty' : `not in PATH (${folders.join(delimiter)})`;
  return fault(
    'helper-missing',
    `${program} is ${where}`.replace('is PATH', 'is not there: PATH'),
    hint,
  );
}

/** `.exe`, `.cmd`, `.bat`, `.sh`: of another system, or what needs a shell. */
function otherEnding(folder: string, program: string): string | undefined {
  try {
    const names = readdirSync(folder);
    return names.find(
      (it) => it.startsWith(`${program}.`) && /\.(?:exe|cmd|bat|ps1|sh)$/i.test(it),
    );
  } catch {
    return undefined;
  }
}

function pathOf({ variables, platform }: HostView): string[] {
  const path = variables.PATH ?? (platform === 'win32' ? variables.Path : undefined) ?? '';
  return [...new Set(path.split(delimiter).filter((folder) => isAbsolute(folder)))];
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // A folder that may not be searched, too.
    return false;
  }
}

/** Helpers find keyrings and clouds by it; what holds credentials that are not theirs stays here. */
function environmentOf({ variables }: HostView): Record<string, string | undefined> {
  const kept = Object.entries(variables).filter(
    ([name]) => name !== 'DOCKER_AUTH_CONFIG' && !name.startsWith('PULLPROOF_'),
  );
  return Object.fromEntries(kept);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  program: string,
  server: string,
  env: Record<string, string | undefined>,
  limitMs: number,
): Promise<Ended | Extract<HelperAnswer, { fault: unknown }>> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], { env, stdio: 'pipe', windowsHide: true });
    const texts = { stdout: '', stderr: '' };
    const end = (answer: Parameters<typeof resolve>[0]) => {
      clearTimeout(timer);
      // What it started itself may still hold the pipes.
      for (const stream of child.stdio) stream?.destroy();
      child.kill('SIGKILL');
      resolve(answer);
    };
    const timer = setTimeout(() => {
      const hint = 'Run it by hand: it may wait for a person to unlock something.';
      end(fault('helper-slow', `${program} did not answer within ${limitMs / 1000} s`, hint));
    }, limitMs);
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        texts[name] += chunk;
        if (texts[name].length <= outputBytesMax) return;
        const hint = 'Look whether the name is that of a credential helper.';
        end(fault('helper-reply', `${program} answers more than ${outputBytesMax} bytes`, hint));
      });
    }
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
    child.on('error', (error) => end(unstarted(program, error)));
    child.on('close', (code) => end({ code: code ?? -1, ...texts }));
  });
}

function unstarted(program: string, error: Error) {
  const code = codeOf(error);
  // ENOENT of a file that is there: its interpreter or loader is not.
  if (code === 'ENOEXEC' || code === 'ENOENT') {
    const message = `${program} is no program of this system`;
    return fault('helper-other-os', message, 'Install the helper of this system and processor.');
  }
  const hint = 'Run it by hand; or take the line that names it out.';
  return fault('helper-failed', `${program} cannot be run: ${code}`, hint);
}

function readAnswer(name: string, { code, stdout, stderr }: Ended): HelperAnswer {
  const said = stdout.trim();
  const program = `docker-credential-${name}`;
  if (code !== 0) {
    if (said === notFound) return { none: true };
    const words = printable(said) || printable(stderr) || 'nothing';
    const hint = `Run it by hand: echo SERVER | ${program} get. Or take the line that names it out.`;
    return fault('helper-failed', `${program} ended with ${code} and said: ${words}`, hint);
  }
  const reply = asObject(parseJson(said));
  const username = reply && asString(reply[nameIn(reply, 'Username')]);
  const secret = reply && asString(reply[nameIn(reply, 'Secret')]);
  if (reply === undefined) {
    const hint = `Run it by hand: echo SERVER | ${program} get prints {"Username":…,"Secret":…}.`;
    return fault('helper-reply', `${program} answers something that is no JSON object`, hint);
  }
  if ((username ?? '') === '' && (secret ?? '') === '') return { none: true };
  // docker login: "the username must be set to <token>" for identity tokens.
  if (username === '<token>') {
    return { credentials: { username: '', password: '', identityToken: secret ?? '' } };
  }
  return { credentials: { username: username ?? '', password: secret ?? '' } };
}

/** The first line as it may be shown; nothing of what looks like the answer that it should have given. */
function printable(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  if (/secret|passw|token"/i.test(line) && line.includes('{')) return '(left out)';
  return line.replace(/[^\x20-\x7e]/g, '?').slice(0, saidCharsMax);
}
