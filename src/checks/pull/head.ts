// distribution-spec, "Checking if content exists in the registry": HEAD of manifests and blobs.

import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import {
  type Asked,
  absentDigest,
  absentTag,
  ask,
  blobShape,
  expectDigestHeader,
  headOf,
  manifestShape,
} from '../kit/ask.ts';
import { sampleBlobs } from '../kit/blobs.ts';
import { expectContentLength, expectStatus, expectThat, fact, quote } from '../kit/expect.ts';
import { givenReply } from '../kit/given.ts';

const section = 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry';

/** Entries of an index that are asked for; larger indexes are sampled from their start. */
const childrenMax = 100;

const manifestHeadChecks: readonly Check[] = [
  {
    id: 'manifest-head',
    level: 'MUST',
    section,
    requirement: 'HEAD of a manifest that GET finds answers 200, by tag and by digest.',
    why: 'containerd, Kubernetes and update watchers resolve tags by HEAD.',
    needs: ['top'],
    dependsOn: ['manifest-by-tag'],
    covers: [
      'manifest-tag-head get-first',
      'manifest-digest-head get-first',
      'manifest-tag-head token',
      'manifest-digest-head token',
    ],
    *run(context) {
      for (const { shape } of yield* fetchManifests(context)) {
        const { last } = yield* ask(context, headOf(shape));
        expectStatus(last, 200);
        expectThat(last.bytes === 0, 'no body', `${last.bytes} bytes of body`);
      }
      return '200';
    },
  },
  {
    id: 'manifest-head-length',
    level: 'MUST',
    section,
    requirement: 'HEAD of a manifest gives its size in Content-Length.',
    why: 'Clients build the descriptor of a tag from this header; without a size they give up.',
    needs: ['top'],
    dependsOn: ['manifest-head'],
    covers: ['manifest-tag-head second', 'manifest-digest-head second'],
    *run(context) {
      for (const { shape, reply } of yield* fetchManifests(context)) {
        const { last } = yield* givenReply(context, 'manifest-head', ask(context, headOf(shape)));
        const length = expectContentLength(last);
        const expected = `Content-Length: ${reply.bytes}, as many as GET brings`;
        expectThat(length === reply.bytes, expected, `Content-Length: ${length}`);
      }
      return 'as many bytes as GET brings';
    },
  },
  {
    id: 'manifest-head-digest',
    level: 'MUST',
    section,
    requirement: 'HEAD of a manifest names its digest in Docker-Content-Digest.',
    why: 'This is how clients turn a tag into a digest without downloading anything.',
    needs: ['top'],
    dependsOn: ['manifest-head'],
    *run(context) {
      const claims: string[] = [];
      for (const { shape, reply } of yield* fetchManifests(context)) {
        const { exchanges } = yield* givenReply(
          context,
          'manifest-head',
          ask(context, headOf(shape)),
        );
        claims.push(yield* expectDigestHeader(context, exchanges, reply.digest, shape));
      }
      return `Docker-Content-Digest: ${claims.join(', ')}`;
    },
  },
  {
    id: 'manifest-head-type',
    level: 'COMPAT',
    section,
    requirement: 'HEAD of a manifest has the same Content-Type as GET.',
    why: 'Clients decide by the type of the HEAD reply whether they meet an index or one image.',
    needs: ['top'],
    dependsOn: ['manifest-head'],
    *run(context) {
      for (const { shape, reply } of yield* fetchManifests(context)) {
        const { last } = yield* givenReply(context, 'manifest-head', ask(context, headOf(shape)));
        const [get, head] = [reply, last].map(typeOf);
        expectThat(get === head, `as GET: ${get}`, `${head}`);
      }
      return 'as GET';
    },
  },
  {
    id: 'manifest-head-children',
    level: 'MUST',
    section,
    requirement: 'HEAD of each manifest of an index that GET finds answers 200 with its size.',
    why: 'Mirrors ask by HEAD which platforms they have, and copy or miss the others.',
    needs: ['index'],
    *run(context) {
      let found = 0;
      for (const entry of fact(context.facts.index).slice(0, childrenMax)) {
        const shape = manifestShape(context, entry.digest);
        const { last } = yield* ask(context, headOf(shape));
        if (last.status === 404) {
          const { last: get } = yield* ask(context, shape);
          expectThat(get.status !== 200, `status 200 for ${entry.digest}, as by GET`, 'status 404');
          continue; // an index may be sparse
        }
        expectStatus(last, 200);
        const length = expectContentLength(last);
        const expected = `Content-Length: ${entry.size} for ${entry.digest}`;
        expectThat(length === entry.size, expected, `Content-Length: ${length}`);
        found++;
      }
      return `${found} manifests`;
    },
  },
  {
    id: 'manifest-head-unknown',
    level: 'MUST',
    section,
    requirement: 'HEAD of a manifest that does not exist answers 404, by tag and by digest.',
    why: 'Pipelines ask this to decide whether an image must be built.',
    needs: ['top'],
    covers: ['manifest-tag-head get-first'],
    *run(context) {
      for (const reference of [absentTag(context), absentDigest(context)]) {
        const { last } = yield* ask(context, headOf(manifestShape(context, reference)));
        expectStatus(last, 404);
      }
      return '404';
    },
  },
];

const blobHeadChecks: readonly Check[] = [
  {
    id: 'blob-head',
    level: 'MUST',
    section,
    requirement: 'HEAD of a blob that exists answers 200, once redirects are followed.',
    why: 'Whoever pushes asks this first, and uploads again what it does not find.',
    needs: ['image'],
    covers: ['blob-head get-first', 'blob-head token'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const { last } = yield* headBlob(context, blob);
        expectStatus(last, 200);
        expectThat(last.bytes === 0, 'no body', `${last.bytes} bytes of body`);
      }
      return '200';
    },
  },
  {
    id: 'blob-head-length',
    level: 'MUST',
    section,
    requirement: 'HEAD of a blob gives its size in Content-Length.',
    why: 'Lazy-pulling runtimes and resumed downloads plan their reads by it.',
    needs: ['image'],
    dependsOn: ['blob-head'],
    covers: ['blob-head second'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const { last } = yield* givenReply(context, 'blob-head', headBlob(context, blob));
        const length = expectContentLength(last);
        const expected = `Content-Length: ${blob.size}, as the descriptor says`;
        expectThat(length === blob.size, expected, `Content-Length: ${length}`);
      }
      return 'as the descriptors say';
    },
  },
  {
    id: 'blob-head-digest',
    level: 'MUST',
    section,
    requirement:
      'HEAD of a blob names its digest in Docker-Content-Digest, on the redirect or on its target.',
    why: 'Mirrors compare content by this header without downloading it.',
    needs: ['image'],
    dependsOn: ['blob-head'],
    *run(context) {
      for (const blob of sampleBlobs(context)) {
        const { exchanges } = yield* givenReply(context, 'blob-head', headBlob(context, blob));
        yield* expectDigestHeader(context, exchanges, blob.digest, blobShape(context, blob));
      }
      return 'present and right';
    },
  },
  {
    id: 'blob-head-unknown',
    level: 'MUST',
    section,
    requirement: 'HEAD of a blob that nobody has pushed answers 404.',
    why: 'A client that is told otherwise skips the upload, and the image stays incomplete.',
    needs: ['top'],
    covers: ['blob-head get-first'],
    *run(context) {
      const { last } = yield* headBlob(context, {
        mediaType: '',
        digest: absentDigest(context),
        size: 0,
      });
      expectStatus(last, 404);
      return '404';
    },
  },
];

export const headChecks: readonly Check[] = [...manifestHeadChecks, ...blobHeadChecks];

/** GET, to compare with: of the reference, and of a digest unless manifest-by-digest says it fails. */
function* fetchManifests(context: CheckContext): Talk<{ shape: RequestShape; reply: HttpReply }[]> {
  const { entry, top } = context.facts;
  const byTag = manifestShape(context, context.reference);
  const tagged = yield* givenReply(context, 'manifest-by-tag', ask(context, byTag));
  const fetched = [{ shape: byTag, reply: tagged.last }];
  const digest = entry?.digest ?? fact(top).digest;
  if (digest === context.reference) return fetched;
  const shape = manifestShape(context, digest);
  const { last } = yield* ask(context, shape);
  return last.status === 200 ? [...fetched, { shape, reply: last }] : fetched;
}

function typeOf(reply: HttpReply): string {
  const value = reply.header('Content-Type');
  return value === undefined ? 'no Content-Type' : `Content-Type: ${quote(value)}`;
}

function headBlob(context: CheckContext, blob: Descriptor): Talk<Asked> {
  return ask(context, headOf(blobShape(context, blob)));
}
