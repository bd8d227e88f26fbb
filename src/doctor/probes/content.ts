// Probes that ask for something else: the same anonymously, other tags, other paths, a signature.
import { isLoopbackName } from '../../access/loopback.ts';
import type { Endpoint, Route } from '../../access/route.ts';
import { drive } from '../../drivers/drive.ts';
import { asArray, asObject, parseJson } from '../../lib/json.ts';
import { plural } from '../../lib/plural.ts';
import { PullFailure } from '../../protocol/failure.ts';
import { originOf } from '../../protocol/grammar/uri.ts';
import { locate } from '../../protocol/talks/pull.ts';
import { basic } from '../../protocol/talks/token.ts';
import { endpointsOf, originAt, placeIn, placeOf } from '../places.ts';
import { pullOptions, withoutRetries } from '../trace.ts';
import { type Means, type Performed, Tracer } from '../tracer.ts';
import {
  type Asking,
  alike,
  type Came,
  cameBy,
  failedExchange,
  type Known,
  type Probe,
  sample,
  sampleRequest,
  wayOf,
  wordsOfReply,
} from './probe.ts';

/** What a registry says to a client that it does not let in, or does not want to. */
const refusals = new Set([
  'unauthorized',
  'denied',
  'manifest-unknown',
  'blob-unknown',
  'bad-token',
  'rate-limited',
  'unexpected-status',
  'bad-challenge',
]);

/** From the beginning to the manifest, at one endpoint, with nothing to show. */
async function located(known: Known, endpoint: Endpoint): Promise<Came> {
  const { limits } = known.means;
  const probing = { ...limits, replyMs: limits.probeMs };
  const means: Means = { ...known.means, limits: probing, onBegin: undefined };
  const tracer = new Tracer(means, [endpoint], limits.probeMs);
  const talk = locate(pullOptions([endpoint], withoutRetries(known.client), known.platform));
  const failure = await drive(talk, tracer.perform, async () => undefined).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure !== undefined && !(failure instanceof PullFailure)) throw failure;
  const reply = tracer.performed.at(-1)?.reply;
  const shown = reply === undefined ? {} : { reply };
  if (failure === undefined) return { ...shown, answer: 'the manifest came', held: true };
  const answer = reply === undefined ? failure.message : `${failure.class}: ${wordsOfReply(reply)}`;
  return { ...shown, answer, held: false };
}

function anonymous(endpoint: Endpoint): Endpoint {
  return { ...endpoint, credentials: { looked: [], problems: [] } };
}

const withoutCredential: Probe['asks'] = (known) => {
  const failure = known.traced[0]?.pull.failure;
  const failed = failedExchange(known);
  if (failure === undefined || failed === undefined) return [];
  const { endpoint, host } = failed;
  if (endpoint.credentials.credentials === undefined || !refusals.has(failure.class)) return [];
  const asked = `${endpoint.repository}, ${endpoint.reference} at ${host} without the credential`;
  return [{ host, asked, run: () => located(known, anonymous(endpoint)) }];
};

/** Where the pull stayed anonymous although a credential was found: nobody asked for it before refusing. */
const withCredential: Probe['asks'] = (known) => {
  const failure = known.traced[0]?.pull.failure;
  const failed = failedExchange(known);
  if (failure === undefined || failed === undefined || failed.hop !== 'registry') return [];
  const { endpoint, host, request } = failed;
  const { credentials } = endpoint.credentials;
  if (credentials === undefined || credentials.identityToken !== undefined) return [];
  if (!refusals.has(failure.class) || wasShown(known, endpoint) || !isPrivate(failed)) return [];
  const asking = { ...alike(failed, {}), url: request.url, authorization: basic(credentials) };
  const way = wayOf(known, endpoint.trust, failed.proxy);
  const run = async () => {
    const reply = await known.means.wire.exchange(asking, way, sample);
    return cameBy(reply, reply.status > 0 && reply.status < 400);
  };
  return [{ host, asked: `${failed.method} ${failed.url} with the credential`, run }];
};

function wasShown({ traced: [first] }: Known, endpoint: Endpoint): boolean {
  const its = first?.performed.filter((one) => one.endpoint === endpoint) ?? [];
  return its.some(({ authorization, hop, request }) =>
    hop === 'token'
      ? request.body !== undefined || authorization !== ''
      : authorization === 'Basic',
  );
}

/** The registry itself, over what nobody reads along. */
function isPrivate({ request, endpoint }: Performed): boolean {
  const place = placeOf(request.url);
  const isOwn = originOf(request.url) === originOf(originAt(endpoint));
  return isOwn && (place?.scheme === 'https' || isLoopbackName(place?.at ?? ''));
}

/** With what the pull itself showed there. */
const otherTag: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  const failure = known.traced[0]?.pull.failure;
  if (failed === undefined || failure === undefined || failed.hop === 'edge') return [];
  if (!['manifest-unknown', 'denied', 'unauthorized'].includes(failure.class)) return [];
  const { endpoint } = failed;
  const last = known.traced[0]?.performed.findLast(
    (one) => one.endpoint === endpoint && one.hop === 'registry',
  );
  if (last === undefined) return [];
  const url = `${originAt(endpoint)}${endpoint.apiPath}/${endpoint.repository}/tags/list`;
  const request = { ...sampleRequest(`${url}?n=50`), authorization: last.request.authorization };
  const way = wayOf(known, endpoint.trust, last.proxy);
  const run = async () => cameByTags(await known.means.wire.exchange(request, way, sample));
  return [{ host: last.host, asked: `GET ${url}: is any tag there that we may see`, run }];
};

const tagsShownMax = 5;
const tagShownChars = 60;

function cameByTags(reply: Parameters<typeof cameBy>[0]): Came {
  const tags = asArray(asObject(parseJson(reply.text))?.tags) ?? [];
  const named = tags
    .filter((tag) => typeof tag === 'string')
    .map((tag) => tag.slice(0, tagShownChars));
  if (reply.status !== 200) return cameBy(reply, false);
  const some = named.slice(0, tagsShownMax).join(', ');
  const answer = `HTTP 200, ${plural(named.length, 'tag')}${some === '' ? '' : `: ${some}`}`;
  return { reply, answer, held: named.length > 0 };
}

/** Registries with logins may hide from who has none what is there. Where the pull began by `/v2/`, it knows. */
const signIn: Probe['asks'] = (known) => {
  const failed = failedExchange(known);
  if (failed === undefined || known.traced[0]?.pull.failure?.class !== 'manifest-unknown')
    return [];
  const { endpoint, host, proxy } = failed;
  const own = known.traced[0].performed.filter((one) => one.endpoint === endpoint);
  const isKnown = own.some(
    ({ phase, reply, authorization }) =>
      phase === 'ping' || reply.status === 401 || authorization !== '',
  );
  if (isKnown || failed.hop !== 'registry') return [];
  const url = `${originAt(endpoint)}${endpoint.apiPath}/`;
  const way = wayOf(known, endpoint.trust, proxy);
  const run = async () => {
    const reply = await known.means.wire.exchange(sampleRequest(url), way, sample);
    return cameBy(reply, reply.status === 401);
  };
  return [{ host, asked: `GET ${url}: is a login asked for`, run }];
};

/** The paths that the configuration may have meant. */
function variantsOf(endpoint: Endpoint): Endpoint[] {
  const { apiPath, repository } = endpoint;
  const paths = new Set(['/v2', apiPath.replace(/\/v2$/, ''), `${apiPath}/v2`]);
  const names = new Set([`library/${repository}`, repository.replace(/^library\//, '')]);
  return [
    ...[...paths]
      .filter((path) => path !== apiPath)
      .map((path) => ({ ...endpoint, apiPath: path })),
    ...[...names]
      .filter(
        (name) => name !== repository && (!name.startsWith('library/') || isPlain(repository)),
      )
      .map((name) => ({ ...endpoint, repository: name })),
  ].map(anonymous);
}

const isPlain = (repository: string): boolean => !repository.includes('/');

/** Where an endpoint knows nothing of the path, or answers by a page. */
const catalogPath: Probe['asks'] = (known) => {
  const pull = known.traced[0]?.pull;
  if (pull === undefined) return [];
  const failed = [...pull.passedOver];
  const last = failedExchange(known);
  if (pull.failure !== undefined && last !== undefined) {
    failed.push({ endpoint: last.endpoint, failure: pull.failure });
  }
  return failed
    .filter(({ failure }) => {
      const { class: kind, status } = failure;
      return kind === 'manifest-unknown' || kind === 'bad-manifest' || status === 404;
    })
    .flatMap(({ endpoint }) => variantsOf(endpoint).map((variant) => askVariant(known, variant)));
};

function askVariant(known: Known, variant: Endpoint): Asking {
  const { apiPath, repository, reference } = variant;
  const origin = originAt(variant);
  const host = placeOf(origin)?.at ?? '';
  const asked = `whether another path is meant: ${origin}${apiPath}/${repository}/manifests/${reference}`;
  return { host, asked, run: () => located(known, variant) };
}

const relativesMax = 3;
const endpointsMax = 4;

/** As relatives of this client would, which ask elsewhere, or in another order. */
const otherClient: Probe['asks'] = (known) =>
  known.otherRoutes.slice(0, relativesMax).flatMap((route) => askRelative(known, route));

/** The first of its endpoints, in its order, that has the image. */
function askRelative(known: Known, route: Route): Asking[] {
  const endpoints = endpointsOf(route.candidates).slice(0, endpointsMax);
  const [first] = endpoints;
  if (first === undefined) return [];
  const places = endpoints.map(placeIn).join(', ');
  const run = async (): Promise<Came> => {
    const came = await Promise.all(endpoints.map((endpoint) => located(known, endpoint)));
    const at = came.findIndex(({ held }) => held);
    const found = endpoints[at];
    const either = known.traced[0]?.pull.failure === undefined ? '' : ', either';
    if (found === undefined)
      return { answer: `${route.client} does not get it${either}`, held: false };
    return { answer: `${route.client} gets it from ${placeIn(found)}`, held: true };
  };
  const asked = `${route.text} as ${route.client} resolves it here: ${places}`;
  return [{ host: placeOf(originAt(first))?.at ?? '', asked, run }];
}

/** Beside the image, where sigstore keeps it; or at the store that the configuration names. */
const signature: Probe['asks'] = (known) => {
  const { policy } = known.settings;
  const [first] = known.traced;
  const manifest = first?.pull.manifest;
  const from = first?.performed.findLast(
    ({ hop, reply }) => hop === 'registry' && reply.status === 200,
  );
  if (policy === undefined || manifest === undefined || from === undefined) return [];
  if (policy.kind === 'signedBy') return atLookaside(known, from, manifest.digest);
  if (policy.kind !== 'sigstoreSigned') return [];
  const { endpoint } = from;
  const path = `${endpoint.apiPath}/${endpoint.repository}/manifests/${manifest.digest.replace(':', '-')}.sig`;
  const url = originAt(endpoint) + path;
  const request = { ...alike(from, { method: 'HEAD' }), url };
  const way = wayOf(known, endpoint.trust, from.proxy);
  const run = async () => heldBy200(await known.means.wire.exchange(request, way, sample));
  return [{ host: from.host, asked: `HEAD ${url}`, run }];
};

function atLookaside(known: Known, { endpoint }: Performed, digest: string): Asking[] {
  const base = known.settings.policy?.lookaside;
  if (base === undefined || !/^https?:/.test(base)) return [];
  const url = `${base.replace(/\/$/, '')}/${endpoint.repository}@${digest.replace(':', '=')}/signature-1`;
  const way = wayOf(known, endpoint.trust, known.means.proxyFor(url, endpoint));
  const run = async () =>
    heldBy200(await known.means.wire.exchange(sampleRequest(url), way, sample));
  return [{ host: placeOf(url)?.at ?? '', asked: `GET ${url}`, run }];
}

function heldBy200(reply: Parameters<typeof cameBy>[0]): Came {
  return cameBy(reply, reply.status === 200);
}

export const contentProbes: readonly Probe[] = [
  { id: 'without-credential', asks: withoutCredential },
  { id: 'with-credential', asks: withCredential },
  { id: 'other-tag', asks: otherTag },
  { id: 'sign-in', asks: signIn },
  { id: 'catalog-path', asks: catalogPath },
  { id: 'other-client', asks: otherClient },
  { id: 'signature', asks: signature },
];
