// Bearer and refresh tokens of the mock: claims and their HMAC in one compact string. Opaque to clients,
// and to other registries: those want JWTs (jwt.ts).
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a token allows on one repository, or on the list of all of them. */
export interface Access {
  readonly type: 'repository' | 'registry';
  /** `catalog`, for the registry. */
  readonly name: string;
  readonly actions: readonly string[];
}

export interface Claims {
  readonly kind: 'access' | 'refresh';
  /** User name; '' for an anonymous token. */
  readonly subject: string;
  /** The service that the token is for. */
  readonly audience: string;
  readonly access: readonly Access[];
  /** Milliseconds since 1970; tokens of kind `refresh` do not expire. */
  readonly expiresAt: number;
}

/** What issues tokens, and reads its own ones back. */
export interface Mint {
  issue(claims: Claims): string;
  /** The claims of a token of ours that has not expired; undefined for everything else. */
  read(token: string): Claims | undefined;
}

export const tokenCharsMax = 8_192;
/** Verified tokens remembered, so that a busy client's token costs one HMAC, not one per request. */
export const rememberedMax = 1_000;
/** Scope entries read from one token request, and actions of each. */
const scopesMax = 100;

export class TokenMint implements Mint {
  readonly #key: Uint8Array;
  readonly #now: () => number;
  readonly #remembered = new Map<string, Claims>();

  constructor(key: Uint8Array, now: () => number) {
    this.#key = key;
    this.#now = now;
  }

  issue(claims: Claims): string {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${payload}.${this.#sign(payload).toString('base64url')}`;
  }

  read(token: string): Claims | undefined {
    const claims = this.#remembered.get(token) ?? this.#verify(token);
    if (claims?.kind === 'access' && this.#now() >= claims.expiresAt) return undefined;
    return claims;
  }

  #verify(token: string): Claims | undefined {
    const [payload = '', signature = '', ...rest] = token.slice(0, tokenCharsMax).split('.');
    const given = Buffer.from(signature, 'base64url');
    const expected = this.#sign(payload);
    if (rest.length > 0 || given.length !== expected.length) return undefined;
    if (!timingSafeEqual(given, expected)) return undefined;
    // What we have signed has our shape.
    const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (this.#remembered.size >= rememberedMax) this.#remembered.clear();
    this.#remembered.set(token, claims);
    return claims;
  }

  #sign(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(`token ${payload}`).digest();
  }
}

const repositoryScope =
  /^repository(?:\([a-z0-9]+\))?:([a-z0-9._/-]{1,255}):([a-z*]+(?:,[a-z*]+)*)$/;
const catalogScope = 'registry:catalog:*';
const repositoryActions: readonly string[] = ['pull', 'push', 'delete'];

/** The right to list the repositories (docker-registry api.md, "Catalog"). */
export const catalogAccess: Access = { type: 'registry', name: 'catalog', actions: ['*'] };

/**
 * Merges scope texts (each may hold several, separated by blanks; scope.md) and leaves what may be
 * granted on each repository; the catalog may be. What is not understood gives no access, which is not
 * an error (token.md).
 */
export function grantScopes(
  texts: readonly string[],
  grantable: (repository: string) => readonly string[],
): Access[] {
  const granted = new Map<string, Set<string>>();
  const scopes = texts.join(' ').split(' ', scopesMax);
  for (const scope of scopes) {
    const [, name, actions] = repositoryScope.exec(scope) ?? [];
    if (name === undefined || actions === undefined) continue;
    const wanted = actions
      .split(',')
      .flatMap((action) => (action === '*' ? repositoryActions : [action]));
    const merged = granted.get(name) ?? new Set();
    for (const action of wanted) if (grantable(name).includes(action)) merged.add(action);
    if (merged.size > 0) granted.set(name, merged);
  }
  const access = [...granted].map(
    ([name, actions]): Access => ({ type: 'repository', name, actions: [...actions] }),
  );
  return scopes.includes(catalogScope) ? [...access, catalogAccess] : access;
}

/** The scope list that says the same as the access (oauth.md, `scope` of the reply). */
export function formatScopes(access: readonly Access[]): string {
  return access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' ');
}
