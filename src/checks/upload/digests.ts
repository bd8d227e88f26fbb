// distribution-spec, "Pushing blobs": digests that have to be refused – of other content, malformed, by unknown
// algorithms – and what must not be there afterwards.

import type { DigestAlgorithm, HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import {
  expectAbsent,
  expectBlob,
  expectBlobThere,
  givenBlob,
  refusesAlgorithm,
} from '../kit/blobs.ts';
import { patchChunks } from '../kit/chunks.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { describe, expectStatus } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { expectCodeIfRefused, expectRefusal } from '../kit/refusal.ts';
import {
  closeUpload,
  endedOrGivenUp,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  postUpload,
  send,
} from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#pushing-blobs';

type Row = Omit<Check, 'needs'>;

/** A way in which a digest comes with content. */
interface Way {
  readonly id: string;
  readonly title: string;
  /** Of the digest, default sha256. */
  readonly algorithm?: DigestAlgorithm;
  /** See Check. */
  readonly dependsOn: readonly string[];
  /** @throws Void where this way does not work at all, Unsupported where it need not */
  push(context: CheckContext, content: Content, digest: string): Talk<Exchange>;
}

const ways: readonly Way[] = [
  {
    id: 'put',
    title: 'a PUT of the whole blob',
    dependsOn: ['upload-post-put'],
    *push(context, { bytes }, digest) {
      const { url } = yield* givenUpload(context);
      return yield* endedOrGivenUp(context, url, closeUpload(context, url, digest, bytes));
    },
  },
  {
    id: 'post',
    title: 'a single POST',
    dependsOn: [],
    *push(context, { bytes }, digest) {
      const query = `digest=${encodeURIComponent(digest)}`;
      const exchange = yield* postUpload(context, query, context.repository, bytes);
      // That it should be 202 then is for upload-single-post to say.
      const isOffered = exchange.reply.status !== 404 && exchange.reply.status !== 405;
      if (!isOffered) throw new Unsupported('the registry takes no blob with the POST');
      if (exchange.reply.status !== 202) return exchange;
      yield* giveUp(context, { url: locationOf(exchange) });
      throw new Unsupported('the registry takes no blob with the POST');
    },
  },
  {
    id: 'chunks',
    title: 'the PUT after a chunk',
    dependsOn: ['upload-chunk'],
    *push(context, { bytes, size }, digest) {
      const { url } = yield* given(context, 'upload-chunk', function* () {
        return yield* patchChunks(context, yield* openUpload(context), bytes, [size]);
      });
      return yield* endedOrGivenUp(context, url, closeUpload(context, url, digest));
    },
  },
  {
    id: 'sha512',
    title: 'a PUT of the whole blob by sha512',
    dependsOn: ['upload-post-put-sha512'],
    algorithm: 'sha512',
    *push(context, { bytes }, digest) {
      const begin = yield* postUpload(context, 'digest-algorithm=sha512');
      if (refusesAlgorithm(begin.reply)) yield* givenSha512(context, digest);
      if (begin.reply.status !== 202) {
        throw notGiven(context, 'upload-post-put-sha512', describe(begin.reply));
      }
      const url = locationOf(begin);
      return yield* endedOrGivenUp(context, url, closeUpload(context, url, digest, bytes));
    },
  },
];

/** Digests that are wrong in themselves. */
const malformed: readonly {
  readonly id: string;
  readonly title: string;
  readonly digest: string;
}[] = [
  { id: 'short', title: 'too short', digest: 'sha256:0123456789abcdef' },
  { id: 'not-hex', title: 'of other letters than hex', digest: `sha256:${'g'.repeat(64)}` },
  { id: 'upper', title: 'in capitals', digest: `sha256:${'AB'.repeat(32)}` },
  { id: 'bare', title: 'without an algorithm', digest: 'a'.repeat(64) },
  { id: 'empty', title: 'of nothing', digest: '' },
  { id: 'unknown', title: 'by an unknown algorithm', digest: `md1024:${'a'.repeat(64)}` },
];

/** A POST with no digest in it is an ordinary one; what is no digest is of no algorithm. */
function malformedFor({ id, algorithm }: Way) {
  if (algorithm !== undefined) return [];
  return malformed.filter(({ digest }) => digest !== '' || id !== 'post');
}

const wrongDigests = ways.flatMap((way): Row[] => {
  const content = (context: CheckContext, id: string) => freshContent(context, id, 900);
  const other = (context: CheckContext, id: string) =>
    freshContent(context, `${id} other`, 900, way.algorithm);
  const push = function* (context: CheckContext, id: string): Talk<Exchange> {
    const { digest } = other(context, id);
    const exchange = yield* way.push(context, content(context, id), digest);
    if (exchange.reply.status === 201) {
      noteLeftover(context, { kind: 'blob', repository: context.repository, reference: digest });
    }
    return exchange;
  };
  const [status, absent, code] = ['', '-absent', '-code'].map(
    (end) => `upload-${way.id}-wrong-digest${end}`,
  ) as [string, string, string];
  return [
    {
      id: status,
      level: 'SHOULD',
      section,
      requirement: `The digest of something else with ${way.title} is answered 400.`,
      why: 'Bytes that were damaged on their way must be noticed before anybody pulls them.',
      dependsOn: way.dependsOn,
      *run(context) {
        const { reply } = yield* push(context, status);
        expectStatus(reply, 400);
        return '400';
      },
    },
    {
      id: absent,
      level: 'MUST',
      section: 'distribution-spec/spec.md#pulling-blobs',
      requirement: `What came with the digest of something else, by ${way.title}, is not served under it.`,
      why: 'Whoever may push could put any bytes under the digest of a base layer.',
      dependsOn: way.dependsOn,
      *run(context) {
        const { reply } = yield* push(context, absent);
        yield* expectAbsent(context, `blobs/${other(context, absent).digest}`);
        return `${reply.status}, no blob`;
      },
    },
    {
      id: code,
      level: 'COMPAT',
      section: 'distribution-spec/spec.md#error-codes',
      requirement: `An error in JSON about a wrong digest, by ${way.title}, has the code DIGEST_INVALID.`,
      why: 'It tells a damaged push from one that is not allowed.',
      dependsOn: [status],
      *run(context) {
        const { reply } = yield* push(context, code);
        return expectCodeIfRefused(context, status, reply, 'DIGEST_INVALID');
      },
    },
  ];
});

const malformedDigests = ways.flatMap((way) =>
  malformedFor(way).map(({ id, title, digest }): Row => {
    const name = `upload-${way.id}-digest-${id}`;
    return {
      id: name,
      level: 'SHOULD',
      section,
      requirement: `A digest ${title} with ${way.title} is answered 400.`,
      why: 'A blob under a name that no client can form is lost.',
      dependsOn: way.dependsOn,
      *run(context) {
        const { reply } = yield* way.push(context, freshContent(context, name, 600), digest);
        expectStatus(reply, 400);
        return '400';
      },
    };
  }),
);

const others: readonly Row[] = [
  {
    id: 'upload-put-digest-none',
    level: 'SHOULD',
    section,
    requirement: 'A PUT without a digest does not end an upload: 400.',
    why: 'Nobody could say whether what came is what was meant.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { url } = yield* givenUpload(context);
      const { bytes: body } = freshContent(context, 'upload-put-digest-none', 500);
      const put = send(context, { method: 'PUT', path: url, headers: [octets], body });
      const { reply } = yield* endedOrGivenUp(context, url, put);
      expectStatus(reply, 400);
      return '400';
    },
  },
  {
    id: 'upload-put-digest-unescaped',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#post-then-put',
    requirement: 'The digest with a PUT may be written with a bare colon.',
    why: 'RFC 3986 allows it in a query: some clients write it so, others write %3A.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'upload-put-digest-unescaped', 500);
      const { url } = yield* givenUpload(context);
      const path = `${url}${url.includes('?') ? '&' : '?'}digest=${content.digest}`;
      const put = send(context, { method: 'PUT', path, headers: [octets], body: content.bytes });
      const { reply } = yield* endedOrGivenUp(context, url, put);
      expectStatus(reply, 201);
      noteLeftover(context, {
        kind: 'blob',
        repository: context.repository,
        reference: content.digest,
      });
      return '201';
    },
  },
  {
    id: 'upload-after-wrong-digest',
    level: 'COMPAT',
    section,
    requirement: 'A blob can be pushed after other bytes were refused under its digest.',
    why: 'Clients push a layer again that was damaged on its way.',
    dependsOn: ['upload-put-wrong-digest'],
    *run(context) {
      const id = 'upload-after-wrong-digest';
      const content = freshContent(context, id, 700);
      const { url } = yield* givenUpload(context);
      const { bytes } = freshContent(context, `${id} other`, 700);
      yield* given(context, 'upload-put-wrong-digest', function* () {
        const refused = closeUpload(context, url, content.digest, bytes);
        expectRefusal((yield* endedOrGivenUp(context, url, refused)).reply, 'digest');
      });
      yield* expectPushed(context, content);
      return 'refused, then 201';
    },
  },
  {
    id: 'upload-known-wrong-digest',
    level: 'SHOULD',
    section,
    requirement: 'The digest of a blob that is there, with other bytes, is answered 400 as well.',
    why: 'Bytes that were damaged on their way must be noticed, whatever is there already.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'upload-known-wrong-digest', 800);
      const reply = yield* pushOverKnown(context, content);
      expectStatus(reply, 400);
      return '400';
    },
  },
  {
    id: 'upload-known-wrong-digest-kept',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: 'A blob that is there stays as it is when other bytes come with its digest.',
    why: 'Whoever may push could put any bytes under the digest of a base layer.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'upload-known-wrong-digest-kept', 800);
      const { status } = yield* pushOverKnown(context, content);
      yield* expectBlob(context, content);
      return `${status}, and the blob is whole`;
    },
  },
  {
    id: 'upload-after-cancel',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#cancel-a-blob-upload',
    requirement: 'A blob can be pushed after an upload of its bytes was given up.',
    why: 'A build that was stopped is started again.',
    dependsOn: ['upload-chunk'],
    *run(context) {
      const content = freshContent(context, 'upload-after-cancel', 700);
      const at = yield* given(context, 'upload-chunk', function* () {
        const upload = yield* openUpload(context);
        return yield* patchChunks(context, upload, content.bytes, [content.size]);
      });
      yield* giveUp(context, at);
      const again = yield* givenUpload(context);
      const next = yield* patchChunks(context, again, content.bytes, [content.size]);
      const { reply } = yield* closeUpload(context, next.url, content.digest);
      expectStatus(reply, 201);
      noteLeftover(context, {
        kind: 'blob',
        repository: context.repository,
        reference: content.digest,
      });
      yield* expectBlobThere(context, content);
      return '201, and there';
    },
  },
  {
    id: 'upload-algorithm-unknown',
    level: 'SHOULD',
    section,
    requirement: 'An upload by an unknown digest algorithm is refused, with the POST or the PUT.',
    why: 'A client must learn that it has to take another algorithm.',
    *run(context) {
      const begin = yield* postUpload(context, 'digest-algorithm=md1024');
      if (begin.reply.status !== 202) {
        expectStatus(begin.reply, 400);
        return '400 to the POST';
      }
      const url = locationOf(begin);
      const { bytes } = freshContent(context, 'upload-algorithm-unknown', 500);
      const put = closeUpload(context, url, `md1024:${'a'.repeat(64)}`, bytes);
      const { reply } = yield* endedOrGivenUp(context, url, put);
      expectStatus(reply, 400);
      return '400 to the PUT';
    },
  },
];

/** Digests by another algorithm than the one that the POST announced. */
const algorithms = (
  [
    ['upload-algorithm-unannounced', '', 'sha512'],
    ['upload-algorithm-other', 'digest-algorithm=sha512', 'sha256'],
  ] as const
).map(
  ([id, query, algorithm]): Row => ({
    id,
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pushing-a-blob-in-chunks',
    requirement: `A ${algorithm} digest that the POST did not announce is taken rightly, or refused.`,
    why: 'Older clients do not announce the algorithm; what they push must not be lost in silence.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, id, 1_100, algorithm);
      const begin = yield* postUpload(context, query);
      if (refusesAlgorithm(begin.reply)) yield* givenSha512(context, id);
      expectStatus(begin.reply, 202);
      const url = locationOf(begin);
      const put = closeUpload(context, url, content.digest, content.bytes);
      const { reply } = yield* endedOrGivenUp(context, url, put);
      if (refusesAlgorithm(reply)) {
        yield* expectAbsent(context, `blobs/${content.digest}`);
        return `${reply.status}, no blob`;
      }
      expectStatus(reply, 201);
      noteLeftover(context, {
        kind: 'blob',
        repository: context.repository,
        reference: content.digest,
      });
      yield* expectBlob(context, content);
      return `201, ${content.size} bytes`;
    },
  }),
);

export const pushDigestChecks: readonly Check[] = [
  ...wrongDigests,
  ...malformedDigests,
  ...others,
  ...algorithms,
].map((row): Check => ({ ...row, needs: ['push'] }));

/** The registry takes a plain blob by sha512. @throws Unsupported where it does not, Void */
function* givenSha512(context: CheckContext, name: string): Talk<void> {
  yield* givenBlob(context, freshContent(context, `${name} plain`, 300, 'sha512'));
}

/** Pushes the blob the plainest way, and finds it there. */
function* expectPushed(context: CheckContext, content: Content): Talk<void> {
  const { url } = yield* givenUpload(context);
  const { reply } = yield* closeUpload(context, url, content.digest, content.bytes);
  expectStatus(reply, 201);
  noteLeftover(context, {
    kind: 'blob',
    repository: context.repository,
    reference: content.digest,
  });
  yield* expectBlobThere(context, content);
}

/** Pushes the blob, and then other bytes of the same length with its digest. */
function* pushOverKnown(context: CheckContext, content: Content): Talk<HttpReply> {
  yield* givenBlob(context, content);
  const { url } = yield* givenUpload(context);
  const { bytes } = freshContent(context, `${content.digest} other`, content.size);
  const put = closeUpload(context, url, content.digest, bytes);
  return (yield* endedOrGivenUp(context, url, put)).reply;
}
