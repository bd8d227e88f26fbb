// All that a run learned. Causes decide by this and nothing else, so that a fixture is a value of this type or a
// scripted wire that leads to one.
import type { Endpoint, FoundProxy, Route, Written } from '../access/route.ts';
import type { ClientProfile } from '../protocol/client.ts';
import type { PullFailure } from '../protocol/failure.ts';
import type { Descriptor } from '../protocol/grammar/manifest-document.ts';
import type { Platform } from '../protocol/grammar/platform.ts';
import type { Hop, HttpReply, Phase } from '../protocol/talk.ts';
import type { Dial, Handshake, Lookup } from './wire.ts';

/** One request of a traced pull. */
export interface TracedExchange {
  readonly method: string;
  /** Without query. */
  readonly url: string;
  /** `host:port`. */
  readonly host: string;
  readonly hop: Hop;
  readonly phase: Phase;
  /** Scheme of the credentials that it showed: `Basic`, `Bearer`, or ''. */
  readonly authorization: string;
  /** Whose turn it was. */
  readonly endpoint: Endpoint;
  /** From the begin of the run, milliseconds. */
  readonly startedMs: number;
  /** When the reply was complete, our clock, since 1970. */
  readonly endedAtMs: number;
  /** A token is not in it. */
  readonly reply: HttpReply;
  /** Of a request for a blob. */
  readonly blob?: {
    readonly digest: string;
    /** By its descriptor. */
    readonly size: number;
    /** More than the limit: only its beginning was read. */
    readonly isPart: boolean;
  };
  /** By which proxy it went. */
  readonly proxy: FoundProxy;
}

export interface TracedPull {
  readonly exchanges: readonly TracedExchange[];
  /** Of the last endpoint, or what the client tells of several; absent where all went well. */
  readonly failure?: PullFailure;
  /** At which endpoint it ended well. */
  readonly served?: Endpoint;
  /** Of endpoints before it, in order: they were passed over. */
  readonly passedOver: readonly { readonly endpoint: Endpoint; readonly failure: PullFailure }[];
  /** Platforms that the index offers; absent where there was none. */
  readonly platforms?: readonly Platform[];
  readonly chosen?: Descriptor;
  /** Of the chosen platform, as it came. */
  readonly manifest?: {
    readonly text: string;
    readonly digest: string;
    readonly mediaType: string;
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  /** What the reference names. */
  readonly resolvesTo?: 'index' | 'manifest';
}

/** What a host that the pull touched, or would have, is like from here. */
export interface HostFacts {
  /** `host:port`. */
  readonly host: string;
  readonly role: 'registry' | 'mirror' | 'token' | 'edge' | 'proxy';
  readonly scheme: 'http' | 'https';
  /** Of A and AAAA; none for an address, and for what a proxy resolves. */
  readonly lookups: readonly Lookup[];
  /** Each address of each family, bounded. None where all goes by a proxy. */
  readonly dials: readonly Dial[];
  /** By the way that requests go. */
  readonly handshake?: Handshake;
  /** Family by family, where both are there. */
  readonly handshakes: readonly { readonly family: 4 | 6; readonly handshake: Handshake }[];
}

/** The answer of one differential probe, with what it was compared with. */
export interface ProbeFacts {
  readonly id: ProbeId;
  /** `host:port` that was asked. */
  readonly host: string;
  /** What was asked, in words. */
  readonly asked: string;
  readonly reply?: HttpReply;
  readonly dial?: Dial;
  readonly handshake?: Handshake;
  /** What came of it, in words. */
  readonly answer: string;
  readonly held: boolean;
  readonly ms: number;
}

export type ProbeId =
  | 'without-credential' // the request that was refused, anonymously
  | 'with-credential' // the anonymous request that was refused or limited, with what was found
  | 'without-proxy'
  | 'with-proxy' // by a proxy that another configuration names (shell against daemon)
  | 'ipv4'
  | 'ipv6'
  | 'small-reply' // one byte of the blob that stalled
  | 'large-reply' // more than an MTU of it
  | 'head' // HEAD where GET failed, or the reverse
  | 'one-accept' // one line of Accept in the place of several, where no manifest came
  | 'range'
  | 'plain-http' // what the port answers to HTTP
  | 'tls' // what the port answers to TLS
  | 'other-tag' // does the repository have any tag that we may see
  | 'sign-in' // does the registry ask for a login at all, where nothing of the pull was asked for one
  | 'catalog-path' // the same path with or without what the configuration puts before it
  | 'other-client' // what the other rule set would have done
  | 'clock' // what time is it at a host whose certificate is out of its time, whoever that is
  | 'issuer' // does the chain become trusted with the issuer that its last certificate names (AIA)
  | 'signature'; // is there one where the policy looks for it

/** Settings of the host that are not about one endpoint. */
export interface HostSettings {
  readonly user: string;
  readonly uid: number;
  readonly interfaces: readonly { readonly name: string; readonly mtu: number }[];
  /** What the daemons' own proxies are (systemd drop-ins, daemon.json, containerd), by daemon. */
  readonly daemonProxies: readonly {
    readonly daemon: 'docker' | 'containerd' | 'kubelet' | 'podman' | 'crio';
    readonly variables: Readonly<Record<string, string>>;
    readonly written: Written;
  }[];
  /** Auth files that the client does not look for, of other users and other clients, with their keys. */
  readonly otherAuthFiles?: readonly {
    readonly path: string;
    readonly user: string;
    readonly holds: readonly string[];
  }[];
  /** The policy entry that applies (containers-policy.json), where the client reads one. */
  readonly policy?: {
    readonly kind: 'insecureAcceptAnything' | 'reject' | 'signedBy' | 'sigstoreSigned' | 'other';
    readonly scope: string;
    readonly written: Written;
    readonly keys: readonly { readonly path: string; readonly exists: boolean }[];
    readonly lookaside?: string;
  };
}

export interface Facts {
  readonly route: Route;
  readonly client: ClientProfile;
  readonly platform: Platform;
  /** The first is the pull; the others repeat its blobs. None where the route leads nowhere. */
  readonly pulls: readonly TracedPull[];
  readonly hosts: readonly HostFacts[];
  readonly probes: readonly ProbeFacts[];
  readonly settings: HostSettings;
  readonly startedAtMs: number;
}
