// How a client on this host gets at an image: what its configuration files, variables and credentials come to,
// as data, each with the place where it is written. Found out by resolve.ts.
import type { Credentials } from '../protocol/client.ts';
import type { HeaderLine } from '../protocol/talk.ts';
import type { ProxyServer } from './proxy-rules.ts';

/** Where a setting is written. */
export interface Written {
  /** A path, a variable (`$NO_PROXY`), a flag (`--authfile`), or `default` of the client. */
  readonly in: string;
  /** From 1; 0 where the whole of it is meant. */
  readonly line: number;
}

/** What is wrong with the configuration. */
export interface ConfigProblem {
  /** A slug, such as `registries-conf-v1` or `helper-missing`. */
  readonly id: string;
  readonly written: Written;
  /** What is wrong, one sentence without secrets; and what to do. */
  readonly message: string;
  readonly hint: string;
  /** The client ends here; else it goes on as if this were not there. */
  readonly isFatal: boolean;
}

/** A file or folder that the client looks for, in its order. */
export interface Looked {
  readonly path: string;
  /** `used`: it says something about this image; `passed over`: another one stands for it, so that it is not read. */
  readonly state: 'absent' | 'unreadable' | 'invalid' | 'no match' | 'used' | 'passed over';
  /** Names within it that might be meant: keys of an auth file, prefixes. Never secrets; bounded. */
  readonly holds?: readonly string[];
}

/** The credential for one repository; `credentials` is absent where none was found. */
export interface FoundCredentials {
  readonly credentials?: Credentials;
  /** The key that fits, as it is written, and where; of a helper, the line that names it. */
  readonly key?: string;
  readonly written?: Written;
  /** Name of the helper that gave it (`docker-credential-<helper>`). */
  readonly helper?: string;
  /** A value that says when it ends (JWT), milliseconds since 1970. */
  readonly endsMs?: number;
  readonly looked: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

/** What makes a TLS peer trusted, and what is shown to it. */
export interface Trust {
  /** Absent: certificates are verified. */
  readonly unverified?: Written;
  /** PEM texts besides the system's. */
  readonly ca: readonly { readonly pem: string; readonly written: Written }[];
  /** PEM texts; the key is a secret. */
  readonly client?: { readonly cert: string; readonly key: string; readonly written: Written };
  /** Folders tried in order. */
  readonly looked: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}

/** Which proxy requests to one origin go through; `proxy` is absent for none. */
export interface FoundProxy {
  readonly proxy?: ProxyServer;
  readonly written?: Written;
  /** The entry of NO_PROXY that keeps this host from the proxy. */
  readonly exempt?: { readonly entry: string; readonly written: Written };
}

/** One place where an image may be had. */
export interface Endpoint {
  readonly role: 'mirror' | 'registry';
  /** `https://host[:port]`, no path. */
  readonly url: string;
  /** `host[:port]` as credentials are looked up by. */
  readonly registry: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  /** What stands before the repository's name: `/v2`, or what `override_path` says. */
  readonly apiPath: string;
  /** Value of `?ns=`; containers/image leaves it out of its ping. */
  readonly namespace?: string;
  /** Lines that the configuration adds to every request there. */
  readonly headers: readonly HeaderLine[];
  /** What it may be asked for. */
  readonly resolves: boolean;
  readonly pulls: boolean;
  /** `fallback`: plain HTTP where HTTPS does not work. */
  readonly plainHttp: 'never' | 'fallback' | 'only';
  readonly insecure?: Written;
  readonly written: Written;
  readonly credentials: FoundCredentials;
  readonly trust: Trust;
  readonly proxy: FoundProxy;
}

/** One full name that the text may stand for. */
export interface Candidate {
  /** `host[:port]/repository[:tag][@digest]`. */
  readonly name: string;
  readonly how: 'as written' | 'alias' | 'search' | 'docker.io';
  readonly written: Written;
  /** The registry itself is not asked; `endpoints` has mirrors at most, which are. */
  readonly blocked?: Written;
  /** In the order in which the client asks; the registry itself mostly last. */
  readonly endpoints: readonly Endpoint[];
  /** Mirrors that are configured for it and not asked. */
  readonly leftOut?: readonly LeftOut[];
}

export interface LeftOut {
  /** Location of a mirror. */
  readonly name: string;
  /** A sentence without capital and full stop. */
  readonly why: string;
  readonly written: Written;
}

/**
 * What configuration files alone say of an endpoint, of a candidate and of the route. Where the same files say how it is
 * trusted, or which credential is for it, nothing else is looked up.
 */
export type PlainEndpoint = Omit<Endpoint, 'credentials' | 'trust' | 'proxy'> &
  Partial<Pick<Endpoint, 'credentials' | 'trust'>>;
export type PlainCandidate = Omit<Candidate, 'endpoints'> & {
  readonly endpoints: readonly PlainEndpoint[];
};
export type PlainRoute = Omit<Route, 'candidates'> & {
  readonly candidates: readonly PlainCandidate[];
};

export interface Route {
  /** Name of a client profile. */
  readonly client: string;
  /** The image as given. */
  readonly text: string;
  readonly candidates: readonly Candidate[];
  /** Why the client would ask a person, or refuse where it cannot. */
  readonly ambiguous?: { readonly refused: boolean; readonly written: Written };
  /** Configuration files in the order in which they are read, all of them. */
  readonly files: readonly Looked[];
  readonly problems: readonly ConfigProblem[];
}
