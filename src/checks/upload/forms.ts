// distribution-spec, "Pushing blobs": the ways in which a blob can be uploaded whole, each with content
// of every kind. One table of forms, one of contents, a check for each pair; and for each form what its
// last reply says and what can be asked then.

import { gzipSync } from 'node:zlib';
import type { Talk } from '../../protocol/talk.ts';
import type { Cell } from '../cells.ts';
import { Broken, type Check, type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import {
  expectBlob,
  expectBlobUnder,
  expectHeadOfBlob,
  givenBlob,
  noSha512,
  refusesAlgorithm,
} from '../kit/blobs.ts';
import {
  closeWithChunk,
  leastChunkBytes,
  type Manner,
  patchChunks,
  ranged,
} from '../kit/chunks.ts';
import { expectClaim } from '../kit/claims.ts';
import { type Content, contentOf, freshContent } from '../kit/content.ts';
import { expectStatus, quote } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import {
  closeUpload,
  expectTaken,
  locationOf,
  noteLeftover,
  openUpload,
  postUpload,
  send,
  type Upload,
  withQuery,
} from '../kit/upload.ts';

/** What is pushed by one check. */
interface BlobFixture {
  /** Content of the check's own, of so many bytes at least. */
  make(bytesMin?: number): Talk<Content>;
  /** Of the POST that begins the upload. */
  readonly query: string;
}

interface Pushed {
  readonly content: Content;
  /** The request that ended the upload, and the 201. */
  readonly exchange: Exchange;
}

interface Form {
  readonly id: string;
  readonly section: string;
  readonly level: Check['level'];
  readonly requirement: string;
  readonly kinds: readonly Kind[];
  /** See Check. */
  readonly dependsOn: readonly string[];
  /** Uploads the content; what the spec says of the statuses is judged here. */
  upload(context: CheckContext, fixture: BlobFixture): Talk<Pushed>;
}

interface Kind {
  /** Ends the id of a check; '' is the plain one. */
  readonly id: string;
  readonly title: string;
  readonly bytes: number;
  readonly algorithm?: 'sha512';
  /** Compressed, as layers mostly are: proxies unpack it on the way, some registries too. */
  readonly isGzip?: true;
  /** The repository has the blob before. */
  readonly isKnown?: true;
}

const plain: Kind = { id: '', title: '', bytes: 3_000 };
const empty: Kind = { id: '-empty', title: ' (no bytes)', bytes: 0 };
const oneByte: Kind = { id: '-byte', title: ' (one byte)', bytes: 1 };
const sha512: Kind = { id: '-sha512', title: ' (by sha512)', bytes: 2_000, algorithm: 'sha512' };
/** Just too long for proxies that nobody has told of blobs. */
const large: Kind = { id: '-large', title: ' (1 MiB and a byte)', bytes: 1024 ** 2 + 1 };
const gzip: Kind = { id: '-gzip', title: ' (compressed by gzip)', bytes: 2_200, isGzip: true };
const again: Kind = { id: '-again', title: ' (there already)', bytes: 2_500, isKnown: true };

const whole = [plain, empty, oneByte, sha512, large, again];
const inChunks = [plain, sha512, again];

const monolithic: readonly Form[] = [
  {
    id: 'upload-post-put',
    section: 'distribution-spec/spec.md#post-then-put',
    level: 'MUST',
    requirement: 'A blob can be pushed by POST and then PUT of its bytes, and is there then.',
    kinds: [...whole, gzip],
    dependsOn: [],
    *upload(context, { make, query }) {
      const content = yield* make();
      const { url } = yield* open(context, query);
      const exchange = yield* closeUpload(context, url, content.digest, content.bytes);
      // The streams and the single POST, which no MUST demands, warn of it.
      expectTaken(exchange.reply, content.size);
      return ended(content, exchange);
    },
  },
  {
    id: 'upload-single-post',
    section: 'distribution-spec/spec.md#single-post',
    level: 'SHOULD',
    requirement:
      'A blob can be pushed by a single POST, or the registry falls back to POST and PUT.',
    kinds: whole,
    dependsOn: [],
    *upload(context, { make }) {
      const content = yield* make();
      const query = `digest=${encodeURIComponent(content.digest)}`;
      const exchange = yield* postUpload(context, query, context.repository, content.bytes);
      refuseSha512(exchange, content);
      expectStatus(exchange.reply, 201, 202);
      if (exchange.reply.status === 201) return { content, exchange };
      const url = locationOf(exchange);
      return ended(content, yield* closeUpload(context, url, content.digest, content.bytes));
    },
  },
  {
    id: 'upload-stream-put',
    section: 'distribution-spec/spec.md#post-then-put',
    level: 'COMPAT',
    requirement: 'The bytes of a blob may be streamed with the PUT, their length not announced.',
    kinds: [plain, oneByte, sha512],
    dependsOn: ['upload-post-put'],
    *upload(context, { make, query }) {
      const content = yield* make();
      const { url } = yield* begin(context, query);
      const path = withQuery(url, 'digest', content.digest);
      const headers = [['Content-Type', 'application/octet-stream']] as const;
      const { bytes: body } = content;
      const put = send(context, { method: 'PUT', path, headers, body, chunked: true });
      return ended(content, yield* put);
    },
  },
];

/** A form of pushing in chunks. */
interface Chunked {
  readonly id: string;
  readonly requirement: string;
  readonly level?: Check['level'];
  readonly kinds?: readonly Kind[];
  readonly manner?: Manner;
  /** Chunks, the last with the PUT where it says so. */
  readonly chunks: number;
  readonly lastWithPut?: true;
  /** Where they end; default in equal parts. */
  cut?(bytes: number): readonly number[];
}

const chunkedForms: readonly Chunked[] = [
  {
    id: 'upload-chunk',
    requirement: 'A blob can be pushed by one PATCH of all its bytes and an empty PUT.',
    kinds: [plain, oneByte, sha512, again],
    chunks: 1,
  },
  {
    id: 'upload-chunks',
    requirement: 'A blob can be pushed in several chunks and ended by an empty PUT.',
    chunks: 3,
  },
  {
    id: 'upload-chunks-end',
    requirement: 'The last chunk of a blob can come with the PUT that ends the upload.',
    kinds: [plain, sha512, large, again],
    chunks: 3,
    lastWithPut: true,
  },
  {
    id: 'upload-chunk-end',
    requirement: 'The only chunk of a blob can come with the PUT, with a Content-Range.',
    kinds: [plain, oneByte, sha512],
    chunks: 1,
    lastWithPut: true,
  },
  {
    id: 'upload-chunks-byte-first',
    requirement: 'A first chunk of one byte is taken, unless the registry names a least length.',
    chunks: 2,
    cut: (bytes) => [1, bytes],
  },
  {
    id: 'upload-chunks-byte-last',
    requirement: 'The last chunk may have any length, as one byte.',
    chunks: 2,
    cut: (bytes) => [bytes - 1, bytes],
  },
  {
    id: 'upload-chunks-byte-end',
    requirement: 'The last chunk may have any length, as one byte, with the PUT too.',
    chunks: 2,
    cut: (bytes) => [bytes - 1, bytes],
    lastWithPut: true,
  },
  {
    id: 'upload-chunk-unranged',
    level: 'COMPAT',
    requirement: 'A chunk without Content-Range, as Docker sends it, is the next one.',
    chunks: 1,
    manner: { ranged: false },
  },
  {
    id: 'upload-chunks-unranged',
    level: 'COMPAT',
    requirement: 'Several chunks without Content-Range follow each other.',
    chunks: 3,
    manner: { ranged: false },
  },
  {
    id: 'upload-stream',
    level: 'COMPAT',
    requirement: 'A PATCH may stream a blob, its length not announced, as Docker and podman do.',
    kinds: [plain, oneByte, sha512, large, again],
    chunks: 1,
    manner: { ranged: false, chunked: true },
  },
  {
    id: 'upload-streams',
    level: 'COMPAT',
    requirement: 'Several streams, their lengths not announced, follow each other.',
    chunks: 2,
    manner: { ranged: false, chunked: true },
  },
];

function formOf({ id, requirement, chunks, cut, ...rest }: Chunked): Form {
  const { level = 'MUST', kinds = inChunks, manner = ranged, lastWithPut } = rest;
  const section = 'distribution-spec/spec.md#pushing-a-blob-in-chunks';
  return {
    id,
    requirement,
    level,
    section,
    kinds,
    dependsOn: ['upload-post-put'],
    *upload(context, { make, query }) {
      const start = yield* begin(context, query);
      const least = leastChunkBytes(start, chunks);
      const content = yield* make(least * chunks);
      const { bytes, size, digest } = content;
      const ends = cut?.(size) ?? inParts(size, chunks);
      const isShort = ends.slice(0, -1).some((end, at) => end - (ends[at - 1] ?? 0) < least);
      if (isShort) throw new Unsupported(`a chunk must have ${least} bytes at least`);
      if (lastWithPut === undefined) {
        const { url } = yield* patchChunks(context, start, bytes, ends, manner);
        return ended(content, yield* closeUpload(context, url, digest));
      }
      const { url } = yield* patchChunks(context, start, bytes, ends.slice(0, -1));
      const first = ends.at(-2) ?? 0;
      const put = closeWithChunk(context, url, digest, bytes.subarray(first), first);
      return ended(content, yield* put);
    },
  };
}

function inParts(bytes: number, parts: number): number[] {
  return Array.from({ length: parts }, (_, at) => Math.floor((bytes * (at + 1)) / parts));
}

/** @throws Void where no upload begins, which `upload-post-put` judges; Unsupported as `open` */
function* begin(context: CheckContext, query: string): Talk<Upload> {
  return yield* given(context, 'upload-post-put', () => open(context, query));
}

/** @throws Unsupported where the registry does not take the digest algorithm of the query */
function* open(context: CheckContext, query: string): Talk<Upload> {
  if (query === '') return yield* openUpload(context);
  const exchange = yield* postUpload(context, query);
  if (refusesAlgorithm(exchange.reply)) throw noSha512(exchange.reply);
  expectStatus(exchange.reply, 202);
  return { url: locationOf(exchange), reply: exchange.reply };
}

function ended(content: Content, exchange: Exchange): Pushed {
  refuseSha512(exchange, content);
  expectStatus(exchange.reply, 201);
  return { content, exchange };
}

/** @throws Unsupported where the registry does not take the algorithm */
function refuseSha512({ reply }: Exchange, { digest }: Content): void {
  if (refusesAlgorithm(reply) && digest.startsWith('sha512:')) throw noSha512(reply);
}

/** What is judged of a form besides that it works. */
interface Aspect {
  readonly id: string;
  readonly level: Check['level'];
  readonly section?: string;
  readonly requirement: string;
  readonly why: string;
  judge(context: CheckContext, pushed: Pushed): Talk<string>;
}

const aspects: readonly Aspect[] = [
  {
    id: 'location',
    level: 'MUST',
    requirement: 'the 201 has a Location from which the blob can be pulled.',
    why: 'Clients that are told a place go there; the blob has to be in it.',
    *judge(context, { content, exchange }) {
      const location = locationOf(exchange);
      yield* expectBlobUnder(context, location, content);
      return `${content.size} bytes at ${quote(location)}`;
    },
  },
  {
    id: 'digest',
    level: 'COMPAT',
    requirement: 'if the 201 has a Docker-Content-Digest, it is that of the content.',
    why: 'Docker compares it with its own, and gives the push up when they differ.',
    // biome-ignore lint/correctness/useYield: there is nothing more to ask
    *judge(_, { content, exchange: { reply } }) {
      return expectClaim(reply, content);
    },
  },
  {
    id: 'head',
    level: 'MUST',
    section: 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry',
    requirement: 'HEAD of the blob answers 200 at once, with its length in Content-Length.',
    why: 'Clients ask so before they push a layer again, and before they push the manifest.',
    *judge(context, { content }) {
      yield* expectHeadOfBlob(context, content);
      return `200, ${content.size} bytes`;
    },
  },
];

/** Cells of the checks that are made of forms and kinds; see `covers` of Check. */
const covered: Readonly<Record<string, readonly Cell[]>> = {
  'upload-post-put': [
    'upload-start second',
    'upload-start token',
    'upload-end first',
    'upload-end token',
  ],
  'upload-post-put-empty': ['upload-end empty', 'blob empty'],
  'upload-post-put-sha512': ['upload-start sha512', 'upload-end sha512', 'blob sha512'],
  'upload-chunk': ['upload-chunk first', 'upload-chunk token'],
  'upload-chunks': ['upload-chunk many', 'upload-chunk second'],
};

const forms = [...monolithic, ...chunkedForms.map(formOf)];

const pushed: readonly Check[] = forms.flatMap((form) =>
  form.kinds.map((kind): Check => {
    const id = form.id + kind.id;
    return {
      id,
      level: form.level,
      section: form.section,
      requirement: `${form.requirement.slice(0, -1)}${kind.title}.`,
      why: 'A push that the registry accepts and then does not have is lost.',
      needs: ['push'],
      dependsOn: dependsOn(form, kind),
      covers: covered[id] ?? [],
      *run(context) {
        const isPlain = kind.algorithm === undefined;
        const { content } = yield* isPlain
          ? push(context, id, form, kind)
          : pushByAlgorithm(context, id, form, kind);
        yield* expectBlob(context, content);
        return `201, ${content.size} bytes`;
      },
    };
  }),
);

const judged: readonly Check[] = forms.flatMap((form) =>
  aspects.map((aspect): Check => {
    const id = `${form.id}-${aspect.id}`;
    return {
      id,
      // What is asked of a form that the spec does not know binds nobody.
      level: form.level === 'COMPAT' ? 'COMPAT' : aspect.level,
      section: aspect.section ?? form.section,
      requirement: `After ${form.id}: ${aspect.requirement}`,
      why: aspect.why,
      needs: ['push'],
      dependsOn: [form.id],
      *run(context) {
        const pushed = yield* given(context, form.id, () => push(context, id, form, plain));
        return yield* aspect.judge(context, pushed);
      },
    };
  }),
);

const emptyHead: Check = {
  id: 'upload-post-put-empty-head',
  level: 'MUST',
  section: 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry',
  requirement: 'HEAD of a blob of no bytes that was pushed answers 200, with Content-Length: 0.',
  why: 'Frameworks leave a length of 0 out, and clients take the size for unknown.',
  needs: ['push'],
  dependsOn: ['upload-post-put'],
  *run(context) {
    const content = freshContent(context, 'upload-post-put-empty-head', 0);
    yield* givenBlob(context, content);
    yield* expectHeadOfBlob(context, content);
    return '200, 0 bytes';
  },
};

export const pushBlobChecks: readonly Check[] = [...pushed, ...judged, emptyHead];

function dependsOn(form: Form, { isKnown, algorithm }: Kind): readonly string[] {
  if (isKnown) return ['upload-post-put'];
  return algorithm === undefined ? form.dependsOn : [...form.dependsOn, form.id];
}

/**
 * An algorithm is not supported where the form is taken with the usual one, and refused with this one each time.
 * @throws Void where it is not about the algorithm
 */
function* pushByAlgorithm(context: CheckContext, id: string, form: Form, kind: Kind): Talk<Pushed> {
  try {
    return yield* push(context, id, form, kind);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    yield* given(context, form.id, () => push(context, `${id} plain`, form, plain));
    yield* push(context, `${id} again`, form, kind);
    throw new Broken('the push to be taken, as the next one was', error.message);
  }
}

function* push(context: CheckContext, id: string, form: Form, kind: Kind): Talk<Pushed> {
  const { repository } = context;
  const fixture: BlobFixture = {
    query: kind.algorithm === undefined ? '' : `digest-algorithm=${kind.algorithm}`,
    *make(bytesMin = 0) {
      const bytes = Math.max(kind.bytes, bytesMin);
      const fresh = freshContent(context, id, bytes, kind.algorithm);
      const content = kind.isGzip ? contentOf(gzipSync(fresh.bytes)) : fresh;
      if (kind.isKnown) yield* givenBlob(context, content);
      noteLeftover(context, { kind: 'blob', repository, reference: content.digest });
      return content;
    },
  };
  return yield* form.upload(context, fixture);
}
