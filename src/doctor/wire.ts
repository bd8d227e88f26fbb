// The network as the doctor needs it: resolve, connect, speak TLS, exchange HTTP. The real one is node-wire.ts, its
// scripted twin scripted-wire.ts. Nothing here rejects: what fails is an answer.
import type { FoundProxy, Trust } from '../access/route.ts';
import type { FailureReason, HttpReply, HttpRequest, TransportFailure } from '../protocol/talk.ts';

export type Family = 4 | 6;

export interface Lookup {
  readonly host: string;
  readonly family: Family;
  readonly addresses: readonly string[];
  /** Names on the way, in order. */
  readonly cnames: readonly string[];
  /** `empty`: the name exists and has no address of this family. */
  readonly failure: '' | 'nxdomain' | 'servfail' | 'refused' | 'no-answer' | 'empty';
  /** Address of the resolver, or the file (`/etc/hosts`) that answered. */
  readonly resolver: string;
  readonly ms: number;
}

export interface Dial {
  readonly address: string;
  readonly port: number;
  readonly family: Family;
  readonly failure: '' | TransportFailure;
  readonly reason?: FailureReason | undefined;
  /** The platform's words. */
  readonly words: string;
  readonly ms: number;
}

export interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and addresses of the SAN; none in one that has a CN alone. */
  readonly names: readonly string[];
  readonly commonName: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256, hex. */
  readonly fingerprint: string;
  readonly isCa: boolean;
  readonly isSelfSigned: boolean;
  /** Where the issuer's certificate may be had (AIA). */
  readonly issuerUrl?: string;
}

/** Stores that may hold the root of a chain. */
export type TrustStore = 'system' | 'bundle' | 'certs.d' | '--ca';

export interface Handshake {
  readonly failure: '' | TransportFailure;
  readonly reason?: FailureReason | undefined;
  readonly words: string;
  /** Such as `TLSv1.3`; '' where none came about. */
  readonly version: string;
  readonly alpn: string;
  /** As served, the leaf first; looked at whether or not anybody trusts it. */
  readonly chain: readonly Certificate[];
  /** Stores by which the chain is valid for this name now; none: nobody trusts it. */
  readonly trustedBy: readonly TrustStore[];
  /** Of the certificate, by the client's own rules; '' where it would be taken. */
  readonly problem: '' | FailureReason;
  readonly ms: number;
}

/** How a request goes out. */
export interface Way {
  /** Absent: whichever the platform takes first. */
  readonly family?: Family | undefined;
  readonly proxy: FoundProxy;
  readonly trust: Trust;
  /** Limit for connecting, for the head, and for each pause in a body. */
  readonly timeoutMs: number;
  /** Limit for connecting where it is another one. */
  readonly connectMs?: number | undefined;
}

/** What of a reply's body is read. */
export interface Reading {
  /** Is given the body of a 200 piece by piece. */
  readonly sink?: ((piece: Uint8Array) => Promise<void>) | undefined;
  /** No more is read than this: the rest, and its connection, is dropped. That is no failure; there is no digest. */
  readonly bytesMax?: number | undefined;
  /** Limit for the whole reply; absent: twice the way's, and none for a sink, as long as it moves. */
  readonly msMax?: number | undefined;
  /** A body that still comes by then is taken as it is, as with `bytesMax`. */
  readonly isPartFine?: boolean | undefined;
}

/** Where and how to greet. */
export interface Greeting {
  readonly host: string;
  readonly port: number;
  readonly way: Way;
  /** Certificates (DER) that count as served besides: does the chain become whole with them? */
  readonly besides?: readonly Uint8Array[] | undefined;
}

export interface Wire {
  lookup(host: string, family: Family, timeoutMs: number): Promise<Lookup>;
  dial(address: string, port: number, timeoutMs: number): Promise<Dial>;
  handshake(greeting: Greeting): Promise<Handshake>;
  /** Performs exactly this request, no redirect followed. Rejects only with what a sink rejects with. */
  exchange(request: HttpRequest, way: Way, reading?: Reading): Promise<HttpReply>;
  /** Our clock, milliseconds since 1970. */
  now(): number;
  close(): Promise<void>;
}
