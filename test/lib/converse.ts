// Runs a conversation against scripted answers, synchronously, and keeps what it asked.
import { createHash } from 'node:crypto';
import { makeReply } from '../../src/drivers/reply.ts';
import {
  type HeaderLine,
  type HttpReply,
  type HttpRequest,
  headerLinesOf,
  isParallel,
  type Talk,
} from '../../src/protocol/talk.ts';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly failure?: HttpReply['failure'];
}

/** The result of the conversation, or throws what it throws; `asked` gets every request in order. */
export function converse<T>(
  talk: Talk<T>,
  answer: (request: HttpRequest) => Answer,
  asked: HttpRequest[] = [],
): T {
  let step = talk.next();
  while (step.done !== true) {
    const wanted = step.value;
    if (isParallel(wanted)) {
      try {
        const results = wanted.parallel.map((child) => converse(child, answer, asked));
        step = talk.next(results);
      } catch (error) {
        step = talk.throw(error);
      }
      continue;
    }
    asked.push(wanted);
    step = talk.next(replyTo(wanted, answer(wanted)));
  }
  return step.value;
}

function replyTo(
  request: HttpRequest,
  { status = 200, headers = {}, body = '', failure = '' }: Answer,
) {
  const hash = createHash(request.ask.algorithm).update(body).digest('hex');
  const lines: HeaderLine[] = Object.entries(headers);
  return makeReply({
    status: failure === '' ? status : 0,
    headerLines: lines,
    text: request.ask.want === 'text' ? body : '',
    bytes: Buffer.byteLength(body),
    digest: request.ask.want === 'none' ? '' : `${request.ask.algorithm}:${hash}`,
    failure,
    failureMessage: failure,
    remoteAddress: '127.0.0.1:1',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  });
}

export function header(request: HttpRequest | undefined, name: string): string | undefined {
  const lines = request === undefined ? [] : headerLinesOf(request);
  return lines.find(([line]) => line.toLowerCase() === name.toLowerCase())?.[1];
}
