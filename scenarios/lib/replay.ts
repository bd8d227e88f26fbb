// One iteration of a replay: one request of a recorded trace, made when it is due, with the client's own
// authentication and redirects around it.
import { sleep } from 'k6';
import { SharedArray } from 'k6/data';
import { Counter } from 'k6/metrics';
import { keep } from '../../src/lib/remember.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { failureOf, PullFailure, requestLine } from '../../src/protocol/failure.ts';
import {
  exchange,
  manifestBytesMax,
  openSession,
  type Session,
} from '../../src/protocol/session.ts';
import type { Talk } from '../../src/protocol/talk.ts';
import { algorithmOf } from '../../src/protocol/talks/blob.ts';
import { ping } from '../../src/protocol/talks/ping.ts';
import { type Course, pauseOf } from './course.ts';
import { drive } from './drive.ts';
import type { Engine } from './engine.ts';
import type { K6Plan, TraceRequest } from './plan.ts';
import { credentialsOf, measured, scenario, type Tally } from './pull.ts';

const pullLate = new Counter('pull_late');
/** Refused now as when it was recorded. */
const pullAsRecorded = new Counter('pull_as_recorded');
const lateMs = 1000;
/** Of repositories whose token a virtual user remembers. */
const sessions = new Map<string, Session>();

/** The requests of the plan, in memory that all virtual users share. */
export function traceOf({ shape }: K6Plan): readonly string[] {
  if (shape.kind !== 'replay') throw new Error('the plan is no replay');
  const { file } = shape;
  return new SharedArray<string>('trace', () => open(file).trimEnd().split('\n'));
}

export function replayOnce(
  plan: K6Plan,
  client: ClientProfile,
  trace: readonly string[],
  engine: Engine,
): void {
  const request: TraceRequest = JSON.parse(trace[scenario().iterationInTest] as string);
  const waitMs = scenario().startTime + request.atMs - Date.now();
  if (waitMs > 0) sleep(waitMs / 1000);
  else if (waitMs < -lateMs) pullLate.add(1);
  const session = sessionFor(plan, client, request.repository);
  const verify = plan.verify !== 'none';
  const talk =
    request.status === undefined
      ? again(session, request, verify)
      : asRecorded(session, request, request.status, verify);
  const course: Course = { of: 'pull', whose: { client: client.name }, retried: false };
  drive(talk, engine.perform, pauseOf(engine, course), measured(engine, course));
}

function sessionFor(plan: K6Plan, client: ClientProfile, repository: string): Session {
  const known = sessions.get(repository);
  if (known !== undefined) return known;
  const image = plan.images.find((one) => one.repository === repository) ?? plan.images[0];
  if (image === undefined) throw new Error('the plan names no image');
  const session = openSession(image.registryUrl, repository, client, credentialsOf(plan, image));
  keep(sessions, repository, session);
  return session;
}

/** A refusal that comes again is no failure. @throws PullFailure for any other */
function* asRecorded(
  session: Session,
  wanted: TraceRequest,
  status: number,
  verify: boolean,
): Talk<Tally> {
  try {
    return yield* again(session, wanted, verify);
  } catch (error) {
    const isSame = error instanceof PullFailure && error.status === status && error.hop !== 'edge';
    if (!isSame) throw error;
    pullAsRecorded.add(1);
    return { bytes: 0, verifiedBytes: 0 };
  }
}

/** @throws PullFailure */
function* again(session: Session, wanted: TraceRequest, verify: boolean): Talk<Tally> {
  if (session.client.ping && session.authorization === '') yield* ping(session);
  const { method, what, repository, reference } = wanted;
  const algorithm = verify && method === 'GET' ? algorithmOf(reference) : undefined;
  const shape = {
    method,
    path: `/v2/${repository}/${what}/${what === 'tags' ? 'list' : reference}`,
    accept: what === 'manifests' ? session.client.acceptResolve : undefined,
    want: algorithm === undefined ? 'none' : 'digest',
    algorithm: algorithm ?? 'sha256',
    bodyBytesMax: what === 'blobs' ? Number.MAX_SAFE_INTEGER : manifestBytesMax,
    phase: what === 'blobs' ? 'layer' : what === 'manifests' ? 'manifest' : 'other',
  } as const;
  const { request, reply } = yield* exchange(session, shape);
  // A token has run out: the next request gets a new one.
  if (reply.status === 401) session.authorization = '';
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  if (algorithm !== undefined && reply.digest !== reference) {
    const message = `${requestLine(request)}: the bytes hash to ${reply.digest}`;
    throw new PullFailure('wrong-digest', request, 200, message);
  }
  // Bytes are those of blobs, as in a pull.
  const bytes = what === 'blobs' ? reply.bytes : 0;
  return { bytes, verifiedBytes: algorithm === undefined ? 0 : bytes };
}
