// Blobs that several repositories have, pushed or mounted: what each of them keeps, and what none of them
// shows of the others.

import type { Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import { absentDigest, type Exchange } from '../kit/ask.ts';
import { expectAbsent, expectBlobThere, givenBlobThere } from '../kit/blobs.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { expectHeadAbsent, givenDeleted } from '../kit/deletion.ts';
import { describe, expectStatus, expectThat } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import {
  abandoned,
  expectMountAnswer,
  givenMountsAnswered,
  mount,
  mountAsWritten,
} from '../kit/mounts.ts';
import { closeUpload, givenUpload, noteLeftover } from '../kit/upload.ts';

const mounting = 'distribution-spec/spec.md#mounting-a-blob-from-another-repository';

type Row = Omit<Check, 'needs'>;

const rows: readonly Row[] = [
  {
    id: 'blob-other-repository',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement:
      'A blob that was pushed to one repository alone is 404 in another, by GET and HEAD.',
    why: 'Repositories have different readers; and who is told of a layer by HEAD does not push it.',
    dependsOn: ['blob-head-unknown', 'blob-unknown', 'upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'blob-other-repository', 400);
      yield* expectUnknownAbsent(context);
      yield* givenBlobThere(context, content, context.otherRepository);
      yield* expectAbsent(context, `blobs/${content.digest}`);
      yield* expectHeadAbsent(context, `blobs/${content.digest}`);
      return `404 in ${context.repository}`;
    },
  },
  {
    id: 'blob-second-repository',
    level: 'MUST',
    section: 'distribution-spec/spec.md#post-then-put',
    requirement: 'A blob that one repository has can be pushed to another, and is there then.',
    why: 'Registries that keep each blob once forget to note whose it is, too.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'blob-second-repository', 400);
      yield* givenBlobThere(context, content, context.otherRepository);
      const { url } = yield* givenUpload(context);
      const { reply } = yield* closeUpload(context, url, content.digest, content.bytes);
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
    id: 'mount-keeps-source',
    level: 'MUST',
    section: mounting,
    requirement: 'A blob that is mounted stays in the repository from which it was taken.',
    why: 'A mount copies: images of the other repository need the layer still.',
    dependsOn: ['mount', 'mount-head'],
    *run(context) {
      const content = freshContent(context, 'mount-keeps-source', 700);
      yield* givenMounted(context, content);
      yield* expectBlobThere(context, content, context.otherRepository);
      return `there in ${context.otherRepository}`;
    },
  },
  {
    id: 'mount-again',
    level: 'COMPAT',
    section: mounting,
    requirement: 'A mount of a blob that is there already is answered 201, or begins an upload.',
    why: 'Builders mount all layers of the base image, each time.',
    dependsOn: ['mount-or-upload'],
    covers: ['mount second'],
    *run(context) {
      const content = freshContent(context, 'mount-again', 700);
      yield* givenBlobThere(context, content);
      yield* givenBlobThere(context, content, context.otherRepository);
      const exchange = yield* mount(context, content, context.otherRepository);
      yield* abandoned(context, exchange);
      yield* givenMountsAnswered(context, 'mount-again', exchange);
      expectStatus(exchange.reply, 201, 202);
      yield* expectBlobThere(context, content);
      return `${exchange.reply.status}, and the blob is there`;
    },
  },
  {
    id: 'mount-twice-at-once',
    level: 'COMPAT',
    section: mounting,
    requirement:
      'One blob can be mounted twice at once: 201 or 202 each time, and then it is there.',
    why: 'Images for several platforms have layers in common, and are pushed at once.',
    dependsOn: ['mount', 'mount-head'],
    covers: ['mount at-once'],
    *run(context) {
      const content = freshContent(context, 'mount-twice-at-once', 700);
      yield* givenMounted(context, freshContent(context, 'mount-twice-at-once first', 700));
      yield* givenBlobThere(context, content, context.otherRepository);
      const mounts = [1, 2].map(() => mount(context, content, context.otherRepository));
      const exchanges: Exchange[] = yield { parallel: mounts, limit: mounts.length };
      for (const exchange of exchanges) yield* abandoned(context, exchange);
      for (const { reply } of exchanges) expectStatus(reply, 201, 202);
      if (exchanges.some(({ reply }) => reply.status === 201))
        yield* expectBlobThere(context, content);
      return exchanges.map(({ reply }) => reply.status).join(' and ');
    },
  },
  {
    id: 'mount-unescaped',
    level: 'COMPAT',
    section: mounting,
    requirement: 'The digest and the repository of a mount may be written with bare : and /.',
    why: 'RFC 3986 allows both in a query: containerd writes them so, Docker writes %3A and %2F.',
    dependsOn: ['mount', 'mount-head'],
    *run(context) {
      const content = freshContent(context, 'mount-unescaped', 700);
      yield* givenMounted(context, freshContent(context, 'mount-unescaped first', 700));
      yield* givenBlobThere(context, content, context.otherRepository);
      const query = `mount=${content.digest}&from=${context.otherRepository}`;
      const exchange = yield* mountAsWritten(context, content, context.otherRepository, query);
      yield* abandoned(context, exchange);
      expectStatus(exchange.reply, 201);
      return '201';
    },
  },
  {
    id: 'mount-absent-untrue',
    level: 'MUST',
    section: mounting,
    requirement: 'A mount of a blob that nobody has is not answered 201.',
    why: 'The client does not send the layer; if it is not there, the image is broken.',
    dependsOn: ['mount-absent-blob', 'upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'mount-absent-untrue', 700);
      const neighbour = freshContent(context, 'mount-absent-untrue neighbour', 100);
      yield* givenBlobThere(context, neighbour, context.otherRepository);
      const exchange = yield* mount(context, content, context.otherRepository);
      yield* abandoned(context, exchange);
      const { status } = exchange.reply;
      expectThat(status !== 201, 'no mount', 'status 201');
      // A refusal is no mount either; trouble of the registry's own says nothing.
      if (status === 0 || status >= 500) {
        throw notGiven(context, 'mount-absent-blob', describe(exchange.reply));
      }
      return `${status}`;
    },
  },
  {
    id: 'mount-deleted',
    level: 'MUST',
    section: mounting,
    requirement: 'A blob that was deleted where it is to be mounted from is not mounted (201).',
    why: 'The client does not send the layer; if it is not there, the image is broken.',
    dependsOn: ['delete-blob'],
    isAlone: true,
    *run(context) {
      const { otherRepository } = context;
      const content = freshContent(context, 'mount-deleted', 700);
      yield* givenBlobThere(context, content, otherRepository);
      yield* givenBlobDeleted(context, content, otherRepository);
      const exchange = yield* mount(context, content, otherRepository);
      yield* abandoned(context, exchange);
      // It may have been found elsewhere, and is there then.
      if (exchange.reply.status === 201) yield* expectBlobThere(context, content);
      return `${exchange.reply.status}`;
    },
  },
  {
    id: 'mount-outlives-source',
    level: 'MUST',
    section: 'distribution-spec/spec.md#deleting-blobs',
    requirement: 'A blob that was mounted stays when it is deleted where it came from.',
    why: 'Cleaning up a staging repository must not break what was promoted from it.',
    dependsOn: ['delete-blob', 'mount', 'mount-head'],
    isAlone: true,
    *run(context) {
      const content = freshContent(context, 'mount-outlives-source', 700);
      yield* givenMounted(context, content);
      yield* givenBlobDeleted(context, content, context.otherRepository);
      yield* expectBlobThere(context, content);
      return `there in ${context.repository}`;
    },
  },
  {
    id: 'mount-after-delete',
    level: 'MUST',
    section: mounting,
    requirement: 'A blob that was deleted can be mounted again (201), and is there then.',
    why: 'The same base layer comes back with the next build.',
    dependsOn: ['delete-blob'],
    isAlone: true,
    *run(context) {
      const content = freshContent(context, 'mount-after-delete', 700);
      yield* givenBlobThere(context, content);
      yield* givenBlobThere(context, content, context.otherRepository);
      yield* givenBlobDeleted(context, content, context.repository);
      const exchange = yield* mount(context, content, context.otherRepository);
      yield* abandoned(context, exchange);
      if (exchange.reply.status !== 201) throw new Unsupported('the registry does not mount it');
      yield* expectBlobThere(context, content);
      return '201, and there';
    },
  },
];

export const sharedBlobChecks: readonly Check[] = rows.map((row) => ({ ...row, needs: ['push'] }));

/** Mounts a blob from the other repository. @throws Void, Unsupported where an upload began instead */
function* givenMounted(context: CheckContext, content: Content): Talk<void> {
  yield* givenBlobThere(context, content, context.otherRepository);
  const exchange = yield* given(context, 'mount', function* () {
    const asked = yield* mount(context, content, context.otherRepository);
    yield* abandoned(context, asked);
    expectMountAnswer(asked);
    return asked;
  });
  if (exchange.reply.status === 202) throw new Unsupported('the registry does not mount');
  yield* given(context, 'mount-head', () => expectBlobThere(context, content));
}

/** Deletes the blob, which is then not there. @throws Void, Unsupported */
function* givenBlobDeleted(
  context: CheckContext,
  { digest }: Content,
  repository: string,
): Talk<void> {
  yield* givenDeleted(context, `blobs/${digest}`, 'blobs', 'delete-blob', repository);
  yield* given(context, 'delete-blob', () => expectAbsent(context, `blobs/${digest}`, repository));
}

/** A registry that never says 404 has other checks against it. @throws Void */
function* expectUnknownAbsent(context: CheckContext): Talk<void> {
  const below = `blobs/${absentDigest(context)}`;
  yield* given(context, 'blob-unknown', () => expectAbsent(context, below));
  yield* given(context, 'blob-head-unknown', () => expectHeadAbsent(context, below));
}
