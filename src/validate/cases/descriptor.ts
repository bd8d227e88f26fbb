// Cases for the rules about descriptors.

import {
  config,
  descriptor,
  docker,
  dockerManifest,
  empty,
  entry,
  hex,
  index,
  layer,
  manifest,
  oci,
} from './documents.ts';
import type { RuleCase } from './rule-case.ts';

/** The empty content under another name. */
const braces = { ...empty, mediaType: 'application/json' };
const emptySha512 =
  'sha512:27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9' +
  'a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd';
const foreign = `${docker}image.rootfs.foreign.diff.tar.gzip`;

/** A manifest whose layer has this digest. */
const digest = (text: unknown) => layer({ digest: text });

export const descriptorCases: readonly RuleCase[] = [
  {
    rule: 'descriptor-object',
    bad: manifest({ subject: 'sha256:1' }),
    good: manifest({ subject: entry() }),
  },
  { rule: 'descriptor-object', bad: manifest({ layers: [null] }), good: layer({ unknown: 1 }) },
  {
    rule: 'descriptor-media-type',
    bad: layer({ mediaType: undefined }),
    good: layer({ mediaType: 'a/b' }),
  },
  {
    rule: 'media-type-grammar',
    bad: layer({ mediaType: 'text/plain; x=1' }),
    good: layer({ mediaType: 'text/x+y.z-1' }),
  },
  {
    rule: 'media-type-grammar',
    bad: index({ artifactType: '' }),
    good: index({ artifactType: 'x/y' }),
  },
  {
    rule: 'media-type-grammar',
    bad: layer({ mediaType: `a/${'b'.repeat(128)}` }),
    good: layer({ mediaType: `a/${'b'.repeat(127)}` }),
  },
  { rule: 'descriptor-digest', bad: digest(undefined), good: digest(`blake3:${hex(1)}`) },
  {
    rule: 'digest-grammar',
    bad: digest('sha256'),
    good: digest('multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdB'),
  },
  { rule: 'digest-grammar', bad: digest('SHA256:abc'), good: digest('sha256+b64u:LCa0a2j_xo-=') },
  { rule: 'digest-grammar', bad: digest(5), good: digest('a.b_c-d:5') },
  { rule: 'digest-encoding', bad: digest('sha256:abc'), good: digest('sha3-256:abc') },
  {
    rule: 'digest-encoding',
    bad: digest(`sha256:${hex(0xabc).toUpperCase()}`),
    good: digest(`sha256:${hex(9)}`),
  },
  {
    rule: 'digest-encoding',
    bad: digest(`sha512:${hex(1)}`),
    good: digest(`sha512:${hex(1, 128)}`),
  },
  {
    rule: 'digest-encoding',
    bad: digest(`blake3:${'g'.repeat(64)}`),
    good: digest(`other:${'g'.repeat(64)}`),
  },
  {
    rule: 'digest-encoding',
    bad: config({ rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }),
    good: config({ rootfs: { type: 'layers', diff_ids: ['x:1'] } }),
  },
  {
    rule: 'descriptor-size',
    bad: index({ manifests: [entry({ size: -1 })] }),
    good: index({ manifests: [entry({ size: 0 })] }),
  },
  { rule: 'descriptor-size', bad: layer({ size: '5' }), good: layer({ size: 5 }) },
  { rule: 'descriptor-size', bad: layer({ size: 1.5 }), good: layer({ size: 2 ** 53 - 1 }) },
  { rule: 'descriptor-size', bad: layer({ size: undefined }), good: layer({ size: 1 }) },
  { rule: 'descriptor-urls', bad: layer({ urls: 'https://a.test/' }), good: layer({ urls: [] }) },
  {
    rule: 'url-syntax',
    bad: layer({ urls: ['a.test/x y'] }),
    good: layer({ urls: ['https://u@[::1]:80/x%20y?z=(1)#f', 'HTTPS://a.test'] }),
  },
  {
    rule: 'url-syntax',
    bad: layer({ urls: ['https://a.test/?z=[1]'] }),
    good: layer({ urls: ['https://a.test:/?z=%5B1%5D'] }),
  },
  {
    rule: 'url-scheme',
    bad: layer({ urls: ['ftp://a.test/x'] }),
    good: layer({ urls: ['HTTPS://a.test/x'] }),
  },
  {
    rule: 'annotations-object',
    bad: manifest({ annotations: null }),
    good: manifest({ annotations: {} }),
  },
  {
    rule: 'annotation-value',
    bad: layer({ annotations: { 'a.b': 1 } }),
    good: layer({ annotations: { 'a.b': '' } }),
  },
  {
    rule: 'descriptor-data',
    bad: layer({ data: 'e30', size: 2 }),
    good: manifest({ config: { ...empty, data: 'e30=' }, artifactType: 'a/b' }),
  },
  {
    rule: 'artifact-type-empty',
    bad: manifest({ config: empty, artifactType: empty.mediaType }),
    good: manifest({ config: empty, artifactType: 'a/b' }),
  },
  {
    rule: 'artifact-type-empty',
    bad: index({ manifests: [entry({ platform: undefined, artifactType: empty.mediaType })] }),
    good: index({ manifests: [entry({ platform: undefined, artifactType: 'a/b' })] }),
  },
  {
    rule: 'descriptor-data',
    bad: layer({ data: 'a-_=', size: 2 }),
    good: layer({ data: '', size: 0, digest: 'x:1' }),
  },
  {
    // Bits that stand for nothing are zero (RFC 4648, section 3.5).
    rule: 'descriptor-data',
    bad: layer({ data: 'e31=', size: 2, digest: 'x:1' }),
    good: layer({ data: 'e30=', size: 2, digest: 'x:1' }),
  },
  {
    rule: 'descriptor-data-mismatch',
    kind: 'descriptor',
    bad: { ...empty, data: 'eyE=' },
    good: { ...empty, data: 'e30=' },
  },
  {
    rule: 'descriptor-data-mismatch',
    kind: 'descriptor',
    bad: { ...braces, data: 'e30=', size: 3 },
    good: { ...braces, data: 'e30=' },
  },
  {
    rule: 'descriptor-data-mismatch',
    bad: manifest({ subject: { ...braces, mediaType: 'a/b', data: 'e30gIA==' } }),
    good: manifest({ subject: { ...braces, mediaType: 'a/b', data: 'e30=' } }),
  },
  {
    rule: 'empty-descriptor',
    bad: manifest({ config: { ...empty, size: 3 }, artifactType: 'a/b' }),
    good: manifest({ config: { ...empty, digest: emptySha512 }, artifactType: 'a/b' }),
  },
  {
    rule: 'empty-descriptor',
    bad: manifest({ layers: [{ ...empty, digest: `sha256:${hex(5)}` }] }),
    good: manifest({ layers: [{ ...empty, digest: 'other:5' }] }),
  },
  {
    rule: 'empty-descriptor',
    kind: 'descriptor',
    bad: { ...empty, digest: 'other:5', data: 'W10=' },
    good: { ...empty, digest: 'other:5', data: 'e30=' },
  },
  {
    rule: 'layer-nondistributable',
    bad: layer({
      mediaType: `${oci}layer.nondistributable.v1.tar+zstd`,
      urls: ['https://a.test/'],
    }),
    good: layer({ urls: ['https://a.test/'] }),
  },
  {
    rule: 'layer-foreign',
    bad: dockerManifest({ layers: [descriptor({ mediaType: foreign })] }),
    good: dockerManifest(),
  },
  {
    rule: 'media-type-misplaced',
    bad: manifest({ config: descriptor({ mediaType: `${oci}index.v1+json` }) }),
    good: manifest({
      config: descriptor({ mediaType: 'application/vnd.cncf.helm.config.v1+json' }),
    }),
  },
  {
    rule: 'media-type-misplaced',
    bad: layer({ mediaType: `${oci}manifest.v1+json` }),
    good: layer({ mediaType: 'application/vnd.in-toto+json' }),
  },
  {
    rule: 'media-type-misplaced',
    bad: index({ manifests: [descriptor()] }),
    good: index({ manifests: [entry({ mediaType: `${oci}index.v1+json`, platform: undefined })] }),
  },
  {
    rule: 'media-type-misplaced',
    bad: manifest({ subject: descriptor() }),
    good: manifest({
      artifactType: 'a/b',
      config: empty,
      layers: [descriptor({ mediaType: `${oci}config.v1+json` })],
      subject: descriptor({ mediaType: `${oci}index.v1+json` }),
    }),
  },
];
