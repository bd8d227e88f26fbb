// The manifests endpoint: get by tag or digest, put byte by byte as pushed, delete (spec.md, "Pulling
// manifests", "Pushing Manifests", "Deleting tags", "Deleting Manifests").
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { isTag } from '../../src/protocol/grammar/reference.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import {
  bytesReply,
  type Call,
  emptyReply,
  errorReply,
  jsonReply,
  noBytes,
  type Reply,
} from '../call.ts';
import { claimRepository, type Site } from '../site.ts';
import { digestOf } from '../store.ts';
import { isIndex, negotiate } from './accept.ts';
import { algorithmOf } from './digests.ts';
import { hasAlready, mayReplace } from './etag.ts';
import { readPushed } from './pushed.ts';
import { Fields } from './query.ts';
import type { Route } from './route.ts';

/** Tags that one push may set; the spec asks for ten at least. */
const tagsMax = 100;
const missingShownMax = 100;

export class Manifests {
  readonly #site: Site;

  constructor(site: Site) {
    this.#site = site;
  }

  answer(call: Call, route: Route): Reply {
    const problem = problemOfReference(call.method, route);
    if (problem !== undefined) return problem;
    if (call.method === 'PUT') return this.#put(call, route);
    return call.method === 'DELETE' ? this.#delete(route) : this.#get(call, route);
  }

  #get(call: Call, { repository, reference }: Route): Reply {
    const { store } = this.#site;
    const found = store.manifest(repository, reference);
    const isByTag = !reference.includes(':');
    const chosen =
      found !== undefined && isByTag
        ? negotiate(store, repository, found, call.header('accept'))
        : found;
    if (chosen === undefined || found === undefined) return unknownManifest(repository, reference);
    const { digest, mediaType, bytes } = chosen;
    const etag = `"${digest}"`;
    const headers: HeaderLine[] = [
      ['Content-Type', mediaType],
      ['Docker-Content-Digest', digest],
      ['ETag', etag],
    ];
    if (isByTag && isIndex(found)) headers.push(['Vary', 'Accept']);
    if (hasAlready(call, etag)) return { status: 304, headers: headers.slice(1), body: noBytes };
    return bytesReply(200, bytes, headers);
  }

  #put(call: Call, { repository, reference }: Route): Reply {
    const { store, policy } = this.#site;
    if (call.body.length > policy.manifestBytesMax) {
      const message = `a manifest may have ${policy.manifestBytesMax} bytes`;
      return errorReply(413, 'SIZE_INVALID', message);
    }
    const byDigest = reference.includes(':');
    const tags = byDigest ? [...new Set(new Fields(call.query).all('tag'))] : [reference];
    if (tags.length > tagsMax) return errorReply(414, 'UNSUPPORTED', 'too many tags at once');
    if (!tags.every(isTag)) return errorReply(400, 'MANIFEST_INVALID', 'a tag is not valid');
    const algorithm = byDigest ? algorithmOf(reference) : 'sha256';
    if (algorithm === undefined) return wrongDigest(reference);
    const pushed = readPushed(call.body, call.header('content-type') ?? '');
    if (typeof pushed === 'string') return errorReply(400, 'MANIFEST_INVALID', pushed);
    if (byDigest && digestOf(call.body, algorithm) !== reference) return wrongDigest(reference);
    const before = store.manifest(repository, reference)?.digest;
    if (!mayReplace(call, before === undefined ? undefined : `"${before}"`)) {
      return errorReply(412, 'DENIED', 'the manifest is not what If-Match or If-None-Match wants');
    }
    const missing = policy.sparse === 'allow' ? [] : this.#missing(repository, pushed.needs);
    if (missing.length > 0) return missingReply(missing);
    // What comes after cannot fail, so that nothing is seen of a push for which there is no room.
    store.hold(digestOf(call.body, algorithm), call.body);
    claimRepository(this.#site, repository);
    const digest = store.putManifest(repository, call.body, pushed.mediaType, algorithm);
    for (const tag of tags) store.putTag(repository, tag, digest);
    const subject = store.manifest(repository, digest)?.subject;
    return emptyReply(201, [
      ['Location', `/v2/${repository}/manifests/${reference}`],
      ['Docker-Content-Digest', digest],
      ...(subject === undefined ? [] : [['OCI-Subject', subject] as const]),
      ...(byDigest ? tags.map((tag): HeaderLine => ['OCI-Tag', tag]) : []),
    ]);
  }

  #missing(repository: string, digests: readonly string[]): string[] {
    const { store } = this.#site;
    return digests.filter(
      (digest) => !store.hasBlob(repository, digest) && !store.hasManifest(repository, digest),
    );
  }

  #delete({ repository, reference }: Route): Reply {
    const { store, policy } = this.#site;
    const kind = reference.includes(':') ? 'manifest' : 'tag';
    if (policy.noDelete.includes(kind)) {
      return errorReply(405, 'UNSUPPORTED', `a ${kind} cannot be deleted`, [
        ['Allow', 'GET, HEAD, PUT'],
      ]);
    }
    const isGone =
      kind === 'tag'
        ? store.deleteTag(repository, reference)
        : store.deleteManifest(repository, reference);
    return isGone ? emptyReply(202, []) : unknownManifest(repository, reference);
  }
}

function problemOfReference(method: string, { repository, reference }: Route): Reply | undefined {
  if (reference.includes(':')) {
    return isWellFormedDigest(reference) ? undefined : wrongDigest(reference);
  }
  if (isTag(reference)) return undefined;
  // Whatever else the name is, there is no such manifest: "MUST be 404" (spec.md, "Pulling manifests").
  if (method !== 'PUT') return unknownManifest(repository, reference);
  return errorReply(400, 'MANIFEST_INVALID', 'this is neither a tag nor a digest');
}

function unknownManifest(repository: string, reference: string): Reply {
  const detail = { name: repository, reference };
  return errorReply(404, 'MANIFEST_UNKNOWN', 'there is no such manifest', [], detail);
}

function wrongDigest(digest: string): Reply {
  const message = 'the digest is not valid, or not that of the content';
  return errorReply(400, 'DIGEST_INVALID', message, [], { digest });
}

/** One error for each thing that is not there. */
function missingReply(digests: readonly string[]): Reply {
  const errors = digests.slice(0, missingShownMax).map((digest) => ({
    code: 'MANIFEST_BLOB_UNKNOWN',
    message: 'the manifest names what is not in the repository',
    detail: { digest },
  }));
  return jsonReply(400, { errors });
}
