import { describe, expect, test } from 'vitest';
import { hostWith } from '../../../test/lib/host-with.ts';
import { findPolicy, scopesOf } from './policy.ts';

const etc = '/etc/containers/policy.json';
const accept = [{ type: 'insecureAcceptAnything' }];
const reject = [{ type: 'reject' }];
const name = 'reg.example.com:5000/team/app:1';

const policyOf = (ofDocker: object, more: object = {}) =>
  JSON.stringify({ default: accept, transports: { docker: ofDocker }, ...more }, undefined, 1);

async function found(files: Record<string, string>, client = 'podman', change = {}) {
  const finding = await findPolicy(name, client, hostWith(files, change));
  return finding ?? expect.fail('this client reads a policy');
}

test('scopes go from the name to the wildcards above its host', () => {
  expect(scopesOf(name)).toEqual([
    name,
    'reg.example.com:5000/team/app',
    'reg.example.com:5000/team',
    'reg.example.com:5000',
    '*.example.com',
    '*.com',
  ]);
});

describe('the entry', () => {
  test.each([
    ['reg.example.com:5000/team/app:1', 'reg.example.com:5000/team/app:1'],
    ['reg.example.com:5000', 'reg.example.com:5000'],
    ['*.example.com', '*.example.com'],
    ['', ''],
  ])('%s', async (scope, expected) => {
    const { policy } = await found({ [etc]: policyOf({ [scope]: reject, 'other.io': accept }) });
    expect(policy).toMatchObject({ kind: 'reject', scope: `docker:${expected}` });
    expect(policy?.written.in).toBe(etc);
    expect(policy?.written.line).toBeGreaterThan(5);
  });

  test.each(['reg.example.com', 'reg.example.com:5000/tea', 'example.com', '*.reg.example.com'])(
    'not %s, but the default',
    async (scope) => {
      const { policy } = await found({ [etc]: policyOf({ [scope]: reject }) });
      expect(policy).toMatchObject({ kind: 'insecureAcceptAnything', scope: 'default' });
    },
  );

  test('names keys, and whether they are there', async () => {
    const demands = [
      { type: 'signedBy', keyType: 'GPGKeys', keyPaths: ['/k/there', '/k/absent'] },
      { type: 'sigstoreSigned', fulcio: { caPath: '/k/ca' }, rekorPublicKeyPath: '/k/rekor' },
    ];
    const files = { [etc]: policyOf({ '': demands }), '/k/there': 'x', '/k/rekor': 'x' };
    const { policy } = await found(files);
    expect(policy?.kind).toBe('signedBy');
    expect(policy?.keys).toEqual([
      { path: '/k/there', exists: true },
      { path: '/k/absent', exists: false },
      { path: '/k/ca', exists: false },
      { path: '/k/rekor', exists: true },
    ]);
  });
});

describe('files', () => {
  const own = '/home/u/.config/containers/policy.json';
  const share = '/usr/share/containers/policy.json';
  const all = { [own]: policyOf({}), [etc]: policyOf({}), [share]: policyOf({}) };
  const { [own]: _, ...others } = all;

  test('the first that is there', async () => {
    expect((await found(all)).policy?.written.in).toBe(own);
    expect((await found(others)).policy?.written.in).toBe(etc);
    expect((await found({ [share]: policyOf({}) })).policy?.written.in).toBe(share);
    const old = await found({ [share]: policyOf({}) }, 'podman@5');
    expect(old.problems).toMatchObject([{ id: 'policy-missing', isFatal: true }]);
  });

  test('a variable, for new libraries', async () => {
    const change = { variables: { CONTAINERS_POLICY_JSON: '/p.json' } };
    const files = { ...all, '/p.json': policyOf({}) };
    expect((await found(files, 'podman', change)).policy?.written.in).toBe('/p.json');
    expect((await found(files, 'podman@5', change)).policy?.written.in).toBe(own);
  });

  test('other clients read none', async () => {
    expect(await findPolicy(name, 'docker', hostWith(all))).toBeUndefined();
  });
});

test.each([
  ['no JSON', '{\n"default": [', 2],
  ['no default', '{}', 1],
  ['an empty list', '{\n"default": []}', 2],
  [
    'an unknown type',
    '{"default": [{"type": "insecureAcceptAnything"}],\n"transports":{"docker":{\n"a.io":[{"type":"signed"}]}}}',
    3,
  ],
  ['a stray member', '{"default": [{"type": "reject"}],\n"defaults": []}', 2],
])('%s ends the client', async (_what, text, line) => {
  const { problems, policy } = await found({ [etc]: text });
  expect(policy).toBeUndefined();
  expect(problems).toMatchObject([
    { id: 'policy-invalid', written: { in: etc, line }, isFatal: true },
  ]);
});

describe('signatures', () => {
  const d = '/etc/containers/registries.d';
  const lookasideWith = async (files: Record<string, string>, client = 'podman') =>
    (await found({ [etc]: policyOf({}), ...files }, client)).policy;

  test('lie where the most special namespace says', async () => {
    const files = {
      [`${d}/default.yaml`]:
        'default-docker:\n  lookaside: https://all.io\n  use-sigstore-attachments: true\n',
      [`${d}/team.yaml`]: 'docker:\n  reg.example.com:5000/team:\n    sigstore: file:///var/sig\n',
    };
    expect(await lookasideWith(files)).toMatchObject({
      lookaside: 'file:///var/sig',
      attachments: true,
    });
    const { [`${d}/default.yaml`]: all = '' } = files;
    expect(await lookasideWith({ [`${d}/a.yaml`]: all })).toMatchObject({
      lookaside: 'https://all.io',
    });
    expect(await lookasideWith({})).not.toHaveProperty('lookaside');
  });

  test('the user has a folder: old libraries read no other', async () => {
    const files = {
      '/home/u/.config/containers/registries.d/x.yaml': 'docker: {}\n',
      [`${d}/default.yaml`]: 'default-docker:\n  lookaside: https://all.io\n',
    };
    expect(await lookasideWith(files)).toHaveProperty('lookaside');
    expect(await lookasideWith(files, 'podman@5')).not.toHaveProperty('lookaside');
  });

  test.each([
    ['no YAML', { 'a.yaml': 'docker: [' }],
    ['a namespace twice', { 'a.yaml': 'docker: {h.io: {}}', 'b.yaml': 'docker: {h.io: {}}' }],
  ])('%s ends the client', async (_what, files) => {
    const all = Object.entries(files).map(([file, text]) => [`${d}/${file}`, text]);
    const { problems } = await found({ [etc]: policyOf({}), ...Object.fromEntries(all) });
    expect(problems).toMatchObject([{ id: 'registries-d-invalid' }]);
  });
});
