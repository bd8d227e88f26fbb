// Ledger of docker-registry/jwt.md: what is in a token, and how a registry reads it.
import { behindTheScenes, wrongPasswords } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

export const jwtSections: readonly LedgerSection[] = [
  {
    section: 'docker-registry/jwt.md#getting-a-bearer-token',
    keywords: { MUST: 3, 'MUST NOT': 1, SHOULD: 5, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'jwt-credentials-read',
        level: 'SHOULD',
        binds: 'token server',
        says: 'A token server looks at the credentials that come with the request.',
        checks: ['token-repeatable', 'mount-out-of-scope'],
      },
      {
        id: 'jwt-credentials-wrong',
        level: 'SHOULD',
        binds: 'token server',
        says: 'Where they are wrong, it answers 401.',
        unobservable: wrongPasswords,
      },
      {
        id: 'jwt-access-looked-up',
        level: 'MUST',
        binds: 'token server',
        says: 'It looks up what the client may do.',
        checks: ['mount-out-of-scope', 'mount-scope-refused'],
      },
      {
        id: 'jwt-access-lesser',
        level: 'MUST NOT',
        binds: 'token server',
        says: 'Who asks for more than that gets a token for less, not an error.',
        checks: ['mount-scope-refused'],
      },
      {
        id: 'jwt-header',
        level: 'MUST',
        binds: 'token server',
        says: 'The header of a token has alg and typ.',
        unobservable: behindTheScenes,
      },
      {
        id: 'jwt-header-type',
        level: 'MUST',
        binds: 'token server',
        says: 'The type of a token is JWT.',
        unobservable: behindTheScenes,
      },
      {
        id: 'jwt-header-key',
        level: 'SHOULD',
        binds: 'token server',
        says: 'It names the key by kid, jwk or x5c.',
        unobservable: behindTheScenes,
      },
      {
        id: 'jwt-anonymous',
        level: 'SHOULD',
        binds: 'token server',
        says: 'sub is empty for whoever did not authenticate.',
        unobservable: behindTheScenes,
      },
      {
        id: 'jwt-expires',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A token is valid until exp.',
        unobservable: `${behindTheScenes} A run does not wait for a token to end.`,
      },
      {
        id: 'jwt-begins',
        level: 'SHOULD NOT',
        binds: 'registry',
        says: 'A token is not valid before nbf.',
        unobservable: behindTheScenes,
      },
    ],
  },
  {
    section: 'docker-registry/jwt.md#verifying-the-token',
    keywords: { MUST: 1, SHOULD: 2, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'jwt-verified',
        level: 'MUST',
        binds: 'registry',
        says: 'A registry verifies what a token says, and its signature.',
        checks: ['token-invalid'],
      },
      {
        id: 'jwt-access-no-error',
        level: 'SHOULD NOT',
        binds: 'token server',
        says: 'A token server does not answer an error because somebody may not do something.',
        checks: ['mount-scope-refused'],
      },
      {
        id: 'jwt-access-granted',
        level: 'SHOULD',
        binds: 'token server',
        says: 'The token says which part of what was asked for is granted.',
        checks: ['mount-scope-refused', 'mount-out-of-scope'],
      },
      {
        id: 'jwt-no-call',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A registry reads tokens without asking the token server.',
        unobservable: behindTheScenes,
      },
    ],
  },
];
