// One traced pull: the candidates of a route in turn, at each its endpoints as the client asks them. What the client
// would do again after a pause is not done again.
import type { Candidate, Endpoint, Route } from '../access/route.ts';
import { drive } from '../drivers/drive.ts';
import type { ClientProfile, HostTraits, Mirror } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import type { Platform } from '../protocol/grammar/platform.ts';
import type { Wait } from '../protocol/talk.ts';
import { type PullOptions, type PullResult, pull } from '../protocol/talks/pull.ts';
import type { TracedExchange, TracedPull } from './facts.ts';
import { endpointsOf, originAt } from './places.ts';
import { type Means, type Performed, Tracer } from './tracer.ts';

/** A traced pull, with what its repeats and probes need and results must not hold. */
export interface Traced {
  readonly pull: TracedPull;
  readonly performed: readonly Performed[];
}

/**
 * Undefined where the route leads nowhere: nothing is left to ask, or the client asks a person.
 * @throws what a sink throws
 */
export async function tracePull(
  route: Route,
  client: ClientProfile,
  platform: Platform,
  means: Means,
): Promise<Traced | undefined> {
  const open = route.candidates.filter(
    ({ blocked, endpoints }) => !blocked && endpoints.length > 0,
  );
  if (route.ambiguous?.refused === true || isFatal(route)) return undefined;
  const asked = endpointsOf(open).map(({ plainHttp }) => (plainHttp === 'fallback' ? 2 : 1));
  const connectMs = connectMsOf(
    asked.reduce((sum, times) => sum + times, 0),
    means,
  );
  const before: Traced[] = [];
  for (const candidate of open) {
    const traced = await traceCandidate(candidate, client, platform, means, connectMs);
    const whole = joined(before, traced);
    if (traced.pull.failure === undefined || candidate === open.at(-1)) return whole;
    before.push(traced);
  }
  return undefined;
}

function isFatal({ problems }: Route): boolean {
  return problems.some((problem) => problem.isFatal);
}

/** Many endpoints in a row share the time for connecting; one that may fall back to plain HTTP is two. */
function connectMsOf(times: number, { limits }: Means): number {
  const share = Math.floor(limits.connectAllMs / Math.max(1, times));
  return Math.max(Math.min(limits.connectMs, share), Math.min(limits.connectMs, connectMsMin));
}

const connectMsMin = 1000;

/** The last with what the names before it came to. */
function joined(before: readonly Traced[], { pull, performed }: Traced): Traced {
  if (before.length === 0) return { pull, performed };
  const earlier = before.flatMap((one) => one.pull.passedOver.concat(failedAt(one)));
  const all = [...before.flatMap((one) => one.performed), ...performed];
  const passedOver = [...earlier, ...pull.passedOver];
  return { pull: { ...pull, exchanges: all.map(told), passedOver }, performed: all };
}

function failedAt({ pull: { failure, exchanges } }: Traced): TracedPull['passedOver'] {
  const endpoint = exchanges.at(-1)?.endpoint;
  return failure === undefined || endpoint === undefined ? [] : [{ endpoint, failure }];
}

async function traceCandidate(
  { endpoints }: Candidate,
  client: ClientProfile,
  platform: Platform,
  means: Means,
  connectMs: number,
): Promise<Traced> {
  const tracer = new Tracer(means, endpoints, connectMs);
  const passed: { endpoint: Endpoint; failure: PullFailure }[] = [];
  const noted = async (_ms: number, wait?: Wait): Promise<void> => {
    if (wait?.after !== undefined) passed.push({ endpoint: tracer.last, failure: wait.after });
  };
  const talk = pull(pullOptions(endpoints, withoutRetries(client), platform));
  let result: PullResult | undefined;
  let failure: PullFailure | undefined;
  try {
    result = await drive(talk, tracer.perform, noted);
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    failure = error;
  }
  return tracedBy(tracer, passed, result, failure);
}

function tracedBy(
  tracer: Tracer,
  passed: TracedPull['passedOver'],
  result: PullResult | undefined,
  failure: PullFailure | undefined,
): Traced {
  const { platforms, manifests, entries } = tracer;
  const performed = tracer.performed.toSorted((a, b) => a.startedMs - b.startedMs);
  const digest = result?.digest ?? [...manifests.keys()].at(-1) ?? '';
  const manifest = manifests.get(digest);
  const chosen = entries.get(digest);
  const isIndex = platforms !== undefined;
  const passedOver = passed.filter(
    (one, at) =>
      one.failure !== failure &&
      passed.findLastIndex(({ endpoint }) => endpoint === one.endpoint) === at &&
      !isHealed(one, performed),
  );
  const traced: TracedPull = {
    exchanges: performed.map(told),
    passedOver,
    ...(failure === undefined ? { served: tracer.last } : { failure }),
    ...(isIndex && { platforms }),
    ...(chosen !== undefined && { chosen }),
    ...(manifest !== undefined && { manifest }),
    ...((isIndex || manifest !== undefined) && { resolvesTo: isIndex ? 'index' : 'manifest' }),
  };
  return { pull: traced, performed };
}

/** Without the request, which holds credentials. */
export function told({ request: _, ...exchange }: Performed): TracedExchange {
  return exchange;
}

/** A token that was refused once, and another that was not. */
function isHealed(
  { endpoint, failure }: { endpoint: Endpoint; failure: PullFailure },
  performed: readonly Performed[],
): boolean {
  if (failure.status !== 401) return false;
  const last = performed.findLast((one) => one.endpoint === endpoint && one.hop !== 'token');
  return last !== undefined && last.reply.status < 400;
}

/** What the conversation is told of the endpoints: the last is the registry itself, as the client sees it. */
export function pullOptions(
  endpoints: readonly Endpoint[],
  client: ClientProfile,
  platform: Platform,
): PullOptions {
  const registry = endpoints.at(-1) as Endpoint;
  const mirrors = endpoints.slice(0, -1).map(mirrorOf);
  const { repository, reference, credentials, resolves, pulls } = registry;
  return {
    registryUrl: originAt(registry),
    repository,
    reference,
    platform,
    client,
    credentials: credentials.credentials,
    verification: 'all',
    traits: traitsOf(registry),
    ...(mirrors.length > 0 && { mirrors, does: { resolves, pulls } }),
  };
}

function mirrorOf(endpoint: Endpoint): Mirror {
  const { repository, credentials, resolves, pulls } = endpoint;
  return {
    url: originAt(endpoint),
    repository,
    credentials: credentials.credentials,
    traits: traitsOf(endpoint),
    resolves,
    pulls,
  };
}

/** Undefined for what is as everywhere. */
export function traitsOf({ apiPath, headers, namespace }: Endpoint): HostTraits | undefined {
  const isUsual = apiPath === '/v2' && headers.length === 0 && namespace === undefined;
  return isUsual ? undefined : { apiPath, headers, namespace };
}

/** The same client, which asks everything once, and layers as wholes. */
export function withoutRetries(client: ClientProfile): ClientProfile {
  const { retry: _, resume: __, lazy: ___, ranges: ____, quota: _____, ...plain } = client;
  const { mirrors, eachAlone } = plain;
  const { request: ______, ...rest } = mirrors ?? { each: 'request' as const };
  return {
    ...plain,
    ...(mirrors !== undefined && { mirrors: rest }),
    ...(eachAlone !== undefined && { eachAlone: { ...eachAlone, retriesMax: 0 } }),
  };
}
