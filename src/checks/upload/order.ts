// distribution-spec, "Pushing a blob in chunks": chunks that are not the next, or not what their Content-Range
// says, and how an upload goes on after them.

import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { expectAbsent } from '../kit/blobs.ts';
import {
  closeWithChunk,
  complete,
  expectProgress,
  givenBegun,
  leastChunkBytes,
  patchChunk,
  patchChunks,
} from '../kit/chunks.ts';
import { freshContent } from '../kit/content.ts';
import { expectStatus } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { expectRefusal } from '../kit/refusal.ts';
import {
  endedOrGivenUp,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  send,
} from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#pushing-a-blob-in-chunks';

type Row = Omit<Check, 'needs'>;

/** Chunks that are not the next: from where to where they claim to be, seen from what has come. */
const misplaced: readonly {
  readonly id: string;
  readonly title: string;
  first(sent: number): number;
}[] = [
  { id: 'gap', title: 'that leaves a gap', first: (sent) => sent + 1 },
  { id: 'overlap', title: 'that overlaps the one before', first: (sent) => sent - 1 },
  { id: 'repeated', title: 'that has come before', first: () => 0 },
];

const orderWhy =
  'A blob with a hole or a doubled part would be stored, or the push fails for good.';

const outOfOrder = misplaced.flatMap(({ id, title, first }): Row[] => {
  const [chunk, resume, end, absent] = [
    `upload-chunk-${id}`,
    `upload-chunk-${id}-resume`,
    `upload-end-${id}`,
    `upload-end-${id}-absent`,
  ] as const;
  return [
    {
      id: chunk,
      level: 'MUST',
      section,
      requirement: `A chunk ${title} is answered 416.`,
      why: orderWhy,
      dependsOn: ['upload-chunks'],
      *run(context) {
        const at = yield* givenBegun(context, chunk);
        const rest = at.content.bytes.subarray(at.sent);
        const { reply } = yield* patchChunk(context, at.url, rest, first(at.sent));
        yield* giveUp(context, at);
        expectStatus(reply, 416);
        return '416';
      },
    },
    {
      id: resume,
      level: 'MUST',
      section,
      requirement: `After a chunk ${title}, the upload's status says where to go on, and it does.`,
      why: 'This is how a client finds its way back after a reply that it lost.',
      dependsOn: [chunk, 'upload-status'],
      *run(context) {
        return yield* goOnAfterRefusal(context, resume, chunk, first);
      },
    },
    {
      id: end,
      level: 'MUST',
      section,
      requirement: `A last chunk ${title}, with the PUT, is answered 416.`,
      why: orderWhy,
      dependsOn: ['upload-chunks'],
      *run(context) {
        const { reply } = yield* endMisplaced(context, end, first);
        expectStatus(reply, 416);
        return '416';
      },
    },
    {
      id: absent,
      level: 'MUST',
      section,
      requirement: `After a last chunk ${title}, with the PUT, there is no blob of what was sent.`,
      why: orderWhy,
      dependsOn: ['upload-chunks'],
      *run(context) {
        const { reply, digest } = yield* endMisplaced(context, absent, first);
        yield* expectAbsent(context, `blobs/${digest}`);
        return `${reply.status}, no blob`;
      },
    },
  ];
});

/** A misplaced chunk (the check `chunk` judges its refusal), the upload's status, and the rest from there. */
function* goOnAfterRefusal(
  context: CheckContext,
  id: string,
  chunk: string,
  first: (sent: number) => number,
): Talk<string> {
  const at = yield* givenBegun(context, id);
  const rest = at.content.bytes.subarray(at.sent);
  const status = () => send(context, { method: 'GET', path: at.url });
  // Asked before as well: where no upload tells its status, another check fails.
  yield* given(context, 'upload-status', function* () {
    expectStatus((yield* status()).reply, 204);
  });
  yield* given(context, chunk, function* () {
    expectRefusal((yield* patchChunk(context, at.url, rest, first(at.sent))).reply, 'chunk');
  });
  const exchange = yield* status();
  expectStatus(exchange.reply, 204);
  yield* complete(context, at, locationOf(exchange));
  return `refused, then ${at.content.size} bytes`;
}

/** The digest is that of what was sent in the order of sending, so that nothing else is wrong. */
function* endMisplaced(
  context: CheckContext,
  id: string,
  first: (sent: number) => number,
): Talk<{ reply: HttpReply; digest: string }> {
  const at = yield* givenBegun(context, id);
  const { digest, bytes } = at.content;
  const put = closeWithChunk(context, at.url, digest, bytes.subarray(at.sent), first(at.sent));
  const { reply } = yield* endedOrGivenUp(context, at.url, put);
  if (reply.status === 201) {
    noteLeftover(context, { kind: 'blob', repository: context.repository, reference: digest });
  }
  return { reply, digest };
}

const ranges: readonly Row[] = [
  {
    id: 'upload-chunk-first',
    level: 'MUST',
    section,
    requirement: 'A first chunk that does not begin at 0 is answered 416.',
    why: orderWhy,
    dependsOn: ['upload-post-put'],
    *run(context) {
      const start = yield* givenUpload(context);
      const bytes = Math.max(600, leastChunkBytes(start, 1));
      const content = freshContent(context, 'upload-chunk-first', bytes);
      const { reply } = yield* patchChunk(context, start.url, content.bytes, 10);
      yield* giveUp(context, start);
      expectStatus(reply, 416);
      return '416';
    },
  },
  {
    id: 'upload-chunk-gap-later',
    level: 'MUST',
    section,
    requirement: 'A third chunk that leaves a gap is answered 416.',
    why: orderWhy,
    dependsOn: ['upload-chunks'],
    *run(context) {
      const { bytes, next } = yield* given(context, 'upload-chunks', function* () {
        const start = yield* openUpload(context);
        const size = Math.max(500, leastChunkBytes(start, 3));
        const content = freshContent(context, 'upload-chunk-gap-later', 3 * size + 1);
        const { url } = yield* patchChunks(context, start, content.bytes, [size, 2 * size]);
        return { bytes: content.bytes.subarray(2 * size + 1), next: { url, first: 2 * size + 1 } };
      });
      const { reply } = yield* patchChunk(context, next.url, bytes, next.first);
      yield* giveUp(context, next);
      expectStatus(reply, 416);
      return '416';
    },
  },
  {
    id: 'upload-chunk-gap-range',
    level: 'COMPAT',
    section,
    requirement: 'A 416 to a chunk that says how far the upload has come says it rightly.',
    why: 'Clients go on from it without asking for the status.',
    dependsOn: ['upload-chunks'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-chunk-gap-range');
      const rest = at.content.bytes.subarray(at.sent);
      const { reply } = yield* patchChunk(context, at.url, rest, at.sent + 1);
      yield* giveUp(context, at);
      const range = reply.header('Range');
      if (reply.status !== 416 || range === undefined) return `${reply.status} without Range`;
      expectProgress(reply, at.sent);
      return `416, Range: ${range}`;
    },
  },
  ...(
    [
      ['longer', 'longer', 5],
      ['shorter', 'shorter', -5],
    ] as const
  ).map(
    ([id, title, more]): Row => ({
      id: `upload-chunk-range-${id}`,
      level: 'COMPAT',
      section,
      requirement: `A Content-Range that is ${title} than its chunk is refused.`,
      why: 'Part of the chunk was lost on the way, and the blob would be broken.',
      dependsOn: ['upload-post-put'],
      *run(context) {
        const start = yield* givenUpload(context);
        const size = Math.max(600, leastChunkBytes(start, 1));
        const { bytes: body } = freshContent(context, `upload-chunk-range-${id}`, size);
        const headers = [octets, ['Content-Range', `0-${size - 1 + more}`]] as const;
        const { reply } = yield* send(context, { method: 'PATCH', path: start.url, headers, body });
        yield* giveUp(context, start);
        expectRefusal(reply, 'chunk');
        return String(reply.status);
      },
    }),
  ),
  {
    id: 'upload-chunk-range-backwards',
    level: 'COMPAT',
    section,
    requirement: 'A Content-Range that ends before it begins is refused.',
    why: 'What it means cannot be guessed.',
    dependsOn: ['upload-chunks'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-chunk-range-backwards');
      const body = at.content.bytes.subarray(at.sent);
      const headers = [octets, ['Content-Range', `${at.sent}-0`]] as const;
      const { reply } = yield* send(context, { method: 'PATCH', path: at.url, headers, body });
      yield* giveUp(context, at);
      expectRefusal(reply, 'chunk');
      return String(reply.status);
    },
  },
];

export const pushOrderChecks: readonly Check[] = [...outOfOrder, ...ranges].map(
  (row): Check => ({ ...row, needs: ['push'] }),
);
