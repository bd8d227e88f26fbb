// The CDN in front of the blobs: opens signed, short-lived URLs bound to one blob, and refuses what S3 and
// CloudFront refuse. In the style of CloudFront it has several edges, each with a cache of its own; in the
// style of S3 it is the bucket itself.
import { createHash } from 'node:crypto';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import type { Call, Reply } from '../call.ts';
import { contentReply } from '../range.ts';
import type { Site } from '../site.ts';
import { type Refusal, refusalReply } from './refusal.ts';
import { type CdnKeys, type Signed, Signer } from './signature.ts';

/** Path of a blob on the edge. */
const blobPath = /^\/(sha256|sha512)\/([a-f0-9]{2})\/([a-f0-9]{64,128})$/;
/** Objects that one edge keeps; the one that was asked for longest ago goes first. */
const cachedMax = 10_000;

/** What a signed URL is for, where that is not what most are for. */
export interface SignedFor extends Partial<Omit<Signed, 'path'>> {
  /** Default: the site's. */
  readonly ttlSeconds?: number | undefined;
  /** What else the query says, encoded. */
  readonly extra?: string | undefined;
}

export class Cdn {
  readonly #site: Site;
  readonly #signer: Signer;
  readonly #edges: readonly Edge[];
  #requests = 0;

  constructor(site: Site) {
    this.#site = site;
    this.#signer = new Signer(site.key, site.cdnStyle);
    this.#edges = Array.from({ length: site.cdnEdges }, (_, index) => new Edge(index));
  }

  /** What its URLs are signed with, for who wants to check them. */
  get keys(): CdnKeys {
    return this.#signer.keys;
  }

  /**
   * Path and query under which a blob can be had; on the origin that it is signed for, by default the
   * CDN's.
   */
  signedPath(digest: string, how: SignedFor = {}): string {
    const { origins, cdnTtlSeconds, now } = this.#site;
    const { method = 'GET', ttlSeconds = cdnTtlSeconds, extra } = how;
    const origin = how.origin ?? (origins.cdn || origins.registry);
    const [algorithm = '', hex = ''] = digest.split(':');
    const path = `/${algorithm}/${hex.slice(0, 2)}/${hex}`;
    // No form of signature knows parts of a second.
    const seconds = Math.ceil(ttlSeconds);
    return `${path}?${this.#signer.query({ method, origin, path }, now(), seconds, extra)}`;
  }

  /** Whether the path is one that this CDN signs. */
  owns(path: string): boolean {
    return blobPath.test(path);
  }

  /** Digest of the blob at a path; '' for a path that leads to none. */
  digestOf(path: string): string {
    const [, algorithm, prefix, hex] = blobPath.exec(path) ?? [];
    return hex === undefined || hex.slice(0, 2) !== prefix ? '' : `${algorithm}:${hex}`;
  }

  answer(call: Call): Reply {
    const edge = this.#edgeOf(call);
    const refuse = (status: number, code: string, message: string) =>
      this.#refuse({ status, code, message }, edge);
    if (call.method !== 'GET' && call.method !== 'HEAD') {
      return refuse(405, 'MethodNotAllowed', 'Only GET and HEAD are offered here.');
    }
    // Object stores take one kind of authentication. On the registry's own host its header is normal.
    if (call.hop === 'edge' && call.header('authorization') !== undefined) {
      return refuse(400, 'InvalidArgument', 'Authorization is given beside a signed URL.');
    }
    const problem = this.#signer.problemOf(call, call.query, this.#site.now());
    if (problem !== undefined) return this.#refuse(problem, edge);
    const digest = this.digestOf(call.path);
    const bytes = this.#site.store.blobOfAny(digest);
    if (bytes === undefined) return refuse(404, 'NoSuchKey', 'There is no such object.');
    const headers = this.#headers(edge?.serve(digest, this.#site.now()));
    const etag = `"${digest.slice(digest.indexOf(':') + 1)}"`;
    return contentReply(call, bytes, etag, [
      ['Content-Type', 'application/octet-stream'],
      // What the spec asks of an answer holds of the one at the end of all redirects (spec.md, "API").
      ['Docker-Content-Digest', digest],
      ...headers,
    ]);
  }

  #refuse(refusal: Refusal, edge: Edge | undefined): Reply {
    const headers = this.#headers(edge?.errorHeaders());
    if (edge !== undefined) return refusalReply(refusal, headers);
    const { details = [] } = refusal;
    const id = headers[0]?.[1] ?? '';
    return refusalReply({ ...refusal, details: [...details, ['RequestId', id]] }, headers);
  }

  /** A connection stays with one edge, as DNS would have it; the next one meets the next edge. */
  #edgeOf({ connection = 1 }: Call): Edge | undefined {
    if (this.#site.cdnStyle === 's3') return undefined;
    return this.#edges[(connection - 1) % this.#edges.length];
  }

  /** Of an edge, or of the bucket that has none. */
  #headers(ofEdge: readonly HeaderLine[] | undefined): readonly HeaderLine[] {
    if (ofEdge !== undefined) return ofEdge;
    const id = createHash('sha256')
      .update(`request ${++this.#requests}`)
      .digest('hex');
    return [
      ['x-amz-request-id', id.slice(0, 16).toUpperCase()],
      ['Server', 'AmazonS3'],
    ];
  }
}

/** One place of the CDN, and what it has in its cache. */
class Edge {
  readonly #id: HeaderLine;
  /** When it fetched a blob from the origin, in milliseconds, by digest; last used last. */
  readonly #cachedAt = new Map<string, number>();

  constructor(index: number) {
    this.#id = ['X-Amz-Cf-Pop', `LOOP${index + 1}-P1`];
  }

  /** Takes the blob into the cache. Says what was there before, and for how long. */
  serve(digest: string, now: number): readonly HeaderLine[] {
    const cachedAt = this.#cachedAt.get(digest);
    this.#cachedAt.delete(digest);
    this.#cachedAt.set(digest, cachedAt ?? now);
    if (cachedAt === undefined) {
      const [oldest] = this.#cachedAt.keys();
      if (this.#cachedAt.size > cachedMax && oldest !== undefined) this.#cachedAt.delete(oldest);
      return [['X-Cache', 'Miss from edge'], this.#id];
    }
    const ageSeconds = Math.max(0, Math.floor((now - cachedAt) / 1000));
    return [['X-Cache', 'Hit from edge'], ['Age', String(ageSeconds)], this.#id];
  }

  errorHeaders(): readonly HeaderLine[] {
    return [['X-Cache', 'Error from edge'], this.#id];
  }
}
