// Cases for the rules about Docker manifests and lists.

import { docker, dockerEntry, dockerList, dockerManifest } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

export const dockerCases: readonly RuleCase[] = [
  {
    rule: 'docker-manifest-object',
    kind: 'docker-manifest',
    bad: '1',
    good: dockerManifest({ layers: [] }),
  },
  {
    rule: 'docker-manifest-schema-version',
    bad: dockerManifest({ schemaVersion: 3 }),
    good: dockerManifest(),
  },
  {
    rule: 'docker-manifest-media-type',
    bad: dockerManifest({ mediaType: `${docker}distribution.manifest.list.v2+json` }),
    good: dockerManifest(),
  },
  {
    rule: 'docker-manifest-media-type-missing',
    bad: dockerManifest({ mediaType: undefined }),
    good: dockerManifest(),
  },
  {
    rule: 'docker-manifest-config',
    bad: dockerManifest({ config: undefined }),
    good: dockerManifest(),
  },
  {
    rule: 'docker-manifest-layers',
    bad: dockerManifest({ layers: {} }),
    good: dockerManifest({ layers: [] }),
  },
  {
    rule: 'docker-list-object',
    kind: 'docker-manifest-list',
    bad: '[]',
    good: dockerList({ manifests: [] }),
  },
  {
    rule: 'docker-list-schema-version',
    bad: dockerList({ schemaVersion: null }),
    good: dockerList(),
  },
  {
    rule: 'docker-list-media-type',
    bad: dockerList({ mediaType: `${docker}distribution.manifest.v2+json` }),
    good: dockerList(),
  },
  {
    rule: 'docker-list-media-type-missing',
    bad: dockerList({ mediaType: undefined }),
    good: dockerList(),
  },
  {
    rule: 'docker-list-manifests',
    bad: dockerList({ manifests: null }),
    good: dockerList({ manifests: [] }),
  },
  {
    rule: 'docker-list-platform-missing',
    bad: dockerList({ manifests: [dockerEntry({ platform: undefined })] }),
    good: dockerList(),
  },
  {
    rule: 'docker-list-features',
    bad: dockerList({
      manifests: [
        dockerEntry({ platform: { architecture: 'amd64', os: 'linux', features: 'sse4' } }),
      ],
    }),
    good: dockerList({
      manifests: [
        dockerEntry({ platform: { architecture: 'amd64', os: 'linux', features: ['sse4'] } }),
      ],
    }),
  },
];
