// What `validate` leaves behind, which is nothing, and what folders other verbs make.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { cli, readResults, scratch } from '../lib/cli.ts';

/** A folder with one good document and one bad one. */
function project(): string {
  const cwd = scratch();
  writeFileSync(join(cwd, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}\n');
  writeFileSync(join(cwd, 'bad.json'), '{\n  "schemaVersion": 2,\n  "manifests": 1\n}\n');
  return cwd;
}

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

describe('nothing is written', () => {
  test.each([
    ['validate', 'oci-layout', 'bad.json'],
    ['validate', '--format', 'sarif', '.'],
    ['validate', '-'],
    ['validate', 'no-such-file'],
    ['explain', 'descriptor-size'],
    ['list', 'rules'],
  ])('by %s %s %s', async (...words) => {
    const cwd = project();
    // A home that is no absolute path must not lead what is kept between runs to the work either.
    const env = { HOME: '', XDG_CACHE_HOME: 'kept' };
    const before = readdirSync(cwd);
    const { stderr } = await cli(words, { cwd, env, input: '{}' });
    expect(stderr).not.toContain('report');
    expect(readdirSync(cwd)).toEqual(before);
  });

  test('in a folder that cannot be written, by a user without a home', async () => {
    const cwd = project();
    chmodSync(cwd, 0o555);
    const words = ['--reuid', `${nobody}`, '--regid', `${nobody}`, '--clear-groups'];
    const { code, stdout, stderr } = await cli(['validate', 'oci-layout'], {
      cwd,
      env: { HOME: undefined },
      ...(isRoot && { by: (program, all) => ['setpriv', [...words, program, ...all]] }),
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^.*\n$/);
  });

  test('but where --out says', async () => {
    const cwd = project();
    const { code } = await cli(['validate', '--out', 'a/b', 'bad.json'], { cwd });
    expect(code).toBe(1);
    expect(readResults(join(cwd, 'a', 'b')).exitCode).toBe(1);
    for (const file of ['report.html', 'junit.xml']) {
      expect(existsSync(join(cwd, 'a', 'b', file))).toBe(true);
    }
  });
});

describe('folders of runs', () => {
  test('are never shared, however many runs begin in one second', async () => {
    const cwd = scratch();
    const runs = 6;
    // Nothing listens there: each run ends as soon as it has its folder.
    const conform = () => cli(['conform', 'http://127.0.0.1:1/app'], { cwd });
    const ended = await Promise.all(Array.from({ length: runs }, conform));
    expect(ended.map(({ code }) => code)).toEqual(Array.from({ length: runs }, () => 3));
    const folders = readdirSync(join(cwd, 'pullproof-results'));
    expect(folders).toHaveLength(runs);
    for (const folder of folders) expect(folder).toMatch(/^\d{4}-.*-conform(-\d+)?$/);
  });

  test('that cannot be made are told, with the way out', async () => {
    const cwd = scratch();
    writeFileSync(join(cwd, 'pullproof-results'), '');
    const { code, stderr } = await cli(['conform', 'http://127.0.0.1:1/app'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('--out');
    mkdirSync(join(cwd, 'other'));
    expect(readdirSync(cwd)).toEqual(['other', 'pullproof-results']);
  });
});

describe('formats for a checkout', () => {
  /** A repository whose bad document lies in a folder, from which the run is started. */
  function repository(): { top: string; cwd: string } {
    const top = scratch();
    const cwd = join(top, 'images', 'a b');
    mkdirSync(join(top, '.git'));
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'bad.json'), readFileSync(join(project(), 'bad.json')));
    return { top, cwd };
  }
  const nowhere = { GITHUB_WORKSPACE: undefined, CI_PROJECT_DIR: undefined };
  const path = 'images/a b/bad.json';
  /** How a format names the file of the first finding. */
  const fileOf: Readonly<Record<string, (text: string) => string | undefined>> = {
    github: (text) =>
      /^::error file=([^,]*),line=3,col=\d+,endLine=3,endColumn=\d+,/.exec(text)?.[1],
    gitlab: (text) => JSON.parse(text)[0].location.path,
    sarif: (text) => {
      const { artifactLocation } =
        JSON.parse(text).runs[0].results[0].locations[0].physicalLocation;
      expect(artifactLocation.uriBaseId).toBe('%SRCROOT%');
      return decodeURIComponent(artifactLocation.uri);
    },
  };

  test.each(Object.keys(fileOf))('%s names files from its root', async (format) => {
    const { top, cwd } = repository();
    const words = ['validate', '--kind', 'index', '--format', format];
    const run = async (file: string, env: Record<string, string | undefined>, from = cwd) => {
      const { code, stdout } = await cli([...words, file], { cwd: from, env });
      expect(code).toBe(1);
      return fileOf[format]?.(stdout);
    };
    const names = await Promise.all([
      run('bad.json', nowhere),
      run(join(cwd, 'bad.json'), nowhere),
      run('../a b/bad.json', nowhere),
      run('bad.json', { ...nowhere, GITHUB_WORKSPACE: top }),
      run(join(cwd, 'bad.json'), { ...nowhere, CI_PROJECT_DIR: top }, scratch()),
      run('bad.json', { ...nowhere, GITHUB_WORKSPACE: join(top, 'images') }),
    ]);
    expect(names).toEqual([path, path, path, path, path, 'a b/bad.json']);
  });

  test('gitlab is an empty list where nothing is found', async () => {
    const { code, stdout } = await cli(['validate', 'oci-layout', '--format', 'gitlab'], {
      cwd: project(),
    });
    expect([code, stdout]).toEqual([0, '[]\n']);
  });

  test('sarif brings help with examples along', async () => {
    const { stdout } = await cli(['validate', 'bad.json', '--format', 'sarif'], { cwd: project() });
    for (const { id, help, shortDescription } of JSON.parse(stdout).runs[0].tool.driver.rules) {
      expect(shortDescription.text, id).toMatch(/ .*\.$/);
      expect(help.markdown, id).toMatch(/\*\*Bad\*\*\n\n {4}[\s\S]*\*\*Good\*\*\n\n {4}/);
    }
  });
});

test('links and colours are asked for, and no others come', async () => {
  const cwd = project();
  const run = async (env: Record<string, string | undefined>) =>
    (await cli(['validate', 'bad.json'], { cwd, env: { NO_COLOR: undefined, ...env } })).stdout;
  const [bare, linked, colored] = await Promise.all([
    run({}),
    run({ FORCE_HYPERLINK: '1' }),
    run({ FORCE_COLOR: '1' }),
  ]);
  expect(bare).not.toContain('\u001b');
  expect(linked).toContain(`\u001b]8;;file://`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about such characters
  expect(linked.replaceAll(/\u001b\]8;;[!-~]*\u001b\\/g, '')).toBe(bare);
  expect(stripVTControlCharacters(colored)).toBe(bare);
  expect(colored).not.toBe(bare);
});
