// Which files `validate` takes, and the settings of a project, as the built command line has them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Results } from '../../reports/results.ts';
import { cli, scratch } from '../lib/cli.ts';

const digest = `sha256:${'0'.repeat(64)}`;
const mediaType = 'application/vnd.oci.image.config.v1+json';
const right = { schemaVersion: 2, config: { mediaType, digest, size: 2 }, layers: [] };
const wrong = { ...right, config: { mediaType, digest, size: -1 } };

const project = scratch();

beforeAll(() => {
  const files = {
    'package.json': { name: 'x' },
    'a b.json': right,
    'sub/wrong.json': wrong,
    'sub/deep/right.json': right,
    'old/wrong.json': wrong,
    'reply.txt': { token: 'x' },
  };
  for (const [file, value] of Object.entries(files)) {
    mkdirSync(join(project, file, '..'), { recursive: true });
    writeFileSync(join(project, file), JSON.stringify(value));
  }
  mkdirSync(join(project, '.git'));
});

async function judge(words: string[], { cwd = '.', stdin = '' } = {}) {
  const all = ['validate', '-q', '--format', 'json', '--out', scratch(), ...words];
  const { code, stdout, stderr } = await cli(all, { cwd: join(project, cwd), input: stdin });
  const results = (stdout === '' ? {} : JSON.parse(stdout)) as Results;
  const paths = (results.documents ?? []).map(({ path }) => path).sort();
  return { code, paths, results, stderr };
}

test('a folder, without what is excluded and what is none of ours', async () => {
  const { code, paths, results } = await judge(['.', '--exclude', 'old/', '--exclude', 'wrong.*']);
  expect([code, paths]).toEqual([0, ['a b.json', 'sub/deep/right.json']]);
  expect(results.skipped?.reduce((sum, { count }) => sum + count, 0)).toBe(4);
});

test.each([
  ['lines', 'a b.json\r\nsub/wrong.json\r\n'],
  ['NULs', 'a b.json\0sub/wrong.json\0'],
])('a list by %s on standard input, beside a path', async (_, stdin) => {
  const { code, paths } = await judge(['sub/deep', '--files-from', '-'], { stdin });
  expect([code, paths]).toEqual([1, ['a b.json', 'sub/deep/right.json', 'sub/wrong.json']]);
});

test('what is missing is told, does not stop the rest, and outranks findings', async () => {
  const { code, paths, results, stderr } = await judge(['gone.json', 'sub/wrong.json']);
  expect([code, paths]).toEqual([2, ['sub/wrong.json']]);
  expect(results.unread).toHaveLength(1);
  expect(stderr).toContain('gone.json');
});

test.each(['json', 'sarif', 'junit', 'gitlab', 'github', 'markdown'])(
  'where nothing can be read there is a %s of it all the same',
  async (format) => {
    const words = ['validate', 'gone.json', '--format', format];
    const { code, stdout } = await cli(words, { cwd: project });
    expect(code).toBe(2);
    if (['json', 'sarif', 'gitlab'].includes(format)) JSON.parse(stdout);
    else expect(stdout).toContain('gone.json');
  },
);

test('settings above the working directory hold there, with a baseline beside them', async () => {
  const settings = `exclude: old
baseline: known.json
overrides: [{ files: '*.txt', kind: token-reply }]
`;
  writeFileSync(join(project, '.pullproof.yaml'), settings);
  expect((await judge(['.', '--write-baseline', 'known.json'])).code).toBe(0);
  const below = await judge(['wrong.json'], { cwd: 'sub' });
  expect([below.code, below.results.baseline?.gone]).toEqual([0, []]);
  expect((await judge(['wrong.json', '--no-baseline'], { cwd: 'sub' })).code).toBe(1);
  expect((await judge(['.'])).paths).toContain('reply.txt');
  expect((await judge(['old/wrong.json'])).paths).toEqual([]);
});
