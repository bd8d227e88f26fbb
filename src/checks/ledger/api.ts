// Ledger of distribution-spec, "API": HTTP, endpoints, errors, warnings.
import { clientTests } from './client-tests.ts';
import type { LedgerSection } from './requirement.ts';

export const apiSections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#api',
    keywords: { 'MUST NOT': 1, SHOULD: 2, MAY: 1 },
    requirements: [
      {
        id: 'http-semantics',
        level: 'SHOULD',
        binds: 'both',
        says: 'What the spec leaves open is as HTTP has it.',
        checks: ['manifest-again-*', 'blob-range-truth', 'blob-length', 'ping-head-agrees'],
      },
      {
        id: 'redirect-sent',
        level: 'MAY',
        binds: 'registry',
        says: 'Any request may be redirected.',
        checks: ['redirect-*'],
      },
      {
        id: 'redirect-followed',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client follows redirects.',
        client: [clientTests.pulls],
      },
      {
        id: 'redirect-authorization',
        level: 'MUST NOT',
        binds: 'client',
        says: 'It does not take its Authorization along to another host.',
        client: [clientTests.tokenStays, clientTests.redirects, clientTests.credentialsStay],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#determining-support',
    keywords: { MAY: 1 },
    requirements: [
      {
        id: 'ping-answered',
        level: 'MUST',
        keywords: 0,
        binds: 'registry',
        says: 'GET /v2/ answers 200 where the registry implements the spec.',
        checks: ['ping'],
      },
      {
        id: 'ping-authenticates',
        level: 'MAY',
        binds: 'registry',
        says: 'It may be used to authenticate.',
        checks: ['ping', 'token-challenge'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#endpoints',
    keywords: {},
    requirements: [
      {
        id: 'endpoint-upload-not-found',
        level: 'SHOULD',
        keywords: 0,
        binds: 'registry',
        says: 'Requests to an upload that is not there are answered as the table of endpoints says.',
        checks: ['upload-unknown-*', 'upload-ended-*'],
      },
      {
        id: 'endpoint-tags-not-found',
        level: 'MUST',
        keywords: 0,
        binds: 'registry',
        says: 'The list of tags of a repository that does not exist is answered 404.',
        checks: ['tags-unknown-repository'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#error-codes',
    keywords: { MUST: 3, SHOULD: 2, MAY: 5 },
    requirements: [
      {
        id: 'error-body-any',
        level: 'MAY',
        binds: 'registry',
        says: 'The body of a 4xx may be anything.',
        checks: ['error-shape', 'error-shape-push'],
      },
      {
        id: 'error-body-json',
        level: 'MUST',
        binds: 'registry',
        says: 'If it is JSON, it is a list of errors with codes.',
        checks: ['error-shape', 'error-shape-push'],
      },
      {
        id: 'error-code-form',
        level: 'MUST',
        binds: 'registry',
        says: 'A code is of capital letters and underscores.',
        checks: ['error-code', 'error-code-push'],
      },
      {
        id: 'error-message-optional',
        level: 'MAY',
        binds: 'registry',
        says: 'There may be no message.',
        checks: ['error-shape', 'error-shape-push'],
      },
      {
        id: 'error-message-readable',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A message is for people to read.',
        unobservable: 'Whether a person can read it is for a person to say; evidence shows it.',
      },
      {
        id: 'error-message-empty',
        level: 'MAY',
        binds: 'registry',
        says: 'It may be empty.',
        checks: ['error-shape', 'error-shape-push'],
      },
      {
        id: 'error-detail',
        level: 'MAY',
        keywords: 2,
        binds: 'registry',
        says: 'There may be details, of any kind.',
        checks: ['error-shape', 'error-shape-push'],
      },
      {
        id: 'error-code-known',
        level: 'MUST',
        binds: 'registry',
        says: 'A code is one of those in the table.',
        checks: ['error-code', 'error-code-push', '*-code'],
      },
      {
        id: 'rate-limit-retry-after',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A 429 says in Retry-After when to come again.',
        unobservable:
          'No limit is run into on purpose: that would shut out others who use the registry.',
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#warnings',
    keywords: { MUST: 1, 'MUST NOT': 3, SHOULD: 2, MAY: 1 },
    requirements: [
      {
        id: 'warning-sent',
        level: 'MAY',
        binds: 'registry',
        says: 'Replies may have warnings in Warning headers.',
        checks: ['warning-form'],
      },
      {
        id: 'warning-code-and-agent',
        level: 'MUST',
        binds: 'registry',
        says: 'Their code is 299, their agent a hyphen.',
        checks: ['warning-form'],
      },
      {
        id: 'warning-date',
        level: 'MUST NOT',
        binds: 'registry',
        says: 'They have no date.',
        checks: ['warning-form'],
      },
      {
        id: 'warning-bytes',
        level: 'MUST NOT',
        binds: 'registry',
        says: 'All of a reply together have 4096 bytes at most.',
        checks: ['warning-size'],
      },
      {
        id: 'warning-reported',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client tells its user of warnings.',
        client: [clientTests.warnings],
      },
      {
        id: 'warning-once',
        level: 'SHOULD',
        binds: 'client',
        says: 'It tells the same warning once.',
        client: [clientTests.warnings],
      },
      {
        id: 'warning-no-action',
        level: 'MUST NOT',
        binds: 'client',
        says: 'It does nothing else because of a warning.',
        client: [clientTests.warnings],
      },
    ],
  },
];
