// The uploads endpoint: blobs in one request, in two, in chunks, or mounted from another repository
// (spec.md, "Pushing blobs"). A blob is visible when it is whole and has the digest that it should.
import { isRepository } from '../../src/protocol/reference.ts';
import type { DigestAlgorithm, HeaderLine } from '../../src/protocol/talk.ts';
import { type Body, type Call, emptyReply, errorReply, type Reply } from '../call.ts';
import { claimRepository, type Site } from '../site.ts';
import { digestOf } from '../store.ts';
import type { Authorizer } from './authorizer.ts';
import { algorithmNamed, algorithmOf } from './digests.ts';
import { Fields } from './query.ts';
import type { Route } from './route.ts';
import { type UploadSession, UploadSessions } from './sessions.ts';

const CONTENT_RANGE = /^(\d{1,15})-(\d{1,15})$/;
const RETRY_SECONDS = 5;

export class Uploads {
  readonly #site: Site;
  readonly #authorizer: Authorizer;
  readonly #sessions: UploadSessions;

  constructor(site: Site, authorizer: Authorizer) {
    this.#site = site;
    this.#authorizer = authorizer;
    this.#sessions = new UploadSessions(site.policy, site.now);
  }

  answer(call: Call, route: Route): Reply {
    if (call.method === 'POST') return this.#start(call, route);
    const session = this.#sessions.find(route.repository, route.reference);
    if (session === undefined) {
      return errorReply(404, 'BLOB_UPLOAD_UNKNOWN', 'there is no such upload');
    }
    if (call.method === 'PATCH') return this.#patch(call, session);
    if (call.method === 'PUT') return this.#finish(call, session);
    if (call.method === 'DELETE') {
      this.#sessions.close(session);
      return emptyReply(204, []);
    }
    return emptyReply(204, progress(session));
  }

  #start(call: Call, { repository }: Route): Reply {
    const query = new Fields(call.query);
    const mount = query.one('mount');
    if (mount !== undefined) {
      const mounted = this.#mount(call, repository, mount, query.one('from'));
      if (mounted !== undefined) return mounted;
    }
    const digest = mount === undefined ? query.one('digest') : undefined;
    if (digest !== undefined) return this.#putAtOnce(call, repository, digest);
    const algorithm = algorithmNamed(query.one('digest-algorithm') ?? 'sha256');
    if (algorithm === undefined) return wrongDigest('', 'the digest algorithm is not supported');
    const session = this.#sessions.open(repository, algorithm);
    if (session === undefined) return tooMany();
    const { chunkBytesMin } = this.#site.policy;
    const least: HeaderLine = ['OCI-Chunk-Min-Length', String(chunkBytesMin)];
    return emptyReply(202, [...progress(session), ...(chunkBytesMin > 0 ? [least] : [])]);
  }

  /** Undefined: there is nothing to mount, and an upload begins instead. */
  #mount(
    call: Call,
    repository: string,
    digest: string,
    from: string | undefined,
  ): Reply | undefined {
    const { store } = this.#site;
    if (algorithmOf(digest) === undefined) return wrongDigest(digest);
    if (from !== undefined && !isRepository(from)) {
      return errorReply(400, 'NAME_INVALID', 'the repository to mount from has no valid name');
    }
    const sources = from === undefined ? store.repositoriesWith(digest) : [from];
    const source = sources.find((name) => this.#authorizer.mayPull(call, name));
    const bytes = source === undefined ? undefined : store.blob(source, digest);
    return bytes === undefined ? undefined : this.#store(repository, digest, bytes);
  }

  #putAtOnce(call: Call, repository: string, digest: string): Reply {
    const algorithm = algorithmOf(digest);
    if (algorithm === undefined) return wrongDigest(digest);
    if (call.body.length > this.#site.policy.blobBytesMax) return this.#tooLarge();
    if (hasWrongLength(call)) return wrongLength();
    if (digestOf(call.body, algorithm) !== digest) return wrongDigest(digest);
    return this.#store(repository, digest, call.body);
  }

  #patch(call: Call, session: UploadSession): Reply {
    const problem = this.#problemOfChunk(call, session);
    if (problem !== undefined) return problem;
    if (!this.#sessions.append(session, call.body)) return tooMany();
    return emptyReply(202, progress(session));
  }

  /** Content of another digest ends the session: what came is not what was meant. */
  #finish(call: Call, session: UploadSession): Reply {
    const digest = new Fields(call.query).one('digest') ?? '';
    const algorithm = algorithmOf(digest);
    if (algorithm === undefined) return wrongDigest(digest);
    const hasChunk = call.body.length > 0 || call.header('content-range') !== undefined;
    const problem = hasChunk ? this.#problemOfChunk(call, session) : undefined;
    if (problem !== undefined) return problem;
    if (!this.#sessions.append(session, call.body)) return tooMany();
    this.#sessions.close(session);
    const bytes = session.chunks.length === 1 ? session.chunks[0] : Buffer.concat(session.chunks);
    if (bytes === undefined || digestOfSession(session, algorithm, bytes) !== digest) {
      return wrongDigest(digest);
    }
    return this.#store(session.repository, digest, bytes);
  }

  /** spec.md, "Pushing a blob in chunks"; docker-registry api.md, "Chunked Upload", for the format. */
  #problemOfChunk(call: Call, session: UploadSession): Reply | undefined {
    const { blobBytesMax, chunkBytesMin } = this.#site.policy;
    const range = call.header('content-range');
    const [, first, last] = CONTENT_RANGE.exec(range ?? '') ?? [];
    if (
      range !== undefined &&
      (Number(first) !== session.bytes || !(Number(last) >= session.bytes))
    ) {
      const message = 'the chunk is not the one that comes next';
      return errorReply(416, 'BLOB_UPLOAD_INVALID', message, progress(session));
    }
    const announced = Number(last) - Number(first) + 1;
    if (hasWrongLength(call) || (range !== undefined && announced !== call.body.length)) {
      return wrongLength();
    }
    if (session.bytes + call.body.length > blobBytesMax) return this.#tooLarge();
    if (call.body.length > 0 && (session.lastChunkBytes ?? chunkBytesMin) < chunkBytesMin) {
      return errorReply(
        400,
        'SIZE_INVALID',
        `a chunk before this had under ${chunkBytesMin} bytes`,
      );
    }
    return undefined;
  }

  #store(repository: string, digest: string, body: Body): Reply {
    claimRepository(this.#site, repository);
    this.#site.store.addBlob(repository, digest, body);
    return emptyReply(201, [
      ['Location', `/v2/${repository}/blobs/${digest}`],
      ['Docker-Content-Digest', digest],
    ]);
  }

  #tooLarge(): Reply {
    const message = `a blob may have ${this.#site.policy.blobBytesMax} bytes`;
    return errorReply(413, 'SIZE_INVALID', message);
  }
}

/** Where the session is and how far it has come; of nothing, Docker's registry says 0-0. */
function progress({ repository, id, bytes }: UploadSession): HeaderLine[] {
  return [
    ['Location', `/v2/${repository}/blobs/uploads/${id}`],
    ['Range', `0-${Math.max(0, bytes - 1)}`],
    ['Docker-Upload-UUID', id],
  ];
}

function digestOfSession(
  session: UploadSession,
  algorithm: DigestAlgorithm,
  bytes: Uint8Array,
): string {
  if (session.algorithm !== algorithm) return digestOf(bytes, algorithm);
  return `${algorithm}:${session.hash.digest('hex')}`;
}

/** The session, if there is one, can go on later. */
function tooMany(): Reply {
  const wait: HeaderLine = ['Retry-After', String(RETRY_SECONDS)];
  return errorReply(429, 'TOOMANYREQUESTS', 'too many uploads are under way', [wait]);
}

/** Over HTTP the transport sees to it; in process nobody else does. */
function hasWrongLength(call: Call): boolean {
  const announced = call.header('content-length');
  return announced !== undefined && announced !== String(call.body.length);
}

function wrongLength(): Reply {
  return errorReply(400, 'SIZE_INVALID', 'the body has another length than announced');
}

function wrongDigest(
  digest: string,
  message = 'the digest is not valid, or not that of the content',
): Reply {
  return errorReply(400, 'DIGEST_INVALID', message, [], { digest });
}
