// One request as it comes over HTTP/1.1 or HTTP/2, read into a Call.
import { constants } from 'node:http2';
import { type Planner, readBody } from '../body.ts';
import type { BodyPlan, Call, CallHead, Hop } from '../call.ts';
import { type Incoming, isHttp2 } from './incoming.ts';
import { targetOf } from './request-head.ts';

/** A body of which nothing comes for so long is given up. */
export const bodyIdleMsDefault = 60_000;
/** What is read of a body that nobody wants, so that its client gets to see the reply. */
export const unwantedBytesMax = 16 * 1024 ** 2;

/** `ownOrigin` stands in for a `Host` that is missing. */
export function headOf(
  req: Incoming,
  hop: Hop,
  ownOrigin: string,
  connection: number | undefined,
): CallHead {
  const { path, query, authority } = targetOf(req.url ?? '/');
  const host = authority ?? req.headers[':authority'] ?? req.headers.host;
  const scheme = ownOrigin.slice(0, ownOrigin.indexOf(':'));
  return {
    hop,
    method: req.method ?? 'GET',
    path,
    query,
    origin: host === undefined ? ownOrigin : `${scheme}://${host}`,
    header: (name) => {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    connection,
  };
}

/** How long to wait for a body, and what to do then; by default the connection ends. */
export interface BodyIdle {
  readonly ms?: number | undefined;
  readonly onIdle?: (() => void) | undefined;
}

/**
 * Resolves with the call when its body is whole or no more of it is wanted, and with undefined when the
 * client has gone away: such a call is not heard of, and nothing of it stays.
 */
export async function readCall(
  req: Incoming,
  head: CallHead,
  mock: Planner,
  plan?: BodyPlan,
  { ms = bodyIdleMsDefault, onIdle = () => req.destroy() }: BodyIdle = {},
): Promise<Call | undefined> {
  req.on('error', () => undefined);
  const idle = setTimeout(onIdle, ms);
  try {
    const call = await readBody(mock, head, chunksOf(req, idle), plan);
    if (isCut(req)) {
      call.staged?.release();
      return undefined;
    }
    discardRest(req);
    return call;
  } catch (error) {
    if (req.destroyed || isCut(req)) return undefined;
    throw error;
  } finally {
    clearTimeout(idle);
  }
}

/** Whoever stops reading leaves the connection as it is. */
export async function* chunksOf(
  req: Incoming,
  idle: Pick<NodeJS.Timeout, 'refresh'>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of req.iterator({ destroyOnReturn: false })) {
    idle.refresh();
    yield chunk;
  }
}

/** HTTP/2 ends the body of a request that its client has given up, too. */
export function isCut(req: Incoming): boolean {
  if (!isHttp2(req)) return req.errored !== null;
  return req.stream.aborted || req.stream.rstCode !== 0;
}

/** A client may send on while it is answered. */
function discardRest(req: Incoming): void {
  if (req.readableEnded || req.complete) {
    req.resume();
    return;
  }
  let bytes = 0;
  req.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
    if (bytes <= unwantedBytesMax) return;
    if (isHttp2(req)) req.stream.close(constants.NGHTTP2_NO_ERROR);
    else req.destroy();
  });
}
