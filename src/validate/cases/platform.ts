// Cases for the rules about OCI indexes and platforms.

import {
  config,
  descriptor,
  dockerEntry,
  dockerList,
  entry,
  index,
  type Members,
  oci,
} from './documents.ts';
import type { RuleCase } from './rule-case.ts';

/** An index with one entry of this platform. */
const platform = (value: unknown) => index({ manifests: [entry({ platform: value })] });
/** The same, of a platform that is right but for the changes. */
const amd64 = (changes: Members) => platform({ os: 'linux', architecture: 'amd64', ...changes });

export const indexCases: readonly RuleCase[] = [
  { rule: 'index-object', kind: 'index', bad: 'null', good: index({ unknown: null }) },
  { rule: 'index-schema-version', bad: index({ schemaVersion: 3 }), good: index() },
  { rule: 'index-media-type', bad: index({ mediaType: `${oci}manifest.v1+json` }), good: index() },
  { rule: 'index-media-type-missing', bad: index({ mediaType: undefined }), good: index() },
  { rule: 'index-manifests', bad: index({ manifests: undefined }), good: index({ manifests: [] }) },
  {
    rule: 'index-manifests',
    bad: index({ manifests: {} }),
    good: index({ manifests: [descriptor()] }),
  },
  { rule: 'platform-object', bad: platform(null), good: platform(undefined) },
  {
    rule: 'platform-architecture',
    bad: amd64({ architecture: undefined }),
    good: amd64({ architecture: '386' }),
  },
  { rule: 'platform-os', bad: amd64({ os: 1 }), good: amd64({ os: 'windows' }) },
  {
    rule: 'platform-text',
    bad: amd64({ variant: 2 }),
    good: amd64({ variant: 'v2', features: 7 }),
  },
  {
    rule: 'platform-list',
    bad: amd64({ 'os.features': 'win32k' }),
    good: amd64({ 'os.features': ['win32k'] }),
  },
  { rule: 'platform-unknown', bad: amd64({ os: 'Linux' }), good: amd64({ os: 'js' }) },
  {
    rule: 'platform-unknown',
    bad: amd64({ architecture: 'x86_64' }),
    good: amd64({ os: 'unknown', architecture: 'unknown' }),
  },
  { rule: 'platform-unknown', bad: config({ os: 'Linux' }), good: config({ os: 'windows' }) },
  {
    rule: 'platform-duplicate',
    bad: index({ manifests: [entry(), descriptor(), entry({ size: 5 })] }),
    good: index({ manifests: [entry(), descriptor(), descriptor()] }),
  },
  {
    rule: 'platform-duplicate',
    bad: dockerList({ manifests: [dockerEntry(), dockerEntry()] }),
    good: index({
      manifests: [
        entry(),
        entry({ annotations: { 'io.github.containers.compression.zstd': 'true' } }),
        entry({ artifactType: 'a/b' }),
        entry({ platform: { os: 'windows', architecture: 'amd64', 'os.version': '1' } }),
        entry({ platform: { os: 'windows', architecture: 'amd64', 'os.version': '2' } }),
      ],
    }),
  },
];
