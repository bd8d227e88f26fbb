// Cases for the rules about what every client understands, and where pre-defined annotations stand.

import {
  config,
  descriptor,
  empty,
  entry,
  hex,
  index,
  layer,
  type Members,
  manifest,
  oci,
} from './documents.ts';
import type { RuleCase } from './rule-case.ts';

const image = (name: string, value: string) => ({ [`org.opencontainers.image.${name}`]: value });
const named = image('ref.name', 'v1');
const base = (name: string, digest: string) =>
  manifest({ annotations: { ...image('base.name', name), ...image('base.digest', digest) } });

const sha512 = `sha512:${hex(7, 128)}`;
const sha256 = `sha256:${hex(7)}`;
const layerType = (mediaType: string) => descriptor({ mediaType });
/** An artifact without content of its own. */
const artifact = (...layers: Members[]) => manifest({ artifactType: 'a/b', config: empty, layers });
const refers = (changes: Members) =>
  manifest({ layers: [descriptor()], subject: descriptor(changes) });
const platform = (changes: Members) =>
  index({ manifests: [entry({ platform: { os: 'linux', architecture: 'amd64', ...changes } })] });

export const portabilityCases: readonly RuleCase[] = [
  {
    rule: 'annotation-ref-name-place',
    bad: manifest({ annotations: named }),
    good: index({ manifests: [entry({ annotations: named })] }),
  },
  {
    rule: 'annotation-ref-name-place',
    bad: layer({ annotations: named }),
    good: layer({ annotations: image('title', 'v1') }),
  },
  {
    rule: 'annotation-ref-name-place',
    bad: index({ annotations: named }),
    good: config({ config: { Labels: named } }),
  },
  {
    rule: 'annotation-base-mismatch',
    bad: base(`a.test/b@${sha256}`, `sha256:${hex(8)}`),
    good: base(`a.test/b@${sha256}`, sha256),
  },
  {
    rule: 'annotation-base-mismatch',
    bad: base(`a.test/b:1@${sha256}`, sha512),
    good: base('a.test/b:1', sha512),
  },
  { rule: 'digest-algorithm', bad: layer({ digest: sha512 }), good: layer({ digest: sha256 }) },
  {
    rule: 'digest-algorithm',
    bad: refers({ mediaType: `${oci}index.v1+json`, digest: 'md5:0' }),
    good: refers({ mediaType: `${oci}index.v1+json` }),
  },
  {
    rule: 'digest-algorithm',
    bad: config({ rootfs: { type: 'layers', diff_ids: [sha512] } }),
    good: config({ rootfs: { type: 'layers', diff_ids: [sha256] } }),
  },
  {
    rule: 'index-entry-type',
    bad: index({ manifests: [entry({ mediaType: 'application/xml' })] }),
    good: index({ manifests: [entry({ mediaType: `${oci}index.v1+json` })] }),
  },
  {
    rule: 'layer-type',
    bad: manifest({ layers: [descriptor(), layerType(`${oci}layer.v1.tar+brotli`)] }),
    good: manifest({ layers: [descriptor(), layerType(`${oci}layer.v1.tar+zstd`)] }),
  },
  {
    rule: 'layer-type',
    bad: layer({ mediaType: `${oci}layer.v1.tar+gzip+encrypted` }),
    good: manifest({
      artifactType: 'a/b',
      config: empty,
      layers: [layerType(`${oci}layer.v1.tar+gzip+encrypted`)],
    }),
  },
  {
    rule: 'artifact-unmarked',
    bad: layer({ mediaType: 'application/vnd.example.signature+json' }),
    good: artifact(layerType('application/vnd.example.signature+json')),
  },
  {
    rule: 'artifact-layer-empty',
    bad: artifact(descriptor({ mediaType: 'text/plain', size: 0 })),
    good: artifact(empty),
  },
  {
    rule: 'artifact-layer-empty',
    bad: artifact(descriptor({ size: 0 })),
    good: artifact(descriptor({ mediaType: 'text/plain', size: 0 }), descriptor()),
  },
  {
    rule: 'platform-features',
    bad: platform({ features: ['sse4'] }),
    good: platform({ 'os.features': [], features: null }),
  },
];
