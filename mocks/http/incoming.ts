// A request as Node hands it over, by HTTP/1.1 or HTTP/2.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';

export type Incoming = IncomingMessage | Http2ServerRequest;

/** Which of the two it is. */
export function isHttp2(req: Incoming): req is Http2ServerRequest {
  return req.httpVersionMajor === 2;
}
