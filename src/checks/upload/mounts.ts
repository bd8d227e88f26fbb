// distribution-spec, "Mounting a blob from another repository": blobs that are taken over without being
// sent, and the uploads that begin where they cannot be.
import type { RequestShape } from '../../protocol/session.ts';
import type { DigestAlgorithm, Talk } from '../../protocol/talk.ts';
import type { Cell } from '../cells.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import {
  absentRepository,
  askWith,
  blobShape,
  type Exchange,
  headOf,
  overFreshConnections,
} from '../kit/ask.ts';
import { expectBlob, expectBlobUnder, expectHeadOfBlob, givenBlob } from '../kit/blobs.ts';
import { expectClaim } from '../kit/claims.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { expectStatus, quote } from '../kit/expect.ts';
import {
  abandoned,
  expectMountAnswer,
  givenMountsAnswered,
  mount,
  mountShape,
  mountTo,
  queryOf,
  sessionFor,
} from '../kit/mounts.ts';
import { givenFirstPush, givenUploadTo, newRepository } from '../kit/new-repositories.ts';
import {
  closeUpload,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  postUpload,
  send,
} from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#mounting-a-blob-from-another-repository';

type Row = Omit<Check, 'needs'>;

/** @throws Unsupported where an upload began instead, as it may, or nothing did, which mount-or-upload tells */
function* mounted(context: CheckContext, content: Content): Talk<Exchange> {
  const { otherRepository } = context;
  yield* givenBlob(context, content, otherRepository);
  const exchange = yield* mount(context, content, otherRepository);
  expectMountAnswer(exchange);
  if (exchange.reply.status === 201) return exchange;
  yield* abandoned(context, exchange);
  throw new Unsupported('the registry does not mount: an upload began instead');
}

/** Ends the upload that began in place of a mount, and finds the blob there. */
function* pushInstead(context: CheckContext, exchange: Exchange, content: Content): Talk<void> {
  const url = locationOf(exchange);
  const { reply } = yield* closeUpload(context, url, content.digest, content.bytes, [octets]);
  expectStatus(reply, 201);
  noteLeftover(context, {
    kind: 'blob',
    repository: context.repository,
    reference: content.digest,
  });
  yield* expectBlob(context, content);
}

const kinds: readonly (readonly [string, string, number, DigestAlgorithm, readonly Cell[]])[] = [
  ['mount', 'A blob', 1_300, 'sha256', ['mount second', 'mount token']],
  ['mount-empty', 'A blob of no bytes', 0, 'sha256', ['mount empty']],
  ['mount-sha512', 'A blob by sha512', 1_200, 'sha512', ['mount sha512']],
];

const successes: readonly Row[] = [
  ...kinds.map(
    ([id, what, bytes, algorithm, covers]): Row => ({
      id,
      covers,
      level: 'MUST',
      section,
      requirement: `${what} that is mounted from another repository (201) is there, byte for byte.`,
      why: 'The client does not send the layer; if it is not there, the image is broken.',
      dependsOn: ['upload-post-put'],
      *run(context) {
        const content = freshContent(context, id, bytes, algorithm);
        yield* mounted(context, content);
        yield* expectBlob(context, content);
        return `201, ${content.size} bytes`;
      },
    }),
  ),
  {
    id: 'mount-fresh',
    level: 'SHOULD',
    section,
    requirement:
      'A mount over a connection of its own, which is closed after it, is answered 201 and the blob is there, or 202.',
    why: 'Jobs of one request each close the connection; what holds over kept ones alone fails for them.',
    dependsOn: ['mount', 'upload-post-put'],
    covers: ['mount fresh'],
    *run(context) {
      const { otherRepository } = context;
      yield* mounted(context, freshContent(context, 'mount-fresh plain', 900));
      const content = freshContent(context, 'mount-fresh', 900);
      yield* givenBlob(context, content, otherRepository);
      const session = overFreshConnections(sessionFor(context, otherRepository));
      const exchange = yield* mount(context, content, otherRepository, session);
      yield* abandoned(context, exchange);
      expectStatus(exchange.reply, 201, 202);
      if (exchange.reply.status === 202) return '202';
      yield* expectBlob(context, content);
      return `201, ${content.size} bytes`;
    },
  },
  {
    id: 'mount-location',
    level: 'MUST',
    section,
    requirement: 'The 201 of a mount has a Location from which the blob can be pulled.',
    why: 'Clients that are told a place go there; the blob has to be in it.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'mount-location', 900);
      const location = locationOf(yield* mounted(context, content));
      yield* expectBlobUnder(context, location, content);
      return quote(location);
    },
  },
  {
    id: 'mount-digest',
    level: 'COMPAT',
    section,
    requirement: 'If the 201 of a mount has a Docker-Content-Digest, it is that of the blob.',
    why: 'Docker takes the layer to be the one that is named there.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'mount-digest', 900);
      const { reply } = yield* mounted(context, content);
      return expectClaim(reply, content);
    },
  },
  {
    id: 'mount-head',
    level: 'MUST',
    section: 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry',
    requirement: 'HEAD of a mounted blob answers 200 at once, with its length in Content-Length.',
    why: 'Clients ask so before they push the manifest.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'mount-head', 900);
      yield* mounted(context, content);
      yield* expectHeadOfBlob(context, content);
      return `200, ${content.size} bytes`;
    },
  },
];

/** Mounts that cannot be. */
const impossible: readonly {
  readonly id: string;
  readonly title: string;
  from(context: CheckContext): string;
}[] = [
  {
    id: 'mount-absent-blob',
    title: 'from a repository that does not have the blob',
    from: ({ otherRepository }) => otherRepository,
  },
  {
    id: 'mount-absent-repository',
    title: 'from a repository that does not exist',
    from: absentRepository,
  },
];

const refusals = impossible.flatMap(({ id, title, from }): Row[] => [
  {
    id,
    level: 'SHOULD',
    section,
    requirement: `A mount ${title} is answered 202, and an upload begins.`,
    why: 'A client that gets an error here gives the whole push up.',
    dependsOn: ['mount-or-upload'],
    *run(context) {
      // Else the other repository may not exist either.
      yield* givenBlob(
        context,
        freshContent(context, `${id} neighbour`, 100),
        context.otherRepository,
      );
      const exchange = yield* mount(context, freshContent(context, id, 700), from(context));
      yield* givenMountsAnswered(context, id, exchange);
      expectStatus(exchange.reply, 202);
      const url = locationOf(exchange);
      yield* giveUp(context, { url });
      return `202, ${quote(url)}`;
    },
  },
  {
    id: `${id}-upload`,
    level: 'SHOULD',
    section,
    requirement: `The upload that begins in place of a mount ${title} takes the blob.`,
    why: 'A 202 that leads nowhere is worse than an error: the client believes it.',
    dependsOn: ['mount-or-upload'],
    *run(context) {
      const content = freshContent(context, `${id}-upload`, 700);
      const exchange = yield* mount(context, content, from(context));
      yield* givenMountsAnswered(context, `${id}-upload`, exchange);
      expectStatus(exchange.reply, 202);
      yield* pushInstead(context, exchange, content);
      return `202, then 201, ${content.size} bytes`;
    },
  },
]);

/** 202, or a refusal for want of the right to read there, which comes first. */
function* expectUploadOrRefusal(context: CheckContext, exchange: Exchange): Talk<void> {
  const { status } = exchange.reply;
  const isDenied = status === 401 || status === 403;
  if (isDenied && context.facts.challenged !== undefined) {
    throw new Unsupported(`who may not read the source is refused (${status})`);
  }
  expectStatus(exchange.reply, 202);
  yield* giveUp(context, { url: locationOf(exchange) });
}

const others: readonly Row[] = [
  {
    id: 'mount-or-upload',
    level: 'SHOULD',
    section,
    requirement: 'A mount of a blob that is there is answered 201, or 202 where it is not mounted.',
    why: 'A client that gets an error here gives the whole push up.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { otherRepository } = context;
      const content = freshContent(context, 'mount-or-upload', 700);
      yield* givenBlob(context, content, otherRepository);
      const exchange = yield* mount(context, content, otherRepository);
      yield* abandoned(context, exchange);
      expectStatus(exchange.reply, 201, 202);
      return String(exchange.reply.status);
    },
  },
  {
    id: 'mount-anonymous',
    level: 'SHOULD',
    section,
    requirement: 'A mount that names no repository is answered 201 or 202, and is what it says.',
    why: 'Clients that do not know where a layer came from ask so.',
    dependsOn: ['mount-or-upload'],
    *run(context) {
      const content = freshContent(context, 'mount-anonymous', 800);
      yield* givenBlob(context, content, context.otherRepository);
      // With a token for both, so that nothing forbids it.
      const session = sessionFor(context, context.otherRepository);
      const exchange = yield* mount(context, content, undefined, session);
      yield* givenMountsAnswered(context, 'mount-anonymous', exchange);
      expectStatus(exchange.reply, 201, 202);
      if (exchange.reply.status === 202) yield* pushInstead(context, exchange, content);
      else yield* expectBlob(context, content);
      return `${exchange.reply.status}, and the blob is there`;
    },
  },
  {
    id: 'mount-from-one',
    level: 'SHOULD',
    section,
    requirement:
      'A mount from a repository whose name has one component, and which is not there, is answered 202, and an upload begins.',
    why: 'Builders mount from where the base image came from; "alpine" is a name of one component.',
    dependsOn: ['mount-or-upload', 'upload-post-put'],
    covers: ['mount names'],
    *run(context) {
      yield* giveUp(context, yield* givenUpload(context));
      const content = freshContent(context, 'mount-from-one', 700);
      // With a token for the target alone: that for the source is judged by others.
      const session = sessionFor(context, undefined);
      const exchange = yield* mount(context, content, `pullproof-${context.nonce}`, session);
      yield* givenMountsAnswered(context, 'mount-from-one', exchange);
      yield* expectUploadOrRefusal(context, exchange);
      return String(exchange.reply.status);
    },
  },
  {
    id: 'mount-to-new',
    level: 'SHOULD',
    section,
    requirement:
      'A mount into a repository that nothing was pushed to is answered 201 or 202, where an upload there is.',
    why: 'The first push of a new image begins with the layers of its base: all of them are mounted.',
    dependsOn: ['mount-or-upload', 'push-first', 'upload-post-put'],
    covers: ['mount first'],
    *run(context) {
      const id = 'mount-to-new';
      const content = freshContent(context, id, 900);
      yield* givenBlob(context, content);
      const [other, target] = ['other', 'target'].map((each) =>
        newRepository(context, `mount-${each}`),
      );
      if (other === undefined || target === undefined) throw new Error('two names were made');
      yield* givenUploadTo(context, other);
      const from = context.repository;
      const session = context.session(target, 'pull,push', [`repository:${from}:pull`]);
      const exchange = yield* mountTo(context, target, queryOf(content, from), session);
      yield* givenMountsAnswered(context, id, exchange);
      if (exchange.reply.status >= 500) yield* givenFirstPush(context, 'mount-plain');
      if (exchange.reply.status === 202) {
        const path = locationOf(exchange);
        yield* send(context, { method: 'DELETE', path, repository: target });
      }
      const { status } = exchange.reply;
      // Some token servers keep one of two scopes; then no mount is to be had.
      if (status === 401 || status === 403) {
        throw new Unsupported(`who asks for two repositories is refused (${status})`);
      }
      expectStatus(exchange.reply, 201, 202);
      if (status === 201) {
        noteLeftover(context, { kind: 'blob', repository: target, reference: content.digest });
      }
      return `${exchange.reply.status} in ${target}`;
    },
  },
  {
    id: 'mount-anonymous-absent',
    level: 'SHOULD',
    section,
    requirement: 'A mount that names no repository, of a blob that nobody has, begins an upload.',
    why: 'A client that gets an error here gives the whole push up.',
    dependsOn: ['mount-or-upload'],
    *run(context) {
      const content = freshContent(context, 'mount-anonymous-absent', 800);
      const exchange = yield* mount(context, content, undefined);
      yield* givenMountsAnswered(context, 'mount-anonymous-absent', exchange);
      expectStatus(exchange.reply, 202);
      yield* pushInstead(context, exchange, content);
      return '202, then 201';
    },
  },
  {
    id: 'mount-digest-malformed',
    level: 'COMPAT',
    section,
    requirement: 'A mount of a malformed digest is refused, or an upload begins.',
    why: 'A 201 would be of a blob that cannot exist.',
    dependsOn: ['mount-or-upload', 'upload-post-put'],
    *run(context) {
      const digest = 'sha256:0123456789abcdef';
      const exchange = yield* mount(context, { digest }, context.otherRepository);
      if (![400, 404].includes(exchange.reply.status)) {
        yield* givenMountsAnswered(context, 'mount-digest-malformed', exchange);
      }
      // An upload, a digest that is none, a mount that cannot be.
      expectStatus(exchange.reply, 202, 400, 404);
      const { status } = exchange.reply;
      if (status === 202) yield* giveUp(context, { url: locationOf(exchange) });
      return String(status);
    },
  },
];

const tokens: readonly Row[] = [
  {
    id: 'mount-out-of-scope',
    level: 'COMPAT',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement: 'A token for one repository mounts nothing from another that it does not open.',
    why: 'Whoever knows a digest could read every private layer of the registry.',
    dependsOn: ['mount-or-upload', 'upload-post-put'],
    covers: ['mount anonymous'],
    *run(context) {
      const { otherRepository } = context;
      const content = freshContent(context, 'mount-out-of-scope', 800);
      yield* givenBlob(context, content, otherRepository);
      const session = sessionFor(context, undefined);
      // The token, if there is none yet. From now on it is not renewed.
      yield* giveUp(context, yield* givenUpload(context));
      const { authorization } = session;
      const head = yield* askWith(context, headElsewhere(context, content), authorization);
      if (head.reply.status >= 200 && head.reply.status < 400) {
        throw new Unsupported('the token for one repository opens the other, too');
      }
      const shape = mountShape(context, queryOf(content, otherRepository));
      const exchange = yield* askWith(context, shape, authorization);
      // A refusal for want of the right to read there is what is meant; others are for another check.
      if (![401, 403, 404].includes(exchange.reply.status)) {
        yield* givenMountsAnswered(context, 'mount-out-of-scope', exchange);
      }
      // An upload, or a refusal for want of the right to read there; 405 where nothing is mounted at all.
      expectStatus(exchange.reply, 202, 401, 403, 404, 405);
      const { status } = exchange.reply;
      if (status === 202) yield* giveUp(context, { url: locationOf(exchange) });
      return String(status);
    },
  },
  {
    id: 'mount-scope-refused',
    level: 'COMPAT',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement:
      'Who may not pull from the source of a mount still gets a token that pushes to the target.',
    why: 'Builders ask for both at once; refused both, they cannot push on a foreign base image.',
    *run(context) {
      const { nonce, repository } = context;
      const scope = `repository:pullproof-foreign-${nonce}/app:pull`;
      const session = context.session(repository, 'pull,push', [scope]);
      const exchange = yield* postUpload(context, '', repository, undefined, session);
      expectStatus(exchange.reply, 202);
      yield* giveUp(context, { url: locationOf(exchange) });
      return '202';
    },
  },
];

function headElsewhere(context: CheckContext, { digest, size }: Content): RequestShape {
  const path = `/v2/${context.otherRepository}/blobs/${digest}`;
  return { ...headOf(blobShape(context, { digest, size, mediaType: octets[1] })), path };
}

export const mountChecks: readonly Check[] = [
  ...[...successes, ...refusals, ...others].map((row): Check => ({ ...row, needs: ['push'] })),
  ...tokens.map((row): Check => ({ ...row, needs: ['push', 'bearer'] })),
];
