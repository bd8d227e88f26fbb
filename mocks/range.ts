// Byte ranges of a GET (RFC 9110 section 14): reads `Range`, answers with the right part or parts, or
// with nothing to whoever has the content already.
import { createHash } from 'node:crypto';
import type { HeaderLine } from '../src/protocol/talk.ts';
import { joined } from './bytes.ts';
import { type Body, bytesReply, type Call, emptyReply, noBytes, type Reply } from './call.ts';
import { hasAlready } from './registry/etag.ts';

/** First and last byte, both inclusive. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** Ranges of one request; more are answered with the whole content, as RFC 9110 14.2 advises. */
const rangesMax = 16;
const rangeCharsMax = 1_000;
const rangeSet = /^bytes[ \t]*=(.*)$/i;
/** As many digits as there may be chars: what is beyond every size is still a number. */
const rangeSpec = /^(\d*)-(\d*)$/;
/** Say something of content that a 416 does not bring. */
const headersOfContent = ['content-type', 'docker-content-digest', 'age'];

/**
 * The parts of `size` bytes that a `Range` value asks for, at least one. `whole`: no range, none that
 * is understood, or more bytes than there are. `unsatisfiable`: nothing of it exists, or a range ends
 * before it begins: a server may ignore that or reject it (RFC 9110 14.2), and only a rejection shows
 * the client its mistake.
 */
export function readRanges(
  value: string | undefined,
  size: number,
): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
  if (value === undefined || value.length > rangeCharsMax) return 'whole';
  const specs = (rangeSet.exec(value)?.[1] ?? '').split(',').map((spec) => spec.trim());
  const asked = specs.filter((spec) => spec !== '');
  if (asked.length === 0 || asked.length > rangesMax) return 'whole';
  const ranges: ByteRange[] = [];
  for (const spec of asked) {
    const range = readSpec(spec, size);
    if (range === 'invalid') return 'whole';
    if (range === 'inverted') return 'unsatisfiable';
    if (range !== undefined) ranges.push(range);
  }
  if (ranges.length === 0) return 'unsatisfiable';
  const bytes = ranges.reduce((total, { first, last }) => total + last - first + 1, 0);
  return ranges.length > 1 && bytes > size ? 'whole' : ranges;
}

/** Undefined: nothing of it exists. */
function readSpec(spec: string, size: number): ByteRange | 'invalid' | 'inverted' | undefined {
  const [, from, to] = rangeSpec.exec(spec) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return 'invalid';
  if (from === '') {
    const count = Math.min(Number(to), size);
    return count === 0 ? undefined : { first: size - count, last: size - 1 };
  }
  const first = Number(from);
  if (to !== '' && Number(to) < first) return 'inverted';
  if (first >= size) return undefined;
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}

/** Answers GET or HEAD for content that supports ranges; `headers` go with the answer. */
export function contentReply(
  call: Call,
  bytes: Body,
  etag: string,
  headers: readonly HeaderLine[],
): Reply {
  const lines: HeaderLine[] = [['Accept-Ranges', 'bytes'], ['ETag', etag], ...headers];
  if (hasAlready(call, etag)) return { status: 304, headers: lines, body: noBytes };
  const ifRange = call.header('if-range');
  const applies = call.method === 'GET' && (ifRange === undefined || ifRange === etag);
  const ranges = applies ? readRanges(call.header('range'), bytes.length) : 'whole';
  if (ranges === 'whole') return bytesReply(200, bytes, lines);
  if (ranges === 'unsatisfiable') {
    return emptyReply(416, [
      ['Accept-Ranges', 'bytes'],
      ['Content-Range', `bytes */${bytes.length}`],
      ...headers.filter(([name]) => !headersOfContent.includes(name.toLowerCase())),
    ]);
  }
  const [range] = ranges;
  if (range !== undefined && ranges.length === 1) {
    lines.push(['Content-Range', contentRange(range, bytes.length)]);
    return bytesReply(206, bytes.subarray(range.first, range.last + 1), lines);
  }
  return multipartReply(bytes, ranges, lines);
}

function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}

/** RFC 9110 section 14.6: a part for each range, in the order asked for. */
function multipartReply(
  bytes: Body,
  ranges: readonly ByteRange[],
  headers: readonly HeaderLine[],
): Reply {
  const isType = ([name]: HeaderLine) => name === 'Content-Type';
  const type = headers.find(isType)?.[1] ?? 'application/octet-stream';
  // Of the entity tag, so that the same request has the same answer.
  const etag = headers.find(([name]) => name === 'ETag')?.[1] ?? '';
  const boundary = createHash('sha256').update(etag).digest('hex').slice(0, 40);
  const parts: Body[] = [];
  for (const range of ranges) {
    const place = contentRange(range, bytes.length);
    const head = `--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: ${place}\r\n\r\n`;
    parts.push(Buffer.from(head), bytes.subarray(range.first, range.last + 1), Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  const isHeld = parts.every((part) => part instanceof Uint8Array);
  const body = isHeld ? Buffer.concat(parts) : joined(parts);
  const rest = headers.filter((line) => !isType(line));
  return bytesReply(206, body, [
    ...rest,
    ['Content-Type', `multipart/byteranges; boundary=${boundary}`],
  ]);
}
