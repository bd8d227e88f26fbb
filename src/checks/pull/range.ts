// distribution-spec, "Pulling blobs", its last sentence: the Range header as in RFC 9110 section 14. The
// blob is the config: it is text, so that any part of it can be compared.

import type { HeaderLine, HttpReply, Talk } from '../../protocol/talk.ts';
import { Broken, type Check, type CheckContext, Unsupported } from '../check.ts';
import { ask, blobShape, rangeOf, smallBytesMax } from '../kit/ask.ts';
import { givenBlob } from '../kit/blobs.ts';
import { contentOf, freshContent } from '../kit/content.ts';
import {
  describe,
  expectReply,
  expectSize,
  expectStatus,
  expectThat,
  fact,
  quote,
} from '../kit/expect.ts';
import { givenReply, notGiven } from '../kit/given.ts';
import { octets } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#pulling-blobs';

/** The blob is there: only these say that it comes in parts, whole, or not in these parts (RFC 9110 14.2, 15.5). */
const rangeStatuses = [200, 206, 400, 416];
/** By which servers say that they take one range at most: object stores say so in each of these ways. */
const severalRefused: readonly number[] = [400, 416, 501];

/** What is asked (`bytes=` left out) and the bytes that it means; both ends count. */
interface Part {
  readonly range: string;
  readonly first: number;
  readonly last: number;
}

export const rangeChecks: readonly Check[] = [
  {
    id: 'blob-range-closed',
    level: 'SHOULD',
    section,
    requirement: 'A range with both ends brings 206 and exactly these bytes of the blob.',
    why: 'Lazy-pulling runtimes read single files out of layers this way.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    covers: ['blob-range second', 'blob-range token'],
    *run(context) {
      return yield* expectParts(context, (size) => {
        const third = Math.floor(size / 3);
        const last = Math.max(third, 2 * third - 1);
        return [
          { range: '0-0', first: 0, last: 0 },
          { range: `${third}-${last}`, first: third, last },
          // An end beyond the end of the blob means the end of the blob.
          { range: `${third}-${size + 99}`, first: third, last: size - 1 },
        ];
      });
    },
  },
  {
    id: 'blob-range-open',
    level: 'SHOULD',
    section,
    requirement: 'A range without an end brings 206 and all bytes from its start.',
    why: 'A download that broke off is resumed this way.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    covers: ['blob-range second'],
    *run(context) {
      return yield* expectParts(context, (size) => {
        const half = Math.floor(size / 2);
        return [
          { range: '0-', first: 0, last: size - 1 },
          { range: `${half}-`, first: half, last: size - 1 },
          { range: `${size - 1}-`, first: size - 1, last: size - 1 },
        ];
      });
    },
  },
  {
    id: 'blob-range-suffix',
    level: 'SHOULD',
    section,
    requirement: 'A range without a start brings 206 and the last bytes of the blob.',
    why: 'eStargz and zstd:chunked layers keep their table of contents at the end.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      return yield* expectParts(context, (size) => {
        const length = Math.max(1, Math.floor(size / 3));
        return [
          { range: `-${length}`, first: size - length, last: size - 1 },
          // More than there is means all there is.
          { range: `-${size + 99}`, first: 0, last: size - 1 },
        ];
      });
    },
  },
  {
    id: 'blob-range-unsatisfiable',
    level: 'SHOULD',
    section,
    requirement: 'A range that starts behind the end of the blob brings 416.',
    why: 'A client that asks to resume a complete file must not get the file, or nothing, as a part.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      const { size } = yield* wholeBlob(context);
      for (const range of [`${size}-`, `${size + 10}-${size + 20}`]) {
        const reply = yield* askRange(context, range);
        expectThat(reply.status === 416, `status 416 for bytes=${range}`, `status ${reply.status}`);
        const said = /^bytes \*\/(\d+)$/.exec(reply.header('Content-Range') ?? '')?.[1];
        if (said === undefined) continue; // 416 without it is permitted
        expectThat(Number(said) === size, `Content-Range: bytes */${size}`, `bytes */${said}`);
      }
      return '416';
    },
  },
  {
    id: 'blob-range-refusal-whole',
    level: 'MUST',
    section: 'RFC 9110 section 8.6',
    requirement:
      'A range that is refused brings a whole reply: as many bytes as its Content-Length says.',
    why: 'A client waits for the bytes of the blob that the reply of an error promises, or sees a broken connection.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      const { size } = yield* wholeBlob(context);
      const half = Math.floor(size / 2);
      let refusals = 0;
      for (const range of [`${size}-`, `${half + 1}-${half - 1}`]) {
        const reply = yield* askRange(context, range);
        if (reply.status < 400) continue;
        const length = reply.header('Content-Length') ?? 'any';
        const expected = `status ${reply.status} with its whole body, Content-Length: ${length}`;
        expectThat(reply.failure === '', expected, `${describe(reply)} for bytes=${range}`);
        refusals++;
      }
      if (refusals === 0) throw new Unsupported('the registry refuses no range');
      return `${refusals} refusals, each whole`;
    },
  },
  {
    id: 'blob-range-truth',
    level: 'MUST',
    section: 'RFC 9110 section 15.3.7',
    requirement: 'A 206 reply says in Content-Range which bytes it holds, and holds these.',
    why: 'A resumed download glues the parts together: wrong ones make a wrong file.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    covers: ['blob-range token'],
    *run(context) {
      const blob = yield* wholeBlob(context);
      const half = Math.floor(blob.size / 2);
      let parts = 0;
      const inverted = `${half + 1}-${half - 1}`; // any reply but a part
      const tail = [`${half}-${blob.size - 1}`, `${half}-`, `-${blob.size - half}`];
      for (const range of [...tail, inverted]) {
        const reply = yield* askRange(context, range);
        const expected = `status ${rangeStatuses.join(', ')} for bytes=${range}`;
        expectThat(rangeStatuses.includes(reply.status), expected, describe(reply));
        if (reply.status !== 206) continue;
        const { first, last } = readContentRange(reply.header('Content-Range'), blob.size);
        expectBytes(blob, reply, first, last);
        parts++;
      }
      if (parts === 0) throw new Unsupported('the registry never answers 206');
      return `${parts} parts, each what its Content-Range says`;
    },
  },
  {
    id: 'blob-range-several',
    level: 'MUST',
    section: 'RFC 9110 section 15.3.7.2',
    requirement:
      'Two ranges at once bring the whole blob, or parts that each say what they are and are that.',
    why: 'Lazy-pulling runtimes ask for several files of a layer at once, and take the parts apart.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      const blob = yield* wholeBlob(context);
      const third = Math.floor(blob.size / 3);
      const range = `0-${Math.max(0, third - 2)},${third + 1}-${2 * third}`;
      const reply = yield* askRange(context, range);
      if (reply.status === 200) return expectWhole(blob, reply, `bytes=${range}`);
      // RFC 9110 15.5.17: the one status that rejects a set of ranges. The blob is there, so no other fits.
      if (severalRefused.includes(reply.status)) {
        throw new Unsupported(`several ranges at once are refused (${reply.status})`);
      }
      const expected = `status 200, 206 or 416 for bytes=${range}`;
      expectThat(reply.status === 206, expected, describe(reply));
      const parts = partsIn(reply);
      expectThat(parts.length > 0, 'one part at least', 'multipart/byteranges without parts');
      for (const part of parts) {
        const { first, last } = readContentRange(part.contentRange, blob.size);
        expectText(blob, part.text, first, last);
      }
      return `${parts.length} parts, each what its Content-Range says`;
    },
  },
  {
    id: 'blob-range-if-range',
    level: 'SHOULD',
    section: 'RFC 9110 section 13.1.5',
    requirement: 'A range with If-Range of another entity tag brings the whole blob, not a part.',
    why: 'Who resumes asks so that no part of one file is glued to a part of another.',
    needs: ['image'],
    dependsOn: ['blob-config'],
    *run(context) {
      const blob = yield* wholeBlob(context);
      const half = Math.floor(blob.size / 2);
      const reply = yield* askRange(context, `${half}-`, [['If-Range', `"${context.nonce}"`]]);
      return expectWhole(blob, reply, 'If-Range with the entity tag of something else');
    },
  },
  {
    id: 'blob-range-sha512',
    level: 'SHOULD',
    section,
    requirement:
      'A range of a blob that was pushed by sha512 brings 206 and these bytes, as one of a blob by sha256 does.',
    why: 'What is resumed or read lazily by one algorithm has to be so by the other.',
    needs: ['push'],
    dependsOn: ['blob-range-open', 'upload-post-put'],
    covers: ['blob-range sha512'],
    *run(context) {
      for (const algorithm of ['sha256', 'sha512'] as const) {
        const content = freshContent(context, `blob-range-${algorithm}`, 900, algorithm);
        yield* givenBlob(context, content);
        const blob = { ...content, mediaType: octets[1] };
        const shape = rangeOf(blobShape(context, blob), '300-');
        const { last: reply } = yield* ask(context, { ...shape, algorithm: 'sha256' });
        if (algorithm === 'sha256' && reply.status !== 206) {
          throw notGiven(context, 'blob-range-open', describe(reply));
        }
        expectStatus(reply, 206);
        const said = readContentRange(reply.header('Content-Range'), content.size);
        const what = `bytes ${said.first}-${said.last}`;
        expectThat(said.first === 300 && said.last === 899, 'bytes 300-899', what);
        const part = contentOf(content.bytes.subarray(300));
        expectSize(reply, part.size);
        expectThat(reply.digest === part.digest, `the ${what} of the blob`, 'other bytes');
      }
      return '206, bytes 300-899, by sha256 and by sha512';
    },
  },
];

interface WholeBlob {
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** The config as it comes without Range; whether those are the right bytes is for blob-config. */
function* wholeBlob(context: CheckContext): Talk<WholeBlob> {
  const { config } = fact(context.facts.image);
  if (config.size > smallBytesMax) throw new Unsupported('the config is too large to compare');
  const shape = blobShape(context, config);
  const { last } = yield* givenReply(
    context,
    'blob-config',
    ask(context, { ...shape, want: 'text' }),
  );
  if (last.bytes === 0) throw new Unsupported('the config is empty');
  const bytes = new TextEncoder().encode(last.text);
  if (bytes.length !== last.bytes) throw new Unsupported('the config is no text to compare with');
  return { size: last.bytes, bytes };
}

function* askRange(
  context: CheckContext,
  range: string,
  extra: readonly HeaderLine[] = [],
): Talk<HttpReply> {
  const { config } = fact(context.facts.image);
  const shape = rangeOf({ ...blobShape(context, config), extra }, range);
  return (yield* ask(context, { ...shape, want: 'text' })).last;
}

function expectWhole(blob: WholeBlob, reply: HttpReply, asked: string): string {
  const expected = `status 200 and the whole blob for ${asked}`;
  expectThat(reply.status === 200, expected, describe(reply));
  expectBytes(blob, reply, 0, blob.size - 1);
  return `the whole blob for ${asked}`;
}

/** One part of the blob: a whole reply, or one of several in it. */
interface SentPart {
  readonly contentRange: string | undefined;
  readonly text: string;
}

/** The parts of a multipart/byteranges reply; of any other the one. */
function partsIn(reply: HttpReply): SentPart[] {
  expectReply(reply);
  const type = reply.header('Content-Type') ?? '';
  const boundary = /^multipart\/byteranges\b.*;\s*boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary === undefined) {
    return [{ contentRange: reply.header('Content-Range'), text: reply.text }];
  }
  const pieces = reply.text.split(`--${boundary}`).slice(1, -1);
  return pieces.map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    const [, contentRange] =
      /^content-range:[ \t]*(.*?)[ \t]*\r?$/im.exec(piece.slice(0, end)) ?? [];
    return { contentRange, text: piece.slice(end + 4).replace(/\r\n$/, '') };
  });
}

function* expectParts(context: CheckContext, partsOf: (size: number) => Part[]): Talk<string> {
  const blob = yield* wholeBlob(context);
  const parts = partsOf(blob.size);
  for (const { range, first, last } of parts) {
    const reply = yield* askRange(context, range);
    // RFC 9110 14.2 lets a server send the whole when the part is the whole.
    if (first === 0 && last === blob.size - 1 && reply.status === 200) continue;
    if (reply.status === 200) {
      throw new Broken(`status 206 for bytes=${range}`, 'status 200: the range is ignored');
    }
    expectStatus(reply, 206);
    const said = readContentRange(reply.header('Content-Range'), blob.size);
    const expected = `bytes ${first}-${last} for bytes=${range}`;
    const held = said.first === first && said.last === last;
    expectThat(held, expected, `bytes ${said.first}-${said.last}`);
    expectBytes(blob, reply, first, last);
  }
  return parts.map(({ range }) => `bytes=${range}`).join(', ');
}

function readContentRange(
  value: string | undefined,
  size: number,
): { first: number; last: number } {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(value ?? '');
  const [, first = '', last = '', total = ''] = match ?? [];
  const said = value === undefined ? 'no Content-Range' : `Content-Range: ${quote(value)}`;
  const held =
    match !== null &&
    Number(first) <= Number(last) &&
    Number(last) < size &&
    (total === '*' || Number(total) === size);
  expectThat(held, `a Content-Range within the ${size} bytes of the blob`, said);
  return { first: Number(first), last: Number(last) };
}

function expectBytes(blob: WholeBlob, reply: HttpReply, first: number, last: number): void {
  expectReply(reply);
  expectSize(reply, last - first + 1);
  expectText(blob, reply.text, first, last);
}

function expectText(blob: WholeBlob, sent: string, first: number, last: number): void {
  // Compared as drivers decode text: a part may cut a character in two.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    blob.bytes.subarray(first, last + 1),
  );
  const what = `the bytes ${first}-${last} of the blob`;
  expectThat(sent === text, what, `other bytes: ${quote(sent)}`);
}
