// A name that nobody knows where it stands: findings say what it was meant to be, or where it belongs.
import { describe, expect, test } from 'vitest';
import { manifest } from './cases/documents.ts';
import { type Kind, validateDocument } from './index.ts';

function messages(source: string | object, kind?: Kind): string[] {
  const text = typeof source === 'string' ? source : JSON.stringify(source);
  const { findings } = validateDocument(Buffer.from(text), { path: 'x', ...(kind && { kind }) });
  return findings.map(({ message }) => message);
}

const annotated = (name: string) => manifest({ annotations: { [name]: 'x' } });
const onPlatform = (platform: object) => ({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.index.v1+json',
  manifests: [
    {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: `sha256:${'1'.repeat(64)}`,
      size: 1,
      platform,
    },
  ],
});
const runs = (changes: object) => ({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [] },
  config: changes,
});
const inTable = (line: string) => `[[registry]]\nlocation = "h.test"\n${line}\n`;

describe('of a misplaced name the place is told', () => {
  test.each<[string, string | object, Kind | undefined, string]>([
    ['below a table', inTable('short-name-mode = "permissive"'), undefined, 'top of the file'],
    ['search below a table', inTable('unqualified-search-registries = []'), undefined, 'above'],
    ['in a table of version 1', '[registries.insecure]\nshort-name-mode = ""', undefined, 'above'],
    ['of a registry at the top', 'blocked = true\n[aliases]\n', 'registries-conf', '[[registry]]'],
    [
      'of a registry in a mirror',
      `${inTable('')}[[registry.mirror]]\nlocation = "m.test"\nblocked = true`,
      undefined,
      '[[registry]]',
    ],
    ['below aliases', '[aliases]\nshort-name-mode = "disabled"', 'registries-conf', 'top of'],
    ['list below aliases', '[aliases]\ncredential-helpers = []', 'registries-conf', 'top of'],
    ['of an entry beside auths', { auths: {}, auth: 'eDp5' }, undefined, 'entry of auths'],
    ['of the top in auths', { auths: { credHelpers: {} } }, undefined, 'beside auths'],
    ['text of the top in auths', { auths: { credsStore: 'pass' } }, undefined, 'beside auths'],
    ['of an entry in auths', { auths: { auth: 'eDp5' } }, undefined, 'entry of auths'],
    ['of validate at the top', 'strict: true\nrules: {}\n', 'pullproof-config', 'below validate'],
    ['of the top below validate', 'validate:\n  rules: {}\n', 'pullproof-config', 'top of'],
    ['of validate below rules', 'rules:\n  strict: off\n', 'pullproof-config', 'below validate'],
    ['of a configuration', { architecture: 'arm', os: 'linux', Cmd: [] }, 'config', 'below config'],
    ['in other letters', { architecture: 'arm', os: 'linux', labels: {} }, 'config', 'Labels'],
  ])('%s', (_, source, kind, words) => {
    const told = messages(source, kind).filter((message) => /\bbelongs\b/.test(message));
    expect(told.join('\n')).toContain(words);
  });
});

describe('of a name or word that is nearly right the right one is told', () => {
  test.each<[string | object, string, Kind?]>([
    [annotated('org.opencontainers.image.verison'), 'org.opencontainers.image.version is meant'],
    [annotated('org.opencontainers.image.Source'), 'org.opencontainers.image.source is meant'],
    [annotated('org.openconatiners.image.ref.name'), 'org.opencontainers.image.ref.name is meant'],
    [annotated('org.opencontainer.image.version'), 'org.opencontainers.image.version is meant'],
    [annotated('org.opencontainers.images.source'), 'org.opencontainers.image.source is meant'],
    [annotated('org.opencontainers-image.title'), 'org.opencontainers.image.title is meant'],
    [annotated('Org.OpenContainers.image.title'), 'org.opencontainers.image.title is meant'],
    [annotated('version'), 'org.opencontainers.image.version is meant'],
    [onPlatform({ Architecture: 'amd64', OS: 'linux' }), 'Architecture is meant to be it'],
    [onPlatform({ Architecture: 'amd64', OS: 'linux' }), 'OS is meant to be it'],
    [onPlatform({ archtecture: 'amd64', os: 'linux' }), 'archtecture is meant to be it'],
    [onPlatform({ architecture: 'x86_64', os: 'linux' }), 'amd64 is meant'],
    [onPlatform({ architecture: 'aarch64', os: 'Linux' }), 'arm64 is meant'],
    [onPlatform({ architecture: 'aarch64', os: 'Linux' }), 'linux is meant'],
    [manifest({ anotations: {} }), 'annotations is meant'],
    [{ ...onPlatform({}), manifests: [{ artifactTyp: 'a/b' }] }, 'artifactType is', 'referrers'],
    [manifest({ layers: [{ url: [] }] }), 'urls is meant'],
    [
      manifest({ layers: [{ mediaType: 'application/vnd.oci.image.layer.tar+gzip' }] }),
      'application/vnd.oci.image.layer.v1.tar+gzip is meant',
    ],
    [manifest({ layers: [{ digest: `sha-256:${'1'.repeat(64)}` }] }), 'sha256 is meant'],
    [runs({ Usr: 'app' }), 'User is meant'],
    [runs({ Hostnme: 'app' }), 'Hostname is meant'],
    [runs({ Healthcheck: { test: [] } }), '"test" differs from "Test"'],
    [runs({ Healthcheck: { Timout: 1 } }), 'Timeout is meant'],
    [runs({ Interval: 1 }), 'belongs below Healthcheck'],
    [[{ Config: 'c.json', Layer: [] }], '"Layer" is meant to be it', 'docker-save'],
    [[{ config: 'c.json', Layers: [] }], '"config" is meant to be it', 'docker-save'],
    ['short-name-mode = "Enforcing"', 'enforcing is meant', 'registries-conf'],
    ['short-name-mode = "permisive"', 'permissive is meant', 'registries-conf'],
    ['rules:\n  json-bom: warn\n', 'warning is meant', 'pullproof-config'],
    ['rules:\n  json-bon: off\n', 'json-bom is meant', 'pullproof-config'],
  ])('%j', (source, words, kind) => {
    expect(messages(source, kind).join('\n')).toContain(words);
  });

  test.each([
    'org.label-schema.version',
    'org.openapi.image.version',
    'io.opencontainers.image.version',
    'org.opencontainers.runtime.spec',
    'com.example.verison',
  ])('and %s stays as it is', (name) => {
    const told = messages(annotated(name)).filter((message) => message.includes(name));
    expect(told).toEqual([]);
  });
});

test('of a key in other letters nobody says that clients skip it', () => {
  const told = [
    ...messages(inTable('Blocked = true')),
    ...messages({ auths: {}, credhelpers: {} }),
  ];
  expect(told.map((message) => /blocked|credHelpers/.test(message))).toEqual([true, true]);
  expect(told.join('\n')).not.toMatch(/clients skip|has no effect/);
});

test('a key that may be a secret is not told as a place', () => {
  const told = messages({ auths: { 'user:secret@h.test': {} } }).join('\n');
  expect(told).not.toContain('secret@');
});

describe('where the right text can be told, it is', () => {
  const says = (name: string, value: string) =>
    manifest({ annotations: { [`org.opencontainers.image.${name}`]: value } });
  test.each<[string | object, string, Kind?]>([
    [says('created', '2024-02-29 12:30:00'), 'write "2024-02-29T12:30:00Z"'],
    [says('created', '2024-02-29'), 'write "2024-02-29T00:00:00Z"'],
    [says('source', 'github.com/example/app'), 'write "https://github.com/example/app"'],
    [says('base.name', 'alpine:3'), 'write "docker.io/library/alpine:3"'],
    [{ ...runs({}), created: '2024-02-29 12:30:00' }, 'write "2024-02-29T12:30:00Z"'],
    [{ ...runs({}), history: [{ created: '2024-02-29' }] }, 'write "2024-02-29T00:00:00Z"'],
    [runs({ WorkingDir: 'data' }), 'write "/data"'],
    [runs({ Volumes: { './data': {} } }), 'write "/data"'],
    [runs({ ExposedPorts: { '80/TCP': {} } }), 'write "80/tcp"'],
    [manifest({ mediaType: 'x', artifactType: 'a/b; c=d' }), 'write "a/b"'],
    [inTable('').replace('h.test', 'http://h.test'), 'write "h.test" and insecure = true'],
    [inTable('').replace('h.test', 'h.test/Team'), 'write "h.test/team"'],
    ['[aliases]\n"app" = "h.test/app:v1"', 'write "h.test/app"', 'registries-conf'],
    ['unqualified-search-registries = ["https://h.test"]', 'write "h.test"', 'registries-conf'],
  ])('%j', (source, words, kind) => {
    expect(messages(source, kind).join('\n')).toContain(words);
  });
});

describe('a name in other letters, which clients in Go read, is not missing', () => {
  const auth = 'eDp5';
  test.each<[string, string | object, Kind]>([
    ['location', '[[registry]]\nLocation = "h.test"\n', 'registries-conf'],
    ['prefix', '[[registry]]\nPREFIX = "*.h.test"\n', 'registries-conf'],
    ['of a mirror', `${inTable('')}[[registry.mirror]]\nLocation = "m.test"\n`, 'registries-conf'],
    ['auths', { Auths: { 'h.test': { auth } } }, 'auth-file'],
    ['credHelpers', { credhelpers: { 'h.test': 'pass' } }, 'auth-file'],
    ['auth', { auths: { 'h.test': { Auth: auth } } }, 'auth-file'],
    ['identitytoken', { auths: { 'h.test': { auth, identityToken: 'x' } } }, 'auth-file'],
  ])('%s', (_, source, kind) => {
    const told = messages(source, kind);
    expect(told).toEqual([expect.stringContaining('in other letters')]);
  });

  test('what stands under it is judged', () => {
    const told = messages({ Auths: { 'h.test': { AUTH: 'no' } } }, 'auth-file');
    expect(told.join('\n')).toContain('Base64');
  });

  test('it is missing under a name of its own', () => {
    expect(messages('[[registry]]\nPrefix = "h.test"\n', 'registries-conf')).toHaveLength(2);
  });
});

describe('of a text without its quotes the quotes are told', () => {
  test.each(['a = docker.io', '[[registry]]\nlocation = h.test:5000'])('%s', (text) => {
    expect(messages(text, 'registries-conf')).toEqual([expect.stringContaining('in quotes')]);
  });
});

describe('of a helper that is named wrongly the cause is told, not the name', () => {
  test.each([
    ['docker-credential-hunter22', 'before it'],
    ['/usr/bin/hunter22', 'path'],
    ['C:\\bin\\hunter22', 'path'],
    ['hunter22 x', 'what follows'],
  ])('%s', (credsStore, words) => {
    const told = messages({ credsStore }, 'auth-file').join('\n');
    expect(told).toContain(words);
    expect(told).not.toContain('hunter22');
  });
});
