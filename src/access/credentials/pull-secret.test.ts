import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authOf, hostWith, loginsFor } from '../../../test/lib/host-folder.ts';
import { findCredentials } from './find-credentials.ts';
import { keyRules } from './keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-secret-'));
let files = 0;

async function findIn(text: string, registry = 'h.example:5000', client = 'podman') {
  const pullSecret = join(folder, `${files++}.yaml`);
  writeFileSync(pullSecret, text, { mode: 0o600 });
  const wanted = { registry, repository: 'team/app' };
  return await findCredentials(wanted, client, hostWith({}), { pullSecret });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const json = 'kubernetes.io/dockerconfigjson';
const secretOf = (type: string, data: object, more = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Secret', type, data, ...more });
const member = '.dockerconfigjson';
const good = secretOf(json, { '.dockerconfigjson': base64(loginsFor('h.example:5000')) });

describe('a pull secret', () => {
  test('as JSON', async () => {
    const { credentials, key, problems } = await findIn(good);
    expect(credentials).toEqual({ username: 'u', password: 'h.example:5000' });
    expect({ key, problems }).toEqual({ key: 'h.example:5000', problems: [] });
  });

  test('as YAML, with its line, among other documents', async () => {
    const yaml = `apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Secret\ntype: ${json}\ndata:\n  .dockerconfigjson: ${base64(loginsFor('h.example:5000'))}\n`;
    expect(await findIn(yaml)).toMatchObject({
      credentials: { username: 'u' },
      written: { line: 8 },
    });
  });

  test('in plain, in a List, and of the old kind', async () => {
    const old = JSON.stringify({ 'h.example:5000': authOf('old', 'p') });
    const type = 'kubernetes.io/dockercfg';
    const item = { kind: 'Secret', type, stringData: { '.dockercfg': old } };
    const list = JSON.stringify({ kind: 'List', items: [{ kind: 'Pod' }, item] });
    expect((await findIn(list)).credentials?.username).toBe('old');
  });

  test('of several the longest key counts, with its own line', async () => {
    const item = (...keys: string[]) =>
      `- kind: Secret\n  type: ${json}\n  data:\n    .dockerconfigjson: ${base64(loginsFor(...keys))}\n`;
    const opaque = '- kind: Secret\n  type: Opaque\n  data:\n    a: YQ==\n';
    const list = (...items: string[]) => `kind: List\nitems:\n${items.join('')}`;
    const longer = item('h.example:5000/team');
    for (const [text, line] of [
      [list(item('other.example'), opaque, longer), 14],
      [list(item('h.example:5000'), longer), 10],
      [list(longer, item('h.example:5000')), 6],
    ] as const) {
      const { credentials, written } = await findIn(text);
      expect(credentials?.password).toBe('h.example:5000/team');
      expect(written?.line).toBe(line);
    }
  });

  test('in a list of the server, whose items name no kind', async () => {
    const items = [{ ...JSON.parse(good), kind: undefined }];
    const { credentials } = await findIn(JSON.stringify({ kind: 'SecretList', items }));
    expect(credentials?.username).toBe('u');
  });

  test.each([
    ['{"auths":', 'pull-secret-malformed'],
    ['{"auths":{"h":{"auth":"hunter22"}}}', 'pull-secret-entry'],
  ])('beside one that kubelet cannot decode ends the pull: %s', async (text, id) => {
    const bad = secretOf(json, { [member]: base64(text) });
    for (const items of [
      [bad, good],
      [good, bad],
    ]) {
      const list = `{"kind":"List","items":[${items.join()}]}`;
      const { credentials, problems } = await findIn(list);
      expect(credentials).toBeUndefined();
      expect(problems).toMatchObject([{ id, isFatal: true }]);
    }
  });

  test.each([
    ['of another type', secretOf('Opaque', { [member]: base64('{}') }), 'pull-secret-type'],
    ['without its member', secretOf(json, { 'config.json': '' }), 'pull-secret-member'],
    ['that is not Base64', secretOf(json, { [member]: '{"auths":{}}' }), 'pull-secret-base64'],
    [
      'in Base64 twice',
      secretOf(json, { [member]: base64(base64(loginsFor('hunter22'))) }),
      'pull-secret-base64',
    ],
    [
      'whose content is no JSON',
      secretOf(json, { [member]: base64('hunter22') }),
      'pull-secret-malformed',
    ],
    [
      'with a bad auth',
      secretOf(json, { [member]: base64('{"auths":{"h":{"auth":"hunter22"}}}') }),
      'pull-secret-entry',
    ],
    ['that is none', '{"kind":"Pod"}', 'pull-secret-malformed'],
    ['that is no YAML', '"', 'pull-secret-malformed'],
    [
      'for another host',
      secretOf(json, { [member]: base64(loginsFor('other.example')) }),
      'pull-secret-no-match',
    ],
  ])('%s', async (_what, text, id) => {
    const { credentials, problems } = await findIn(text);
    expect(credentials).toBeUndefined();
    expect(problems.map((problem) => problem.id)).toEqual([id]);
    expect(JSON.stringify(problems)).not.toContain('hunter22');
  });

  test('with a line end in the password', async () => {
    const auths = { 'h.example:5000': authOf('u', 'p\n') };
    const text = secretOf(json, { [member]: base64(JSON.stringify({ auths })) });
    expect((await findIn(text)).problems.map(({ id }) => id)).toEqual(['password-line-end']);
  });

  test('that is not there', async () => {
    const flags = { pullSecret: join(folder, 'none') };
    const wanted = { registry: 'h', repository: 'a' };
    const { problems } = await findCredentials(wanted, 'podman', hostWith({}), flags);
    expect(problems).toMatchObject([{ id: 'pull-secret-unreadable', isFatal: true }]);
  });
});

describe("kubelet's keys", () => {
  const find = (registry: string, repository: string, ...keys: string[]) =>
    keyRules.kubelet.find(keys, { registry, repository }, registry, false);

  test.each([
    ['h.example', 'a/b', ['*.example'], '*.example'],
    ['a.h.example', 'a/b', ['*.example'], undefined],
    ['a.h.example', 'a/b', ['*.h.example'], '*.h.example'],
    ['h.example:5000', 'a', ['h.example'], undefined],
    ['h.example:5000', 'a', ['*.example:5000'], '*.example:5000'],
    ['h.example', 'a/b', ['h.example/a', 'h.example'], 'h.example/a'],
    ['h.example', 'ab/c', ['h.example/a'], 'h.example/a'],
    ['h.example', 'a', ['https://h.example/v1/'], 'https://h.example/v1/'],
    ['h.example', 'a', ['h.exampl?'], 'h.exampl?'],
    ['docker.io', 'library/a', ['https://index.docker.io/v1/'], 'https://index.docker.io/v1/'],
    ['docker.io', 'library/a', ['docker.io'], 'docker.io'],
    ['h.example', 'a', ['https://index.docker.io/v1/'], undefined],
  ])('%s/%s among %j: %s', (registry, repository, keys, expected) => {
    expect(find(registry, repository, ...keys)).toBe(expected);
  });

  test('a pattern is as good as its regular expression, and takes no time', () => {
    const label = fc.stringMatching(/^[ab*?]{1,8}$/);
    fc.assert(
      fc.property(label, fc.stringMatching(/^[ab]{1,8}$/), (pattern, text) => {
        const regular = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`);
        expect(find(`${text}.x`, 'a', `${pattern}.x`) !== undefined).toBe(regular.test(text));
      }),
    );
    expect(find(`${'a'.repeat(5000)}.x`, 'a', `${'a*'.repeat(2000)}b.x`)).toBeUndefined();
  });
});
