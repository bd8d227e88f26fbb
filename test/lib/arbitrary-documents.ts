// Right documents of every kind of image document, made at random, and ways to break one thing in them.
// For the tests of `validate`.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { rightDocuments } from '../../src/validate/cases/documents.ts';
import type { ImageKind } from '../../src/validate/kinds.ts';

// biome-ignore lint/suspicious/noExplicitAny: documents under mutation have no fixed shape
export type Doc = any;

const hex = (digits: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const word = fc.stringMatching(/^[a-z0-9][a-z0-9]{0,8}$/);
const digest = fc.oneof(
  hex(64).map((encoded) => `sha256:${encoded}`),
  hex(128).map((encoded) => `sha512:${encoded}`),
  fc.stringMatching(/^x[a-z0-9]{0,5}(?:[+._-][a-z0-9]{1,4}){0,2}:[a-zA-Z0-9=_-]{1,20}$/),
);
const mediaType = fc.stringMatching(/^[a-z]{1,9}\/x[a-z0-9!#$&^_.+-]{0,20}$/);
const strings = fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 });

/** Members that no spec knows are legal everywhere. */
const unknown = fc.dictionary(
  word.map((name) => `x-${name}`),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 2 },
);
/** JSON may spell -0 and 1e30; such numbers are told of by warnings, not errors. */
const size = fc.maxSafeNat();

const descriptor = fc
  .record(
    {
      unknown,
      mediaType,
      digest,
      size,
      annotations: strings,
      urls: fc.array(fc.webUrl({ withQueryParameters: true }), { maxLength: 2 }),
      artifactType: mediaType,
    },
    { requiredKeys: ['unknown', 'mediaType', 'digest', 'size'] },
  )
  .map(({ unknown: extra, ...members }) => ({ ...extra, ...members }));
const embedded = fc.tuple(descriptor, fc.uint8Array({ minLength: 1 })).map(([base, content]) => ({
  ...base,
  size: content.length,
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  data: Buffer.from(content).toString('base64'),
}));
const anyDescriptor = fc.oneof(descriptor, embedded);
const platform = fc.record(
  {
    os: fc.constantFrom('linux', 'windows'),
    architecture: fc.constantFrom('amd64', 'arm64'),
    variant: fc.constantFrom('v7', 'v8'),
    'os.version': fc.string(),
    'os.features': fc.array(fc.string(), { maxLength: 2 }),
  },
  { requiredKeys: ['os', 'architecture'] },
);
const entry = fc.tuple(anyDescriptor, platform).map(([base, it]) => ({ ...base, platform: it }));
const text = fc.option(fc.string());
const texts = fc.option(fc.array(fc.string(), { maxLength: 3 }));
const date = fc
  .date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true })
  .map((it) => it.toISOString());

type Arbitraries = Readonly<Record<string, fc.Arbitrary<unknown>>>;

const image: Arbitraries = {
  config: anyDescriptor,
  layers: fc.array(anyDescriptor, { minLength: 1, maxLength: 3 }),
};
const list: Arbitraries = { manifests: fc.array(entry, { minLength: 1, maxLength: 3 }) };
const configuration: Arbitraries = {
  created: fc.option(date),
  author: text,
  config: fc.record({ User: text, Cmd: texts, Entrypoint: texts, WorkingDir: text }),
  rootfs: fc.record({
    type: fc.constant('layers'),
    diff_ids: fc.array(digest, { minLength: 1, maxLength: 3 }),
  }),
};
/** What is made anew in a right document of each kind. */
const madeParts: Readonly<Record<ImageKind, Arbitraries>> = {
  manifest: image,
  'docker-manifest': image,
  index: list,
  'docker-manifest-list': list,
  descriptor: { digest, mediaType, size },
  config: configuration,
  'docker-config': configuration,
  'docker-schema1': { name: fc.string(), tag: fc.string() },
};

/** Right documents of a kind, with members that no spec knows. */
export function right(kind: ImageKind): fc.Arbitrary<Doc> {
  const base = rightDocuments[kind];
  const parts = madeParts[kind];
  return fc
    .tuple(unknown, fc.record(parts))
    .map(([extra, made]) => ({ ...extra, ...base, ...made }));
}

/** Every descriptor of a document. */
function descriptors(doc: Doc, kind: ImageKind): Doc[] {
  if (kind === 'descriptor') {
    return [doc];
  }
  return [...(doc.layers ?? [doc.config]), ...(doc.manifests ?? []), doc.config].filter(
    (it) => it?.digest !== undefined,
  );
}

/** Breaks the document in place. */
export type Breakage = readonly [rule: string, (doc: Doc, at: number) => void];

const inDescriptor =
  (breakIt: (one: Doc) => void) => (kind: ImageKind) => (doc: Doc, at: number) => {
    const all = descriptors(doc, kind);
    const one = all[at % all.length];
    delete one.data; // its own rule would speak as well
    breakIt(one);
  };
const descriptorBreakages: readonly (readonly [string, ReturnType<typeof inDescriptor>])[] = [
  ['descriptor-media-type', inDescriptor((it) => delete it.mediaType)],
  ['media-type-grammar', inDescriptor((it) => (it.mediaType = it.mediaType.replace('/', ' ')))],
  ['media-type-grammar', inDescriptor((it) => (it.artifactType = 7))],
  ['descriptor-digest', inDescriptor((it) => delete it.digest)],
  ['digest-grammar', inDescriptor((it) => (it.digest = it.digest.replace(':', '')))],
  ['digest-grammar', inDescriptor((it) => (it.digest += '!'))],
  [
    'digest-encoding',
    inDescriptor((it) => (it.digest = `sha256:${it.digest.split(':')[1].slice(-9)}`)),
  ],
  ['digest-encoding', inDescriptor((it) => (it.digest = `sha512:${'A'.repeat(128)}`))],
  ['descriptor-size', inDescriptor((it) => (it.size = -1 - it.size))],
  ['descriptor-size', inDescriptor((it) => (it.size = String(it.size)))],
  ['descriptor-size', inDescriptor((it) => delete it.size)],
  ['descriptor-urls', inDescriptor((it) => (it.urls = {}))],
  ['url-syntax', inDescriptor((it) => (it.urls = ['https://a.test/', 'https://a.test/%zz']))],
  ['annotations-object', inDescriptor((it) => (it.annotations = []))],
  ['annotation-value', inDescriptor((it) => (it.annotations = { ...it.annotations, z: null }))],
  ['descriptor-data', inDescriptor((it) => (it.data = 'a'))],
  [
    'descriptor-data-mismatch',
    inDescriptor((it) =>
      Object.assign(it, { data: 'AAAA', size: 3, digest: `sha256:${'0'.repeat(64)}` }),
    ),
  ],
];

const set = (rule: string, name: string, ...values: unknown[]): Breakage[] =>
  values.map((value) => [rule, (doc) => (doc[name] = value)]);
const without = (rule: string, name: string): Breakage => [rule, (doc) => delete doc[name]];
const inEntry = (rule: string, breakIt: (platform: Doc) => void): Breakage => [
  rule,
  (doc, at) => breakIt(doc.manifests[at % doc.manifests.length].platform),
];

function imageBreakages(prefix: string): Breakage[] {
  return [
    ...set(`${prefix}-schema-version`, 'schemaVersion', 3, '2', null),
    without(`${prefix}-schema-version`, 'schemaVersion'),
    ...set(`${prefix}-media-type`, 'mediaType', '', 'a/b', 5),
    without(`${prefix}-config`, 'config'),
    without(`${prefix}-layers`, 'layers'),
    ...set(`${prefix}-layers`, 'layers', null, {}, 'x'),
    ...set('descriptor-object', 'config', null, [], 'x'),
    ...set('manifest-index-confusion', 'manifests', [], null),
  ];
}

function listBreakages(prefix: string): Breakage[] {
  return [
    ...set(`${prefix}-schema-version`, 'schemaVersion', 1.5, '2', null),
    ...set(`${prefix}-media-type`, 'mediaType', '', 'a/b', 5),
    without(`${prefix}-manifests`, 'manifests'),
    ...set(`${prefix}-manifests`, 'manifests', {}, 'x', 5),
    ...set('manifest-index-confusion', 'layers', [], null),
    inEntry('platform-os', (it) => delete it.os),
    inEntry('platform-architecture', (it) => (it.architecture = null)),
    inEntry('platform-text', (it) => (it.variant = 7)),
    inEntry('platform-list', (it) => (it['os.features'] = 'win32k')),
  ];
}

const schema1Breakages: readonly Breakage[] = [
  ...set('schema1-schema-version', 'schemaVersion', 2, '1', null),
  ...set('schema1-name', 'name', 5, null),
  without('schema1-object', 'tag'),
  ...set('schema1-layers', 'fsLayers', null, {}, 'x'),
  ...set('schema1-history', 'history', 5, {}),
  ...set('schema1-signatures', 'signatures', 'x', null),
  ...set('manifest-index-confusion', 'layers', []),
  ['schema1-layer', (doc) => (doc.fsLayers[0] = {})],
  ['digest-grammar', (doc) => (doc.fsLayers[1].blobSum = 'x')],
  ['schema1-compatibility', (doc) => (doc.history[1].v1Compatibility = {})],
];

const configBreakages: readonly Breakage[] = [
  without('config-architecture', 'architecture'),
  ...set('config-os', 'os', null, 5),
  ...set('config-text', 'author', 5, {}),
  ...set('config-date', 'created', 'now', '2024-13-01T00:00:00Z', '2024-01-01'),
  ...set('config-execution', 'config', 'x', []),
  ...set('config-history', 'history', 'x', {}),
  ['config-list', (doc) => (doc.config.Cmd = 'sh')],
  ['config-list-text', (doc) => (doc.config.Entrypoint = [null])],
  without('config-rootfs', 'rootfs'),
  ['config-rootfs-type', (doc) => delete doc.rootfs.type],
  ['config-diff-ids', (doc) => (doc.rootfs.diff_ids = 'x')],
  ['digest-grammar', (doc) => doc.rootfs.diff_ids.push('')],
  ['digest-encoding', (doc) => doc.rootfs.diff_ids.push('sha256:0')],
];

/** Ways to break one thing in a document that `right` made, each with the rule that must speak. */
export function breakagesOf(kind: ImageKind): readonly Breakage[] {
  const own: Partial<Record<ImageKind, readonly Breakage[]>> = {
    manifest: [
      ...imageBreakages('manifest'),
      ...set('descriptor-object', 'subject', null, [], 'x'),
      ...set('annotations-object', 'annotations', null, [], 'x'),
      [
        'manifest-artifact-type-missing',
        (doc) => (doc.config.mediaType = 'application/vnd.oci.empty.v1+json'),
      ],
    ],
    'docker-manifest': imageBreakages('docker-manifest'),
    index: listBreakages('index'),
    'docker-manifest-list': listBreakages('docker-list'),
    config: configBreakages,
    'docker-config': configBreakages,
    'docker-schema1': schema1Breakages,
  };
  const shared =
    kind.endsWith('config') || kind === 'docker-schema1'
      ? []
      : descriptorBreakages.map(([rule, make]): Breakage => [rule, make(kind)]);
  return [...(own[kind] ?? []), ...shared];
}

/** Breaks the text of a document, an object whose spelling does not matter. */
export const textBreakages: readonly (readonly [string, (text: string) => string | Uint8Array])[] =
  [
    ['json-bom', (text) => `\ufeff${text}`],
    ['json-trailing-data', (text) => `${text}\n]`],
    ['json-syntax', (text) => text.replace(/\}\s*$/, '')],
    ['json-syntax', (text) => text.replace('{', '{,')],
    ['json-duplicate-key', (text) => text.replace('{', '{"y":{"y":1},"\\u0079":2,')],
    ['json-surrogate', (text) => text.replace('{', '{"y":["\\uDC00"],')],
    [
      'json-utf8',
      (text) =>
        Buffer.concat([Buffer.from([0x7b, 0x22, 0xff]), Buffer.from(`":1,${text.slice(1)}`)]),
    ],
    ['document-limits', (text) => text.replace('{', `{"y":${'['.repeat(600)}${']'.repeat(600)},`)],
  ];
