// Ledger of docker-registry/token.md: the challenge, the request for a token, its reply.
import { clientTests } from './client-tests.ts';
import { behindTheScenes, wrongPasswords } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

export const tokenSections: readonly LedgerSection[] = [
  {
    section: 'docker-registry/token.md#distribution-registry-v2-authentication-via-central-service',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'token-structure',
        level: 'MUST',
        binds: 'token server',
        says: 'A token has the structure that jwt.md describes.',
        unobservable: behindTheScenes,
      },
    ],
  },
  {
    section: 'docker-registry/token.md#how-to-authenticate',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'token-registry-first',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client asks the registry first.',
        client: [clientTests.twoClients],
      },
      {
        id: 'token-challenged',
        level: 'MUST',
        keywords: 0,
        binds: 'registry',
        says: 'Who has to authenticate is answered 401, with a challenge that says how.',
        checks: ['token-challenge', 'token-scope'],
      },
    ],
  },
  {
    section: 'docker-registry/token.md#query-parameters',
    keywords: { SHOULD: 3 },
    requirements: [
      {
        id: 'token-refresh-opaque',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client does not look into refresh tokens.',
        client: [clientTests.refreshTokens],
      },
      {
        id: 'token-client-id',
        level: 'SHOULD',
        binds: 'client',
        says: 'client_id says who asks.',
        client: [clientTests.tokens],
      },
      {
        id: 'token-scopes-apart',
        level: 'SHOULD',
        binds: 'client',
        says: 'Each scope is a parameter of its own.',
        client: [clientTests.tokens],
      },
    ],
  },
  {
    section: 'docker-registry/token.md#token-response-fields',
    keywords: { MUST: 1, SHOULD: 4 },
    requirements: [
      {
        id: 'token-sent',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client sends the token with its further requests.',
        client: [clientTests.tokens],
      },
      {
        id: 'token-there',
        level: 'MUST',
        binds: 'token server',
        says: 'The reply has token or access_token.',
        checks: ['token-reply'],
      },
      {
        id: 'token-same',
        level: 'SHOULD',
        binds: 'token server',
        says: 'Where it has both, they are the same.',
        checks: ['token-reply'],
      },
      {
        id: 'token-lives',
        level: 'SHOULD',
        binds: 'token server',
        says: 'No token has less than 60 seconds to live.',
        checks: ['token-reply'],
      },
      {
        id: 'token-refresh-kept',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client keeps refresh tokens safe.',
        client: [clientTests.refreshTokens],
      },
    ],
  },
  {
    section: 'docker-registry/token.md#example',
    keywords: { MUST: 1, 'MUST NOT': 1, SHOULD: 2 },
    requirements: [
      {
        id: 'token-credentials-read',
        level: 'SHOULD',
        binds: 'token server',
        says: 'A token server looks at the credentials that come with the request.',
        checks: ['token-repeatable', 'mount-out-of-scope'],
      },
      {
        id: 'token-credentials-wrong',
        level: 'SHOULD',
        binds: 'token server',
        says: 'Where they are wrong, it answers 401.',
        unobservable: wrongPasswords,
      },
      {
        id: 'token-access-looked-up',
        level: 'MUST',
        binds: 'token server',
        says: 'It looks up what the client may do.',
        checks: ['mount-out-of-scope', 'mount-scope-refused', 'token-two-scopes'],
      },
      {
        id: 'token-access-lesser',
        level: 'MUST NOT',
        binds: 'token server',
        says: 'Who asks for more than that gets a token for less, not an error.',
        checks: ['mount-scope-refused'],
      },
    ],
  },
  {
    section: 'docker-registry/token.md#using-the-bearer-token',
    keywords: {},
    requirements: [
      {
        id: 'token-opens',
        level: 'MUST',
        keywords: 0,
        binds: 'both',
        says: 'The request comes again with the token in Authorization, and is answered.',
        checks: ['token-repeatable', 'token-invalid'],
        client: [clientTests.pulls],
      },
    ],
  },
];
