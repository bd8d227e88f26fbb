// Pushes beside each other: several uploads at once, the same layer twice, a late chunk, and reading what
// was pushed just now. The spec says little of it; clients and CI farms do all of it (COMPAT).
import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import type { Parallel, Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { type Asked, ask, blobShape, type Exchange } from '../kit/ask.ts';
import { expectBlob, givenBlob } from '../kit/blobs.ts';
import { givenBegun, leastChunkBytes, patchChunk, patchChunks } from '../kit/chunks.ts';
import { type Content, contentOf, freshContent } from '../kit/content.ts';
import { describe, expectContent, expectStatus, expectThat } from '../kit/expect.ts';
import {
  closeUpload,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  postUpload,
  type Upload,
} from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#layer-upload-de-duplication';
const chunkSection = 'distribution-spec/spec.md#pushing-a-blob-in-chunks';

/** Uploads that are open at once: what docker pushes at once, and somewhat more. */
const uploadsAtOnce = 8;
/** Reads at once, each over a connection of its own: as many as a small cluster sends. */
const readsAtOnce = 12;

type Row = Omit<Check, 'needs'>;

const rows: readonly Row[] = [
  {
    id: 'upload-interleaved',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The chunks of two uploads that take turns end up in the right blobs.',
    why: 'Clients push several layers at once.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const starts = [yield* givenUpload(context), yield* givenUpload(context)];
      const bytes = Math.max(500, ...starts.map((start) => leastChunkBytes(start, 2)));
      const uploads = starts.map((start, at) => {
        return { at: start, content: freshContent(context, `upload-interleaved ${at}`, 2 * bytes) };
      });
      for (const first of [0, bytes]) {
        for (const upload of uploads) {
          const chunk = upload.content.bytes.subarray(first, first + bytes);
          const exchange = yield* patchChunk(context, upload.at.url, chunk, first);
          expectStatus(exchange.reply, 202);
          upload.at = { url: locationOf(exchange), reply: exchange.reply };
        }
      }
      for (const { at, content } of uploads) yield* end(context, at, content);
      for (const { content } of uploads) yield* expectBlob(context, content);
      return 'both whole';
    },
  },
  {
    id: 'upload-several-open',
    level: 'COMPAT',
    section,
    requirement: `${uploadsAtOnce} uploads can be open at once, and all can be ended.`,
    why: 'Clients begin the uploads of all layers before they have sent the first.',
    *run(context) {
      const uploads: Upload[] = [];
      for (let at = 0; at < uploadsAtOnce; at++) {
        const exchange = yield* postUpload(context);
        if (exchange.reply.status !== 202) for (const open of uploads) yield* giveUp(context, open);
        expectStatus(exchange.reply, 202);
        uploads.push({ url: locationOf(exchange), reply: exchange.reply });
      }
      const contents = uploads.map((_, at) =>
        freshContent(context, `upload-several-open ${at}`, 200),
      );
      for (const [at, content] of contents.entries()) {
        yield* end(context, uploads[at] as Upload, content, content.bytes);
      }
      return `${uploadsAtOnce} blobs`;
    },
  },
  {
    id: 'upload-race',
    level: 'COMPAT',
    section: chunkSection,
    requirement: 'A chunk that races with the PUT of its upload leaves the blob right, or absent.',
    why: 'A retry of a proxy overtakes the end; the digest must not be checked before the last byte.',
    dependsOn: ['upload-chunks'],
    covers: ['upload-chunk at-once', 'upload-end at-once'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-race');
      const { bytes } = at.content;
      const half = contentOf(bytes.subarray(0, at.sent));
      const [ending] = (yield {
        parallel: [
          closeUpload(context, at.url, half.digest),
          patchChunk(context, at.url, bytes.subarray(at.sent), at.sent),
        ],
        limit: 2,
      } satisfies Parallel) as [Exchange, Exchange];
      noteBlob(context, half);
      const { last } = yield* read(context, half);
      if (last.status !== 404) expectContent(last, described(half));
      return `the PUT ${ending.reply.status}, the blob ${last.status === 404 ? 'absent' : 'whole'}`;
    },
  },
  {
    id: 'blob-two-repositories',
    level: 'COMPAT',
    section,
    requirement: 'One blob can be pushed to two repositories at once, and is in both then.',
    why: 'Build farms push images of the same base to many repositories in the same second.',
    covers: ['upload-end at-once'],
    *run(context) {
      const { repository, otherRepository } = context;
      const content = freshContent(context, 'blob-two-repositories', 1_000);
      const places = [repository, otherRepository];
      yield* pushAtOnce(context, content, places);
      for (const place of places) yield* expectBlob(context, content, place);
      return 'in both';
    },
  },
  {
    id: 'blob-twice-at-once',
    level: 'COMPAT',
    section,
    requirement: 'One blob can be pushed twice at once to one repository.',
    why: 'Two builds of the same commit do so.',
    covers: ['upload-end at-once'],
    *run(context) {
      const content = freshContent(context, 'blob-twice-at-once', 1_000);
      yield* pushAtOnce(context, content, [context.repository, context.repository]);
      yield* expectBlob(context, content);
      return 'both accepted';
    },
  },
  {
    id: 'blob-read-after-write',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: `A blob can be read at once by ${readsAtOnce} clients, each over a connection of its own.`,
    why: 'Behind a load balancer, other replicas answer than the one that took the push.',
    dependsOn: ['upload-post-put'],
    covers: ['blob at-once'],
    *run(context) {
      const content = freshContent(context, 'blob-read-after-write', 500);
      yield* givenBlob(context, content);
      const reads = (yield {
        parallel: Array.from({ length: readsAtOnce }, () => read(context, content)),
        limit: readsAtOnce,
      } satisfies Parallel) as Asked[];
      const late = reads.filter(({ last }) => last.status !== 200);
      const seen = [...new Set(late.map(({ last }) => describe(last)))].join(', ');
      expectThat(late.length === 0, `${readsAtOnce} times 200`, `${late.length} times ${seen}`);
      for (const { last } of reads) expectContent(last, described(content));
      return `${readsAtOnce} times 200`;
    },
  },
  {
    id: 'pull-while-pushing',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: 'Blobs can be pulled while another one is uploaded.',
    why: 'A registry that locks itself for a push stops every deployment meanwhile.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'pull-while-pushing', 600);
      yield* givenBlob(context, content);
      const upload = yield* givenUpload(context);
      const size = Math.max(600, leastChunkBytes(upload, 1));
      const { bytes } = freshContent(context, 'pull-while-pushing other', size);
      const next = yield* patchChunks(context, upload, bytes, [size]);
      const { last } = yield* read(context, content);
      yield* giveUp(context, next);
      expectContent(last, described(content));
      return '200';
    },
  },
];

export const concurrencyChecks: readonly Check[] = rows.map(
  (row): Check => ({ ...row, needs: ['push'] }),
);

/** Begins an upload of the content in each place, then ends all of them at once. */
function* pushAtOnce(
  context: CheckContext,
  content: Content,
  places: readonly string[],
): Talk<void> {
  const uploads: Upload[] = [];
  for (const place of places) uploads.push(yield* openUpload(context, '', place));
  yield {
    parallel: uploads.map((upload, at) => end(context, upload, content, content.bytes, places[at])),
    limit: uploads.length,
  } satisfies Parallel;
}

function* end(
  context: CheckContext,
  { url }: Upload,
  content: Content,
  body?: Uint8Array,
  repository = context.repository,
): Talk<void> {
  const headers = body === undefined ? [] : [octets];
  const { reply } = yield* closeUpload(context, url, content.digest, body, headers, repository);
  expectStatus(reply, 201);
  noteBlob(context, content, repository);
}

function noteBlob(
  context: CheckContext,
  { digest }: Content,
  repository = context.repository,
): void {
  noteLeftover(context, { kind: 'blob', repository, reference: digest });
}

function* read(context: CheckContext, content: Content): Talk<Asked> {
  return yield* ask(context, blobShape(context, described(content)));
}

function described({ digest, size }: Pick<Content, 'digest' | 'size'>): Descriptor {
  return { digest, size, mediaType: octets[1] };
}
