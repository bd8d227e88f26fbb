// Rules about single descriptors that need more than their grammar.

import { asArray, asInteger, asString, type JsonObject } from '../../lib/json.ts';
import { crypto } from '../../lib/node/crypto.ts';
import { plural } from '../../lib/plural.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import type { Kind } from '../kinds.ts';
import { foreignPrefix, nondistributablePrefix } from './media-role.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

/** Algorithms that we can compute; their digests are `algorithm:hex`. */
const computable = /^(sha256|sha512):/;

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

function digestOf(algorithm: string, content: Uint8Array | string): string {
  return `${algorithm}:${crypto().createHash(algorithm).update(content).digest('hex')}`;
}

function checkData(descriptor: JsonObject, pointer: string, report: Report): void {
  const data = asString(descriptor.data);
  const digest = asString(descriptor.digest);
  if (data === undefined || digest === undefined) {
    return;
  }
  if (data.length % 4 !== 0 || !base64.test(data)) {
    return; // the schema's finding
  }
  const content = Buffer.from(data, 'base64');
  const size = asInteger(descriptor.size) ?? -1;
  if (size >= 0 && size !== content.length) {
    report(`${pointer}/data`, `data holds ${plural(content.length, 'byte')}, size says ${size}`);
    return;
  }
  const algorithm = computable.exec(digest)?.[1];
  if (algorithm === undefined) {
    return;
  }
  const actual = digestOf(algorithm, content);
  if (actual.length === digest.length && actual !== digest.toLowerCase()) {
    report(`${pointer}/data`, `data hashes to ${actual}, digest says otherwise`);
  }
}

/** What the empty media type stands for, always. */
const emptyContent = '{}';
const emptySize = emptyContent.length;
const emptyData = Buffer.from(emptyContent).toString('base64');
/** Written out: hashing loads node:crypto, which costs a start as much as all of our code. */
const emptyDigests: ReadonlyMap<string, string> = new Map([
  ['sha256', 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
  [
    'sha512',
    'sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9' +
      'a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd',
  ],
]);

function checkEmpty(descriptor: JsonObject, pointer: string, report: Report): void {
  if (descriptor.mediaType !== mediaTypes.ociEmpty) {
    return;
  }
  const { size, data } = descriptor;
  const digest = asString(descriptor.digest) ?? '';
  const expected = emptyDigests.get(digest.slice(0, digest.indexOf(':')));
  if (asInteger(size) !== undefined && size !== emptySize && Number(size) >= 0) {
    report(`${pointer}/size`, `the empty content has ${emptySize} bytes, not ${size}`);
  }
  if (expected !== undefined && digest.length === expected.length && digest !== expected) {
    report(`${pointer}/digest`, `${quote(digest)} is not the digest of the empty content`);
  }
  // With a digest that we can compute, data against digest is checkData's.
  if (expected === undefined && typeof data === 'string' && data !== emptyData) {
    report(`${pointer}/data`, `${quote(data)} is not ${quote(emptyData)}`);
  }
}

/** Reports layers whose media type begins so, and whether they can be had from elsewhere. */
function checkRestricted(prefix: string): ValueRule['check'] {
  return ({ parts }, report) => {
    for (const { descriptor, pointer } of parts) {
      if (asString(descriptor.mediaType)?.startsWith(prefix)) {
        const hasUrls = (asArray(descriptor.urls) ?? []).length > 0;
        const urls = hasUrls ? '' : ', and there are no urls to fetch it from';
        report(`${pointer}/mediaType`, `this layer is not meant to be distributed${urls}`);
      }
    }
  };
}

const withParts: readonly Kind[] = [
  'manifest',
  'index',
  'descriptor',
  'docker-manifest',
  'docker-manifest-list',
];

/** The type of the empty descriptor, in the place where a type tells artifacts apart. */
function checkArtifactType({ value, parts, subject, kind }: JudgedDocument, report: Report): void {
  const own = kind === 'descriptor' ? [] : [{ descriptor: value, pointer: '' }];
  for (const { descriptor, pointer } of [...own, ...parts, ...(subject ? [subject] : [])]) {
    if (descriptor.artifactType !== mediaTypes.ociEmpty) continue;
    report(`${pointer}/artifactType`, `${quote(mediaTypes.ociEmpty)} says nothing`);
  }
}

type CheckOne = (descriptor: JsonObject, pointer: string, report: Report) => void;

/** The check for every descriptor of a document, subject included. */
function forEach(checkOne: CheckOne): ValueRule['check'] {
  return ({ parts, subject }: JudgedDocument, report) => {
    for (const { descriptor, pointer } of parts) {
      checkOne(descriptor, pointer, report);
    }
    if (subject !== undefined) {
      checkOne(subject.descriptor, subject.pointer, report);
    }
  };
}

export const descriptorRules: readonly ValueRule[] = [
  {
    id: 'descriptor-data-mismatch',
    level: 'error',
    spec: 'image-spec/descriptor.md#properties',
    summary: 'Embedded data is the content that digest and size describe.',
    fix: 'Embed the exact bytes of the content, or remove data.',
    kinds: withParts,
    check: forEach(checkData),
  },
  {
    id: 'empty-descriptor',
    level: 'warning',
    spec: 'image-spec/manifest.md#guidance-for-an-empty-descriptor',
    summary: 'A descriptor of the empty media type has the digest and the size of {}.',
    fix: `Write size ${emptySize} and digest ${emptyDigests.get('sha256')}.`,
    kinds: withParts,
    check: forEach(checkEmpty),
  },
  {
    id: 'artifact-type-empty',
    level: 'warning',
    spec: 'image-spec/manifest.md#guidelines-for-artifact-usage',
    summary: 'An artifactType says what an artifact is, and not that its config is empty.',
    fix: 'Write the type of the artifact, into its manifest too: lists of referrers fall back to that of the config.',
    kinds: ['manifest', 'index', 'descriptor'],
    check: checkArtifactType,
  },
  {
    // A manifest with the empty config has an artifactType (image-spec), which the list has to repeat.
    id: 'referrers-artifact-type-empty',
    level: 'error',
    spec: 'distribution-spec/spec.md#listing-referrers',
    summary:
      'No entry of a list of referrers has the type of the empty descriptor as artifactType.',
    fix: 'Write the artifactType of the manifest; one with the empty config must have it.',
    kinds: ['referrers'],
    check: checkArtifactType,
  },
  {
    id: 'layer-nondistributable',
    level: 'warning',
    spec: 'image-spec/layer.md#non-distributable-layers',
    summary: 'No layer is of the deprecated non-distributable types.',
    fix: 'Build the image with ordinary layers, if the licence of their content lets you.',
    kinds: withParts,
    check: checkRestricted(nondistributablePrefix),
  },
  {
    id: 'layer-foreign',
    level: 'note',
    spec: 'docker-registry/manifest-v2-2.md#image-manifest-field-descriptions',
    summary: 'Layers come from the registry of the image.',
    fix: 'Make sure that clients can reach the urls; registries do not hold foreign layers.',
    kinds: withParts,
    check: checkRestricted(foreignPrefix),
  },
];
