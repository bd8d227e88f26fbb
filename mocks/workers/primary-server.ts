// Where workers bring what they do not answer themselves: pushes, uploads, the admin endpoint, and all of
// it when a fault must see all of it. HTTP over a socket in a folder of our own.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { callOf } from '../body.ts';
import { type Body, carriesBody, chunksOf, noBytes, type Reply } from '../call.ts';
import { readCall } from '../http/receive.ts';
import { writerTo } from '../http/send.ts';
import type { Mock } from '../mock.ts';
import { callHeader, headBytesMax, packReply, replyHeader, unpackCall } from './exchange.ts';

/** `before`: told before each reply goes out, which waits for it. */
export async function openPrimaryServer(
  path: string,
  mock: Mock,
  before: () => Promise<void> | undefined,
): Promise<Server> {
  const unlimited = { requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 };
  const server = createServer({ maxHeaderSize: headBytesMax, ...unlimited });
  const take = (isWaiting: boolean) => (req: IncomingMessage, res: ServerResponse) => {
    answer(mock, { req, res, isWaiting }, before).catch(() => res.destroy());
  };
  server.on('request', take(false));
  server.on('checkContinue', take(true));
  server.listen(path);
  await once(server, 'listening');
  return server;
}

interface Brought {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly isWaiting: boolean;
}

async function answer(
  mock: Mock,
  { req, res, isWaiting }: Brought,
  before: () => Promise<void> | undefined,
): Promise<void> {
  const head = unpackCall(String(req.headers[callHeader]));
  let plan: ReturnType<Mock['planFor']> | undefined;
  if (isWaiting) {
    plan = mock.planFor(head);
    if (plan !== 'unread') res.writeContinue();
  }
  const call = carriesBody(head.method)
    ? await readCall(req, head, mock, plan)
    : callOf(head, noBytes);
  if (call === undefined) return;
  const reply = await mock.serve(call);
  await before();
  res.once('close', () => reply.whenOver?.());
  const body = head.method === 'HEAD' ? noBytes : reply.body;
  const { status, headers, wire } = reply;
  const { checkpoint: _, ...rest } = wire ?? {};
  const plain = { status, headers, wire: wire && rest, bytes: body.length };
  res.writeHead(200, [replyHeader, packReply(plain), 'Content-Length', String(body.length)]);
  await writeBody(res, body, reply.wire?.checkpoint);
  res.end();
}

/** The worker ends its client's connection when this one ends early. */
async function writeBody(
  res: ServerResponse,
  body: Body,
  checkpoint: NonNullable<Reply['wire']>['checkpoint'],
): Promise<void> {
  const { gone, write } = writerTo(res);
  const everyBytes = checkpoint?.everyBytes ?? Number.POSITIVE_INFINITY;
  for (let at = 0; at < body.length; at += everyBytes) {
    if (at > 0 && checkpoint?.goesOn(at) === false) throw new Error('the reader is cut off');
    for await (const chunk of chunksOf(body.subarray(at, Math.min(at + everyBytes, body.length)))) {
      gone.throwIfAborted();
      await write(chunk);
    }
  }
}
