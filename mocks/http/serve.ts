// Requests of one server of the mock, from the head to the end of the reply: read, answered here or
// elsewhere, sent, logged.
import { callOf } from '../body.ts';
import {
  type Call,
  type CallHead,
  carriesBody,
  errorReply,
  type Hop,
  noBytes,
  type Reply,
} from '../call.ts';
import type { Mock } from '../mock.ts';
import { type Incoming, isHttp2 } from './incoming.ts';
import type { Handler, Patience } from './listen.ts';
import type { RequestLog } from './log.ts';
import { type BodyIdle, headOf, readCall } from './receive.ts';
import { problemOfHead } from './request-head.ts';
import { deliver } from './send.ts';
import type { Pace } from './shaping.ts';

export interface Serving {
  readonly mock: Mock;
  readonly log: RequestLog | undefined;
  readonly paces: Readonly<Partial<Record<Hop, Pace>>>;
  readonly connections: Connections;
  readonly patience: Patience;
  /** Who answers what is not answered here. */
  readonly elsewhere?: Elsewhere | undefined;
}

export interface Arriving {
  readonly req: Incoming;
  readonly res: Parameters<Handler>[1];
  readonly head: CallHead;
  /** The client waits to be told to send the body. */
  readonly isWaiting: boolean;
  readonly idle: BodyIdle;
}

export interface Elsewhere {
  takes(head: CallHead): boolean;
  /** Undefined when the client has gone away. Never rejects. */
  answer(arriving: Arriving): Promise<Reply | undefined>;
}

/** Numbers connections, in the order in which they are first used. */
export class Connections {
  readonly #numbers = new WeakMap<object, number>();
  #last: number;

  /** The first gets the number after `before`. */
  constructor(before = 0) {
    this.#last = before;
  }

  numberOf(req: Incoming): number {
    const connection = (isHttp2(req) ? req.stream.session : undefined) ?? req.socket;
    let number = this.#numbers.get(connection);
    if (number === undefined) {
      number = ++this.#last;
      this.#numbers.set(connection, number);
    }
    return number;
  }
}

export function handlerOf(serving: Serving, hop: Hop, ownOrigin: string): Handler {
  const { mock, log, paces, connections, patience, elsewhere } = serving;
  return (req, res, isWaiting) => {
    const time = log === undefined ? '' : new Date().toISOString();
    const head = headOf(req, hop, ownOrigin, connections.numberOf(req));
    const send = (reply: Reply) => {
      const answering = mock.hopOf(head);
      const onOver =
        log === undefined
          ? undefined
          : (bodyBytes: number) =>
              log.add(entryOf(req, head, answering, time, reply.status, bodyBytes));
      const isHead = head.method === 'HEAD';
      deliver(res, { reply, isHead, tempo: mock.tempo, pace: paces[answering], onOver });
    };
    const answer = async (call: Call) => {
      const reply = mock.serve(call);
      send(reply instanceof Promise ? await reply : reply);
    };
    const problem = problemOfHead(req);
    if (problem !== undefined) {
      endAfter(res);
      return send(problem);
    }
    const onIdle = () => {
      // What has not come may come later, and would be taken for the next request.
      endAfter(res);
      res.once('finish', () => req.destroy());
      send(errorReply(408, 'UNSUPPORTED', 'the body did not come'));
    };
    const arriving = { req, res, head, isWaiting, idle: { ms: patience.bodyIdleMs, onIdle } };
    if (elsewhere?.takes(head) === true) {
      return elsewhere.answer(arriving).then((reply) => reply && send(reply));
    }
    if (!carriesBody(head.method)) return answer(callOf(head, noBytes));
    return receive(mock, arriving).then((call) => call && answer(call));
  };
}

/** A client that waits to be told sends no body that nobody wants. */
function receive(
  mock: Mock,
  { req, res, head, isWaiting, idle }: Arriving,
): Promise<Call | undefined> {
  if (!isWaiting) return readCall(req, head, mock, undefined, idle);
  const plan = mock.planFor(head);
  if (plan !== 'unread') res.writeContinue();
  // The body may come or not, so that nothing can follow on the connection (RFC 9110 10.1.1).
  else endAfter(res);
  return readCall(req, head, mock, plan, idle);
}

/** Lets no request follow on the connection. */
export function endAfter(res: Arriving['res']): void {
  if ('shouldKeepAlive' in res) res.shouldKeepAlive = false;
}

function entryOf(
  req: Incoming,
  { method, path, query, connection = 0 }: CallHead,
  role: Hop,
  time: string,
  status: number,
  bodyBytes: number,
) {
  const { rawHeaders: raw } = req;
  const headers = Array.from({ length: raw.length >> 1 }, (_, index) => {
    return [raw[2 * index] ?? '', raw[2 * index + 1] ?? ''] as const;
  });
  return { time, role, method, path, query, status, headers, bodyBytes, connection };
}
