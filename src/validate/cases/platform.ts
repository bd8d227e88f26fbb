// Cases for the rules about OCI indexes and platforms.

import { config, dockerEntry, dockerList, entry, index, type Members, oci } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

/** An entry that is for no platform. */
const artifact = entry({ platform: undefined, artifactType: 'a/b' });
/** What BuildKit writes beside an image. */
const attestation = entry({
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': entry().digest,
  },
});

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
  { rule: 'index-manifests-null', bad: index({ manifests: null }), good: index({ manifests: [] }) },
  {
    rule: 'index-manifests',
    bad: index({ manifests: {} }),
    good: index({ manifests: [entry({ platform: undefined })] }),
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
    good: amd64({ variant: 'v2' }),
  },
  {
    rule: 'platform-list',
    bad: amd64({ 'os.features': 'win32k' }),
    good: amd64({ 'os.features': ['win32k'] }),
  },
  { rule: 'platform-unknown', bad: amd64({ os: 'Linux' }), good: amd64({ os: 'plan9' }) },
  {
    rule: 'platform-unknown',
    bad: amd64({ architecture: 'x86_64' }),
    good: amd64({ os: 'unknown', architecture: 'unknown' }),
  },
  { rule: 'platform-unknown', bad: config({ os: 'Linux' }), good: config({ os: 'windows' }) },
  {
    rule: 'platform-duplicate',
    bad: index({ manifests: [entry(), artifact, entry({ size: 5 })] }),
    good: index({ manifests: [entry(), artifact, artifact] }),
  },
  {
    rule: 'platform-duplicate',
    bad: dockerList({ manifests: [dockerEntry(), dockerEntry()] }),
    good: index({
      manifests: [
        entry(),
        entry({ annotations: { 'io.github.containers.compression.zstd': 'true' } }),
        entry({ artifactType: 'a/b' }),
        entry({ platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' } }),
        entry({ platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.2' } }),
      ],
    }),
  },
  {
    rule: 'platform-duplicate',
    bad: index({
      manifests: [
        entry(),
        entry({ platform: { os: 'linux', architecture: 'amd64', variant: 'v1' } }),
      ],
    }),
    good: index({
      manifests: [
        entry(),
        entry({ platform: { os: 'linux', architecture: 'amd64', variant: 'v3' } }),
      ],
    }),
  },
  {
    rule: 'platform-duplicate',
    bad: index({ manifests: [attestation, entry(), attestation, entry()] }),
    good: index({ manifests: [entry(), attestation, attestation] }),
  },
  {
    rule: 'platform-pair',
    bad: amd64({ os: 'windows', architecture: 's390x' }),
    good: amd64({ os: 'windows', architecture: 'arm64' }),
  },
  {
    rule: 'platform-pair',
    bad: config({ architecture: 'wasm' }),
    good: config({ architecture: 'wasm', os: 'wasip1' }),
  },
  {
    rule: 'platform-variant',
    bad: amd64({ architecture: 'arm', variant: '7' }),
    good: amd64({ architecture: 'arm', variant: 'v7' }),
  },
  { rule: 'platform-variant', bad: amd64({ variant: 'v8' }), good: amd64({ variant: 'v4' }) },
  {
    rule: 'platform-variant',
    bad: config({ variant: 'v7' }),
    good: config({ variant: 'v8.2' }),
  },
  {
    rule: 'platform-variant',
    bad: amd64({ architecture: 'riscv64', variant: 'rv64gc' }),
    good: amd64({ architecture: 's390x', variant: 'z15' }),
  },
  {
    rule: 'platform-variant',
    bad: amd64({ architecture: 'ppc64le', variant: 'v9' }),
    good: amd64({ architecture: 'ppc64le', variant: 'power9' }),
  },
  {
    rule: 'platform-os-version',
    bad: amd64({ os: 'windows', 'os.version': 'ltsc2022' }),
    good: amd64({ os: 'windows', 'os.version': '10.0.20348.2700' }),
  },
  {
    rule: 'platform-os-version',
    bad: config({ os: 'windows', 'os.version': '10' }),
    good: config({ 'os.version': 'bookworm' }),
  },
  {
    rule: 'platform-os-features',
    bad: amd64({ os: 'windows', 'os.features': ['win32k', 'sse4'] }),
    good: amd64({ 'os.features': ['sse4'] }),
  },
  {
    rule: 'platform-missing',
    bad: index({ manifests: [entry(), entry({ platform: undefined })] }),
    good: index({ manifests: [entry(), artifact] }),
  },
];
