// What is no document of ours is told by its name: each sample beside words that its message has.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manifest } from '../cases/documents.ts';
import { type Kind, validateDocument } from '../index.ts';

type Sample = string | Uint8Array | readonly number[] | object;

function bytesOf(sample: Sample): Uint8Array {
  if (typeof sample === 'string') return Buffer.from(sample);
  if (sample instanceof Uint8Array) return sample;
  const isBytes = Array.isArray(sample) && sample.every((it) => typeof it === 'number');
  return isBytes ? Uint8Array.from(sample as number[]) : Buffer.from(JSON.stringify(sample));
}

function judge(sample: Sample, path = 'x.json', kind?: Kind) {
  return validateDocument(bytesOf(sample), { path, ...(kind && { kind }) });
}

const hex = 'ab'.repeat(32);
const digest = `sha256:${hex}`;
const text = JSON.stringify(manifest());
const base64 = (it: string) => Buffer.from(it).toString('base64');
const utf32 = (it: string) =>
  Buffer.from(Uint32Array.from([...it], (c) => c.codePointAt(0) ?? 0).buffer);
const tar = Buffer.alloc(1024);
tar.write('30ab.tar');
tar.write('ustar', 257);

const compressed: readonly (readonly [words: string, sample: Sample])[] = [
  ['gzip', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd, 4, 0]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]],
  ['bzip2', 'BZh91AY&SY'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18, 0x64]],
  ['lzip', 'LZIP\u0001'],
  ['zip', [0x50, 0x4b, 3, 4, 20, 0]],
  ['7z', [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4]],
  ['rar', 'Rar!\u001a\u0007\u0001'],
  ['tar', tar],
  ['ELF', [0x7f, 0x45, 0x4c, 0x46, 2, 1]],
  ['WebAssembly', [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]],
  ['PDF', '%PDF-1.7\n'],
  ['PNG', [0x89, 0x50, 0x4e, 0x47]],
  ['GIF', 'GIF89a'],
  ['GGUF', 'GGUF\u0003\u0000\u0000\u0000'],
  ['QCOW2', [0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]],
  ['binary', [1, 0, 2, 0, 0, 0, 9, 8]],
];

const texts: readonly (readonly [words: string, sample: string])[] = [
  ['empty', ''],
  ['empty', ' \n\t\n'],
  ['HTTP reply', 'HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<html>'],
  ['HTML', '<!DOCTYPE html>\n<html><head><title>Sign in</title>'],
  ['Sign in', '<html>\n<head><title> Sign in </title></head>'],
  ['HTML', '<!-- cached -->\n<html>'],
  ['AccessDenied', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'],
  ['XML', '<?xml version="1.0"?>\n<project/>'],
  ['"svg"', '<svg xmlns="x">'],
  ['certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  ['private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIB\n'],
  ['PGP', '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n'],
  ['log of', 'time="2024-01-01T00:00:00Z" level=fatal msg="no such image"\n'],
  ['log of', 'INFO[0000] trying the next mirror\n'],
  ['JWT', `${'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0'}.abc_-`],
  ['digest', `${digest}\n`],
  ['name of an image', 'registry.example/team/app:1.2\n'],
  ['name of an image', `docker://registry.example:5000/app@${digest}`],
  ['Git LFS', `version https://git-lfs.github.com/spec/v1\noid ${digest}\nsize 9\n`],
  ['script', '#!/bin/sh\nexit 0\n'],
  ['template', '{{ .Values.image }}'],
  ['template', 'image: {{ .Values.image | quote }}\nname: x\n'],
  ['failed', 'Error response from daemon: manifest unknown\n'],
  ['HTTP error', '404 page not found\n'],
  ['HTTP error', 'Bad Gateway'],
  [
    'for people',
    `Name:      h.test/app\nMediaType: application/vnd.oci.image.index.v1+json\nDigest:    ${digest}\n`,
  ],
  ['for people', 'REPOSITORY   TAG   IMAGE ID\napp  1  abc\n'],
  ['Dockerfile', '# syntax=docker/dockerfile:1\nARG BASE=alpine\nFROM $BASE\nRUN x\n'],
  ['HCL', 'group "default" {\n  targets = ["app"]\n}\n'],
  [
    '.data[".dockerconfigjson"]',
    'apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n  .dockerconfigjson: e30=\n',
  ],
  [
    '.data[".dockercfg"]',
    'apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Secret\n  type: kubernetes.io/dockercfg\nkind: List\n',
  ],
  ['.data[".dockercfg"]', 'apiVersion: v1\nkind: Secret\ntype: "kubernetes.io/dockercfg"\n'],
  ['Deployment', 'apiVersion: apps/v1\nkind: Deployment\nspec: {}\n'],
  ['compose', 'services:\n  app:\n    image: h.test/app\n'],
  ['Helm', 'replicaCount: 1\nimage:\n  repository: h.test/app\n  tag: "1"\n'],
  ['YAML', 'schemaVersion: 2\nconfig:\n  size: 1\n'],
  ['YAML', '- a\n- b\n'],
  [
    'containerd',
    'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\n  config_path = "/etc"\n',
  ],
  ['containers.conf', '[containers]\nlog_size_max = -1\n'],
  ['TOML', '[package]\nname = "x"\nversion = "1"\n'],
  ['INI', '[section]\nkey = some value\n'],
  ['variables', 'REGISTRY_HOST=h.test\nTAG=latest version\n'],
  ['Base64', base64(`{"auths":{"h.test":{"auth":"${base64('u:p')}"}}}`)],
  ['Base64', base64('user:password-of-mine')],
  ['merge conflict', '<<<<<<< HEAD\n{"schemaVersion": 2}\n=======\n{}\n>>>>>>> x\n'],
  ['patch', 'diff --git a/x b/x\n--- a/x\n+++ b/x\n'],
  ['hex dump', '00000000: 7b22 7363  {"sc\n'],
  ['JavaScript', 'module.exports = {a: 1}\n'],
  ['before the JSON', `WARNING: this is deprecated\n${text}`],
  ['before the JSON', `$ crane manifest x\n${text}`],
  ['plain text', 'hello, world\n'],
  ['plain text', 'null and void'],
  ['plain text', 'from __future__ import annotations\n'],
  ['braces', '"auths": {"h.test": {}}'],
];

const documents: readonly (readonly [words: string, sample: object | string])[] = [
  [
    'skopeo inspect',
    {
      Name: 'h/a',
      Digest: digest,
      RepoTags: [],
      Architecture: 'arm64',
      Os: 'linux',
      Layers: [],
      LayersData: [],
    },
  ],
  [
    'docker image inspect',
    [{ Id: digest, RepoTags: ['a:1'], Architecture: 'amd64', RootFS: { Type: 'layers' } }],
  ],
  ['container', [{ Id: hex, State: {}, HostConfig: {}, Image: digest }]],
  ['docker manifest inspect -v', { Ref: 'h/a', Descriptor: {}, OCIManifest: {} }],
  ['docker manifest inspect -v', [{ Ref: 'h/a', Descriptor: {}, SchemaV2Manifest: {} }]],
  ['skopeo list-tags', { Repository: 'h/a', Tags: ['1'] }],
  ['crictl', { status: { id: digest, repoTags: [], repoDigests: [], size: '1' }, info: {} }],
  ['crictl', { images: [{ id: digest, repoTags: [], repoDigests: [] }] }],
  ['Jib', { image: 'h/a', imageId: digest, imageDigest: digest, tags: ['1'] }],
  ['docker info', { ID: 'x', Containers: 1, ServerVersion: '29' }],
  ['docker version', { Client: {}, Server: {} }],
  ['podman info', { host: {}, store: {}, registries: {}, version: {} }],
  ['Harbor', [{ digest, media_type: 'a/b', manifest_media_type: 'a/b' }]],
  ['GitHub', [{ id: 1, name: digest, package_html_url: 'x' }]],
  ['aws ecr', { imageDetails: [] }],
  ['OpenVEX', { '@context': 'https://openvex.dev/ns', '@id': 'x', statements: [] }],
  ['syft', { artifacts: [], source: {}, distro: {}, schema: {} }],
  ['Rekor', { logIndex: 1, integratedTime: 1, body: 'x' }],
  ['AWS', { __type: 'x', message: 'y' }],
  ['RFC 9457', { type: 'about:blank', title: 'Not Found', status: 404 }],
  ['npm', { name: 'x', lockfileVersion: 3, packages: {} }],
  ['layer', { id: hex, parent: hex, created: 'x', container_config: {}, os: 'linux' }],
  ['repositories', { busybox: { latest: hex } }],
  ['inside a string', JSON.stringify(text)],
  [
    'docker history',
    '{"Comment":"","CreatedBy":"RUN","CreatedSince":"1 day","ID":"x"}\n{"CreatedBy":"ADD","CreatedSince":"","ID":"y"}\n',
  ],
  ['podman history', [{ id: hex, created: 'x', createdBy: 'RUN', size: 1 }]],
  ['docker buildx imagetools', { name: 'h/a', manifest: { digest }, image: {} }],
  ['metadata file', { 'buildx.build.ref': 'x', 'containerimage.digest': digest }],
  ['metadata file', { app: { 'containerimage.digest': digest } }],
  ['bake', { group: {}, target: { app: { context: '.' } } }],
  [
    'oras manifest fetch',
    { reference: `h/a@${digest}`, mediaType: 'a/b', digest, size: 2, content: manifest() },
  ],
  [
    'oras discover',
    { reference: `h/a@${digest}`, mediaType: 'a/b', digest, size: 2, referrers: [] },
  ],
  ['oras discover', { manifests: [{ reference: 'h/a', mediaType: 'a/b', digest, size: 2 }] }],
  ['Azure', { registry: 'h', imageName: 'a', manifests: [{ digest, createdTime: 'x' }] }],
  [
    '.data[".dockerconfigjson"]',
    { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', data: {} },
  ],
  [
    '.data[".dockercfg"]',
    {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ kind: 'Secret', type: 'kubernetes.io/dockercfg' }],
    },
  ],
  ['Pod of Kubernetes', { apiVersion: 'v1', kind: 'Pod', spec: {} }],
  [
    'removed',
    { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', artifactType: 'a/b', blobs: [] },
  ],
  [
    'removed',
    { mediaType: 'application/vnd.cncf.oras.artifact.manifest.v1+json', blobs: [], subject: {} },
  ],
  [
    'sigstore',
    { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', verificationMaterial: {} },
  ],
  ['signature', { critical: { identity: {}, image: {}, type: 'x' }, optional: null }],
  ['in-toto', { _type: 'https://in-toto.io/Statement/v1', predicateType: 'x', subject: [] }],
  ['DSSE', { payloadType: 'application/vnd.in-toto+json', payload: '', signatures: [] }],
  ['TUF', { signed: { _type: 'root' }, signatures: [] }],
  ['SPDX', { spdxVersion: 'SPDX-2.3', SPDXID: 'x' }],
  ['CycloneDX', { bomFormat: 'CycloneDX', specVersion: '1.6' }],
  ['runtime', { ociVersion: '1.0.2', process: {}, root: {} }],
  ['credential helper', { ServerURL: 'h', Username: 'u', Secret: 'hunter22' }],
  ['daemon.json', { 'registry-mirrors': [] }],
  ['"application/vnd.example+json"', { mediaType: 'application/vnd.example+json' }],
  [
    'perhaps application/vnd.oci.image.index.v1+json',
    { mediaType: 'application/vnd.oci.image.idnex.v1+json' },
  ],
  ['"colour"', { colour: 1, shape: 2 }],
  ['artifact manifest', { artifactType: 'a/b', blobs: [], subject: {} }],
  [
    '.data[".dockerconfigjson"]',
    { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data: { '.dockerconfigjson': '' } },
  ],
  ['skopeo inspect', { Digest: digest, RepoTags: [], Architecture: 'x', Os: 'linux', Layers: [] }],
  ['aws ecr', { images: [{ imageManifest: '{}' }], failures: [] }],
  ['compose', { services: { app: { image: 'h.test/app' } } }],
  ['"services"', { services: { app: 1 } }],
  ['policy.json', { default: [{ type: 'reject' }] }],
  ['an error', { message: 'Not Found' }],
  ['an error', { code: 404, error: 'Not Found', path: '/' }],
  ['JSON lines', '{"a":1}\n{"a":2}\n'],
  ['empty object', {}],
  ['empty array', '[]'],
  ['"Config"', [{ Config: 1 }]],
  ['array of 2', [{}, {}]],
  ['number', '42'],
  ['string', '"x"'],
  ['null', 'null'],
];

describe('a file that is no document', () => {
  test.each([...compressed, ...texts, ...documents])('is told: %s (%#)', (words, sample) => {
    const { kind, findings } = judge(sample);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(['kind-unknown']);
    expect(findings[0]?.message).toContain(words);
    expect(findings[0]).not.toHaveProperty('excerpt');
    expect(kind).toBe('unknown');
  });

  test.each([...compressed, ...texts])(
    'is told where a kind is given: %s (%#)',
    (words, sample) => {
      const { kind, findings } = judge(sample, 'x.json', 'manifest');
      expect(findings).toMatchObject([{ ruleId: expect.stringMatching(/^json-/) }]);
      expect(findings[0]?.message).toContain(words);
      expect(kind).toBe('manifest');
    },
  );

  test('never shows what may be secret', () => {
    for (const sample of ['hunter22', base64('user:hunter22'), 'PASSWORD=hunter22', '# hunter22']) {
      expect(JSON.stringify(judge(sample))).not.toMatch(/hunter22|dXNlcjpodW50/);
      expect(JSON.stringify(judge(sample, 'auth.json'))).not.toMatch(/hunter22|dXNlcjpodW50/);
    }
  });

  // Patterns that went back and forth would take minutes for some of these.
  test('is told for any text, however often it repeats', () => {
    const line = fc.constantFrom(
      'image:\n',
      '  name: x\n',
      '<title',
      '[a]\n',
      'a = 1\n',
      'FROM',
      'ARG\n',
      '\n',
      '{{',
      '-',
      'type:',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }),
        fc.nat(400),
        (parts, times) => {
          const { findings } = judge(parts.join('').repeat(times));
          expect(findings.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('text in another encoding', () => {
  const swapped = (it: string) => Buffer.from(it, 'utf16le').swap16();
  test.each([
    ['UTF-16', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16', swapped(`\ufeff${text}`)],
    ['UTF-16LE', Buffer.from(text, 'utf16le')],
    ['UTF-16BE', swapped(text)],
    ['UTF-32', utf32(`\ufeff${text}`)],
    ['UTF-32LE', utf32(text)],
  ])('is one finding in JSON: %s (%#)', (name, sample) => {
    const { findings } = judge(sample);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(['json-utf8']);
    expect(findings[0]?.message).toContain(name);
  });

  test.each([
    ['registries.conf', 'toml-syntax', 'unqualified-search-registries = []\n'],
    ['.pullproof.yaml', 'yaml-syntax', 'rules: {}\n'],
  ])('is one finding in %s', (path, rule, content) => {
    for (const sample of [`\ufeff${content}`, content]) {
      const { findings } = judge(Buffer.from(sample, 'utf16le'), path);
      expect(findings.map(({ ruleId }) => ruleId)).toEqual([rule]);
      expect(findings[0]?.message).toContain('UTF-16');
    }
  });
});

test('a bracket too many makes no second value', () => {
  const { findings } = judge('{"colour":1}}');
  expect(findings.map(({ ruleId }) => ruleId).sort()).toEqual([
    'json-trailing-data',
    'kind-unknown',
  ]);
  expect(findings.map(({ message }) => message).join()).not.toContain('several');
});

describe('broken JSON stays broken JSON', () => {
  test.each([
    ['double quotes', "{'auths': {}}"],
    ['comment', '{\n// nothing\n}'],
    ['comma', '{"a": 1,}'],
    ['U+201C', '{“a”: 1}'],
    ['comment', '# nothing\n{"a": 1}'],
    ['comment', '// nothing\n/* more */ {"a": 1}'],
    ['merge conflict', '{\n<<<<<<< HEAD\n"a": 1\n'],
    ['U+00A0', '{"a":\u00a01}'],
    ['too early', '{"a": '],
    ['zero', '{"a": 02}'],
    ['zero', '{"a": [-007]}'],
    ['(U+4E2D)', '{中: 1}'],
  ])('%s', (words, sample) => {
    const { findings } = judge(sample, 'x');
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(['json-syntax']);
    expect(findings[0]?.message).toContain(words);
  });
});
