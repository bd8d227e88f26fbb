// Which edge of a CDN a reply came from, in the words that its operator asks for: for messages alone.
import type { HttpReply, HttpRequest } from './talk.ts';

/** What CDNs name edges, requests and cache states by; the mock and real ones send some of them. */
const namesOfEdges = [
  'X-Amz-Cf-Pop',
  'X-Amz-Cf-Id',
  'CF-Ray',
  'CF-Cache-Status',
  'X-Served-By',
  'X-Azure-Ref',
  'X-MSEdge-Ref',
  'X-Cache',
  'Cache-Status',
  'Age',
] as const;

const valueCharsMax = 100;

/** ` (X-Amz-Cf-Pop: FRA56-P4, X-Cache: Hit from cloudfront)`; '' for other hops and silent ones. */
export function edgeWords({ hop }: HttpRequest, reply: HttpReply | undefined): string {
  if (hop !== 'edge' || reply === undefined) return '';
  const told = namesOfEdges.flatMap((name) => {
    const value = reply.header(name);
    return value === undefined ? [] : [`${name}: ${value.slice(0, valueCharsMax)}`];
  });
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
}

/** ` (Content-Encoding: gzip)` of a body that was taken as it came; '' for bytes that are not packed. */
export function codingWords({ ask }: HttpRequest, reply: HttpReply | undefined): string {
  const coding = reply?.header('Content-Encoding');
  if (coding === undefined || coding.toLowerCase() === 'identity' || ask.unpacks) return '';
  return ` (Content-Encoding: ${coding.slice(0, valueCharsMax)})`;
}
