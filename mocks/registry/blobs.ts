// The blobs endpoint: get, by redirect or from here, and delete (spec.md, "Pulling blobs", "Deleting
// Blobs").
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { type Body, type Call, emptyReply, errorReply, type Reply } from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import { contentReply } from '../range.ts';
import type { Site } from '../site.ts';
import type { Route } from './route.ts';

export class Blobs {
  readonly #site: Site;
  readonly #cdn: Cdn;

  constructor(site: Site, cdn: Cdn) {
    this.#site = site;
    this.#cdn = cdn;
  }

  answer(call: Call, route: Route): Reply {
    if (!isWellFormedDigest(route.reference)) {
      return errorReply(400, 'DIGEST_INVALID', 'this is not a digest');
    }
    return call.method === 'DELETE' ? this.#delete(route) : this.#get(call, route);
  }

  #get(call: Call, { repository, reference: digest }: Route): Reply {
    const { store, redirect, origins } = this.#site;
    const bytes = store.blob(repository, digest);
    if (bytes === undefined) return unknownBlob(digest);
    if (redirect === 'none') return blobReply(call, digest, bytes);
    const { method } = call;
    const origin = origins.cdn || call.origin;
    return emptyReply(redirect, [
      ['Location', origins.cdn + this.#cdn.signedPath(digest, { method, origin })],
      ['Docker-Content-Digest', digest],
    ]);
  }

  #delete({ repository, reference: digest }: Route): Reply {
    const { store, policy } = this.#site;
    if (policy.noDelete.includes('blob')) {
      return errorReply(405, 'UNSUPPORTED', 'a blob cannot be deleted', [['Allow', 'GET, HEAD']]);
    }
    return store.deleteBlob(repository, digest) ? emptyReply(202, []) : unknownBlob(digest);
  }
}

/** The blob from the registry itself. */
export function blobReply(call: Call, digest: string, body: Body): Reply {
  return contentReply(call, body, `"${digest}"`, [
    ['Content-Type', 'application/octet-stream'],
    ['Docker-Content-Digest', digest],
  ]);
}

function unknownBlob(digest: string): Reply {
  return errorReply(404, 'BLOB_UNKNOWN', 'there is no such blob', [], { digest });
}
