// distribution-spec, "Pulling blobs", its last sentence: the Range header as in RFC 9110 section 14. The
// blob is the config: it is text, so that any part of it can be compared.
import type { HttpReply, Talk } from '../protocol/talk.ts';
import { ask, blobShape, granted, rangeOf, smallBytesMax } from './ask.ts';
import {
  Broken,
  type Check,
  type CheckContext,
  expectReply,
  expectSize,
  expectStatus,
  expectThat,
  fact,
  quote,
  Unsupported,
} from './check.ts';

const section = 'distribution-spec/spec.md#pulling-blobs';

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
    *run(context) {
      return yield* expectParts(context, (size) => {
        const half = Math.floor(size / 2);
        return [
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
    id: 'blob-range-truth',
    level: 'MUST',
    section: 'RFC 9110 section 15.3.7',
    requirement: 'A 206 reply says in Content-Range which bytes it holds, and holds these.',
    why: 'A resumed download glues the parts together: wrong ones make a wrong file.',
    needs: ['image'],
    *run(context) {
      const blob = yield* wholeBlob(context);
      const half = Math.floor(blob.size / 2);
      let parts = 0;
      for (const range of [`${half}-${blob.size - 1}`, `${half}-`, `-${blob.size - half}`]) {
        const reply = yield* askRange(context, range);
        if (reply.status !== 206) continue;
        const { first, last } = readContentRange(reply, blob.size);
        expectBytes(blob, reply, first, last);
        parts++;
      }
      if (parts === 0) throw new Unsupported('the registry never answers 206');
      return `${parts} parts, each what its Content-Range says`;
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
  const { last } = yield* granted('blob-config', ask(context, { ...shape, want: 'text' }));
  if (last.bytes === 0) throw new Unsupported('the config is empty');
  const bytes = new TextEncoder().encode(last.text);
  if (bytes.length !== last.bytes) throw new Unsupported('the config is no text to compare with');
  return { size: last.bytes, bytes };
}

function* askRange(context: CheckContext, range: string): Talk<HttpReply> {
  const { config } = fact(context.facts.image);
  const shape = rangeOf(blobShape(context, config), range);
  return (yield* ask(context, { ...shape, want: 'text' })).last;
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
    const said = readContentRange(reply, blob.size);
    const expected = `bytes ${first}-${last} for bytes=${range}`;
    const held = said.first === first && said.last === last;
    expectThat(held, expected, `bytes ${said.first}-${said.last}`);
    expectBytes(blob, reply, first, last);
  }
  return parts.map(({ range }) => `bytes=${range}`).join(', ');
}

function readContentRange(reply: HttpReply, size: number): { first: number; last: number } {
  const value = reply.header('Content-Range');
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
  // Compared as drivers decode text: a part may cut a character in two.
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    blob.bytes.subarray(first, last + 1),
  );
  const what = `the bytes ${first}-${last} of the blob`;
  expectThat(reply.text === text, what, `other bytes: ${quote(reply.text)}`);
}
