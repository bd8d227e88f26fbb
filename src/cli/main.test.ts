// How the process ends when nothing in the code foresaw it; the verbs themselves are tested end to end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../run/package-root.ts';

const launcher = join(packageRoot, 'src', 'cli', 'launcher.ts');
const mockWords = ['mock', '--port', '0', '--cdn-port', '0'];

function start(words: readonly string[], nodeWords: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, [...nodeWords, launcher, ...words], { stdio: 'pipe' });
}

/** A module that says so as soon as somebody reads standard input. */
const sayWhenStdinIsRead = `data:text/javascript,${encodeURIComponent(`
  const { stdin, stdout } = process;
  const resume = stdin.read;
  stdin.read = (...words) => {
    stdin.read = resume;
    setImmediate(() => stdout.write('reads'));
    return resume.apply(stdin, words);
  };`)}`;

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close');
  return code;
}

test('an error that nobody caught is our defect: exit 4, no stack trace', async () => {
  const failLater = `const { write } = process.stdout;
    process.stdout.write = (...words) => {
      setImmediate(() => { throw new TypeError('boom'); });
      return write.apply(process.stdout, words);
    };`;
  const child = start(mockWords, [
    '--import',
    `data:text/javascript,${encodeURIComponent(failLater)}`,
  ]);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  expect(await exitCodeOf(child)).toBe(4);
  expect(said).toContain('boom');
  expect(said).not.toMatch(/^\s+at /m);
});

test('nobody reads standard error: the run goes on', async () => {
  const child = start(mockWords);
  child.stderr?.destroy();
  await once(child.stdout ?? child, 'data');
  setTimeout(() => child.kill('SIGTERM'), 200);
  expect(await exitCodeOf(child)).toBe(0);
});

test.each([
  ['validate', '-'],
  ['validate', '--files-from', '-'],
  ['conform', 'http://127.0.0.1:1/app', '--username', 'a', '--password-stdin'],
])('%s %s waits for standard input: a signal ends it', async (...words) => {
  const child = start(words, ['--import', sayWhenStdinIsRead]);
  await once(child.stdout ?? child, 'data');
  child.kill('SIGINT');
  expect(await exitCodeOf(child)).toBe(130);
});

test('the terminal is closed: the run ends as by Ctrl-C, so that its k6 does too', async () => {
  const server = createServer((socket) => socket.on('error', () => undefined));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const out = mkdtempSync(join(tmpdir(), 'pullproof-main-'));
  const child = start(['conform', `http://127.0.0.1:${port}/app`, '--out', out]);
  await once(server, 'connection');
  child.kill('SIGHUP');
  expect(await exitCodeOf(child)).toBe(130);
  server.close();
  rmSync(out, { recursive: true });
});

test.runIf(existsSync('/dev/full'))('output that a full disk swallows is told', async () => {
  const full = openSync('/dev/full', 'w');
  const words = [launcher, 'list', 'kinds'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  expect(await exitCodeOf(child)).toBe(2);
});

test('a password that is not there is told before the run', async () => {
  const words = ['--username', 'u', '--password-stdin'];
  const child = start(['conform', 'http://127.0.0.1:1/app', ...words]);
  child.stdin?.end('\n');
  expect(await exitCodeOf(child)).toBe(2);
});

test.each([
  [['explain', 'ping'], 0],
  [['explain', 'podman'], 0],
  [['explain', 'oci-layout'], 0],
  [['explain', 'legacy-headers-met'], 0],
  [['explain', 'podmann'], 2],
  [['explain', 'h/app', '--root', '/no-such-folder'], 2],
  [['doctor', 'h/app', '--root', '/no-such-folder'], 2],
  [['--help'], 0],
  [['--version'], 0],
  [[], 0],
  [['valdate'], 2],
  [['load', '--vus', 'many', 'h/app'], 2],
  [['load', 'http://u:p@127.0.0.1:1/app'], 2],
  [['validate', '/nowhere.json', '--out', '/proc/none'], 2],
])('%j ends with %i', async (words, code) => {
  expect(await exitCodeOf(start(words))).toBe(code);
});

test.each([
  [['--password=x'], '--password-stdin'],
  [['--password', 'x'], '--password-stdin'],
  [['--format', 'html'], 'report.html'],
])('%j: what is there in its place is told', async (words, hint) => {
  const child = start(['conform', ...words, 'registry.example']);
  let told = '';
  child.stderr?.on('data', (chunk) => {
    told += chunk;
  });
  expect(await exitCodeOf(child)).toBe(2);
  expect(told).toMatch(/^error: /);
  expect(told.split('hint: ')[1]).toContain(hint);
});

test('a flag that is a file name steers neither the terminal nor the log', async () => {
  const child = start(['validate', '--\u001b[31m\n::error::b']);
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  expect(await exitCodeOf(child)).toBe(2);
  expect(said).not.toContain('\u001b');
  expect(said).not.toMatch(/^\s*::/m);
});
