// Ledger of docker-registry/scope.md: what a token opens.
import { clientTests } from './client-tests.ts';
import { behindTheRefresh, behindTheScenes } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

export const scopeSections: readonly LedgerSection[] = [
  {
    section: 'docker-registry/scope.md#subject-authenticated-user',
    keywords: { SHOULD: 2 },
    requirements: [
      {
        id: 'scope-subject',
        level: 'SHOULD',
        binds: 'registry',
        says: 'What is done with a token is done by its subject.',
        unobservable: behindTheScenes,
      },
      {
        id: 'scope-refresh-subject',
        level: 'SHOULD',
        binds: 'token server',
        says: 'A refresh token is for one subject.',
        unobservable: behindTheRefresh,
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#audience-resource-provider',
    keywords: { SHOULD: 1, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'scope-audience',
        level: 'SHOULD NOT',
        binds: 'registry',
        says: 'A registry takes no token that is for another one.',
        checks: ['token-other-service'],
      },
      {
        id: 'scope-refresh-audience',
        level: 'SHOULD',
        binds: 'token server',
        says: 'A refresh token is for one registry.',
        unobservable: behindTheRefresh,
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#resource-type',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'scope-type-understood',
        level: 'MUST',
        binds: 'token server',
        says: 'A token server understands the types of what its registry holds.',
        checks: ['token-repeatable', 'catalog-new'],
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#resource-class',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'scope-class-gone',
        level: 'SHOULD',
        binds: 'token server',
        says: 'Scopes in tokens have no class any more.',
        unobservable: behindTheScenes,
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#authorization-server-use',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'scope-refresh-service',
        level: 'MUST',
        binds: 'client',
        says: 'A refresh token is used for the registry that it is for.',
        client: [clientTests.refreshTokens],
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#resource-provider-use',
    keywords: { MUST: 4, SHOULD: 1 },
    requirements: [
      {
        id: 'scope-satisfies',
        level: 'MUST',
        binds: 'registry',
        says: 'A registry does what the scope of the token allows, nothing more.',
        checks: ['token-invalid', 'token-action', 'token-action-*', 'mount-out-of-scope'],
      },
      {
        id: 'scope-audience-matched',
        level: 'SHOULD',
        binds: 'registry',
        says: 'It holds the audience of the token against its own name.',
        checks: ['token-other-service'],
      },
      {
        id: 'scope-every-resource',
        level: 'MUST',
        binds: 'registry',
        says: 'All that a request touches has to be in the scope.',
        checks: ['mount-out-of-scope', 'token-other-repository'],
      },
      {
        id: 'scope-matches',
        level: 'MUST',
        keywords: 2,
        binds: 'registry',
        says: 'Type and name are the same there, and the action is among those allowed.',
        checks: ['token-other-repository', 'token-action', 'token-action-*', 'token-scope'],
      },
      {
        id: 'scope-challenge',
        level: 'SHOULD',
        keywords: 0,
        binds: 'registry',
        says: 'Where a token is missing or opens too little, the challenge says what it takes.',
        checks: ['token-challenge', 'token-scope', 'token-invalid', 'token-action-challenge'],
      },
    ],
  },
  {
    section: 'docker-registry/scope.md#refresh-tokens',
    keywords: { MUST: 1, SHOULD: 2 },
    requirements: [
      {
        id: 'scope-refresh-single',
        level: 'MUST',
        binds: 'token server',
        says: 'A refresh token is for one subject and one registry.',
        unobservable: behindTheRefresh,
      },
      {
        id: 'scope-refresh-narrowed',
        level: 'SHOULD',
        binds: 'client',
        says: 'Who wants less asks for a token of less.',
        client: [clientTests.refreshTokens],
      },
      {
        id: 'scope-refresh-care',
        level: 'SHOULD',
        binds: 'client',
        says: 'A refresh token goes to the token server alone.',
        client: [clientTests.refreshTokens],
      },
    ],
  },
];
