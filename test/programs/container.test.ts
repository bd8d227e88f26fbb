// The container image, built from the Dockerfile: judged by our own validate, and run as users that it does not know.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { cli } from '../lib/cli.ts';
import { buildContainerImage, dockerfile } from '../lib/container-image.ts';
import { testWith } from '../lib/tools.ts';

testWith(
  'buildah',
  'namespaces',
  'k6',
)('it is valid, layers and all, and every verb runs as any user of group 0', async () => {
  const image = await buildContainerImage();
  const judged = await cli(['validate', '--layers', image.layout, '--format', 'json']);
  expect(judged.code).toBe(0);
  const { documents } = JSON.parse(judged.stdout);
  const found = documents.flatMap(({ findings }: { findings: { ruleId: string }[] }) => findings);
  // Of index.json of the layout, which buildah writes, not we.
  expect(found.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual([
    'index-media-type-missing',
  ]);
  const mock = await startMock({ anonymousPush: true });
  try {
    const host = new URL(mock.registry).host;
    const users = ['65532:0', '1000640000:0', '0:0'];
    const verbs = [
      ['validate', '/opt/pullproof/package.json', '--kind', 'manifest'],
      ['doctor', `${host}/demo/app:latest`, '--plain-http'],
      ['conform', `${host}/team/app`, '--plain-http', '--only', 'ping'],
      ['load', `${host}/demo/app:latest`, '--plain-http', '--duration', '1s'],
    ];
    const codes = [];
    for (const [index, words] of verbs.entries()) {
      const out = ['--out', `/tmp/run-${index}`];
      const { code, output } = await image.run(users[index % 3] ?? '', [...words, ...out]);
      codes.push([words[0], code, code > 1 ? output : '']);
    }
    expect(codes).toEqual([
      ['validate', 1, ''],
      ['doctor', 0, ''],
      ['conform', 0, ''],
      ['load', 0, ''],
    ]);
  } finally {
    await mock.close();
  }
});

test('the Dockerfile builds the command of k6/, and has the version of the package', () => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  expect(dockerfile()).toContain(`ARG VERSION=${version}\n`);
  const mains = globSync('k6/**/main.go', { cwd: packageRoot }).map((file) => dirname(file));
  const built = /-o \/opt\/k6 (\S+)/.exec(dockerfile())?.[1] ?? '';
  expect(mains).toContain(join('k6', built));
});
