// Cases for the rules about OCI manifests, and what manifests and indexes share.

import {
  config,
  descriptor,
  docker,
  dockerEntry,
  dockerManifest,
  empty,
  index,
  layer,
  manifest,
  oci,
} from './documents.ts';
import type { RuleCase } from './rule-case.ts';

export const manifestCases: readonly RuleCase[] = [
  { rule: 'manifest-object', kind: 'manifest', bad: '[]', good: manifest({ unknown: [] }) },
  { rule: 'manifest-schema-version', bad: manifest({ schemaVersion: '2' }), good: manifest() },
  {
    rule: 'manifest-schema-version',
    bad: manifest({ schemaVersion: undefined }),
    good: manifest(),
  },
  {
    rule: 'manifest-media-type',
    bad: manifest({ mediaType: `${oci}index.v1+json` }),
    good: manifest(),
  },
  { rule: 'manifest-media-type', bad: manifest({ mediaType: null }), good: manifest() },
  {
    rule: 'manifest-media-type-missing',
    bad: manifest({ mediaType: undefined }),
    good: manifest(),
  },
  {
    rule: 'manifest-config',
    bad: manifest({ config: undefined }),
    good: manifest({ config: descriptor({ mediaType: 'x/y' }) }),
  },
  {
    rule: 'manifest-layers',
    bad: manifest({ layers: undefined }),
    good: layer({ mediaType: 'application/vnd.in-toto+json' }),
  },
  {
    rule: 'manifest-layers',
    bad: manifest({ layers: null }),
    good: layer({ mediaType: 'x/unknown' }),
  },
  {
    rule: 'manifest-layers-empty',
    bad: manifest({ layers: [] }),
    good: manifest({ layers: [empty] }),
  },
  {
    rule: 'manifest-artifact-type-missing',
    bad: manifest({ config: empty }),
    good: manifest({ config: empty, artifactType: 'a/b' }),
  },
  {
    rule: 'manifest-index-confusion',
    bad: manifest({ manifests: [] }),
    good: manifest({ manifest: [] }),
  },
  { rule: 'manifest-index-confusion', bad: index({ layers: [] }), good: index({ layer: [] }) },
  { rule: 'manifest-index-confusion', bad: index({ config: {} }), good: index({ configs: {} }) },
  {
    rule: 'manifest-index-confusion',
    bad: manifest({ fsLayers: [] }),
    good: manifest({ fslayers: [] }),
  },
  {
    rule: 'content-type-mismatch',
    contentType: `${oci}manifest.v1+json; charset=utf-8`,
    bad: index(),
    good: manifest(),
  },
  { rule: 'content-type-mismatch', contentType: 'nonsense', bad: manifest(), good: config() },
  {
    rule: 'mixed-media-types',
    bad: dockerManifest({ layers: [descriptor()] }),
    good: dockerManifest({ layers: [descriptor({ mediaType: 'x/y' })] }),
  },
  {
    rule: 'mixed-media-types',
    bad: layer({ mediaType: `${docker}image.rootfs.diff.tar.gzip` }),
    good: manifest({ subject: dockerEntry() }),
  },
  {
    rule: 'mixed-media-types',
    bad: index({ manifests: [dockerEntry()] }),
    good: index({ manifests: [] }),
  },
  {
    // Docker's artifacts have types of Docker's, and are of OCI all the same.
    rule: 'mixed-media-types',
    bad: layer({ mediaType: `${docker}image.rootfs.diff.tar.gzip` }),
    good: layer({ mediaType: `${docker}ai.gguf.v3` }),
  },
  {
    rule: 'manifest-size',
    bad: () => JSON.stringify(manifest({ annotations: { 'a.b': 'x'.repeat(4_194_000) } })),
    good: () => JSON.stringify(config({ author: 'x'.repeat(4_194_304) })),
  },
  {
    rule: 'member-case',
    bad: manifest({ Manifests: [] }),
    good: manifest({ manifest: [] }),
  },
  { rule: 'member-case', bad: layer({ URLs: [] }), good: layer({ URI: [] }) },
  {
    rule: 'media-type-spelling',
    bad: layer({ mediaType: 'application/vnd.oci.image.layer.v1.tar.gzip' }),
    good: layer({ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' }),
  },
  {
    rule: 'member-place',
    bad: manifest({ platform: { architecture: 'amd64', os: 'linux' } }),
    good: layer({ platform: { architecture: 'amd64', os: 'linux' } }),
  },
  {
    rule: 'member-spelling',
    bad: manifest({ annotation: {} }),
    good: manifest({ annotationsOfOurs: {} }),
  },
  {
    rule: 'artifact-image-config',
    bad: manifest({ artifactType: 'a/b' }),
    good: manifest({ artifactType: 'a/b', config: descriptor({ mediaType: 'a/c' }) }),
  },
];
