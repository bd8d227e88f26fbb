// The registry itself: the endpoints of the distribution spec, and the catalog, over a store. Looks at
// names, credentials and methods first, then hands over to the one whose endpoint it is.
import { isRepository } from '../../src/protocol/reference.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { type Body, type Call, errorReply, jsonReply, type Reply } from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import type { Site } from '../site.ts';
import { type Access, catalogAccess, type TokenMint } from '../tokens/tokens.ts';
import { Authorizer } from './authorizer.ts';
import { Blobs, blobReply } from './blobs.ts';
import { Listings } from './listings.ts';
import { Manifests } from './manifests.ts';
import { warningValue } from './policy.ts';
import { Fields } from './query.ts';
import { type Endpoint, hasValidName, type Route, routeOf } from './route.ts';
import { Uploads } from './uploads.ts';

const READ = ['GET', 'HEAD'];
const METHODS: Readonly<Record<Endpoint, readonly string[]>> = {
  ping: READ,
  manifest: [...READ, 'PUT', 'DELETE'],
  blob: [...READ, 'DELETE'],
  tags: READ,
  referrers: READ,
  // With a session; without one it is POST.
  upload: [...READ, 'PATCH', 'PUT', 'DELETE'],
  catalog: READ,
  other: [],
  foreign: [],
};
const START_UPLOAD = ['POST'];
const PULL = ['pull'];
const PUSH = ['pull', 'push'];
const DELETE = ['delete'];

export class Registry {
  readonly #site: Site;
  readonly #authorizer: Authorizer;
  readonly #manifests: Manifests;
  readonly #blobs: Blobs;
  readonly #uploads: Uploads;
  readonly #listings: Listings;
  /** Sent with every reply. */
  readonly #headers: readonly HeaderLine[];

  constructor(site: Site, mint: TokenMint, cdn: Cdn) {
    this.#site = site;
    this.#authorizer = new Authorizer(site, mint);
    this.#manifests = new Manifests(site);
    this.#blobs = new Blobs(site, cdn);
    this.#uploads = new Uploads(site, this.#authorizer);
    this.#listings = new Listings(site, this.#authorizer);
    this.#headers = [
      ['Docker-Distribution-Api-Version', 'registry/2.0'],
      ...site.policy.warnings.map((text): HeaderLine => ['Warning', warningValue(text)]),
    ];
  }

  answer(call: Call): Reply {
    const route = routeOf(call.path);
    const reply = this.#problem(call, route) ?? this.#serve(call, route);
    return { ...reply, headers: [...this.#headers, ...reply.headers] };
  }

  /** The blob from the registry itself, whatever the site says of redirects. */
  serveBlob(call: Call, digest: string, body: Body): Reply {
    return blobReply(call, digest, body);
  }

  /** What keeps the request from being served, before any content is looked at. */
  #problem(call: Call, route: Route): Reply | undefined {
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
    const methods = isStart ? START_UPLOAD : METHODS[endpoint];
    if (methods.includes(call.method)) return undefined;
    const allow: HeaderLine = ['Allow', methods.join(', ')];
    return errorReply(405, 'UNSUPPORTED', 'this endpoint has no such method', [allow]);
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
function needsOf(call: Call, { endpoint, repository: name }: Route): readonly Access[] {
  if (endpoint === 'ping') return [];
  if (endpoint === 'catalog') return [catalogAccess];
  const type = 'repository';
  if (READ.includes(call.method) && endpoint !== 'upload') return [{ type, name, actions: PULL }];
  // Whoever may begin an upload may give it up.
  if (endpoint !== 'upload') {
    return [{ type, name, actions: call.method === 'DELETE' ? DELETE : PUSH }];
  }
  const query = call.method === 'POST' ? new Fields(call.query) : undefined;
  const from = query?.one('mount') === undefined ? '' : (query.one('from') ?? '');
  const source = isRepository(from) ? [{ type, name: from, actions: PULL } as const] : [];
  return [{ type, name, actions: PUSH }, ...source];
}
