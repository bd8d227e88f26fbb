// The uploads endpoint: blobs in one request, in two, in chunks, or mounted from another repository
// (spec.md, "Pushing blobs"). A blob is visible when it is whole and has the digest that it should.
import { isRepository } from '../../src/protocol/grammar/reference.ts';
import type { DigestAlgorithm, HeaderLine } from '../../src/protocol/talk.ts';
import { type Call, type CallHead, emptyReply, errorReply, type Reply } from '../call.ts';
import { claimRepository, type Site } from '../site.ts';
import { StoreFull } from '../store/storage.ts';
import { digestOf } from '../store.ts';
import type { Authorizer } from './authorizer.ts';
import { algorithmNamed, algorithmOf } from './digests.ts';
import type { Intake } from './intake.ts';
import { Fields } from './query.ts';
import type { Route } from './route.ts';
import { type UploadSession, UploadSessions } from './sessions.ts';

const contentRange = /^(\d{1,15})-(\d{1,15})$/;
const retrySeconds = 5;

export class Uploads {
  readonly #site: Site;
  readonly #authorizer: Authorizer;
  readonly #sessions: UploadSessions;

  constructor(site: Site, authorizer: Authorizer) {
    this.#site = site;
    this.#authorizer = authorizer;
    this.#sessions = new UploadSessions(site.policy, site.now, () => site.store.stage());
  }

  /** Where the body of a call goes; undefined where the answer does not depend on it, or is no already. */
  receive(head: CallHead, route: Route): Intake | undefined {
    const query = new Fields(head.query);
    const digest = query.one('digest') ?? '';
    if (head.method === 'POST') {
      const algorithm = query.one('mount') === undefined ? algorithmOf(digest) : undefined;
      if (algorithm === undefined || this.#isAnnouncedTooLarge(head, 0)) return undefined;
      return this.#sessions.receiveAlone(algorithm);
    }
    const session = this.#sessions.find(route.repository, route.reference);
    if (session === undefined || this.#problemOfHead(head, session) !== undefined) return undefined;
    if (head.method === 'PUT' && algorithmOf(digest) === undefined) return undefined;
    return this.#sessions.receive(session);
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
    if (algorithm === undefined) return unknownAlgorithm();
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
    if (source === undefined || !store.hasBlob(source, digest)) return undefined;
    return this.#store(repository, digest);
  }

  #putAtOnce(call: Call, repository: string, digest: string): Reply {
    const algorithm = algorithmOf(digest);
    if (algorithm === undefined) return wrongDigest(digest);
    const isTooLarge = call.body.length > this.#site.policy.blobBytesMax;
    if (isTooLarge || this.#isAnnouncedTooLarge(call, 0)) return this.#tooLarge();
    const { staged } = call;
    const stopped = staged && this.#stopped(staged);
    if (stopped !== undefined) return stopped;
    if (hasWrongLength(call)) return wrongLength();
    const found = staged ? hexOf(staged) : digestOf(call.body, algorithm);
    if (found !== digest) return wrongDigest(digest);
    if (staged === undefined) {
      this.#site.store.hold(digest, call.body);
    } else {
      staged.staging.keep(digest);
      staged.release();
    }
    return this.#store(repository, digest);
  }

  #patch(call: Call, session: UploadSession): Reply {
    return this.#takeChunk(call, session) ?? emptyReply(202, progress(session));
  }

  /** Content of another digest ends the session: what came is not what was meant. */
  #finish(call: Call, session: UploadSession): Reply {
    const digest = new Fields(call.query).one('digest') ?? '';
    const algorithm = algorithmOf(digest);
    if (algorithm === undefined) return wrongDigest(digest);
    const hasChunk = lengthOf(call) > 0 || call.header('content-range') !== undefined;
    const problem = hasChunk ? this.#takeChunk(call, session) : problemOfTurn(call, session);
    if (problem !== undefined) return problem;
    try {
      if (digestOfSession(session, algorithm) !== digest) return wrongDigest(digest);
      session.staging.keep(digest);
    } finally {
      this.#sessions.close(session);
    }
    return this.#store(session.repository, digest);
  }

  /** Undefined: the chunk of the call is in. */
  #takeChunk(call: Call, session: UploadSession): Reply | undefined {
    const problem = this.#problemOfHead(call, session) ?? this.#problemOfLength(call, session);
    if (problem !== undefined) return problem;
    const { staged } = call;
    if (staged !== undefined) this.#sessions.take(session, staged);
    else if (!this.#sessions.append(session, call.body)) return tooMany();
    return undefined;
  }

  /** spec.md, "Pushing a blob in chunks"; docker-registry api.md, "Chunked Upload", for the format. */
  #problemOfHead(head: CallHead | Call, session: UploadSession): Reply | undefined {
    const [, first, last] = contentRange.exec(head.header('content-range') ?? '') ?? [];
    const isRanged = head.header('content-range') !== undefined;
    if (isRanged && (Number(first) !== session.bytes || !(Number(last) >= session.bytes))) {
      const message = 'the chunk is not the one that comes next';
      return errorReply(416, 'BLOB_UPLOAD_INVALID', message, progress(session));
    }
    const busy = problemOfTurn(head, session);
    if (busy !== undefined) return busy;
    return this.#isAnnouncedTooLarge(head, session.bytes) ? this.#tooLarge() : undefined;
  }

  #problemOfLength(call: Call, session: UploadSession): Reply | undefined {
    const { blobBytesMax, chunkBytesMin } = this.#site.policy;
    const stopped = call.staged && this.#stopped(call.staged);
    if (stopped !== undefined) return stopped;
    const length = lengthOf(call);
    const [, first, last] = contentRange.exec(call.header('content-range') ?? '') ?? [];
    const isOther = first !== undefined && Number(last) - Number(first) + 1 !== length;
    if (isOther || hasWrongLength(call)) return wrongLength();
    if (session.bytes + length > blobBytesMax) return this.#tooLarge();
    if (length > 0 && (session.lastChunkBytes ?? chunkBytesMin) < chunkBytesMin) {
      const message = `a chunk before this had under ${chunkBytesMin} bytes`;
      return errorReply(400, 'SIZE_INVALID', message);
    }
    return undefined;
  }

  /** What ended a body before it was whole. @throws StoreFull */
  #stopped({ stop }: Intake): Reply | undefined {
    if (stop === 'blob-too-large') return this.#tooLarge();
    if (stop === 'uploads-too-large') return tooMany();
    if (stop === 'store-full')
      throw new StoreFull('the store is full: there is no room for this blob');
    return stop && errorReply(503, 'UNSUPPORTED', 'the store cannot be written');
  }

  #isAnnouncedTooLarge(head: CallHead, bytesBefore: number): boolean {
    const announced = Number(head.header('content-length') ?? 0);
    return bytesBefore + announced > this.#site.policy.blobBytesMax;
  }

  /** Makes visible what the storage has taken in. */
  #store(repository: string, digest: string): Reply {
    claimRepository(this.#site, repository);
    this.#site.store.addHeld(repository, digest);
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

/** The hash has been made on the way, unless it was announced to be of another algorithm. */
function digestOfSession(session: UploadSession, algorithm: DigestAlgorithm): string {
  return session.algorithm === algorithm ? hexOf(session) : session.staging.digest(algorithm);
}

function hexOf({ algorithm, hash }: Pick<UploadSession, 'algorithm' | 'hash'>): string {
  return `${algorithm}:${hash.copy().digest('hex')}`;
}

function lengthOf({ body, staged }: Call): number {
  return staged?.length ?? body.length;
}

/** A session takes one chunk at a time. */
function problemOfTurn(
  call: CallHead & Pick<Partial<Call>, 'staged'>,
  session: UploadSession,
): Reply | undefined {
  if (session.intake === undefined || session.intake === call.staged) return undefined;
  return tooMany('a chunk of this upload is still coming');
}

/** The session, if there is one, can go on later. */
function tooMany(message = 'too many uploads are under way'): Reply {
  const wait: HeaderLine = ['Retry-After', String(retrySeconds)];
  return errorReply(429, 'TOOMANYREQUESTS', message, [wait]);
}

/** Over HTTP the transport sees to it; in process nobody else does. */
function hasWrongLength(call: Call): boolean {
  const announced = call.header('content-length');
  return announced !== undefined && announced !== String(lengthOf(call));
}

function wrongLength(): Reply {
  return errorReply(400, 'SIZE_INVALID', 'the body has another length than announced');
}

function wrongDigest(digest: string): Reply {
  const message = 'the digest is not valid, or not that of the content';
  return errorReply(400, 'DIGEST_INVALID', message, [], { digest });
}

function unknownAlgorithm(): Reply {
  return errorReply(400, 'DIGEST_INVALID', 'the digest algorithm is not supported');
}
