// Performs the requests of one traced pull: each by the way of the endpoint whose turn it is, each written down. Large
// blobs are read in part; the conversation is told that the rest came, too.
import type { Endpoint, FoundProxy } from '../access/route.ts';
import { makeReply } from '../drivers/reply.ts';
import { isUnpacked } from '../drivers/unpack.ts';
import { withoutQuery } from '../protocol/failure-evidence.ts';
import { type Descriptor, readManifestDocument } from '../protocol/grammar/manifest-document.ts';
import { parseContentType } from '../protocol/grammar/media-type.ts';
import type { Platform } from '../protocol/grammar/platform.ts';
import { originOf } from '../protocol/grammar/uri.ts';
import type { Ask, HttpReply, HttpRequest } from '../protocol/talk.ts';
import type { TracedExchange, TracedPull } from './facts.ts';
import type { Limits } from './limits.ts';
import { endpointOf, hostPortOf, originAt } from './places.ts';
import type { Waiting } from './waiting.ts';
import type { Reading, Way, Wire } from './wire.ts';

/** With what an examination works, from its begin to its end. */
export interface Means {
  readonly wire: Wire;
  readonly limits: Limits;
  readonly waiting: Waiting;
  /** The proxy for a URL to which something at this endpoint leads. */
  readonly proxyFor: (url: string, endpoint: Endpoint) => FoundProxy;
  /** When the run began, by `performance.now`. */
  readonly beganAt: number;
  /** Blobs are read whole, whatever their size. */
  readonly isWhole: boolean;
  /** Where the bytes of a blob go. */
  readonly sinkOf?: ((blob: Descriptor) => NonNullable<Reading['sink']>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each request before it goes out. */
  readonly onBegin?: ((begun: Begun) => void) | undefined;
}

/** A request, and by which way it goes. */
export type Begun = Pick<Performed, 'request' | 'hop' | 'endpoint' | 'proxy'>;

/** A blob as a request asks for it. */
interface WantedBlob {
  readonly digest: string;
  readonly size: number;
  readonly isPart: boolean;
}

/** An exchange with the request that began it: it may hold secrets. */
export interface Performed extends TracedExchange {
  readonly request: HttpRequest;
}

type Manifest = NonNullable<TracedPull['manifest']>;

export class Tracer {
  readonly performed: Performed[] = [];
  /** By digest. */
  readonly manifests = new Map<string, Manifest>();
  platforms: Platform[] | undefined;
  readonly entries = new Map<string, Descriptor>();
  readonly #means: Means;
  readonly #endpoints: readonly Endpoint[];
  readonly #connectMs: number;
  /** Whose redirect led on. */
  readonly #leading = new WeakMap<HttpReply, Endpoint>();
  readonly #asking = new WeakMap<HttpReply, WantedBlob>();
  /** Endpoints that speak plain HTTP alone, as it turned out. */
  readonly #plain = new Set<string>();
  readonly #isPart = new Map<string, boolean>();
  #wholeBytesLeft: number;
  /** When the first blob was asked for, by `performance.now`. */
  #blobsFrom: number | undefined;
  #last: Endpoint;

  constructor(means: Means, endpoints: readonly Endpoint[], connectMs: number) {
    this.#means = means;
    this.#endpoints = endpoints;
    this.#connectMs = connectMs;
    this.#wholeBytesLeft = means.limits.wholeBytes;
    this.#last = endpoints[0] as Endpoint;
  }

  /** Whose turn it was last. */
  get last(): Endpoint {
    return this.#last;
  }

  readonly perform = async (asked: HttpRequest): Promise<HttpReply> => {
    const endpoint = this.#endpointFor(asked);
    if (asked.hop !== 'token') this.#last = endpoint;
    const origin = originOf(originAt(endpoint));
    const isPlain = this.#plain.has(origin) && originOf(asked.url) === origin;
    const request = isPlain ? plainly(asked) : asked;
    const reply = await this.#performAt(request, endpoint);
    const mayFallBack =
      endpoint.plainHttp === 'fallback' && request === asked && asked.hop === 'registry';
    if (!mayFallBack || reply.status !== 0 || reply.failure === 'interrupted') return reply;
    const second = await this.#performAt(plainly(asked), endpoint);
    if (second.status === 0) return reply;
    this.#plain.add(origin);
    return second;
  };

  async #performAt(request: HttpRequest, endpoint: Endpoint): Promise<HttpReply> {
    const { wire, limits, waiting, signal, beganAt } = this.#means;
    const blob = this.#blobOf(request);
    const proxy =
      request.hop === 'registry'
        ? this.#proxyOf(request, endpoint)
        : this.#means.proxyFor(request.url, endpoint);
    const way: Way = {
      proxy,
      trust: endpoint.trust,
      timeoutMs: limits.replyMs,
      connectMs: this.#connectMs,
    };
    this.#means.onBegin?.({ request, hop: request.hop, endpoint, proxy });
    const startedMs = performance.now() - beganAt;
    const host = hostPortOf(request.url);
    const came =
      signal?.aborted === true
        ? stopped()
        : await waiting.for(`${request.ask.phase} from ${host}`, () =>
            wire.exchange(request, way, this.#readingOf(request, blob)),
          );
    const reply = isTrickle(request, came, blob, limits) ? trickled(came) : came;
    const exchange: Performed = {
      method: request.ask.method,
      url: withoutQuery(request.url),
      host,
      hop: request.hop,
      phase: request.ask.phase,
      authorization: request.authorization.split(' ', 1)[0] ?? '',
      endpoint,
      startedMs,
      endedAtMs: wire.now(),
      reply: withoutToken(request, reply),
      ...(blob !== undefined && { blob }),
      proxy,
      request,
    };
    this.performed.push(exchange);
    if (blob === undefined && request.ask.method === 'GET') this.#read(request, reply);
    return this.#handedOn(request, reply, endpoint, blob);
  }

  /** The endpoint's own, unless it is asked by another scheme than it is written with. */
  #proxyOf({ url }: HttpRequest, endpoint: Endpoint): FoundProxy {
    const isOwn = originOf(url) === originOf(originAt(endpoint));
    return isOwn ? endpoint.proxy : this.#means.proxyFor(url, endpoint);
  }

  #endpointFor({ url, hop, follows }: HttpRequest): Endpoint {
    const leading = follows && this.#leading.get(follows);
    if (leading !== undefined) return leading;
    if (hop === 'token') return this.#last;
    return endpointOf(url, this.#endpoints) ?? this.#last;
  }

  #blobOf({ url, ask, follows, resumes }: HttpRequest): WantedBlob | undefined {
    if (ask.phase !== 'config' && ask.phase !== 'layer') return undefined;
    const before = follows && this.#asking.get(follows);
    if (before !== undefined) return before;
    const digest = /\/blobs\/([^/?#]+)/.exec(url)?.[1] ?? '';
    const size = ask.bodyBytesMax === Number.MAX_SAFE_INTEGER ? 0 : ask.bodyBytesMax;
    return { digest, size, isPart: resumes === undefined && this.#isLarge(digest, size) };
  }

  /** Decided once for each blob, in the order in which they are asked for. */
  #isLarge(digest: string, size: number): boolean {
    const before = this.#isPart.get(digest);
    if (before !== undefined) return before;
    const isPart = !this.#means.isWhole && size > this.#wholeBytesLeft;
    if (!isPart) this.#wholeBytesLeft -= size;
    this.#isPart.set(digest, isPart);
    return isPart;
  }

  #readingOf({ ask }: HttpRequest, blob: WantedBlob | undefined): Reading {
    const { sinkOf, limits, isWhole, beganAt } = this.#means;
    const now = performance.now();
    if (blob === undefined || ask.method !== 'GET') {
      const leftMs = beganAt + limits.pullMs - now;
      return { msMax: Math.min(2 * limits.replyMs, Math.max(leftMs, limits.probeMs)) };
    }
    if (sinkOf !== undefined) return { sink: sinkOf({ mediaType: '', ...blob }) };
    if (isWhole) return { msMax: Number.POSITIVE_INFINITY };
    this.#blobsFrom ??= now;
    const msMax = Math.max(this.#blobsFrom + limits.blobsMs - now, beginningMs);
    const bytesMax = blob.isPart ? Math.min(limits.firstBytes, blob.size) : undefined;
    return { bytesMax, msMax, isPartFine: true };
  }

  /** What the conversation is given: of a part that came well, as if all had come. */
  #handedOn(
    { ask }: HttpRequest,
    reply: HttpReply,
    endpoint: Endpoint,
    blob: WantedBlob | undefined,
  ): HttpReply {
    // That of a body which came packed is no length of the blob.
    const length = isUnpacked(ask, reply.status, reply.headerLines)
      ? undefined
      : reply.header('Content-Length');
    const announced = Number(length ?? Number.NaN);
    const isPart = blob !== undefined && reply.status === 200 && isInPart(ask, reply, blob);
    const size = Number.isSafeInteger(announced) ? announced : (blob?.size ?? 0);
    const handed = isPart ? { ...reply, bytes: size, digest: '' } : reply;
    this.#leading.set(handed, endpoint);
    if (blob !== undefined) this.#asking.set(handed, blob);
    return handed;
  }

  /** Keeps what a pull is made of. */
  #read({ ask }: HttpRequest, { status, text, digest, header }: HttpReply): void {
    if ((ask.phase !== 'index' && ask.phase !== 'manifest') || status !== 200) return;
    const mediaType = parseContentType(header('Content-Type') ?? '')?.type ?? '';
    const read = readManifestDocument(text, mediaType);
    if (typeof read === 'string' || read.kind === 'schema1') return;
    if (read.kind === 'manifest') {
      const { config, layers } = read;
      this.manifests.set(digest, { text, digest, mediaType, config, layers });
      return;
    }
    for (const entry of read.entries) this.entries.set(entry.digest, entry);
    this.platforms ??= read.entries
      .map(({ platform }) => platform)
      .filter((platform) => platform !== undefined);
  }
}

/** For the beginning of a blob when the time for all of them is over. */
const beginningMs = 250;
/** What comes slower than this, for so long, does not come: no client would live to see its end. */
const trickle = { bytesPerSecond: 256, ms: 3500 };

/** The rest was left, by size or by time. */
function isInPart({ method }: Ask, { failure, digest }: HttpReply, { isPart }: WantedBlob) {
  return failure === '' && (isPart || (method === 'GET' && digest === ''));
}

function isTrickle(
  { ask }: HttpRequest,
  reply: HttpReply,
  blob: WantedBlob | undefined,
  { firstBytes }: Limits,
): boolean {
  if (blob === undefined || reply.status !== 200 || !isInPart(ask, reply, blob)) return false;
  const { bytes, timings } = reply;
  const { totalMs, ttfbMs, dnsMs, connectMs, tlsMs } = timings;
  const bodyMs = totalMs - ttfbMs - Math.max(dnsMs, connectMs) - tlsMs;
  if (bytes >= Math.min(firstBytes, blob.size || firstBytes)) return false;
  return bodyMs >= trickle.ms && bytes < (trickle.bytesPerSecond * bodyMs) / 1000;
}

function trickled(reply: HttpReply): HttpReply {
  const { bytes, timings } = reply;
  const failureMessage = `${bytes} bytes came in ${Math.round(timings.totalMs / 1000)} s`;
  return { ...reply, failure: 'stalled', failureMessage };
}

function plainly(request: HttpRequest): HttpRequest {
  return { ...request, url: request.url.replace(/^https:\/\/([^/]*)/i, 'http://$1') };
}

/** What a token server gives is nobody's business. */
function withoutToken({ ask }: HttpRequest, reply: HttpReply): HttpReply {
  return ask.phase === 'token' && reply.status === 200 ? { ...reply, text: '' } : reply;
}

function stopped(): HttpReply {
  return makeReply({
    status: 0,
    headerLines: [],
    text: '',
    bytes: 0,
    digest: '',
    failure: 'interrupted',
    failureMessage: 'the run was stopped',
    remoteAddress: '',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  });
}
