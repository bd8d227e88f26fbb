// What a request's head must be before anything looks at what it asks (RFC 9112 section 3): its size, its
// Host, and the forms in which its target may come.
import { errorReply, type Reply } from '../call.ts';
import { type Incoming, isHttp2 } from './incoming.ts';

/** Of a whole head; longer ones do not reach us (listen.ts). */
export const headBytesMax = 32 * 1024;
/** A signed URL and its upload's state fit in several times over. */
const targetCharsMax = 8 * 1024;
const headersMax = 200;

/** `uri-host [":" port]` of RFC 9110, without looking closely. */
const hostPattern = /^[A-Za-z0-9._~!$&'()*+,;=%:[\]-]*$/;
const absoluteTarget = /^(https?):\/\/([^/?#]*)/i;

/** What is wrong with the head, as the reply to it, after which the connection is to end. */
export function problemOfHead(req: Incoming): Reply | undefined {
  const { rawHeaders, url = '' } = req;
  if (rawHeaders.length > 2 * headersMax) {
    return errorReply(431, 'UNSUPPORTED', `a request may have ${headersMax} headers`);
  }
  if (url.length > targetCharsMax) {
    return errorReply(414, 'UNSUPPORTED', `a URL may have ${targetCharsMax} characters`);
  }
  if (isHttp2(req) ? hostPattern.test(req.authority ?? '') : hasGoodHost(req)) return undefined;
  return errorReply(400, 'UNSUPPORTED', 'a request has one Host, which names a host');
}

/** HTTP/1.1 must have one, HTTP/1.0 may (RFC 9112 section 3.2). */
function hasGoodHost({ rawHeaders, headers, httpVersion }: Incoming): boolean {
  let lines = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') lines++;
  }
  if (lines === 0) return httpVersion === '1.0';
  return lines === 1 && hostPattern.test(headers.host ?? '');
}

export interface Target {
  readonly path: string;
  /** Without `?`; '' when there is none. */
  readonly query: string;
  /** Of a target in absolute form, as a proxy gets it; it counts, not Host (RFC 9112 section 3.2.2). */
  readonly authority: string | undefined;
}

export function targetOf(url: string): Target {
  const [prefix = '', , authority] = url.startsWith('/') ? [] : (absoluteTarget.exec(url) ?? []);
  const rest = url.slice(prefix.length);
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? '' : rest.slice(mark + 1);
  return { path: path === '' ? '/' : path, query, authority };
}
