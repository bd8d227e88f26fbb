// `npm run new`: what it writes compiles, is in the one style, and is entered where the tests look for it. In a copy
// of the sources.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';

const copy = mkdtempSync(join(tmpdir(), 'new-'));
const runMsMax = 240_000;

beforeAll(() => {
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: packageRoot,
  });
  const files = tracked
    .toString()
    .split('\n')
    .filter((file) => file !== '');
  for (const file of files) cpSync(join(packageRoot, file), join(copy, file));
  cpSync(join(packageRoot, 'src/validate/generated'), join(copy, 'src/validate/generated'), {
    recursive: true,
  });
  symlinkSync(join(packageRoot, 'node_modules'), join(copy, 'node_modules'));
});

function make(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/new.ts', ...words], {
    cwd: copy,
  });
  return { status, stdout: stdout.toString(), stderr: stderr.toString() };
}

function run(tool: string, ...words: string[]) {
  const { status, stdout } = spawnSync(join(packageRoot, 'node_modules/.bin', tool), words, {
    cwd: copy,
  });
  return { status, problems: status === 0 ? '' : stdout.toString().slice(0, 5000) };
}

const read = (file: string) => readFileSync(join(copy, file), 'utf8');

test(
  'skeletons go into lists of every form, and the whole compiles',
  () => {
    const made = [
      ['check', 'upload/order', 'upload-chunk-late'], // its list is another one, mapped
      ['check', 'tags/list', 'tags-late'], // a plain list
      ['check', 'pull/head', 'blob-head-late'], // lists put together
      ['check', 'manifests/operations'], // made of tables; without an id
      ['check', 'pull/cookies', 'blob-cookies'], // a file of its own
      ['fault', 'pull/headers', 'manifest-date-missing'],
      ['fault', 'auth/lifetimes', 'token-lifetime-odd'],
      ['profile', 'nerdctl'],
      ['format', 'teletext'],
    ].map((words) => make(...words));
    expect(made.map(({ status, stderr }) => `${status} ${stderr}`)).toEqual(made.map(() => '0 '));
    for (const { stdout } of made) expect(stdout).toContain('npx biome check --write .');
    expect(run('biome', 'check', '--write', 'src', 'mocks', 'reports', 'test').problems).toBe('');
    expect(run('tsc', '-p', '.').problems).toBe('');
    expect(read('src/checks/catalogue.ts')).toContain("'pull/cookies': pullCookiesChecks");
    expect(read('mocks/faults/index.ts')).toContain("'auth/lifetimes': authLifetimesFaults");
    expect(read('docs/profiles.md')).toMatch(/\| `nerdctl` \| TODO[^\n]*\n\n/);
    const table = read('src/checks/catalogue.ts');
    expect(table.indexOf("'pull/cookies'")).toBeLessThan(table.indexOf("'upload/concurrency'"));
    expect(read('README.md')).toMatch(/--format [a-z|]+\|teletext`/);
  },
  runMsMax,
);

test.each([
  [[], 'npm run new check ROOM/FILE'],
  [['check'], 'npm run new check ROOM/FILE'],
  [['chek', 'upload/order'], 'npm run new check ROOM/FILE'],
  [['check', 'nowhere/order'], 'The rooms are'],
  [['check', 'upload'], 'ROOM/FILE'],
  [['check', 'upload/order', 'Not A Slug'], 'small letters'],
  [['check', 'upload/order', 'blob-config'], 'another id'],
  [['fault', 'upload/order', 'blob-flipped-byte'], 'another id'],
  [['profile', 'podman'], 'another name'],
  [['format', '../x'], 'small letters'],
])('%j is wrong usage, and writes nothing', (words, said) => {
  const before = read('src/checks/catalogue.ts');
  const { status, stderr } = make(...words);
  expect(status).toBe(2);
  expect(stderr).toContain(said);
  expect(read('src/checks/catalogue.ts')).toBe(before);
});
