// Runs a conversation against scripted answers, synchronously, and keeps what it asked.
import { createHash } from 'node:crypto';
import { makeReply } from '../../src/drivers/reply.ts';
import {
  type HeaderLine,
  type HttpReply,
  type HttpRequest,
  headerLinesOf,
  isGate,
  isParallel,
  isRequest,
  type Talk,
} from '../../src/protocol/talk.ts';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly failure?: HttpReply['failure'];
  /** The head promised more than this body. */
  readonly cut?: true;
}

/** Bodies of replies that another may go on with (HttpRequest.resumes), the parts before them included. */
const bodies = new WeakMap<HttpReply, string>();

/** The result of the conversation, or throws what it throws; `asked` gets every request in order, `waits` the pauses. */
export function converse<T>(
  talk: Talk<T>,
  answer: (request: HttpRequest) => Answer,
  asked: HttpRequest[] = [],
  waits: number[] = [],
): T {
  let step = talk.next();
  while (step.done !== true) {
    const wanted = step.value;
    if (isParallel(wanted)) {
      try {
        const results = wanted.parallel.map((child) => converse(child, answer, asked, waits));
        step = talk.next(results);
      } catch (error) {
        step = talk.throw(error);
      }
      continue;
    }
    if (!isRequest(wanted)) {
      if (isGate(wanted)) {
        let passed = false;
        wanted.gate(() => {
          passed = true;
        });
        if (!passed) throw new Error('waits for what can only come after it');
      } else if (wanted.waitMs > 0) waits.push(wanted.waitMs);
      step = talk.next();
      continue;
    }
    asked.push(wanted);
    step = talk.next(replyTo(wanted, answer(wanted)));
  }
  return step.value;
}

function replyTo(
  request: HttpRequest,
  { status = 200, headers = {}, body = '', cut, failure = cut ? 'short-body' : '' }: Answer,
): HttpReply {
  const before = request.resumes !== undefined && status === 206 && upTo(request.resumes);
  const taken = status === 206 ? body.slice(0, request.ask.partBytesMax) : body;
  const text = joined(request, taken) ?? (before || '') + taken;
  const hash = createHash(request.ask.algorithm).update(text).digest('hex');
  const isHashed =
    request.ask.want !== 'none' && !cut && (request.joins === undefined || text !== '');
  const lines: HeaderLine[] = Object.entries(headers);
  const reply = makeReply({
    status: failure === '' || cut ? status : 0,
    headerLines: lines,
    text: request.ask.want === 'text' ? taken : '',
    bytes: Buffer.byteLength(taken),
    digest: isHashed ? `${request.ask.algorithm}:${hash}` : '',
    failure,
    failureMessage: failure,
    remoteAddress: '127.0.0.1:1',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  });
  if (request.ask.want !== 'none') bodies.set(reply, text);
  return reply;
}

/** Parts of bodies, by the reply that they stand behind. */
const parts = new WeakMap<HttpReply, Map<number, string>>();

/** The whole, where this part completes it; '' where it does not; undefined of what is no such part. */
function joined({ joins }: HttpRequest, body: string): string | undefined {
  if (joins === undefined) return undefined;
  const known = parts.get(joins.to) ?? new Map<number, string>();
  parts.set(joins.to, known.set(joins.offset, body));
  const inOrder = [...known].sort(([a], [b]) => a - b).map(([, text]) => text);
  const rest = inOrder.join('');
  const before = joins.size === rest.length && (bodies.get(joins.to) ?? '');
  return before === false ? '' : before + rest;
}

/** The body of a reply, and the parts that stand behind it without a gap. */
function upTo(reply: HttpReply): string {
  const first = bodies.get(reply) ?? '';
  let text = '';
  for (const [offset, part] of [...(parts.get(reply) ?? [])].sort(([a], [b]) => a - b)) {
    if (offset === text.length) text += part;
  }
  return first + text;
}

export function header(request: HttpRequest | undefined, name: string): string | undefined {
  const lines = request === undefined ? [] : headerLinesOf(request);
  return lines.find(([line]) => line.toLowerCase() === name.toLowerCase())?.[1];
}
