import { describe, expect, test } from 'vitest';
import { hostWith } from '../../test/lib/root-host.ts';
import { resolveRoute } from '../access/resolve.ts';
import { explainRoute, isRefused, routeForResults } from './route-results.ts';

const auth = Buffer.from('ann:hunter22').toString('base64');
const mirrored = `[[registry]]
prefix = "registry.example"
location = "registry.example"
[[registry.mirror]]
location = "mirror.example:5000/hub"
insecure = true
`;
const files = {
  '/etc/containers/registries.conf': mirrored,
  '/run/containers/0/auth.json': `{"auths": {\n"registry.example": {"auth": "${auth}"}}}`,
};
const variables = { HTTPS_PROXY: 'http://bob:hunter33@proxy:3128', NO_PROXY: 'registry.example' };

describe('a route in words', () => {
  const route = resolveRoute(
    'registry.example/team/app:1',
    'podman',
    hostWith(files, { variables }),
    {},
  );

  test('names what each host is shown, and where that is written', async () => {
    expect(routeForResults(await route).candidates[0]?.endpoints).toEqual([
      {
        role: 'mirror',
        url: 'https://mirror.example:5000',
        repository: 'hub/team/app',
        written: '/etc/containers/registries.conf:5',
        credential: 'none found',
        trust: 'any certificate (/etc/containers/registries.conf:6)',
        proxy: 'http://proxy:3128 ($HTTPS_PROXY)',
      },
      {
        role: 'registry',
        url: 'https://registry.example',
        repository: 'team/app',
        written: expect.stringContaining('/etc/containers/registries.conf:'),
        credential: 'user ann, key registry.example (/run/containers/0/auth.json:2)',
        trust: "the system's certificates",
        proxy: 'none: NO_PROXY has registry.example ($NO_PROXY)',
      },
    ]);
  });

  test('has no secret in it', async () => {
    const text = JSON.stringify(explainRoute(await route));
    for (const secret of ['hunter22', 'hunter33', auth, 'bob']) expect(text).not.toContain(secret);
  });

  test('tells what is asked first', async () => {
    expect(explainRoute(await route).candidates[0]?.endpoints[0]).toMatchObject({
      manifest: 'https://mirror.example:5000/v2/hub/team/app/manifests/1',
      plainHttp: 'where HTTPS fails (/etc/containers/registries.conf:6)',
    });
  });
});

test.each([
  ['nothing is wrong', {}, 'registry.example/a', false],
  [
    'the registry is blocked',
    {
      '/etc/containers/registries.conf':
        '[[registry]]\nlocation = "registry.example"\nblocked = true\n',
    },
    'registry.example/a',
    true,
  ],
  ['the file is broken', { '/etc/containers/registries.conf': 'a =' }, 'registry.example/a', true],
  ['a short name means nothing', {}, 'app', true],
])('where %s', async (_what, config: Record<string, string>, text, refused) => {
  expect(isRefused(await resolveRoute(text, 'podman', hostWith(config), {}))).toBe(refused);
});
