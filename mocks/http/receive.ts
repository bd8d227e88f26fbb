// One request as it comes over HTTP/1.1 or HTTP/2, read into a Call. Bodies are read whole, bounded.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { bodyBytesMax, type Call, carriesBody, formBytesMax, noBytes, type Role } from '../call.ts';
import { tokenPath } from '../tokens/token-server.ts';

export type Incoming = IncomingMessage | Http2ServerRequest;

/** A call whose body has not been read. */
export type CallHead = Omit<Call, 'form' | 'body'>;

export function isHttp2(req: Incoming): req is Http2ServerRequest {
  return req.httpVersionMajor === 2;
}

/** `ownOrigin` stands in for a `Host` that is missing. */
export function headOf(
  req: Incoming,
  role: Role,
  ownOrigin: string,
  connection: number | undefined,
): CallHead {
  const url = req.url ?? '/';
  const mark = url.indexOf('?');
  const host = req.headers[':authority'] ?? req.headers.host;
  const scheme = ownOrigin.slice(0, ownOrigin.indexOf(':'));
  return {
    role,
    method: req.method ?? 'GET',
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    origin: host === undefined ? ownOrigin : `${scheme}://${host}`,
    header: (name) => {
      const value = req.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    connection,
  };
}

/**
 * Hands over the whole call, or `tooLarge` as soon as the body is longer than it may be. A client that
 * goes away before its body is complete is not heard of again.
 */
export function readCall(
  req: Incoming,
  head: CallHead,
  done: (call: Call) => void,
  tooLarge: (call: Call) => void,
  bytesMax = bodyBytesMax,
): void {
  if (!carriesBody(head.method)) {
    done({ ...head, form: '', body: noBytes });
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  req.on('data', (chunk: Buffer) => {
    const before = bytes;
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else if (before <= bytesMax) {
      chunks.length = 0;
      tooLarge({ ...head, form: '', body: noBytes });
    }
  });
  req.on('end', () => {
    if (bytes > bytesMax || isCut(req)) return;
    const body = Buffer.concat(chunks, bytes);
    const hasForm = head.method === 'POST' && head.path === tokenPath;
    done({ ...head, form: hasForm ? body.toString('utf8', 0, formBytesMax) : '', body });
  });
  req.on('error', () => undefined);
}

/** HTTP/2 ends the body of a request that its client has given up, too. */
function isCut(req: Incoming): boolean {
  return isHttp2(req) && (req.stream.aborted || req.stream.rstCode !== 0);
}
