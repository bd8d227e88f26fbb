// Ledger of distribution-spec: "Historical Context", "Use Cases" and "Requirements".
import { clientTests } from './client-tests.ts';
import { permission } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

export const generalSections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#legacy-docker-support-http-headers',
    keywords: { 'SHOULD NOT': 1, MAY: 2 },
    requirements: [
      {
        id: 'legacy-headers-met',
        level: 'MAY',
        binds: 'client',
        says: 'Headers of Docker may come with replies.',
        checks: ['api-version'],
      },
      {
        id: 'legacy-headers-optional',
        level: 'MAY',
        binds: 'registry',
        says: 'No registry has to send headers of Docker that the spec does not ask for.',
        checks: ['api-version'],
      },
      {
        id: 'legacy-headers-ignored',
        level: 'SHOULD NOT',
        binds: 'client',
        says: 'A client works without headers of Docker that the spec does not ask for.',
        client: [clientTests.pulls],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#legacy-docker-support-error-codes',
    keywords: { 'SHOULD NOT': 1, MAY: 2 },
    requirements: [
      {
        id: 'legacy-codes-met',
        level: 'MAY',
        binds: 'client',
        says: 'Error codes of Docker schema 1 may come.',
        checks: ['error-code', 'error-code-push'],
      },
      {
        id: 'legacy-codes-optional',
        level: 'MAY',
        binds: 'registry',
        says: 'No registry has to know the error codes of Docker schema 1.',
        checks: ['error-code', 'error-code-push'],
      },
      {
        id: 'legacy-codes-ignored',
        level: 'SHOULD NOT',
        binds: 'client',
        says: 'A client does not go by the error codes of Docker schema 1.',
        client: [clientTests.failures],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#layer-upload-de-duplication',
    keywords: {},
    requirements: [
      {
        id: 'upload-at-once',
        level: 'MAY',
        keywords: 0,
        binds: 'registry',
        says: 'One layer may be uploaded twice at the same time; both uploads go through.',
        checks: ['blob-twice-at-once', 'blob-two-repositories', 'upload-several-open'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#requirements',
    keywords: { MUST: 2, SHOULD: 1 },
    requirements: [
      {
        id: 'pull-supported',
        level: 'MUST',
        binds: 'registry',
        says: 'Every registry offers all that belongs to pulling.',
        checks: [
          'manifest-by-tag',
          'manifest-by-digest',
          'blob-layers',
          'manifest-head',
          'blob-head',
        ],
      },
      {
        id: 'categories-supported',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A registry offers pushing, discovery and management of content as well.',
        checks: [
          'upload-post-put',
          'manifest-put-image',
          'tags-list',
          'referrers-list',
          'delete-tag',
          'delete-manifest',
          'delete-blob',
        ],
      },
      {
        id: 'category-whole',
        level: 'MUST',
        binds: 'registry',
        says: 'Who claims one of these categories offers all of it.',
        unobservable:
          'No reply makes such a claim; the capability table of a run shows what there is of each.',
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#pull',
    keywords: { MAY: 1 },
    requirements: [
      {
        id: 'pull-any-order',
        level: 'MAY',
        binds: 'client',
        says: 'The parts of an image can be pulled in any order.',
        checks: ['blob-layers', 'blob-config', 'pull-platform'],
        client: [clientTests.twoClients],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#registry-proxying',
    keywords: { SHOULD: 5, 'SHOULD NOT': 1, MAY: 5 },
    requirements: [
      {
        id: 'proxy-role',
        level: 'MAY',
        binds: 'registry',
        says: 'A registry may stand in for another one.',
        unobservable: permission,
      },
      {
        id: 'proxy-ns-sent',
        level: 'MAY',
        binds: 'client',
        says: 'A pull may name the host that the user meant in the parameter ns.',
        checks: ['proxy-ns-*'],
      },
      {
        id: 'proxy-name-host',
        level: 'SHOULD',
        binds: 'client',
        says: "The host stands first in a repository's full name.",
        client: [clientTests.references],
      },
      {
        id: 'proxy-name-primary',
        level: 'SHOULD',
        binds: 'client',
        says: 'That host is the one which the client takes for the origin of the repository.',
        client: [clientTests.references],
      },
      {
        id: 'proxy-name-configured',
        level: 'MAY',
        binds: 'client',
        says: 'A client may be told to ask another host.',
        unobservable: permission,
      },
      {
        id: 'proxy-ns-upstream',
        level: 'MAY',
        binds: 'registry',
        says: 'A proxy may find by ns where to fetch from.',
        unobservable: permission,
      },
      {
        id: 'proxy-ns-ignored',
        level: 'MAY',
        binds: 'registry',
        says: 'A registry may ignore ns.',
        checks: ['proxy-ns-*'],
      },
      {
        id: 'proxy-namespace-header',
        level: 'SHOULD',
        binds: 'registry',
        says: 'Who goes by ns repeats its value in OCI-Namespace.',
        checks: ['proxy-ns-*'],
      },
      {
        id: 'proxy-known',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client knows which of its hosts are proxies.',
        unobservable: 'The client of our checks is given one host and takes it for the registry.',
      },
      {
        id: 'proxy-ns-unsent',
        level: 'SHOULD',
        binds: 'client',
        says: 'Registries that are no proxies get no ns.',
        client: [clientTests.noNamespace],
      },
      {
        id: 'proxy-credentials',
        level: 'SHOULD NOT',
        binds: 'client',
        says: 'A proxy does not get the credentials for its upstream unless their owner says so.',
        client: [clientTests.credentials],
      },
    ],
  },
];
