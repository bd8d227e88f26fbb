// One client's dealings with one repository: how its requests look, how it authenticates, and how it
// follows redirects. Everything a registry may be sent, and who may see credentials, is decided here.

import { keep, remember, rememberByObject } from '../lib/remember.ts';
import type { ClientProfile, Credentials } from './client.ts';
import { settleAlone } from './each-alone.ts';
import { failureOf, PullFailure, requestLine } from './failure.ts';
import { referenceIn } from './failure-evidence.ts';
import { type Challenge, parseChallenges } from './grammar/challenge.ts';
import { originOf } from './grammar/uri.ts';
import { type Exchange, follow, isRedirect } from './redirect.ts';
import { retryPause } from './retry.ts';
import type {
  Ask,
  DigestAlgorithm,
  HeaderLine,
  HttpReply,
  HttpRequest,
  Phase,
  Talk,
} from './talk.ts';
import { basic, fetchToken } from './talks/token.ts';
import { hasLine, linesOfTransport } from './transport-lines.ts';
import type { Slots } from './turns.ts';

/** Manifests and indexes are read up to this size, as clients do (docs/client-facts.md 2, Limits). */
export const manifestBytesMax = 4 * 1024 * 1024;

export interface Session {
  /** `http://host:port` or `https://host:port`, no path. */
  readonly registryUrl: string;
  readonly repository: string;
  readonly client: ClientProfile;
  readonly credentials: Credentials | undefined;
  /** What a token is asked for: actions on the repository, as token scopes name them. */
  readonly actions: Actions;
  /** What a token is asked for besides, as `repository:name:pull` for the source of a mount. */
  readonly extraScopes: readonly string[];
  /** Value of `Authorization` for the registry; '' until a challenge was answered. */
  authorization: string;
  /** When the token ends, and how to get the next one; only with `clock`. */
  renewal?: Renewal | undefined;
  /** Milliseconds, only their differences mean something. Without it no token ends. */
  clock?: (() => number) | undefined;
  /** From 0 to 1; without it every wait is the middle one. */
  random?: (() => number) | undefined;
  /** Tries that failed, of a client that counts them over all its requests (`RetryRule.perHost`). */
  failures?: number | undefined;
  /** A manifest came with the authorization that there is. */
  worked?: boolean | undefined;
  /** Where each request may be made, in this order: sessions at mirrors, and this one last. */
  hosts?: readonly Session[] | undefined;
  /** Those of them that may say what a tag names. */
  resolvers?: readonly Session[] | undefined;
  /** How many downloads may be under way, for a client whose layers come in ranges. */
  slots?: Slots | undefined;
  /** Held by whoever fetches the first token. */
  signingIn?: Slots | undefined;
  /** Where the pull goes on if this host has not got a blob. */
  sources?: Sources | undefined;
}

/** What the blobs of one pull have in common, where a client goes on elsewhere in mid-pull. */
export interface Sources {
  current: Session;
  /** Not asked yet. */
  readonly left: Session[];
}

export interface Renewal {
  readonly challenge: Challenge;
  readonly challenged: HttpRequest;
  readonly dueMs: number;
}

export type Actions = 'pull' | 'pull,push' | 'delete,pull,push';

export interface RequestShape {
  readonly method?: Ask['method'];
  /** Path below the registry's origin, with its query. */
  readonly path: string;
  /** `Accept` types, a line each. Lists that are asked for often should be the same object. */
  readonly accept?: readonly string[] | undefined;
  readonly extra?: readonly HeaderLine[];
  readonly want: Ask['want'];
  readonly algorithm?: DigestAlgorithm;
  readonly bodyBytesMax: number;
  readonly phase: Phase;
  readonly body?: HttpRequest['body'];
  /** See HttpRequest. */
  readonly chunked?: true;
  readonly resumes?: HttpReply;
  readonly joins?: NonNullable<HttpRequest['joins']>;
  /** See Ask; for shapes with `extra` lines. */
  readonly partBytesMax?: number;
}

export function openSession(
  registryUrl: string,
  repository: string,
  client: ClientProfile,
  credentials?: Credentials,
  actions: Actions = 'pull',
  extraScopes: readonly string[] = [],
): Session {
  return {
    registryUrl,
    repository,
    client,
    credentials,
    actions,
    extraScopes,
    // Who signs in for each request shows a password with each.
    authorization: client.eachAlone && credentials ? basic(credentials) : '',
  };
}

const readChallenges = remember(parseChallenges);

/** A request to the registry as this client sends it, with the session's authorization if it has one. */
export function registryRequest(session: Session, shape: RequestShape): HttpRequest {
  const { registryUrl, authorization, client } = session;
  const { ask, url } = targetOf(client, shape, registryUrl);
  const request = { url, ask, hop: 'registry', authorization, referer: '' } as const;
  const { body, resumes, joins } = shape;
  if (joins !== undefined) return { ...request, joins };
  if (body === undefined) return resumes === undefined ? request : { ...request, resumes };
  const { chunked } = shape;
  return chunked === undefined ? { ...request, body } : { ...request, body, chunked };
}

/** What is asked for, and where. */
interface Target {
  readonly ask: Ask;
  readonly registryUrl: string;
  readonly url: string;
}

/** What was last made of a shape, by client: shapes that are asked for often are the same object. */
const lastTargets = rememberByObject((_: ClientProfile) => new Map<RequestShape, Target>());
/** Asks that were made before: by client, its `Accept` types and the rest of the shape. */
const knownAsks = rememberByObject((_: ClientProfile) =>
  rememberByObject((_: readonly string[]) => new Map<string, Ask>()),
);
const acceptNothing: readonly string[] = [];

/** What this client sends when it asks for this, and where: the same ask for the same shape. */
function targetOf(client: ClientProfile, shape: RequestShape, registryUrl: string): Target {
  const targets = lastTargets(client);
  const last = targets.get(shape);
  if (last !== undefined && last.registryUrl === registryUrl) return last;
  const { apiPath, namespace = '' } = client;
  const path = apiPath === undefined ? shape.path : apiPath + shape.path.slice(usualApiPath.length);
  const url = registryUrl + path + namespace;
  const target = { ask: askOf(client, shape), registryUrl, url };
  keep(targets, shape, target);
  return target;
}

/** With which the path of every shape begins. */
const usualApiPath = '/v2';

function askOf(client: ClientProfile, shape: RequestShape): Ask {
  if (shape.extra !== undefined) return makeAsk(client, shape);
  const { method = 'GET', accept = acceptNothing, want, algorithm, bodyBytesMax, phase } = shape;
  const known = knownAsks(client)(accept);
  const key = `${method} ${want} ${algorithm} ${bodyBytesMax} ${phase}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const ask = makeAsk(client, shape);
  keep(known, key, ask);
  return ask;
}

function makeAsk(client: ClientProfile, shape: RequestShape): Ask {
  const { method = 'GET', accept = acceptNothing, want, bodyBytesMax, phase } = shape;
  const algorithm = shape.algorithm ?? 'sha256';
  const types = accept.map((type): HeaderLine => ['Accept', type]);
  const lines = [...types, ...client.registryHeaders, ...(shape.extra ?? [])];
  const coding = client.acceptEncoding;
  const isOurs = coding !== undefined && method === 'GET' && !hasLine(lines, 'Accept-Encoding');
  if (isOurs) lines.push(['Accept-Encoding', coding]);
  const headersLast = linesOfTransport(client, method, lines);
  lines.sort(byName);
  const agent: HeaderLine[] = client.userAgent === '' ? [] : [['User-Agent', client.userAgent]];
  const headers: HeaderLine[] = [...agent, ...lines];
  const asked = { method, headers, headersLast, want, algorithm, bodyBytesMax, phase };
  // Who wrote the line himself, as checks do, wants what it brings.
  const unpacks = isOurs || hasLine(headersLast, 'Accept-Encoding');
  const { partBytesMax } = shape;
  const limitMs = phase === 'ping' ? client.helloMs : undefined;
  return {
    ...asked,
    network: client,
    ...(unpacks && { unpacks }),
    ...(partBytesMax !== undefined && { partBytesMax }),
    ...(limitMs !== undefined && { limitMs }),
  };
}

/** Go writes headers sorted by name, lines of one name in the order in which they were added. */
function byName([a]: HeaderLine, [b]: HeaderLine): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Sends a request to the registry, answers challenges, follows redirects, and tries again as this client
 * does. The reply is the last one, whatever its status.
 * @throws PullFailure when no token can be had, or a redirect may not be followed
 */
export function* exchange(session: Session, shape: RequestShape): Talk<Exchange> {
  const { renewal } = session;
  if (renewal !== undefined && isDue(renewal, session)) yield* renew(session, renewal);
  const request = registryRequest(session, shape);
  const reply: HttpReply = yield request;
  if (reply.status === 200) return { request, reply };
  return yield* settle(session, shape, request, reply);
}

/**
 * The rest of an exchange whose first reply was not 200. The conversations of a pull send first requests
 * themselves: in k6's engine each level of generators costs as much as all else that a request needs.
 * `followed` redirects lie behind the reply already.
 */
export function* settle(
  session: Session,
  shape: RequestShape,
  first: HttpRequest,
  answer: HttpReply,
  followed = 0,
): Talk<Exchange> {
  const { client } = session;
  if (client.eachAlone !== undefined) {
    const met = { request: first, reply: answer };
    const afresh = () => registryRequest(session, shape);
    return yield* settleAlone(session, afresh, met, client.eachAlone, followed);
  }
  let request = first;
  let reply = answer;
  let tries = 1;
  const challenged = reply.status === 401 && request.hop === 'registry';
  if (challenged && session.authorization === '' && !client.ping) {
    const challenge = challengeOf(session, request, reply);
    if (challenge !== undefined) {
      session.authorization = `Bearer ${yield* fetchToken(session, challenge, request)}`;
    }
    request = registryRequest(session, shape);
    reply = yield request;
    tries++;
  }
  if (isRedirect(reply)) {
    ({ request, reply } = yield* follow(client, request, reply, undefined, followed, shape.path));
  }
  if (reply.status === 200) return { request, reply };
  return yield* persist(session, shape, { request, reply }, tries);
}

/** A body that broke off is not for a request's retries: its client saw a good reply. */
function isWelcome({ status }: HttpReply): boolean {
  return status >= 200 && status < 400;
}

/**
 * After an unwelcome reply: what this client does about it, until a welcome one or until its rules say
 * stop. `tries` is how many requests there were, the last of them unanswered by any rule yet.
 */
export function* persist(
  session: Session,
  shape: RequestShape,
  first: Exchange,
  tries: number,
): Talk<Exchange> {
  const { retry } = session.client;
  const rule = (shape.phase === 'layer' ? retry?.layerRequest : undefined) ?? retry?.request;
  const triesMax = rule?.triesMax ?? refusedTriesMax;
  let last = first;
  // A token that was fetched for this very request is not fetched again.
  let renewed = tries > 1;
  let statusBefore = 0;
  for (let made = tries; made <= triesMax && !isWelcome(last.reply); made++) {
    const { request, reply } = last;
    const { status, failure } = reply;
    if (status === 401 && isOfRegistry(session, request)) {
      const isFirst = session.authorization === '';
      const way = afterRefusal(session, shape, reply, renewed);
      if (way === 'stop' || (way === 'resend' && made === triesMax)) return last;
      // The first 401 is how a registry asks for a token.
      if (!isFirst) {
        const after = failureOf(request, reply, knownOf(session, shape));
        yield { waitMs: 0, why: 'back-off', after };
      }
      if (way === 'renew') yield* authenticate(session, request, reply);
      renewed ||= way === 'renew' || session.client.token.refused === 'resend';
    } else {
      const before = rule?.perHost ? countFailure(session) : made;
      const failed = { tries: before, status, failure, statusBefore, reply };
      const pause = rule && retryPause(rule, failed, session.random?.() ?? 0.5);
      if (pause === undefined) return last;
      yield { ...pause, after: failureOf(request, reply, knownOf(session, shape)) };
    }
    statusBefore = status;
    const { renewal } = session;
    if (renewal !== undefined && isDue(renewal, session)) yield* renew(session, renewal);
    // A 401 is answered with another token, wherever it was met.
    const isSameHop = rule?.sameHop && status !== 401 && request.hop === 'edge';
    const again = isSameHop ? request : undefined;
    last = yield* once(session, again ?? registryRequest(session, shape));
  }
  return last;
}

/** For the evidence of a failure: what was wanted, and whether the token had been good so far. */
export function knownOf({ worked }: Session, { path, phase, bodyBytesMax }: RequestShape) {
  const reference = referenceIn(path);
  const isBlob =
    (phase === 'config' || phase === 'layer') && bodyBytesMax !== Number.MAX_SAFE_INTEGER;
  return { worked, reference, ...(isBlob && { bytesExpected: bodyBytesMax }) };
}

/** Also where a redirect has led back to it. */
function isOfRegistry({ registryUrl }: Session, { hop, url }: HttpRequest): boolean {
  return hop === 'registry' || originOf(url) === originOf(registryUrl);
}

/** One more, of all requests of the session. */
export function countFailure(session: Session): number {
  session.failures = (session.failures ?? 0) + 1;
  return session.failures;
}

/** Without a rule for retries: the first request and the one with a new token. */
const refusedTriesMax = 2;

function* once(session: Session, request: HttpRequest): Talk<Exchange> {
  const reply: HttpReply = yield request;
  return isRedirect(reply) ? yield* follow(session.client, request, reply) : { request, reply };
}

/** What a 401 leads to, by `token.refused`. A 401 to a ping is no refusal. */
function afterRefusal(
  { client, authorization }: Session,
  { phase }: RequestShape,
  reply: HttpReply,
  renewed: boolean,
): 'stop' | 'renew' | 'resend' {
  const { refused } = client.token;
  if (phase === 'ping' || !hasChallenge(reply)) return 'stop';
  // Who pings has its answer from there.
  if (authorization === '') return client.ping || renewed ? 'stop' : 'renew';
  if (refused === 'final') return 'stop';
  const error = bearerError(reply);
  if (refused === 'resend') return renewed && error !== undefined ? 'stop' : 'resend';
  if (refused === 'renew-if-error') {
    if (error === undefined || authorization.startsWith('Basic')) return 'resend';
    return renewed ? 'stop' : 'renew';
  }
  if (renewed || (refused === 'if-insufficient' && error !== 'insufficient_scope')) return 'stop';
  return 'renew';
}

/** Whether a 401 says how to authenticate. */
export function hasChallenge(reply: HttpReply): boolean {
  const challenges = readChallenges(reply.header('WWW-Authenticate') ?? '');
  return challenges.some(({ scheme }) => scheme === 'bearer' || scheme === 'basic');
}

function bearerError(reply: HttpReply): string | undefined {
  const challenges = readChallenges(reply.header('WWW-Authenticate') ?? '');
  return challenges.find(({ scheme }) => scheme === 'bearer')?.params.error;
}

/** Whether a token has run out by the client's own clock. */
export function isDue(renewal: Renewal, { clock }: Session): boolean {
  return clock !== undefined && clock() >= renewal.dueMs;
}

/** A new token for the old challenge. Requests that start meanwhile still go out with the old one. */
export function* renew(session: Session, { challenge, challenged }: Renewal): Talk<void> {
  session.renewal = undefined;
  session.authorization = `Bearer ${yield* fetchToken(session, challenge, challenged)}`;
}

/**
 * Answers the challenge of a 401 reply: fetches a token, or sets Basic.
 * @throws PullFailure `bad-challenge`, `unauthorized`, or what the token request failed with
 */
export function* authenticate(
  session: Session,
  request: HttpRequest,
  reply: HttpReply,
): Talk<void> {
  const challenge = challengeOf(session, request, reply);
  if (challenge === undefined) return;
  session.authorization = `Bearer ${yield* fetchToken(session, challenge, request)}`;
}

/**
 * The Bearer challenge to answer; undefined where Basic does, which the session then sends.
 * @throws PullFailure `bad-challenge`, `unauthorized`
 */
function challengeOf(
  session: Session,
  request: HttpRequest,
  reply: HttpReply,
): Challenge | undefined {
  const challenges = readChallenges(reply.header('WWW-Authenticate') ?? '');
  const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
  const chosen = bearer ?? challenges.find((challenge) => challenge.scheme === 'basic');
  if (chosen === undefined) {
    const message = `${requestLine(request)}: HTTP 401 without a Bearer or Basic challenge`;
    const reference = referenceIn(request.url);
    throw new PullFailure('bad-challenge', request, 401, message, { reply, reference });
  }
  if (chosen.scheme !== 'basic') return chosen;
  if (session.credentials === undefined) throw failureOf(request, reply);
  session.authorization = basic(session.credentials);
  return undefined;
}
