// Ledger of docker-registry/oauth.md: tokens by the form of OAuth2.
import { clientTests } from './client-tests.ts';
import type { LedgerSection } from './requirement.ts';

export const oauthSections: readonly LedgerSection[] = [
  {
    section: 'docker-registry/oauth.md#distribution-registry-v2-authentication-using-oauth2',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'oauth-as-rfc',
        level: 'SHOULD',
        binds: 'token server',
        says: 'What is left open is as RFC 6749 has it.',
        checks: ['token-form-*'],
      },
    ],
  },
  {
    section: 'docker-registry/oauth.md#refresh-token-format',
    keywords: { SHOULD: 2 },
    requirements: [
      {
        id: 'oauth-refresh-form',
        level: 'SHOULD',
        binds: 'token server',
        says: 'What a refresh token looks like is up to the server.',
        checks: ['token-form-refresh'],
      },
      {
        id: 'oauth-refresh-length',
        level: 'SHOULD',
        binds: 'token server',
        says: 'It is long enough not to be guessed.',
        unobservable: 'How well a token can be guessed is not seen in one of them.',
      },
    ],
  },
  {
    section: 'docker-registry/oauth.md#post-parameters',
    keywords: { MUST: 3, SHOULD: 5 },
    requirements: [
      {
        id: 'oauth-grant-there',
        level: 'MUST',
        binds: 'client',
        says: 'The form has grant_type.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-grant-password',
        level: 'SHOULD',
        binds: 'client',
        says: 'It is "password" where user and password are sent.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-grant-refresh',
        level: 'SHOULD',
        binds: 'client',
        says: 'It is "refresh_token" where such a token is sent.',
        client: [clientTests.refreshTokens],
      },
      {
        id: 'oauth-service-there',
        level: 'MUST',
        binds: 'client',
        says: 'The form has service.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-client-id-there',
        level: 'MUST',
        binds: 'client',
        says: 'The form has client_id.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-client-id-told',
        level: 'SHOULD',
        binds: 'client',
        says: 'It says who asks.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-scope-once',
        level: 'SHOULD',
        binds: 'client',
        says: 'The form has scope once.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-scope-list',
        level: 'SHOULD',
        binds: 'client',
        says: 'Several scopes stand in it with blanks between them.',
        client: [clientTests.tokens],
      },
    ],
  },
  {
    section: 'docker-registry/oauth.md#response-fields',
    keywords: { MUST: 3, SHOULD: 3, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'oauth-token-there',
        level: 'MUST',
        binds: 'token server',
        says: 'The reply has access_token.',
        checks: ['token-form-reply'],
      },
      {
        id: 'oauth-token-sent',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client sends it with its further requests.',
        client: [clientTests.tokens],
      },
      {
        id: 'oauth-token-opaque',
        level: 'SHOULD NOT',
        binds: 'client',
        says: 'A client does not look into it.',
        client: [clientTests.pulls],
      },
      {
        id: 'oauth-scope-there',
        level: 'MUST',
        binds: 'token server',
        says: 'The reply says in scope what the token opens.',
        checks: ['token-form-scope'],
      },
      {
        id: 'oauth-expiry-there',
        level: 'MUST',
        binds: 'token server',
        says: 'The reply has expires_in.',
        checks: ['token-form-lifetime'],
      },
      {
        id: 'oauth-token-lives',
        level: 'SHOULD',
        binds: 'token server',
        says: 'No token has less than 60 seconds to live.',
        checks: ['token-form-lifetime'],
      },
      {
        id: 'oauth-refresh-kept',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client keeps refresh tokens safe.',
        client: [clientTests.refreshTokens],
      },
    ],
  },
];
