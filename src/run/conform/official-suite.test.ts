import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { settings } from './official-settings.ts';
import { readOfficialSetup } from './official-suite.ts';

const registry = { OCI_REGISTRY: 'reg.example:5000' };
const file = (text: string) => ({ name: 'oci-conformance.yaml', text });

test('nothing of it set: not meant', () => {
  expect(readOfficialSetup({ PATH: '/bin', OCI_DEBUG: '1' })).toBeUndefined();
});

describe('the registry and the repositories', () => {
  test.each([
    [{ OCI_ROOT_URL: 'https://r.example/', OCI_NAMESPACE: 'my/repo' }, 'https://r.example/my/repo'],
    [{ OCI_ROOT_URL: 'http://r.example:80' }, 'http://r.example:80/conformance/repo1'],
    [{ OCI_ROOT_URL: 'r.example' }, 'https://r.example/conformance/repo1'],
    [{ ...registry, OCI_TLS: 'disabled' }, 'http://reg.example:5000/conformance/repo1'],
    [{ ...registry, OCI_REPO1: 'a/b' }, 'https://reg.example:5000/a/b'],
    [
      { ...registry, OCI_ROOT_URL: 'http://old.example' },
      'https://reg.example:5000/conformance/repo1',
    ],
  ])('%j', (env, target) => {
    expect(readOfficialSetup(env)?.target).toBe(target);
  });

  test('insecure, credentials, folder, second repository', () => {
    const env = {
      OCI_USERNAME: 'u',
      OCI_PASSWORD: 'p w',
      OCI_REPORT_DIR: './out',
      OCI_TLS: 'insecure',
    };
    expect(
      readOfficialSetup({ ...registry, ...env, OCI_CROSSMOUNT_NAMESPACE: 'x/y' }),
    ).toMatchObject({
      insecure: true,
      username: 'u',
      password: 'p w',
      reportDir: './out',
      otherRepository: 'x/y',
      readOnly: undefined,
    });
    expect(readOfficialSetup({ ...registry, OCI_REPORT_DIR: 'none' })?.reportDir).toBeUndefined();
  });
});

test('a variable wins over the file, the file over a variable of before', () => {
  const yaml = file('registry: file.example\nrepo1: from/file\nrepo2: other/file\n');
  const env = { OCI_REPO1: 'from/env', OCI_CROSSMOUNT_NAMESPACE: 'from/before' };
  const setup = readOfficialSetup(env, yaml);
  expect(setup).toMatchObject({
    target: 'https://file.example/from/env',
    otherRepository: 'other/file',
  });
});

describe('what is left out', () => {
  const setupOf = (env: Record<string, string>, text = '') =>
    readOfficialSetup({ ...registry, ...env }, file(text));

  test.each([
    [{ OCI_DATA_SHA512: 'false' }, 'manifest-put-sha512'],
    [{ OCI_API_BLOBS_UPLOAD_CANCEL: '0' }, 'upload-cancel*'],
    [{ OCI_SKIP_EMPTY_LAYER_PUSH_TEST: '1' }, 'manifest-put-no-layers'],
    [{ OCI_VERSION: '1.0' }, 'mount-anonymous*'],
    [{ OCI_AUTOMATIC_CROSSMOUNT: '0' }, 'mount-anonymous*'],
  ])('%j', (env, glob) => {
    expect(setupOf(env)?.skip).toContain(glob);
    expect(setupOf({})?.skip).toEqual([]);
  });

  test('whole sections, by the file too', () => {
    expect(setupOf({ OCI_TEST_CONTENT_MANAGEMENT: '0' })?.skipSections).toEqual([
      'deleting-tags',
      'deleting-manifests',
      'deleting-blobs',
    ]);
    const text = 'apis:\n  referrer: false\n  tags: { delete: false }\n';
    expect(setupOf({}, text)?.skipSections).toEqual(
      expect.arrayContaining(['listing-referrers', 'deleting-tags']),
    );
  });

  test('no pushing: what is named is read', () => {
    const env = { OCI_TEST_PUSH: '0', OCI_TAG_NAME: 'one two', OCI_MANIFEST_DIGEST: 'sha256:00' };
    expect(setupOf(env)?.readOnly).toEqual(['one', 'two', 'sha256:00']);
    expect(setupOf({ OCI_API_PUSH: 'false' })?.readOnly).toEqual([]);
    expect(setupOf({}, 'apis: { push: false }\nroData: { tags: [a, b] }')?.readOnly).toEqual([
      'a',
      'b',
    ]);
  });
});

describe('what is not understood', () => {
  test('unknown names are named, known ones are not', () => {
    const known = Object.fromEntries(
      settings.filter(({ effect }) => effect === 'nothing').map(({ name }) => [name, '1']),
    );
    expect(readOfficialSetup({ ...registry, ...known })?.warnings).toEqual([]);
    const { warnings = [] } =
      readOfficialSetup({ ...registry, OCI_REGISTER: 'x' }, file('apis: { pul: true }')) ?? {};
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/OCI_REGISTER.*apis\.pul/);
    expect(readOfficialSetup({ ...registry, OCI_FILTER_TEST: 'x' })?.warnings).toHaveLength(1);
  });

  test.each([
    [{ OCI_API_PULL: 'maybe' }, ''],
    [{ OCI_VERSION: '2.0' }, ''],
    [{}, '- a\n- list'],
    [{}, 'a: [b'],
  ])('%j with %j is wrong usage', (env, text) => {
    expect(() => readOfficialSetup({ ...registry, ...env }, file(text))).toThrow(
      expect.objectContaining({ code: 'official-setup', exitCode: 2 }),
    );
  });

  test('any file and any values end as a set-up or as wrong usage', () => {
    const names = settings.flatMap(({ name, before = [] }) => [name, ...before]);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.string()),
        fc.oneof(fc.string(), fc.json()),
        (env, text) => {
          try {
            readOfficialSetup(env, file(text));
          } catch (error) {
            expect(error).toMatchObject({ code: 'official-setup' });
          }
        },
      ),
    );
  });
});
