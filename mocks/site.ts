// What the three servers of one mock share: content, addresses, credentials, lifetimes, clock.

import type { CdnStyle } from './cdn/signature.ts';
import type { Policy } from './registry/policy.ts';
import type { Store } from './store.ts';
import { type Permission, permittedActions } from './tokens/permissions.ts';

export type TokenField = 'token' | 'access_token';
export type AuthKind = 'none' | 'basic' | 'bearer';

/**
 * `scheme://host[:port]` of each server; the token server may live on the registry's. '' for the CDN: on
 * the registry's too, and redirects are relative.
 */
export interface Origins {
  readonly registry: string;
  readonly token: string;
  readonly cdn: string;
}

export interface Site {
  readonly store: Store;
  readonly origins: Origins;
  readonly auth: AuthKind;
  /** How blobs are served: status of the redirect to the CDN, or by the registry itself. */
  readonly redirect: 302 | 307 | 'none';
  readonly policy: Policy;
  /** The one user, who may do everything; see `actionsOf` for everybody else. */
  readonly username: string;
  readonly password: string;
  /** Audience of tokens. */
  readonly service: string;
  readonly tokenTtlSeconds: number;
  /** Names under which a token is given to a GET. */
  readonly tokenFields: readonly TokenField[];
  /** Exceptions from `actionsOf`, the first that fits counts. */
  readonly permissions: readonly Permission[];
  readonly cdnTtlSeconds: number;
  /** How URLs are signed, and whether caches are in front of the blobs. */
  readonly cdnStyle: CdnStyle;
  /** Edges of the CDN, each with its own cache. */
  readonly cdnEdges: number;
  /** Signs tokens and URLs. */
  readonly key: Uint8Array;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Whether an `Authorization` value is Basic with the site's user and password (RFC 7617). */
export function isUser(site: Site, authorization: string): boolean {
  const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(authorization) ?? [];
  const expected = `${site.username}:${site.password}`;
  return encoded !== undefined && Buffer.from(encoded, 'base64').toString() === expected;
}

const allActions = ['pull', 'push', 'delete'];
const pushActions = ['pull', 'push'];
const pullActions = ['pull'];
const noActions: readonly string[] = [];

/**
 * What may be done to a repository. Anyone, whose name is '', may pull what was there from the start;
 * what a user pushed is the user's, unless the policy lets everybody push. Permissions come before.
 */
export function actionsOf(site: Site, subject: string, repository: string): readonly string[] {
  const permitted = permittedActions(site.permissions, subject, repository);
  if (permitted !== undefined) return permitted;
  if (subject !== '') return allActions;
  if (site.store.isPrivate(repository)) return noActions;
  return site.policy.anonymousPush ? pushActions : pullActions;
}

/** Makes the repository that is about to be pushed to, if it is new. */
export function claimRepository(site: Site, repository: string): void {
  const isPrivate = site.auth === 'bearer' && !site.policy.anonymousPush;
  site.store.create(repository, isPrivate);
}
