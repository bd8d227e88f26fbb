// A body that did not come at once: a body that broke off goes on by Range where the client does that, and
// what was refused is asked for again. The digest goes on too, over all parts (HttpRequest.resumes).
import type { ResumeRule } from '../client.ts';
import { failureOf, PullFailure, requestLine } from '../failure.ts';
import type { Known } from '../failure-evidence.ts';
import type { Exchange } from '../redirect.ts';
import { paceMs, retryPause } from '../retry.ts';
import { countFailure, knownOf, type RequestShape, type Session } from '../session.ts';
import type { HttpReply, Phase, Talk, Wait } from '../talk.ts';
import { exchangeAnywhere } from './hosts.ts';

/** A registry that gives little more than `progressBytesMin` each time is left after so many parts. */
const partsMax = 1000;

/** What there is of a body: the reply that broke off, and the bytes and the text up to there. */
interface Part {
  readonly cut: HttpReply;
  readonly bytes: number;
  readonly text: string;
}

/** The last exchange, and the whole body's bytes and text; the last reply's digest is the whole's. */
interface Recovered {
  readonly last: Exchange;
  readonly bytes: number;
  readonly text: string;
}

/**
 * From an exchange that failed to the whole body, within the limits of the client's rules.
 * @throws PullFailure
 */
export function* recover(
  session: Session,
  shape: RequestShape,
  phase: Phase,
  size: number,
  first: Exchange,
): Talk<Recovered> {
  const { resume, retry } = session.client;
  let last = first;
  let have: Part | undefined;
  let tries = 0;
  /** The last reply was a whole body, dropped because it was not the rest. */
  let dropped = false;
  for (let parts = 1; parts <= partsMax; parts++) {
    const { request, reply } = last;
    const random = session.random?.() ?? 0.5;
    tries++;
    let pause: Wait | undefined;
    if (resume !== undefined && (dropped || isCut(resume, reply, have))) {
      if (retry?.request?.perHost) tries = countFailure(session);
      if (!dropped) have = joined(have, reply);
      if (reply.bytes >= resume.progressBytesMin) tries = 1;
      if (tries <= resume.triesMax) {
        pause = { waitMs: paceMs(resume, tries, random), why: 'back-off' };
      }
    } else {
      const rule = phase === 'config' || phase === 'layer' ? retry?.[phase] : undefined;
      const { status, failure } = reply;
      pause = rule && retryPause(rule, { tries, status, failure, statusBefore: 0, reply }, random);
    }
    const failed = failureOf(request, reply, knownOf(session, shape));
    if (pause === undefined) throw failed;
    yield { ...pause, after: failed };
    last = yield* exchangeAnywhere(
      session,
      resume && have ? rest(shape, resume, have, size) : shape,
    );
    const { status, failure } = last.reply;
    if (have !== undefined && status === 206 && !goesOn(last.reply, have.bytes, size)) {
      throw ignoredRange(last, knownOf(session, shape));
    }
    dropped = false;
    if (have !== undefined && status === 200) {
      if (resume?.ignored === 'fail') throw ignoredRange(last, knownOf(session, shape));
      // docker drops the body with what it has, and begins again at its next try.
      dropped = resume?.ignored === 'restart';
      have = undefined;
    }
    if (failure === '' && !dropped && (status === 200 || status === 206)) {
      const { bytes, text } = last.reply;
      return { last, bytes: (have?.bytes ?? 0) + bytes, text: (have?.text ?? '') + text };
    }
  }
  throw failureOf(last.request, last.reply, knownOf(session, shape));
}

/** A body that was welcome and ended as this client can bear it. */
function isCut(
  { after }: ResumeRule,
  { failure, status, bytes }: HttpReply,
  have: Part | undefined,
): boolean {
  const isBody = (status === 200 || status === 206) && (bytes > 0 || have !== undefined);
  return isBody && (failure === 'short-body' || failure === 'reset') && after.includes(failure);
}

function joined(have: Part | undefined, cut: HttpReply): Part {
  const before = cut.status === 206 ? have : undefined;
  return { cut, bytes: (before?.bytes ?? 0) + cut.bytes, text: (before?.text ?? '') + cut.text };
}

/** The request for what is missing. */
function rest(
  shape: RequestShape,
  { range }: ResumeRule,
  { cut, bytes }: Part,
  size: number,
): RequestShape {
  const value = `bytes=${bytes}-${range === 'past-end' ? size : ''}`;
  return { ...shape, extra: [['Range', value]], resumes: cut };
}

/** RFC 9110, section 14.4: the part begins where the other broke off, and reaches the end. */
function goesOn(reply: HttpReply, from: number, size: number): boolean {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(reply.header('Content-Range') ?? '');
  return range !== null && Number(range[1]) === from && Number(range[2]) === size - 1;
}

function ignoredRange({ request, reply }: Exchange, known: Known): PullFailure {
  const got = `HTTP ${reply.status}, Content-Range ${reply.header('Content-Range') ?? 'absent'}`;
  const message = `${requestLine(request)}: asked for the rest of the body, got ${got}`;
  return new PullFailure('short-body', request, reply.status, message, {
    ...known,
    reply,
    reason: 'range-ignored',
  });
}
