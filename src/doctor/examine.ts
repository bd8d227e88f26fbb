// Gathers all facts about one pull: the pull itself, its repeats, every host that it touched or would have, and the
// probes that its outcome leaves of use.
import type { Endpoint, FoundProxy, Route } from '../access/route.ts';
import type { ClientProfile } from '../protocol/client.ts';
import type { Descriptor } from '../protocol/grammar/manifest-document.ts';
import type { Platform } from '../protocol/grammar/platform.ts';
import type { Facts, HostSettings, ProbeFacts } from './facts.ts';
import { Inspector, wantedBy, wantedOf } from './inspect.ts';
import { type Limits, usualLimits } from './limits.ts';
import { endpointsOf } from './places.ts';
import { runProbes } from './probes/index.ts';
import { repeatBlobs } from './repeat.ts';
import { type Traced, tracePull } from './trace.ts';
import type { Means } from './tracer.ts';
import { Waiting } from './waiting.ts';
import type { Reading, Wire } from './wire.ts';

export interface ExamineOptions {
  readonly route: Route;
  readonly client: ClientProfile;
  readonly platform: Platform;
  readonly wire: Wire;
  readonly settings: HostSettings;
  /** The proxy by which the client goes to a URL that something at this endpoint leads to: a CDN, a token server. */
  readonly proxyFor: (url: string, endpoint: Endpoint) => FoundProxy;
  /** The same for programs of this shell. */
  readonly shellProxyFor: (url: string) => FoundProxy;
  /** Of relatives of this client: other versions, other stores. */
  readonly otherRoutes?: readonly Route[];
  /** Pulls in all: one, and its repeats. */
  readonly probes: number;
  /** All blobs are read whole; `sinkOf` needs that. */
  readonly isWhole?: boolean;
  /** Where the bytes of a blob go; asked for anew when it is read again. */
  readonly sinkOf?: ((blob: Descriptor) => NonNullable<Reading['sink']>) | undefined;
  readonly limits?: Partial<Limits>;
  readonly waiting?: Waiting;
  /** What is known by then is the answer. */
  readonly signal?: AbortSignal | undefined;
}

/** Rejects only with what a sink rejects with. */
export async function examine(options: ExamineOptions): Promise<Facts> {
  const { route, client, platform, wire, settings, signal } = options;
  const startedAtMs = wire.now();
  const means: Means = {
    wire,
    limits: { ...usualLimits, ...options.limits },
    waiting: options.waiting ?? new Waiting(),
    proxyFor: options.proxyFor,
    beganAt: performance.now(),
    isWhole: options.isWhole ?? false,
    sinkOf: options.sinkOf,
    signal,
    // Each host is looked at as soon as it is asked.
    onBegin: (begun) => inspector.want(wantedBy(begun)),
  };
  const inspector: Inspector = new Inspector(means);
  // What the configuration names is looked at while the pull runs.
  inspector.want(wantedOf(endpointsOf(route.candidates)));
  const first = await tracePull(route, client, platform, means);
  const traced = first === undefined ? [] : await withRepeats(first, options, means);
  const hosts = await inspector.all();
  const { shellProxyFor, otherRoutes = [] } = options;
  const known = { route, client, platform, traced, hosts, settings, means };
  const probes: ProbeFacts[] = await runProbes({ ...known, shellProxyFor, otherRoutes });
  const pulls = traced.map(({ pull }) => pull);
  return { route, client, platform, pulls, hosts, probes, settings, startedAtMs };
}

async function withRepeats(
  first: Traced,
  { client, probes, signal }: ExamineOptions,
  means: Means,
): Promise<Traced[]> {
  if (signal?.aborted === true) return [first];
  const again = await repeatBlobs(first, client, means, Math.max(0, probes - 1));
  return [first, ...again];
}
