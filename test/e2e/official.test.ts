// `conform --official` of the built command line, with suites that do what no suite should: each a small program of its own.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';

let mock: Awaited<ReturnType<typeof startMock>>;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock.close());

function program(text: string): string {
  const file = join(scratch(), 'suite');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function conform(suite: string, more: readonly string[] = [], folder = scratch()) {
  const words = [
    ...['conform', `${new URL(mock.registry).host}/team/app`, '--plain-http', '--only', 'ping'],
    ...['--username', mock.username, '--password-stdin', '--out', join(folder, 'run')],
    ...['--official', join(folder, 'submission'), '--official-suite', suite, ...more],
  ];
  const ended = await cli(words, { input: mock.password, cwd: folder });
  return { ...ended, folder };
}

const three = (yaml: string) =>
  `printf '${yaml}' > results/results.yaml; echo x > results/report.html; echo x > results/junit.xml`;

const bad: readonly [what: string, program: string, more?: readonly string[]][] = [
  ['that crashes', 'echo "panic: it $OCI_CONFIGURATION" >&2; exit 2'],
  ['that writes nothing', 'exit 0'],
  ['that writes half of its files', 'echo a > results/results.yaml'],
  ['that writes garbage', three('\\001\\002')],
  ['that writes YAML of something else', three('apis: [1]\\n')],
  [
    'that writes a symbolic link',
    `${three('a')}; rm results/results.yaml; ln -s /etc/hostname results/results.yaml`,
  ],
  ['that writes a file without end', `${three('a')}; truncate -s 100M results/junit.xml`],
  ['that hangs', 'trap "" TERM; sleep 600 & sleep 600', ['--official-timeout', '1s']],
];

describe('a suite', () => {
  test.each(bad)('%s: 3, our checks judged, nothing to hand in', async (_what, text, more) => {
    const { code, stdout, folder } = await conform(program(text), more);
    expect(code).toBe(3);
    expect(stdout).not.toContain(mock.password);
    const results = readResults(join(folder, 'run'));
    expect(results.checks).toMatchObject([{ id: 'ping', verdict: 'pass' }]);
    expect(results.conform?.official?.problem).toBeDefined();
    expect(readdirSync(join(folder, 'submission'))).toEqual([]);
  });

  test('is told the target by a file that nobody else can read and that is gone then', async () => {
    const seen = join(scratch(), 'seen');
    const say = `stat -c %a "$OCI_CONFIGURATION" > ${seen}; cat "$OCI_CONFIGURATION" >> ${seen}; echo >> ${seen}; env | grep '^OCI' >> ${seen}; echo "$@" >> ${seen}`;
    const { folder } = await conform(program(say));
    const [mode = '', document = '{}', variable = '', words] = readFileSync(seen, 'utf8').split(
      '\n',
    );
    expect(mode).toBe('600');
    expect(JSON.parse(document)).toMatchObject({
      tls: 'disabled',
      repo1: 'team/app',
      password: mock.password,
    });
    expect(variable).toMatch(/^OCI_CONFIGURATION=/);
    expect(words).toBe('');
    expect(existsSync(variable.replace('OCI_CONFIGURATION=', ''))).toBe(false);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('pullproof-official-'))).toEqual(
      [],
    );
    expect(existsSync(join(folder, 'run/official-suite.log'))).toBe(true);
  });
});

describe('wrong input', () => {
  test('no suite on the machine: 3, and how to build it; nothing is asked of the registry', async () => {
    const path = scratch();
    // Of this name, and something else.
    writeFileSync(join(path, 'conformance'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
    const env = { PATH: path, PULLPROOF_OFFICIAL_SUITE: undefined };
    const words = ['conform', '127.0.0.1:1/app', '--official', 'submission'];
    const { code, stderr } = await cli(words, { env });
    expect(code).toBe(3);
    expect(stderr).toContain('go install github.com/opencontainers/distribution-spec/conformance@');
  });

  test('a folder that is taken, a file in its place, a product that is none: 2', async () => {
    const folder = scratch();
    const taken = join(folder, 'submission/distribution-spec/v1.1/product');
    mkdirSync(taken, { recursive: true });
    writeFileSync(join(taken, 'README.md'), 'mine');
    const suite = program('exit 0');
    expect((await conform(suite, [], folder)).code).toBe(2);
    const other = scratch();
    writeFileSync(join(other, 'submission'), '');
    expect((await conform(suite, [], other)).code).toBe(2);
    expect((await conform(suite, ['--product', join(folder, 'none')])).code).toBe(2);
    expect((await conform(suite, ['--read-only'])).code).toBe(2);
  });

  test('flags of it without it, and a folder that is no submission: 2', async () => {
    expect((await cli(['conform', '127.0.0.1:1/a', '--product', 'a.yaml'])).code).toBe(2);
    expect((await cli(['report', 'submission', scratch()])).code).toBe(2);
    expect((await cli(['report', 'submission'])).code).toBe(2);
  });
});
