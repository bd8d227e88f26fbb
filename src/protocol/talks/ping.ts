// The ping conversation: `GET /v2/` says whether this is a registry and how to authenticate.
import { failureOf } from '../failure.ts';
import { follow, isRedirect } from '../redirect.ts';
import {
  authenticate,
  hasChallenge,
  persist,
  type RequestShape,
  registryRequest,
  type Session,
} from '../session.ts';
import type { HttpReply, Talk } from '../talk.ts';

const pingBytesMax = 64 * 1024;

const pingShape: RequestShape = {
  path: '/v2/',
  want: 'text',
  bodyBytesMax: pingBytesMax,
  phase: 'ping',
};

/**
 * Pings and, if challenged, authenticates the session.
 * @throws PullFailure on any status but 200 and 401, and those that the client does not mind
 */
export function* ping(session: Session): Talk<HttpReply> {
  let request = registryRequest(session, pingShape);
  let reply: HttpReply = yield request;
  if (isRedirect(reply)) {
    ({ request, reply } = yield* follow(session.client, request, reply));
  }
  if (reply.status !== 200 && reply.status !== 401) {
    ({ request, reply } = yield* persist(session, pingShape, { request, reply }, 1));
  }
  const isTaken = reply.status === 200 || reply.status === 401;
  if (reply.failure !== '' || !(isTaken || session.client.pingsForChallenge)) {
    throw failureOf(request, reply);
  }
  if (reply.status !== 401) return reply;
  if (session.client.goesOnUnchallenged && !hasChallenge(reply)) return reply;
  yield* authenticate(session, request, reply);
  return reply;
}
