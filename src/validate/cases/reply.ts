// Cases for the rules about the layout marker and about replies of registries and token servers.

import { descriptor, docker, entry, hex, index, type Members } from './documents.ts';
import type { RuleCase } from './rule-case.ts';

const token = (changes: Members = {}): Members => ({
  token: 'eyJhbGciOiJFUzI1NiJ9.e30.x-_',
  expires_in: 300,
  issued_at: '2024-02-29T12:30:00.5Z',
  ...changes,
});
const error = (changes: Members = {}): Members => ({
  errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail: null, ...changes }],
});
const tags = (...names: unknown[]): Members => ({ name: 'team/app', tags: names });
const repositories = (...names: unknown[]): Members => ({ repositories: names });

/** A referrers reply with this entry beside a right one. */
const referrers = (changes: Members): Members =>
  index({ manifests: [referrer({ digest: `sha256:${hex(5)}` }), referrer(changes)] });
const referrer = (changes: Members): Members =>
  entry({ artifactType: 'application/vnd.example.sbom.v1', platform: undefined, ...changes });

/** Right documents by kind; a referrers reply looks like any other index. */
export const rightReplies = {
  'oci-layout': { imageLayoutVersion: '1.0.0' },
  'token-reply': token(),
  'error-reply': error(),
  'tag-list': tags('v1', 'v2'),
  catalog: repositories('a', 'b/c'),
} as const;

const layout = rightReplies['oci-layout'];

const tokenCases: readonly RuleCase[] = [
  { rule: 'token-object', kind: 'token-reply', bad: '["x"]', good: token({ more: 1 }) },
  { rule: 'token-missing', bad: token({ token: '' }), good: token({ access_token: '' }) },
  {
    rule: 'token-missing',
    kind: 'token-reply',
    bad: { expires_in: 60 },
    good: { access_token: 'x' },
  },
  { rule: 'token-conflict', bad: { token: 'a', access_token: 'b' }, good: { token: 'a' } },
  { rule: 'token-conflict', bad: token({ access_token: 'b' }), good: token({ access_token: '' }) },
  { rule: 'token-characters', bad: token({ token: 'a b' }), good: token({ token: '!~' }) },
  {
    rule: 'token-characters',
    bad: token({ refresh_token: 7 }),
    good: token({ refresh_token: 'x' }),
  },
  {
    rule: 'token-lifetime',
    bad: token({ expires_in: '300' }),
    good: token({ expires_in: undefined }),
  },
  { rule: 'token-lifetime-short', bad: token({ expires_in: 59 }), good: token({ expires_in: 60 }) },
  {
    rule: 'token-issued-at',
    bad: token({ issued_at: 1_700_000_000 }),
    good: token({ issued_at: '2024-01-01T00:00:00+02:00' }),
  },
  {
    rule: 'token-issued-at',
    bad: token({ issued_at: '2023-02-30T00:00:00Z' }),
    good: token({ issued_at: undefined }),
  },
  { rule: 'token-scope', bad: token({ scope: ['a'] }), good: token({ scope: 'a b' }) },
];

const errorCases: readonly RuleCase[] = [
  { rule: 'error-object', kind: 'error-reply', bad: '"x"', good: error({ more: 1 }) },
  { rule: 'error-list', bad: { errors: {} }, good: error() },
  { rule: 'error-list', bad: { errors: [] }, good: error({ detail: [] }) },
  { rule: 'error-entry', bad: { errors: ['x'] }, good: { errors: [{ code: 'DENIED' }] } },
  { rule: 'error-code', bad: error({ code: undefined }), good: error({ message: undefined }) },
  { rule: 'error-code', bad: error({ code: 'denied' }), good: error({ code: 'DENIED' }) },
  { rule: 'error-message', bad: error({ message: {} }), good: error({ message: '' }) },
  {
    rule: 'error-code-unknown',
    bad: error({ code: 'TAG_INVALID' }),
    good: error({ code: 'NAME_INVALID' }),
  },
];

const listCases: readonly RuleCase[] = [
  { rule: 'tag-list-object', kind: 'tag-list', bad: '[]', good: tags() },
  { rule: 'tag-list-name', bad: { tags: [] }, good: { name: 'a', tags: [] } },
  { rule: 'tag-list-tags', bad: { name: 'a', tags: null }, good: tags('v1') },
  { rule: 'tag-list-tag', bad: tags('-v1'), good: tags('_v1') },
  { rule: 'tag-list-tag', bad: tags('a'.repeat(129)), good: tags('a'.repeat(128)) },
  { rule: 'tag-list-tag', bad: tags(1), good: tags('1') },
  { rule: 'tag-list-order', bad: tags('a', 'c', 'b'), good: tags('1', 'B', 'a', 'c') },
  { rule: 'tag-list-order', bad: tags('a', 'B', 'A1'), good: tags('a', 'B', 'c') },
  { rule: 'list-repeated', bad: tags('a', 'a'), good: tags('a', 'a1') },
  { rule: 'list-repeated', bad: repositories('a', 'a'), good: repositories('a', 'a/a') },
  { rule: 'catalog-object', kind: 'catalog', bad: 'null', good: repositories() },
  { rule: 'catalog-repositories', bad: { repositories: null }, good: repositories('a') },
  { rule: 'repository-name', bad: repositories('A/b'), good: repositories('a/b--c__d.e') },
  { rule: 'repository-name', bad: { name: 'h:1/a', tags: [] }, good: tags() },
  { rule: 'catalog-order', bad: repositories('b', 'a'), good: repositories('a', 'a-b', 'a/b') },
];

const referrerCases: readonly RuleCase[] = (
  [
    {
      rule: 'referrers-media-type',
      bad: referrers({ mediaType: `${docker}distribution.manifest.v2+json` }),
      good: referrers({ annotations: { a: 'b' } }),
    },
    {
      rule: 'referrers-media-type',
      bad: index({ manifests: [descriptor({ artifactType: 'a/b' })] }),
      good: index({ manifests: [] }),
    },
    {
      rule: 'referrers-artifact-type',
      bad: referrers({ artifactType: undefined }),
      good: referrers({
        artifactType: undefined,
        mediaType: 'application/vnd.oci.image.index.v1+json',
      }),
    },
    {
      rule: 'referrers-artifact-type-empty',
      bad: referrers({ artifactType: 'application/vnd.oci.empty.v1+json' }),
      good: referrers({ artifactType: 'application/vnd.oci.empty' }),
    },
    {
      rule: 'referrers-manifests',
      bad: index({ manifests: null }),
      good: index({ manifests: [] }),
    },
    {
      rule: 'referrers-repeated',
      bad: referrers({ digest: `sha256:${hex(5)}` }),
      good: referrers({ digest: `sha256:${hex(6)}` }),
    },
  ] satisfies RuleCase[]
).map((it) => ({ ...it, kind: 'referrers' }));

export const replyCases: readonly RuleCase[] = [
  { rule: 'layout-object', kind: 'oci-layout', bad: '[]', good: { ...layout, more: 1 } },
  { rule: 'layout-version', bad: { imageLayoutVersion: '1.1.0' }, good: layout },
  { rule: 'layout-version', kind: 'oci-layout', bad: {}, good: layout },
  ...tokenCases,
  ...errorCases,
  ...listCases,
  ...referrerCases,
];
