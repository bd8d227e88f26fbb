// The registry itself: the endpoints of the distribution spec, and the catalog, over a store. Looks at
// names, credentials and methods first, then hands over to the one whose endpoint it is.

import { serverName } from '../../src/lib/mock-name.ts';
import { isRepository } from '../../src/protocol/grammar/reference.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import {
  type Body,
  type BodyPlan,
  type Call,
  type CallHead,
  errorReply,
  jsonReply,
  type Reply,
  shortBytesMax,
} from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import type { Site } from '../site.ts';
import { StoreFull } from '../store/storage.ts';
import { type Access, catalogAccess, type Mint } from '../tokens/tokens.ts';
import { Authorizer } from './authorizer.ts';
import { Blobs, blobReply } from './blobs.ts';
import { Listings } from './listings.ts';
import { Manifests } from './manifests.ts';
import { type Policy, warningValue } from './policy.ts';
import { Fields } from './query.ts';
import { type Endpoint, hasValidName, type Route, routeOf } from './route.ts';
import { Uploads } from './uploads.ts';

const readMethods = ['GET', 'HEAD'];
const methodsOfEndpoint: Readonly<Record<Endpoint, readonly string[]>> = {
  ping: readMethods,
  manifest: [...readMethods, 'PUT', 'DELETE'],
  blob: [...readMethods, 'DELETE'],
  tags: readMethods,
  referrers: readMethods,
  // With a session; without one it is POST.
  upload: [...readMethods, 'PATCH', 'PUT', 'DELETE'],
  catalog: readMethods,
  other: [],
  foreign: [],
};
const startMethods = ['POST'];
const pullActions = ['pull'];
const pushActions = ['pull', 'push'];
const deleteActions = ['delete'];

export class Registry {
  readonly #site: Site;
  readonly #mint: Mint;
  readonly #cdn: Cdn;
  readonly #authorizer: Authorizer;
  readonly #manifests: Manifests;
  readonly #blobs: Blobs;
  readonly #uploads: Uploads;
  readonly #listings: Listings;
  /** Sent with every reply. */
  readonly #headers: readonly HeaderLine[];

  constructor(site: Site, mint: Mint, cdn: Cdn) {
    this.#site = site;
    this.#mint = mint;
    this.#cdn = cdn;
    this.#authorizer = new Authorizer(site, mint);
    this.#manifests = new Manifests(site);
    this.#blobs = new Blobs(site, cdn);
    this.#uploads = new Uploads(site, this.#authorizer);
    this.#listings = new Listings(site, this.#authorizer);
    this.#headers = [
      ['Server', serverName],
      ['Docker-Distribution-Api-Version', 'registry/2.0'],
      ...site.policy.warnings.map((text): HeaderLine => ['Warning', warningValue(text)]),
    ];
  }

  answer(call: Call): Reply {
    const route = routeOf(call.path);
    const reply = this.#problem(call, route) ?? this.#serveIfRoom(call, route);
    return { ...reply, headers: [...this.#headers, ...reply.headers] };
  }

  /** What becomes of a long body that is still to come: who may not push need not send it. */
  planFor(head: CallHead): BodyPlan {
    const route = routeOf(head.path);
    if (this.#problem(head, route) !== undefined) return 'unread';
    if (route.endpoint === 'upload') return this.#uploads.receive(head, route) ?? 'unread';
    const isManifest = route.endpoint === 'manifest';
    return { holdBytesMax: isManifest ? this.#site.policy.manifestBytesMax : shortBytesMax };
  }

  /** The blob from the registry itself, whatever the site says of redirects. */
  serveBlob(call: Call, digest: string, body: Body): Reply {
    return blobReply(call, digest, body);
  }

  /** The same registry as another operator would run it; it has uploads under way of its own. */
  under(policy: Partial<Policy>): Registry {
    const site = { ...this.#site, policy: { ...this.#site.policy, ...policy } };
    return new Registry(site, this.#mint, this.#cdn);
  }

  /** What keeps the request from being served, before any content is looked at. */
  #problem(call: CallHead, route: Route): Reply | undefined {
    const { endpoint, reference } = route;
    if (endpoint === 'foreign' || endpoint === 'other') {
      return errorReply(404, 'UNSUPPORTED', 'no such endpoint');
    }
    if (!hasValidName(route)) {
      return errorReply(400, 'NAME_INVALID', 'the repository name is not valid');
    }
    const refusal = this.#authorizer.refuse(call, needsOf(call, route));
    if (refusal !== undefined) return refusal;
    const isStart = endpoint === 'upload' && reference === '';
    const methods = isStart ? startMethods : methodsOfEndpoint[endpoint];
    if (methods.includes(call.method)) return undefined;
    const allow: HeaderLine = ['Allow', methods.join(', ')];
    return errorReply(405, 'UNSUPPORTED', 'this endpoint has no such method', [allow]);
  }

  /**
   * A push for which there is no room: the content is larger than the server is able to process (RFC 9110
   * 15.5.14), and will not be smaller when it comes again, as a 429 would promise. Of the spec's codes,
   * SIZE_INVALID says something else ("length did not match"), so DENIED it is.
   */
  #serveIfRoom(call: Call, route: Route): Reply {
    try {
      return this.#serve(call, route);
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      return errorReply(413, 'DENIED', error.message);
    }
  }

  #serve(call: Call, route: Route): Reply {
    const { endpoint, repository } = route;
    if (endpoint === 'ping') return jsonReply(200, {});
    if (endpoint === 'catalog') return this.#listings.catalog(call);
    if (endpoint === 'upload') return this.#uploads.answer(call, route);
    if (endpoint === 'referrers') return this.#listings.referrers(call, route);
    if (call.method !== 'PUT' && !this.#site.store.has(repository)) {
      const detail = { name: repository };
      return errorReply(404, 'NAME_UNKNOWN', 'there is no such repository', [], detail);
    }
    if (endpoint === 'tags') return this.#listings.tags(call, route);
    if (endpoint === 'blob') return this.#blobs.answer(call, route);
    return this.#manifests.answer(call, route);
  }
}

/** All that the request's credentials must allow, its own repository first (scope.md). */
function needsOf(call: CallHead, { endpoint, repository: name }: Route): readonly Access[] {
  if (endpoint === 'ping') return [];
  if (endpoint === 'catalog') return [catalogAccess];
  const type = 'repository';
  if (readMethods.includes(call.method) && endpoint !== 'upload')
    return [{ type, name, actions: pullActions }];
  // Whoever may begin an upload may give it up.
  if (endpoint !== 'upload') {
    return [{ type, name, actions: call.method === 'DELETE' ? deleteActions : pushActions }];
  }
  const query = call.method === 'POST' ? new Fields(call.query) : undefined;
  const from = query?.one('mount') === undefined ? '' : (query.one('from') ?? '');
  const source = isRepository(from) ? [{ type, name: from, actions: pullActions } as const] : [];
  return [{ type, name, actions: pushActions }, ...source];
}
