// What a pulling client does on the wire, as data. The values live in src/profiles; the conversations
// in this folder read them. A trait that no conversation reads has no place here.
import type { FailureClass } from './failure.ts';
import type { PlatformRule } from './grammar/platform.ts';
import type { HeaderLine, NetworkTraits } from './talk.ts';

export interface ClientProfile extends NetworkTraits {
  readonly name: string;
  /** The client and the version whose behaviour this is. */
  readonly title: string;
  readonly userAgent: string;
  /** Sent with every request to the registry (not to the token server), besides User-Agent. */
  readonly registryHeaders: readonly HeaderLine[];
  /** `Accept-Encoding` that the client sets itself on GETs to the registry. */
  readonly acceptEncoding?: string;
  /** Go's transport adds `Accept-Encoding: gzip` to all but HEAD and `Range`, unless there is one. */
  readonly goGzip?: true;
  /** Asks `GET /v2/` before anything else and authenticates from its challenge. */
  readonly ping: boolean;
  /** Limit for the replies to pings and to requests for tokens; absent: none. */
  readonly helloMs?: number;
  /** Goes on without credentials where the ping's 401 has no challenge; absent: that is a failure. */
  readonly goesOnUnchallenged?: true;
  /** Of the ping it reads but the challenge of a 401: with any other status it goes on. */
  readonly pingsForChallenge?: true;
  /** Takes manifests of any `Content-Type`, if they are ones. */
  readonly ignoresTypes?: true;
  /** Takes for manifests only what comes with a type of these as its `Content-Type`: all else is schema 1 to it. */
  readonly needsTypes?: true;
  /**
   * Method of the first manifest request; after HEAD the manifest is fetched by the digest it told.
   * `head-tag`: HEAD for tags alone, a digest is fetched at once.
   */
  readonly resolve: 'get' | 'head' | 'head-tag';
  /**
   * That request goes over connections of its own, and the token that it got is not used again: what follows
   * is refused once more and fetches another.
   */
  readonly resolvesApart?: true;
  /** Statuses of that HEAD after which the same is asked by GET. */
  readonly headRefused?: readonly number[] | 'any';
  /** `Accept` lines of the request by tag (or by the digest in the reference). */
  readonly acceptResolve: readonly string[];
  /**
   * `Accept` lines of manifests by digest; `descriptor`: one line, the expected media type and any;
   * `media-type`: the expected one alone.
   */
  readonly acceptManifest: readonly string[] | 'descriptor' | 'media-type';
  /** `Accept` lines begin at a random one and go round, as Go walks a map. */
  readonly acceptRotates?: true;
  /** A HEAD whose reply lacks the digest, or says 405, is a failure, not asked again by GET. */
  readonly headAlone?: true;
  /** `Accept` of blobs: none, the descriptor's media type and any, or that type alone. */
  readonly acceptBlob: 'none' | 'descriptor' | 'media-type';
  readonly token: TokenTraits;
  /** Each request signs in by itself and is tried again by these rules; there are no others. */
  readonly eachAlone?: AloneTraits;
  readonly platformRule: PlatformRule;
  /**
   * Reads the config of an image that is in no index alone, to learn its platform, and then once more with
   * the layers. That platform is not held against the wanted one here.
   */
  readonly platformFromConfig?: true;
  /** Reads the attestation that an index has of the image, and asks what refers to it. */
  readonly attestations?: true;
  /**
   * When the config blob is read: before the first layer, after the last, among the layers, or at the
   * same time but outside their limit.
   */
  readonly config: 'first' | 'last' | 'among' | 'beside';
  /** Blob downloads under way at once. */
  readonly parallelBlobs: number;
  /** Layers are read in pieces from the URL that the registry redirects to. */
  readonly lazy?: LazyTraits;
  /** Layers come in ranges side by side. */
  readonly ranges?: RangeTraits;
  /** Redirects followed before giving up. */
  readonly redirectsMax: number;
  /**
   * Where a redirect may lead for `Authorization` to go along, as Go's client decides it by its version.
   * `same-host`: to the host of the first request or a subdomain of it, whatever port and scheme, until a
   * redirect leads elsewhere; `last-host-and-port`: to host and port of the request before, or a subdomain,
   * even if it was not shown there. Absent: to the same scheme, host and port.
   */
  readonly authorization?: 'same-host' | 'last-host-and-port';
  /** Follows no redirect from https to http. */
  readonly staysSecure?: true;
  /** A redirected request carries the URL that led to it in `Referer`, as Go's client does. */
  readonly referer: boolean;
  readonly retry?: RetryTraits;
  readonly resume?: ResumeRule;
  /** Pulls that a node may start; those beyond wait as after a failure (kubelet's registryPullQPS). */
  readonly quota?: QuotaTraits;
  /** How it asks mirrors before the registry itself; absent: it knows of none. */
  readonly mirrors?: MirrorTraits;
  /** What is added to every path at a mirror. In no profile: the conversation makes it. */
  readonly namespace?: string;
  /** What stands in front of a repository's path in place of `/v2`. In no profile: a host's configuration says so. */
  readonly apiPath?: string;
}

/** What one host has of its own, by the client's configuration. */
export interface HostTraits {
  readonly apiPath?: string | undefined;
  /** Sent with every request to it. */
  readonly headers?: readonly HeaderLine[] | undefined;
  /** Value of `ns`; '' for none. */
  readonly namespace?: string | undefined;
}

/** A mirror with what is its own. What is absent is as at the registry; but it gets no credentials of that. */
export interface Mirror {
  /** Origin, no path. */
  readonly url: string;
  readonly repository?: string | undefined;
  readonly credentials?: Credentials | undefined;
  readonly traits?: HostTraits | undefined;
  /** What it is asked for, of a client that asks request by request: what a tag names, and what a digest does. */
  readonly resolves?: boolean | undefined;
  readonly pulls?: boolean | undefined;
}

export interface MirrorTraits {
  /**
   * What goes from host to host until it is answered: each `request`; all up to the manifest, whose `source`
   * then gives the blobs too; or the `pull` as a whole.
   */
  readonly each: 'request' | 'source' | 'pull';
  /** Requests to a mirror name the registry in `ns`. */
  readonly namespace?: true;
  /** With `request`, in place of `retry.request` at all hosts but the last; absent: each is asked once. */
  readonly request?: RetryRule;
  /** With `source`: the wait before a blob is asked for once more where time ran out or a 5xx came. */
  readonly blobAgain?: Pace;
  /** Of Docker Hub alone. */
  readonly hubOnly?: true;
}

export interface TokenTraits {
  /** Sent with token requests; absent: User-Agent alone, the client's. */
  readonly headers?: readonly HeaderLine[];
  /** Method of the token request when there are credentials; anonymous ones are always GET. */
  readonly withCredentials: 'get' | 'post-then-get';
  /** Of the form with an identity token; absent: no charset, and what comes of it is final. */
  readonly refresh?: RefreshTraits;
  /** `client_id` of the form, and of the query with `clientIdInQuery`. */
  readonly clientId: string;
  readonly clientIdInQuery?: true;
  /** GET requests with credentials name the user in `account`. */
  readonly account: boolean;
  /** Which field wins when a reply carries both. */
  readonly prefers: 'token' | 'access_token';
  /** How the scope of a challenge joins our own; absent: it is ignored. */
  readonly challengeScope?: 'first' | 'sorted' | 'if-insufficient';
  /** When a token is fetched anew without having been refused; absent: never. */
  readonly lifetime?: TokenLifetime;
  /** Requests for tokens are tried again as those to the registry are. */
  readonly triedAgain?: true;
  /**
   * What follows a 401 to a request with a token. `final`: failure; `if-insufficient`: once more with a
   * wider token if the challenge says `insufficient_scope`; `renew`: once more with a new one;
   * `renew-if-error`: so if the challenge has an `error`, else the same again until attempts are used up;
   * `resend`: the same again, but only once where challenges have an `error`.
   */
  readonly refused: 'final' | 'if-insufficient' | 'renew' | 'renew-if-error' | 'resend';
}

export interface RefreshTraits {
  /** `Content-Type` of forms names UTF-8. */
  readonly charset?: true;
  /** Statuses after which a token is asked for by GET. */
  readonly thenGet?: readonly number[];
  /** Each scope in a field of its own; absent: all in one, with blanks between. */
  readonly scopesApart?: true;
}

export interface AloneTraits {
  /** After a 5xx or no reply at all; a token counts as one too. */
  readonly retriesMax: number;
  readonly waitMs: number;
  /** In all, for what the client would ask for ever. */
  readonly requestsMax: number;
}

export interface TokenLifetime {
  /** Tokens live at least so long, whatever `expires_in` says. */
  readonly secondsMin: number;
  /** Without `expires_in`; 0: for ever. */
  readonly secondsDefault: number;
  /** Fetched anew so long before the end. */
  readonly earlySeconds: number;
}

/** How long to wait before which try. */
export interface Pace {
  readonly firstMs: number;
  /** From wait to wait: the same, 1×, 2×, 3× …, or a multiple of the one before. */
  readonly growth: 'constant' | 'linear' | 'double' | 'triple';
  readonly capMs: number;
  /** Chance makes of a wait something between these multiples of it. */
  readonly spread: readonly [least: number, most: number];
}

export interface RetryRule extends Pace {
  /** Tries in all, the first one included. */
  readonly triesMax: number;
  readonly statuses: readonly number[];
  /** `eof`, `rst`: how the connection ended, in the handshake or before the reply. */
  readonly failures: readonly (FailureClass | 'eof' | 'rst')[];
  /** The wait after failures, where the pace is that of statuses alone. */
  readonly failureMs?: number;
  /**
   * Also 4xx whose body has an error code, other than these; but not where it says no more than the code
   * and the usual message for it.
   */
  readonly explained?: {
    readonly except: readonly string[];
    readonly usual: Readonly<Record<string, string>>;
  };
  /** Tries are counted over all requests to the registry, not for each. */
  readonly perHost?: true;
  /** Statuses that end the matter when they come twice running. */
  readonly notTwice?: readonly number[];
  /** What is read of `Retry-After`, in place of the pace; `capMs` holds for it too. */
  readonly retryAfter?: 'seconds' | 'seconds-or-date';
  /** Asks again where it failed, not from the start of the redirects. */
  readonly sameHop?: true;
}

export interface RetryTraits {
  /** Of one request to the registry (with its redirects): ping, manifests, blobs. */
  readonly request?: RetryRule;
  /** In its place for layers. */
  readonly layerRequest?: RetryRule;
  /** Of a config or layer, after the request's own. */
  readonly config?: RetryRule;
  readonly layer?: RetryRule;
  /** Of the whole pull, from the ping on. */
  readonly pull?: RetryRule;
}

/** How a body that broke off goes on. */
export interface ResumeRule extends Pace {
  /** What it goes on after: an unexpected end, or a reset as well. */
  readonly after: readonly ('short-body' | 'reset')[];
  /** Manifests go on as well, not blobs alone. */
  readonly manifests?: true;
  /** `Range` with or without an end; `past-end`: with the size as end, one more than the last byte. */
  readonly range: 'open' | 'past-end';
  /** What a reply that ignores `Range` leads to: failure, a new start, or skipping what is there. */
  readonly ignored: 'fail' | 'restart' | 'skip';
  /** Tries in a row, */
  readonly triesMax: number;
  /** and how many bytes between two of them begin a new row; Infinity: none do. */
  readonly progressBytesMin: number;
}

export interface LazyTraits {
  /** Bytes a request asks for. */
  readonly chunkBytes: number;
  /** `Accept-Encoding` of these requests. */
  readonly acceptEncoding: string;
}

export interface RangeTraits {
  readonly chunkBytes: number;
  /**
   * `open`: what is read by digest is asked for from its start to its end, and where that is more than a chunk,
   * from the start of every further one to the end; each is dropped when a chunk was read. `closed`: two bytes of a
   * layer of several chunks say whether it can be asked for in ranges, and where it lies; then its chunks.
   */
  readonly form: 'open' | 'closed';
  /** Downloads under way at once, of a pull and of a layer. */
  readonly atOnceMax: number;
  /** Who reads the layers where that is another program than reads the rest: with a token of its own. */
  readonly by?: ClientProfile;
}

export interface QuotaTraits {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a user gave to identify themselves to one registry. Never logged. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /**
   * What a login left in place of the password, to be changed into tokens (oauth.md, `refresh_token`): it wins
   * over the password wherever a token is fetched.
   */
  readonly identityToken?: string;
  /** `host[:port]` of token servers that may see them though they are not the registry's and speak plain HTTP. */
  readonly realms?: readonly string[];
}
