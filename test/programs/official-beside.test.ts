// `conform --official` with the official suite itself, on the mock, sound and faulty, and on real registries.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type ServerOptions, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { goToolPath } from '../lib/go-tools.ts';
import { officialRegistries, type Started } from '../lib/real-registries.ts';
import { testWith } from '../lib/tools.ts';

const suite = goToolPath('conformance') ?? 'conformance';
const product = `product:
  vendor: Yoyodyne
  name: Turbo Encabulator
  version: v1.7.4
  website_url: https://yoyo.dyne/turbo-encabulator
  documentation_url: https://yoyo.dyne/turbo-encabulator/docs
  type: hosted
  description: A registry.
start: It is hosted.
`;

async function beside(
  { origin, credentials }: Pick<Started, 'origin' | 'credentials'>,
  only: readonly string[],
  by = suite,
) {
  const folder = scratch();
  writeFileSync(join(folder, 'product.yaml'), product);
  const login = credentials ? ['--username', credentials.username, '--password-stdin'] : [];
  const words = [
    ...['conform', `${new URL(origin).host}/team/app`, '--plain-http', ...login],
    ...['--official', 'submission', '--official-suite', by, '--product', 'product.yaml'],
    ...['--out', 'run', ...only.flatMap((glob) => ['--only', glob])],
  ];
  const ended = await cli(words, { input: credentials?.password ?? '', cwd: folder });
  return { ...ended, folder, official: readResults(join(folder, 'run')).conform?.official };
}

async function onMock(options: ServerOptions, only: readonly string[], by = suite) {
  const mock = await startMock(options);
  try {
    const { registry: origin, username, password } = mock;
    return {
      ...(await beside({ origin, credentials: { username, password } }, only, by)),
      password,
    };
  } finally {
    await mock.close();
  }
}

const place = 'submission/distribution-spec/v1.1/turboencabulator';

testWith('conformance')('the sound mock: nothing apart, a folder that is fit', async () => {
  const { code, official, folder, stdout } = await onMock({}, []);
  expect(stdout).toContain('fit to be handed in');
  expect({ code, apart: official?.disagreements }).toEqual({ code: 0, apart: [] });
  expect(official?.agreed).toBeGreaterThan(40);
  expect(official?.submission).toMatchObject({ folder: place, fit: true });
  const readme = readFileSync(join(folder, place, 'README.md'), 'utf8');
  expect(readme).toContain('It is hosted.');
  expect(readme).toContain(`conformance@${official?.suite}`);
  const again = await cli(['report', 'submission', 'submission', '--format', 'json'], {
    cwd: folder,
  });
  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject([{ folder: place, fit: true }]);
});

testWith('conformance')(
  'a fault that only we ask about, and one that only the suite minds',
  async () => {
    const ours = await onMock({ faults: ['tags-n-ignored'] }, ['tags-*']);
    expect(ours.code).toBe(1);
    expect(ours.official?.disagreements).toMatchObject([
      { name: 'Tag listing', official: 'Pass', ours: 'fails' },
    ]);
    const theirs = await onMock({ faults: ['referrers-unsupported'] }, ['referrers-*']);
    // Our verdict stands: the API is optional.
    expect(theirs.code).toBe(0);
    const apart = theirs.official?.disagreements ?? [];
    expect(apart.filter(({ kind }) => kind === 'api')).toContainEqual(
      expect.objectContaining({ name: 'Referrers', official: 'FAIL', ours: 'not offered' }),
    );
    const page = readFileSync(join(theirs.folder, 'run/report.html'), 'utf8');
    expect(page).toContain('API: Referrers');
  },
);

testWith('conformance')('a suite that lets the password slip: told where, never what', async () => {
  const leaky = join(scratch(), 'leaky');
  const leak = `${suite}; code=$?
sed -n 's/.*"username":"\\([^"]*\\)","password":"\\([^"]*\\)".*/\\1:\\2/p' "$OCI_CONFIGURATION" | tr -d '\\n' | base64 >> results/report.html
exit $code`;
  writeFileSync(leaky, `#!/bin/sh\n${leak}\n`);
  chmodSync(leaky, 0o755);
  const { code, stdout, stderr, official, folder, password } = await onMock({}, ['ping'], leaky);
  expect(code).toBe(1);
  expect(official?.submission?.fit).toBe(false);
  const files = official?.submission?.findings.filter(({ message }) =>
    message.includes('password'),
  );
  expect(new Set(files?.map(({ file }) => file))).toEqual(new Set(['report.html']));
  const secret = Buffer.from(`demo:${password}`).toString('base64');
  const run = ['results.json', 'report.html', 'junit.xml'];
  const texts = run.map((name) => readFileSync(join(folder, 'run', name), 'utf8'));
  for (const text of [stdout, stderr, ...texts]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(password);
  }
  expect(readFileSync(join(folder, place, 'DO-NOT-SUBMIT.txt'), 'utf8')).not.toContain(password);
  expect((await cli(['report', 'submission', 'submission'], { cwd: folder })).code).toBe(1);
});

const expected: Readonly<Record<string, readonly string[]>> = {
  'distribution 3': ['Referrers', 'Manifest put with subject'],
  'olareg (in memory)': ['Tag listing'],
};

describe.each(officialRegistries.filter(({ title }) => Object.hasOwn(expected, title)))(
  '$title',
  (registry) => {
    testWith('conformance', ...registry.tools)(
      'what it is known to be apart in is told',
      async () => {
        const started = await registry.start();
        try {
          const only = ['tags-*', 'referrers-*', 'upload-single-post*', 'manifest-put-subject'];
          const { official, stdout } = await beside(started, only);
          expect(official?.submission?.fit).toBe(true);
          const names = official?.disagreements?.map(({ name }) => name) ?? [];
          for (const name of expected[registry.title] ?? []) {
            expect(names).toContain(name);
            expect(stdout).toContain(`API: ${name}`);
          }
        } finally {
          for (const step of started.undo) await step();
        }
      },
    );
  },
);
