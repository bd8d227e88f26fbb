// One request and its reply as the mock's servers see them: plain data, so that the same core answers
// Request objects in process and sockets over HTTP, and a fault can say what no correct server says.
import type { HeaderLine, Hop } from '../src/protocol/talk.ts';
import type { Intake } from './registry/intake.ts';

export type { Hop };

/** A call whose body has not been read. */
export interface CallHead {
  /** Which server was addressed: two of them may share one host. */
  readonly hop: Hop;
  readonly method: string;
  /** As on the request line, percent signs included, without the query. */
  readonly path: string;
  /** Without `?`; '' when there is none. */
  readonly query: string;
  /** `scheme://host[:port]` by which the client addressed the server. */
  readonly origin: string;
  /** Value of a request header by its lower-case name; repeated lines joined with ", ". */
  header(name: string): string | undefined;
  /** Number of the connection that the request came over, from 1; undefined in process. */
  readonly connection?: number | undefined;
}

export interface Call extends CallHead {
  /** The form of a token request, at most `formBytesMax`; '' otherwise. */
  readonly form: string;
  /**
   * The whole body of a POST, PUT or PATCH. Empty for other methods, for a long body that the answer does
   * not depend on, and for one that is staged; a byte more than the endpoint takes for one that is longer.
   */
  readonly body: Uint8Array;
  /** The long body of a blob upload, which went to the storage as it came. */
  readonly staged?: Intake | undefined;
}

/** Bytes of a token request's form that are read. */
export const formBytesMax = 64 * 1024;
/** Longer bodies are asked about before they are read on (`BodyPlan`). */
export const shortBytesMax = 1024 ** 2;

/**
 * What becomes of a long body that is still to come: it is held up to so many bytes, staged, or not read
 * because the answer does not depend on it.
 */
export type BodyPlan = { readonly holdBytesMax: number } | Intake | 'unread';

export const noBytes = new Uint8Array(0);

const methodsWithBody = ['POST', 'PUT', 'PATCH'];

/** Whether the method's body is read and handed to the core. */
export function carriesBody(method: string): boolean {
  return methodsWithBody.includes(method);
}

/**
 * Bytes that are made or read as they are sent. `length` and `subarray` mean what they mean of a
 * `Uint8Array`, so that ranges and faults treat both alike.
 */
export interface ByteSource {
  readonly length: number;
  subarray(begin?: number, end?: number): ByteSource;
  /** All bytes in order, in pieces of at most 1 MiB. A piece is good until the next is asked for: its
   * memory is used again. May throw. */
  chunks(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export type Body = Uint8Array | ByteSource;

/** The bytes of either form, in pieces. */
export function chunksOf(body: Body): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (!(body instanceof Uint8Array)) return body.chunks();
  return body.length === 0 ? [] : [body];
}

/** A reply to send as it is: nothing corrects its headers. */
export interface Reply {
  readonly status: number;
  /** In order, with their case. `Content-Length` is here or is not sent. */
  readonly headers: readonly HeaderLine[];
  /** What GET would carry; of a HEAD only the headers go out. */
  readonly body: Body;
  /** What goes wrong below HTTP while the body is sent. */
  readonly wire?: WireAction;
  /** To be told once that the reply has gone out, or that its client has gone. */
  readonly whenOver?: () => void;
}

/** What goes wrong on the connection while a reply goes out; what is left out is in order. */
export interface WireAction {
  /** The connection is silent for the tempo's `slowMs` before the head. */
  readonly lateHead?: true;
  /** Before the head comes another one, 103 Early Hints. */
  readonly hints?: true;
  /** Header lines after a body that comes in chunks. */
  readonly trailers?: readonly HeaderLine[];
  /** The reply is one of HTTP/1.0, and the connection ends with it; nothing in HTTP/2. */
  readonly isOld?: true;
  /** Instead of a reply there is a reset: of the connection, or of the stream in HTTP/2. */
  readonly noHead?: true;
  /** Instead of a reply the handshake of TLS fails, by a certificate that nobody trusts; in process alone. */
  readonly untrusted?: true;
  /** How fast the body goes out at most. */
  readonly bytesPerSecond?: number;
  /** Asked after each `everyBytes` of the body but the last: false closes the connection. */
  readonly checkpoint?: {
    readonly everyBytes: number;
    goesOn(sentBytes: number): boolean;
  };
  /** Body bytes that go out as they should, default all. */
  readonly afterBytes?: number;
  /**
   * What comes then: the connection is closed, reset, or left open in silence; the rest of the body
   * drips; or (in a chunked body) a chunk begins whose size is no number.
   */
  readonly then?: 'close' | 'reset' | 'stall' | 'drip' | 'bad-chunk';
}

/** How slow the slow faults are. */
export interface Tempo {
  /** How long a stalled body hangs before the connection is reset. */
  readonly stallMs: number;
  /** How long a late head lets wait. */
  readonly slowMs: number;
  /** Pause before each byte of a body that drips. */
  readonly dripMs: number;
}

const encoder = new TextEncoder();

export function bytesReply(status: number, body: Body, headers: readonly HeaderLine[]): Reply {
  return { status, headers: [...headers, ['Content-Length', String(body.length)]], body };
}

export function textReply(status: number, text: string, headers: readonly HeaderLine[]): Reply {
  return bytesReply(status, encoder.encode(text), headers);
}

export function jsonReply(
  status: number,
  value: unknown,
  headers: readonly HeaderLine[] = [],
): Reply {
  const lines: HeaderLine[] = [['Content-Type', 'application/json'], ...headers];
  return textReply(status, JSON.stringify(value), lines);
}

export function emptyReply(status: number, headers: readonly HeaderLine[]): Reply {
  return bytesReply(status, noBytes, headers);
}

/** The error body of the distribution spec (spec.md, "Error Codes"). */
export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: readonly HeaderLine[] = [],
  detail?: unknown,
): Reply {
  const entry = detail === undefined ? { code, message } : { code, message, detail };
  return jsonReply(status, { errors: [entry] }, headers);
}

/** Value of a reply header by its case-insensitive name; the first of repeated lines. */
export function headerOf(reply: Reply, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return reply.headers.find(([line]) => line.toLowerCase() === wanted)?.[1];
}

export function withoutHeader(reply: Reply, name: string): Reply {
  const unwanted = name.toLowerCase();
  return { ...reply, headers: reply.headers.filter(([line]) => line.toLowerCase() !== unwanted) };
}

/** The header replaced, or added at the end. */
export function withHeader(reply: Reply, name: string, value: string): Reply {
  return { ...reply, headers: [...withoutHeader(reply, name).headers, [name, value]] };
}

/** The body replaced, with a true length. */
export function withBody(reply: Reply, body: Body | string): Reply {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  return { ...withHeader(reply, 'Content-Length', String(bytes.length)), body: bytes };
}
