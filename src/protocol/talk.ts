// A conversation is data: a synchronous generator that yields what it wants next and is handed the
// answer. Drivers (Node, k6, tests) perform the requests; nothing in this folder does any I/O.

import type { PullFailure } from './failure.ts';
import type { PushPhase } from './push-phase.ts';

/** One header line as it goes over the wire. Order and repetition are kept. */
export type HeaderLine = readonly [name: string, value: string];

/** What a request is for. Every measurement is split by it. */
export type Phase =
  | 'ping'
  | 'token'
  | 'index'
  | 'manifest'
  | 'config'
  | 'layer'
  | 'other'
  | PushPhase;

/** Whose server answers: the registry, its token server, or the host of a redirect (the CDN edge). */
export type Hop = 'registry' | 'token' | 'edge';

export type DigestAlgorithm = 'sha256' | 'sha512';

/** How a client makes and keeps connections, to whatever host. */
export interface NetworkTraits {
  readonly httpVersion: '1.1' | '2';
  /**
   * `per-request`: each request on a connection of its own, `Connection: close`; `per-pull`: a new process
   * with new connections for each pull; `kept`: a daemon that keeps them.
   */
  readonly connections: 'per-request' | 'per-pull' | 'kept';
  /** Connections that it keeps idle to one host (2 unless a Go client says otherwise), and for how long. */
  readonly idlePerHostMax: number;
  readonly idleMs: number;
  /** A 401 to a request without credentials is closed unread, and its connection with it; */
  readonly closesRefused?: true;
  /** of a client that pings, that to the ping alone. */
  readonly ping?: boolean;
  /** A request that gets no byte for so long is given up, if the driver does not do so earlier. */
  readonly progressMs?: number;
  /** Shares no connections with requests that lack this trait: the resolver of a client that has one apart. */
  readonly apart?: true;
}

/**
 * What a request asks for, wherever it goes: the same on every hop of a redirect. It never changes once
 * made, so that conversations make the common ones once and drivers may remember what they read in one.
 */
export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Lines that every hop may see: no credentials. */
  readonly headers: readonly HeaderLine[];
  /** Lines after all others, `Authorization` too: what Go's transport adds by itself. */
  readonly headersLast?: readonly HeaderLine[];
  /**
   * What of the reply's body is needed. `none`: read and counted, not kept. `text`: kept as text, and
   * its digest computed. `digest`: streamed through `algorithm` in constant memory, not kept.
   */
  readonly want: 'none' | 'text' | 'digest';
  /** Digest algorithm for `text` and `digest`. */
  readonly algorithm: DigestAlgorithm;
  /** The driver stops reading after this many body bytes and reports `long-body`. */
  readonly bodyBytesMax: number;
  /** Of a part (206, or `HttpRequest.joins`) no more is read: the rest, and its connection, is dropped. */
  readonly partBytesMax?: number;
  readonly phase: Phase;
  /**
   * A body that comes packed (`Content-Encoding`: gzip, deflate, zstd) is unpacked before it is counted and
   * hashed, as a client does that asked for it so. Absent: bodies are taken as they come. Parts never are.
   */
  readonly unpacks?: boolean;
  /** The client's own limit for its reply, where that is below the driver's. Only our k6 knows it. */
  readonly limitMs?: number | undefined;
  /** The connections it may go over; absent: the driver's own. Drivers that cannot tell clients apart ignore it. */
  readonly network?: NetworkTraits;
}

/** A tar of one file with bytes that follow from the seed and the number, the same wherever it is made. */
export interface SeededContent {
  readonly seed: string;
  readonly number: number;
  /** In bytes: from 2048 to 8 GiB, a multiple of 512. */
  readonly size: number;
}

/** A part of it, `to` excluded, that the driver makes while it sends it. Only our k6 does that. */
export interface SeededBytes extends SeededContent {
  readonly from: number;
  readonly to: number;
}

/** One HTTP request. A driver performs exactly this and never follows a redirect. */
export interface HttpRequest {
  /** Absolute `http:` or `https:` URL, sent as it is. */
  readonly url: string;
  readonly ask: Ask;
  readonly hop: Hop;
  /** Value of `Authorization`, for this URL's origin alone; '' for none. */
  readonly authorization: string;
  /** Value of `Referer`; '' for none. */
  readonly referer: string;
  /** A form of a token request as text, content that is pushed as text, bytes or what to make up. */
  readonly body?: string | Uint8Array | SeededBytes;
  /** The body goes out in chunks, its length unsaid (HTTP/1.1), as a client streams it. */
  readonly chunked?: true;
  /**
   * A reply that was cut: if the answer is a 206, its digest is that of both bodies, one after the other.
   * `bytes` stays the count of this body alone. For one request only; a driver that cannot leaves the
   * digest of a 206 empty.
   */
  readonly resumes?: HttpReply;
  /**
   * The reply is one of several parts that come side by side, in any order, behind the body of the reply `to`:
   * `offset` bytes behind it, of `size` bytes in all. The part that completes them has the digest of the whole,
   * the others none; a driver that cannot leaves it empty.
   */
  readonly joins?: {
    readonly to: HttpReply;
    readonly offset: number;
    readonly size: number;
  };
  /** With what a chain of redirects began, where that decides who is shown the authorization further on. */
  readonly began?: { readonly url: string; readonly authorization: string } | undefined;
  /** The redirect that led here, so that whoever measures takes the two for one step. */
  readonly follows?: HttpReply;
}

/**
 * All header lines of a request in the order in which they are sent: that of Go's clients, which sort
 * what they send after `User-Agent` by name.
 */
export function headerLinesOf({ ask, authorization, referer }: HttpRequest): HeaderLine[] {
  const lines = ask.headers.slice();
  if (authorization !== '') insertByName(lines, ['Authorization', authorization]);
  if (referer !== '') insertByName(lines, ['Referer', referer]);
  if (ask.headersLast !== undefined) lines.push(...ask.headersLast);
  return lines;
}

/** Before the first line whose name comes later; the first line of all is `User-Agent`. */
function insertByName(lines: HeaderLine[], line: HeaderLine): void {
  const later = lines.findIndex(([name], i) => i > 0 && name > line[0]);
  lines.splice(later < 0 ? lines.length : later, 0, line);
}

/** Ways in which a request can fail below HTTP. Drivers map their platform's errors to these. */
export type TransportFailure =
  | 'dns' // the host name does not resolve
  | 'refused' // nothing listens, or the network is unreachable
  | 'dial-timeout' // no TCP connection within the limit
  | 'proxy' // the way through a proxy: it is not reached, or refuses to connect
  | 'tls' // handshake or certificate
  | 'reset' // connection reset or closed before the reply was complete
  | 'http2' // an HTTP/2 connection or stream that the peer ended: GOAWAY, RST_STREAM
  | 'stalled' // no answer or no progress within the limit
  | 'short-body' // fewer body bytes than Content-Length or chunking announced
  | 'client-limit' // this machine has no more open files, ports or buffers for a connection
  | 'long-body' // more body bytes than `bodyBytesMax`
  | 'bad-http' // the peer does not speak HTTP (or speaks TLS to a plain client, and so on)
  | 'interrupted'; // we were told to stop

/** What a failure is in particular, where that is known: it decides what to do about it. */
export type FailureReason =
  | 'nxdomain' // dns: there is no such name
  | 'servfail' // dns: the resolver failed
  | 'no-answer' // dns: the resolver is silent
  | 'unreachable' // refused: no route, or a firewall says so
  | 'unknown-ca' // tls
  | 'expired' // tls
  | 'not-yet-valid' // tls
  | 'wrong-name' // tls
  | 'cut' // tls: the connection ended in the handshake
  | 'client-certificate' // tls: the peer wants one
  | 'protocol' // tls: versions or ciphers have nothing in common
  | 'proxy-unreachable' // proxy
  | 'proxy-auth' // proxy: 407
  | 'proxy-refused' // proxy: any other refusal to connect
  | 'eof' // reset: closed in good order before the reply
  | 'rst' // reset: torn down
  | 'idle-closed' // reset: a kept connection was closed before the request went out
  | 'goaway' // http2
  | 'refused-stream' // http2
  | 'stream' // http2: a stream was reset
  | 'no-head' // stalled: no reply at all
  | 'no-progress' // stalled: in mid-body
  | 'http-to-https-client' // bad-http: plain HTTP where TLS was spoken
  | 'https-to-http-client' // bad-http: the reverse
  | 'range-ignored' // short-body, wrong-digest, unexpected-status: what came was not the part that was asked for
  | 'request-timeout' // unexpected-status: 408
  | 'mid-pull' // unauthorized: the token had worked in this pull
  | 'kept-authorization' // redirect-credentials: the client sent the token along
  | 'other-content'; // wrong-digest, short-body, long-body: a page or a document in place of the blob

/** Milliseconds, fractions kept; 0 for what did not happen (reused connection, plain HTTP). */
export interface Timings {
  readonly dnsMs: number;
  readonly connectMs: number;
  readonly tlsMs: number;
  /** From sending the request to the first byte of the reply. */
  readonly ttfbMs: number;
  /** From starting the request (before dialling) to the last body byte. */
  readonly totalMs: number;
}

/** What came back. `status` 0 means that no reply came; a failure in mid-body keeps its status. */
export interface HttpReply {
  readonly status: number;
  /** Value of a header by its case-insensitive name; repeated lines are joined with ", ". */
  header(name: string): string | undefined;
  readonly headerLines: readonly HeaderLine[];
  /**
   * The body, for `want: 'text'`; else at most 1 KiB of an error's body or of text in place of a blob, for
   * messages. Invalid UTF-8 becomes U+FFFD.
   */
  readonly text: string;
  /** Body bytes received; of a body that was unpacked (`Ask.unpacks`), those that came out. */
  readonly bytes: number;
  /** `algorithm:hex` of the body for `text` and `digest`; '' for `none` and for replies without body. */
  readonly digest: string;
  readonly failure: '' | TransportFailure;
  /** Of the failure, where something finer than its class is known. */
  readonly reason?: FailureReason | undefined;
  /** The platform's own words for `failure`; '' without one. */
  readonly failureMessage: string;
  /** `ip:port` of the peer; '' when no connection was made. */
  readonly remoteAddress: string;
  readonly timings: Timings;
}

/**
 * Child conversations to run side by side, at most `limit` at a time, started in order. The answer is
 * the array of their results in the same order. When one throws, no further child is started, those
 * under way are finished, and the first error is thrown into the parent.
 */
export interface Parallel {
  readonly parallel: readonly Talk<unknown>[];
  readonly limit: number;
}

/** Why a client pauses: its own back-off, what a server told it to wait, or the quota of its node. */
export type WaitReason = 'back-off' | 'retry-after' | 'quota';

/** A pause of the client's own, 0 ms too: before a retry, or to keep within a rate. Answered with undefined. */
export interface Wait {
  readonly waitMs: number;
  readonly why: WaitReason;
  /** What is tried again after it. */
  readonly after?: PullFailure;
}

/** A wait for another conversation of the same pull (turns.ts). Answered with undefined when it calls `pass`. */
export interface Gate {
  readonly gate: (pass: () => void) => void;
}

/** What a conversation wants next. */
export type Yielded = HttpRequest | Parallel | Wait | Gate;

/**
 * A conversation with result T. Write `const reply: HttpReply = yield request` and
 * `const results: T[] = yield { parallel, limit }`: the answer's type follows from what was yielded,
 * which TypeScript cannot express for generators, hence the one `any` of this folder.
 */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Talk<T> = Generator<Yielded, T, any>;

/** The body for drivers that make nothing up. @throws Error for seeded content */
export function heldBody({ body }: HttpRequest): string | Uint8Array | undefined {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body;
  throw new Error('seeded content is made by our build of k6 alone');
}

export function isRequest(yielded: Yielded): yielded is HttpRequest {
  return 'ask' in yielded;
}

export function isParallel(yielded: Yielded): yielded is Parallel {
  return 'parallel' in yielded;
}

export function isGate(yielded: Wait | Gate): yielded is Gate {
  return 'gate' in yielded;
}
