// What a pulling client does on the wire, as data. The values live in src/profiles; the conversations
// in this folder read them. A trait that no conversation reads has no place here.
import type { PlatformRule } from './platform.ts';
import type { HeaderLine } from './talk.ts';

export interface ClientProfile {
  readonly name: string;
  /** The client and the version whose behaviour this is. */
  readonly title: string;
  readonly userAgent: string;
  /** Sent with every request to the registry (not to the token server), besides User-Agent. */
  readonly registryHeaders: readonly HeaderLine[];
  /** Asks `GET /v2/` before anything else and authenticates from its challenge. */
  readonly ping: boolean;
  /** Method of the first manifest request; after `head` the manifest is fetched by the digest it told. */
  readonly resolve: 'get' | 'head';
  /** `Accept` lines of the request by tag (or by the digest in the reference). */
  readonly acceptResolve: readonly string[];
  /** `Accept` lines of manifests by digest; `descriptor`: one line, the expected media type and any. */
  readonly acceptManifest: readonly string[] | 'descriptor';
  /** `Accept` of blobs: none, or the descriptor's media type and any. */
  readonly acceptBlob: 'none' | 'descriptor';
  readonly token: TokenTraits;
  readonly platformRule: PlatformRule;
  /** The config blob is read before the first layer is asked for; else it goes with the layers. */
  readonly configFirst: boolean;
  /** Blob downloads under way at once. */
  readonly parallelBlobs: number;
  /** Redirects followed before giving up. */
  readonly redirectsMax: number;
  /** A redirected request carries the URL that led to it in `Referer`, as Go's client does. */
  readonly referer: boolean;
  /** `per-pull`: a new process with new connections for each pull; `kept`: a daemon that keeps them. */
  readonly connections: 'per-pull' | 'kept';
  readonly httpVersion: '1.1' | '2';
}

export interface TokenTraits {
  /** Method of the token request when there are credentials; anonymous ones are always GET. */
  readonly withCredentials: 'get' | 'post-then-get';
  /** `client_id` of the form; GET requests carry none. */
  readonly clientId: string;
  /** GET requests with credentials name the user in `account`. */
  readonly account: boolean;
  /** Which field wins when a reply carries both. */
  readonly prefers: 'token' | 'access_token';
}

/** What a user gave to identify themselves to one registry. Never logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}
