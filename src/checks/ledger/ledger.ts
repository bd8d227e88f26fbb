// The requirement ledger: every normative sentence of the specs, section by section, in their order.
import { apiSections } from './api.ts';
import { compatibilitySections } from './compatibility.ts';
import { contentDiscoverySections } from './content-discovery.ts';
import { contentManagementSections } from './content-management.ts';
import { generalSections } from './general.ts';
import { jwtSections } from './jwt.ts';
import { mountSections } from './mounts.ts';
import { oauthSections } from './oauth.ts';
import { pullSections } from './pull.ts';
import { pushBlobSections } from './push-blobs.ts';
import { pushChunkSections } from './push-chunks.ts';
import { pushManifestSections } from './push-manifests.ts';
import type { LedgerSection } from './requirement.ts';
import { scopeSections } from './scope.ts';
import { tokenSections } from './token.ts';

/**
 * The specs, and how they write what is normative. The texts name no version of their own: that of
 * distribution-spec is its main branch after 1.1, with tags as parameters and digest-algorithm.
 */
export const specs: Readonly<Record<string, 'capitals' | 'prose'>> = {
  'distribution-spec/spec.md': 'capitals',
  'docker-registry/token.md': 'prose',
  'docker-registry/oauth.md': 'prose',
  'docker-registry/scope.md': 'prose',
  'docker-registry/jwt.md': 'prose',
};

const files: Readonly<Record<string, readonly LedgerSection[]>> = {
  general: generalSections,
  pull: pullSections,
  'push-blobs': pushBlobSections,
  'push-chunks': pushChunkSections,
  mounts: mountSections,
  'push-manifests': pushManifestSections,
  'content-discovery': contentDiscoverySections,
  'content-management': contentManagementSections,
  compatibility: compatibilitySections,
  api: apiSections,
  token: tokenSections,
  oauth: oauthSections,
  scope: scopeSections,
  jwt: jwtSections,
};

/** Sections in the order of the specs, each with the file that it is written in. */
export const ledger: readonly (LedgerSection & { readonly file: string })[] = Object.entries(
  files,
).flatMap(([file, own]) =>
  own.map((section) => ({ ...section, file: `src/checks/ledger/${file}.ts` })),
);
