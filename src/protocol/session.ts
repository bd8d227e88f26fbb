// One client's dealings with one repository: how its requests look, how it authenticates, and how it
// follows redirects. Everything a registry may be sent, and who may see credentials, is decided here.
import { parseChallenges } from './challenge.ts';
import type { ClientProfile, Credentials } from './client.ts';
import { failureOf, PullFailure, requestLine } from './failure.ts';
import { type Exchanged, follow, isRedirect } from './redirect.ts';
import { remember, rememberByObject } from './remember.ts';
import type {
  Ask,
  DigestAlgorithm,
  HeaderLine,
  HttpReply,
  HttpRequest,
  Phase,
  Talk,
} from './talk.ts';
import { basic, fetchToken } from './token.ts';

/** Manifests and indexes are read up to this size, as clients do (clients.md: 4 MiB). */
export const manifestBytesMax = 4 * 1024 * 1024;

export interface Session {
  /** `http://host:port` or `https://host:port`, no path. */
  readonly registryUrl: string;
  readonly repository: string;
  readonly client: ClientProfile;
  readonly credentials: Credentials | undefined;
  /** What a token is asked for: actions on the repository, as token scopes name them. */
  readonly actions: Actions;
  /** Value of `Authorization` for the registry; '' until a challenge was answered. */
  authorization: string;
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
  readonly body?: Uint8Array;
  /** See HttpRequest. */
  readonly chunked?: true;
}

export function openSession(
  registryUrl: string,
  repository: string,
  client: ClientProfile,
  credentials?: Credentials,
  actions: Actions = 'pull',
): Session {
  return { registryUrl, repository, client, credentials, actions, authorization: '' };
}

/** What this client sends with every request to a registry. */
const commonLines = rememberByObject((client: ClientProfile): HeaderLine[] => [
  ['User-Agent', client.userAgent],
  ...client.registryHeaders,
]);

const readChallenges = remember(parseChallenges);

/** A request to the registry as this client sends it, with the session's authorization if it has one. */
export function registryRequest(session: Session, shape: RequestShape): HttpRequest {
  const { registryUrl, authorization, client } = session;
  const ask = askOf(client, shape);
  const url = registryUrl + shape.path;
  const request = { url, ask, hop: 'registry', authorization, referer: '' } as const;
  const { body, chunked } = shape;
  if (body === undefined) return request;
  return chunked === undefined ? { ...request, body } : { ...request, body, chunked };
}

/** Asks that were made before: by client, by its `Accept` types, by the rest of the shape. */
const knownAsks = rememberByObject((_: ClientProfile) =>
  rememberByObject((_: readonly string[]) => new Map<string, Ask>()),
);
const asksMax = 256;
const acceptNothing: readonly string[] = [];

/** What this client sends when it asks for this, the same object for the same shape. */
function askOf(client: ClientProfile, shape: RequestShape): Ask {
  const { method = 'GET', accept = acceptNothing, want, bodyBytesMax, phase } = shape;
  const algorithm = shape.algorithm ?? 'sha256';
  const known = knownAsks(client)(accept);
  const key = `${method} ${want} ${algorithm} ${bodyBytesMax} ${phase}`;
  const before = shape.extra === undefined ? known.get(key) : undefined;
  if (before !== undefined) return before;
  const types = accept.map((type): HeaderLine => ['Accept', type]);
  const headers = [...commonLines(client), ...types, ...(shape.extra ?? [])];
  const ask = { method, headers, want, algorithm, bodyBytesMax, phase };
  if (shape.extra !== undefined) return ask;
  if (known.size >= asksMax) known.clear();
  known.set(key, ask);
  return ask;
}

/**
 * Sends a request to the registry, answers one challenge, and follows redirects. The reply is the last
 * one, whatever its status.
 * @throws PullFailure when no token can be had, or a redirect may not be followed
 */
export function* exchange(session: Session, shape: RequestShape): Talk<Exchanged> {
  let request = registryRequest(session, shape);
  let reply: HttpReply = yield request;
  if (reply.status === 401 && !session.client.ping) {
    yield* authenticate(session, request, reply);
    request = registryRequest(session, shape);
    reply = yield request;
  }
  if (!isRedirect(reply)) return { request, reply };
  return yield* follow(session.client, request, reply);
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
  const challenges = readChallenges(reply.header('WWW-Authenticate') ?? '');
  const bearer = challenges.find((challenge) => challenge.scheme === 'bearer');
  const chosen = bearer ?? challenges.find((challenge) => challenge.scheme === 'basic');
  if (chosen === undefined) {
    const message = `${requestLine(request)}: HTTP 401 without a Bearer or Basic challenge`;
    throw new PullFailure('bad-challenge', request, 401, message);
  }
  if (chosen.scheme === 'basic') {
    if (session.credentials === undefined) throw failureOf(request, reply);
    session.authorization = basic(session.credentials);
    return;
  }
  session.authorization = `Bearer ${yield* fetchToken(session, chosen, request)}`;
}
