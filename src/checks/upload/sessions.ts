// distribution-spec, "Endpoints": uploads that a registry does not know – never begun, over, or of another
// repository – for every request that can name one; and uploads under names that no repository can have.

import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Void } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import { expectAbsent, expectBlob, givenBlob } from '../kit/blobs.ts';
import { patchChunk } from '../kit/chunks.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { expectStatus } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { expectCodeIfRefused, expectRefusal } from '../kit/refusal.ts';
import {
  closeUpload,
  expectOffered,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  octets,
  openUpload,
  send,
} from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#endpoints';

type Row = Omit<Check, 'needs'>;

/** A request to an upload. */
interface Attempt {
  readonly id: string;
  readonly title: string;
  /** What the table of endpoints lists as its failures. */
  readonly statuses: readonly number[];
  send(context: CheckContext, url: string, content: Content): Talk<Exchange>;
}

const requests: readonly Attempt[] = [
  {
    id: 'status',
    title: 'GET',
    statuses: [404],
    *send(context, path) {
      return yield* send(context, { method: 'GET', path });
    },
  },
  {
    id: 'chunk',
    title: 'PATCH',
    statuses: [404, 416],
    *send(context, url, { bytes }) {
      return yield* patchChunk(context, url, bytes, 0);
    },
  },
  {
    id: 'end',
    title: 'PUT',
    statuses: [404, 400, 416],
    *send(context, url, { bytes, digest }) {
      return yield* closeUpload(context, url, digest, bytes);
    },
  },
  {
    id: 'cancel',
    title: 'DELETE',
    statuses: [404, 400],
    *send(context, path) {
      return yield* send(context, { method: 'DELETE', path });
    },
  },
];

/** Uploads that are not there. */
interface Gone {
  readonly id: string;
  readonly title: string;
  readonly codes: readonly string[];
  /** See Check. */
  readonly dependsOn: readonly string[];
  url(context: CheckContext, content: Content): Talk<string>;
}

const gone: readonly Gone[] = [
  {
    id: 'unknown',
    title: 'that never began',
    // Some registries keep what they know of an upload in its URL, and miss it in this one.
    codes: ['BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID'],
    dependsOn: [],
    // biome-ignore lint/correctness/useYield: there is nothing to ask
    *url({ registryUrl, repository }, { digest }) {
      // Another one for each check, as some registries begin it now.
      const id = `${digest.slice(-8)}-0000-4000-8000-000000000000`;
      return `${registryUrl}/v2/${repository}/blobs/uploads/${id}`;
    },
  },
  {
    id: 'ended',
    title: 'that a PUT has ended',
    codes: ['BLOB_UPLOAD_UNKNOWN'],
    dependsOn: ['upload-post-put'],
    *url(context, content) {
      return yield* given(context, 'upload-post-put', function* () {
        const { url } = yield* openUpload(context);
        const { digest, bytes } = content;
        const { reply } = yield* closeUpload(context, url, digest, bytes);
        expectStatus(reply, 201);
        noteLeftover(context, { kind: 'blob', repository: context.repository, reference: digest });
        return url;
      });
    },
  },
];

const rows = gone.flatMap(({ id: state, title, codes, dependsOn, url }) =>
  requests.flatMap((request): Row[] => {
    const id = `upload-${state}-${request.id}`;
    const send = function* (context: CheckContext, name: string): Talk<HttpReply> {
      const content = freshContent(context, name, 400);
      const { reply } = yield* request.send(context, yield* url(context, content), content);
      return reply;
    };
    return [
      {
        id,
        covers: id === 'upload-ended-end' ? ['upload-end second'] : [],
        level: 'SHOULD',
        section,
        requirement: `${request.title} of an upload ${title} is answered ${request.statuses.join(' or ')}.`,
        why: 'A client that goes on with it must learn that it has to begin anew.',
        dependsOn,
        *run(context) {
          const reply = yield* send(context, id);
          if (reply.status !== 404) expectOffered(context, reply);
          expectStatus(reply, ...request.statuses);
          return `${reply.status}`;
        },
      },
      {
        id: `${id}-code`,
        level: 'COMPAT',
        section: 'distribution-spec/spec.md#error-codes',
        requirement: `If ${request.title} of an upload ${title} is answered 404 in JSON, the code is ${codes.join(' or ')}.`,
        why: 'It tells an upload that is gone from a repository that is not there.',
        dependsOn: [id],
        *run(context) {
          const reply = yield* send(context, `${id}-code`);
          expectOffered(context, reply);
          const isOther = reply.status >= 400 && reply.status < 500 && reply.status !== 404;
          if (isOther) return `${reply.status}, no 404`;
          return expectCodeIfRefused(context, id, reply, ...codes);
        },
      },
    ];
  }),
);

const others: readonly Row[] = [
  {
    id: 'upload-ended-blob',
    level: 'MUST',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement: 'A chunk that comes after the PUT changes nothing of the blob.',
    why: 'A late retry of a proxy or client would break a layer that is already in use.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const content = freshContent(context, 'upload-ended-blob', 800);
      const url = yield* (gone[1] as Gone).url(context, content);
      const late = freshContent(context, 'upload-ended-blob late', 300);
      const { reply } = yield* patchChunk(context, url, late.bytes, content.size);
      yield* expectBlob(context, content);
      return `${reply.status}, and the blob as it was`;
    },
  },
  {
    id: 'upload-other-repository',
    level: 'COMPAT',
    section,
    requirement: 'An upload that began in one repository cannot be ended in another.',
    why: 'Who may push to one repository could push to all that share its registry.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { repository, otherRepository } = context;
      // Else it may not exist, which registries may hide behind a refusal.
      const neighbour = freshContent(context, 'upload-other-repository neighbour', 100);
      yield* givenBlob(context, neighbour, otherRepository);
      const { url } = yield* givenUpload(context);
      const other = url.replace(`/v2/${repository}/`, `/v2/${otherRepository}/`);
      if (other === url) throw new Void('the Location of the upload does not name its repository');
      const { digest, bytes } = freshContent(context, 'upload-other-repository', 500);
      const session = context.session(otherRepository, 'pull,push');
      const path = `${other}${other.includes('?') ? '&' : '?'}digest=${digest}`;
      const { reply } = yield* send(context, {
        method: 'PUT',
        path,
        headers: [octets],
        body: bytes,
        session,
      });
      if (reply.status === 201) {
        noteLeftover(context, { kind: 'blob', repository: otherRepository, reference: digest });
      }
      yield* send(context, { method: 'DELETE', path: url });
      expectRefusal(reply, 'upload');
      yield* expectAbsent(context, `blobs/${digest}`, otherRepository);
      return `${reply.status}, no blob`;
    },
  },
];

/** Names that the grammar of the spec does not have. */
const names = [
  ['capitals', 'Pullproof/App'],
  ['hyphen-first', 'pullproof/-app'],
  ['hyphen-last', 'pullproof/app-'],
  ['dots', 'pullproof/a..b'],
  ['underscores', 'pullproof/a___b'],
  ['tilde', 'pullproof/a~b'],
] as const;

const nameRows = names.map(
  ([id, name]): Row => ({
    id: `upload-name-${id}`,
    // The grammar binds who names a repository; that others are refused is expected.
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-manifests',
    requirement: `No upload begins in a repository of the name ${name}, which the grammar does not have.`,
    why: 'What is pushed under such a name cannot be pulled by any client.',
    covers: ['upload-start names', 'upload-start first'],
    *run(context) {
      const session = context.session();
      const path = `/v2/${name}/blobs/uploads/`;
      const exchange = yield* send(context, { method: 'POST', path, session });
      if (exchange.reply.status === 202) yield* giveUp(context, { url: locationOf(exchange) });
      expectRefusal(exchange.reply, 'name');
      return String(exchange.reply.status);
    },
  }),
);

export const uploadSessionChecks: readonly Check[] = [...rows, ...others, ...nameRows].map(
  (row): Check => ({ ...row, needs: ['push'] }),
);
