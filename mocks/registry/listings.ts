// The lists that a registry gives: tags of a repository, referrers of a manifest (spec.md, "Content
// Discovery"), repositories (docker-registry api.md, "Catalog"). Each in pages.
import { isRegisteredDigest } from '../../src/protocol/grammar/digest.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { encodeQueryComponent } from '../../src/protocol/grammar/uri.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { type Call, errorReply, jsonReply, type Reply, textReply } from '../call.ts';
import type { Site } from '../site.ts';
import type { Authorizer } from './authorizer.ts';
import { nextLine, pageOf } from './paging.ts';
import { Fields } from './query.ts';
import type { ReferrerEntry } from './referrer.ts';
import type { Route } from './route.ts';

/** The index of referrers is a manifest, and clients read manifests of 4 MiB. */
const indexBytesMax = 4 * 1024 ** 2;

export class Listings {
  readonly #site: Site;
  readonly #authorizer: Authorizer;

  constructor(site: Site, authorizer: Authorizer) {
    this.#site = site;
    this.#authorizer = authorizer;
  }

  tags(call: Call, { repository }: Route): Reply {
    const { store, policy } = this.#site;
    const path = `/v2/${repository}/tags/list`;
    const tags = store.tags(repository) ?? [];
    const page = pageOf(tags, path, new Fields(call.query), policy.pageEntriesMax);
    if ('status' in page) return page;
    return jsonReply(200, { name: repository, tags: page.names }, page.link);
  }

  /** Only what the client may pull. */
  catalog(call: Call): Reply {
    const { store, policy } = this.#site;
    const names = store.repositories().filter((name) => this.#authorizer.mayList(call, name));
    const page = pageOf(names, '/v2/_catalog', new Fields(call.query), policy.pageEntriesMax);
    return 'status' in page ? page : jsonReply(200, { repositories: page.names }, page.link);
  }

  /** Never 404, whether the subject or even the repository is known or not. */
  referrers(call: Call, { repository, reference: subject }: Route): Reply {
    if (!isRegisteredDigest(subject)) {
      return errorReply(400, 'DIGEST_INVALID', 'this is not a digest', [], { digest: subject });
    }
    const query = new Fields(call.query);
    // An empty one names no type: there is nothing to filter by.
    const filter = query.one('artifactType') || undefined;
    const last = query.one('last') ?? '';
    const all = this.#site.store.referrers(repository, subject);
    const wanted = all.filter(
      ({ digest, artifactType }) =>
        digest > last && (filter === undefined || artifactType === filter),
    );
    const manifests = this.#firstPage(wanted);
    const end = manifests.at(-1);
    const headers: HeaderLine[] = [['Content-Type', mediaTypes.ociIndex]];
    if (filter !== undefined) headers.push(['OCI-Filters-Applied', 'artifactType']);
    if (end !== undefined && manifests.length < wanted.length) {
      const type = filter === undefined ? '' : `artifactType=${encodeQueryComponent(filter)}&`;
      const rest = `${type}last=${encodeQueryComponent(end.digest)}`;
      headers.push(nextLine(`/v2/${repository}/referrers/${subject}`, rest));
    }
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    return textReply(200, JSON.stringify(index), headers);
  }

  /** As many as one index can hold, at least one. */
  #firstPage(entries: readonly ReferrerEntry[]): readonly ReferrerEntry[] {
    const page = entries.slice(0, this.#site.policy.pageEntriesMax);
    let bytes = 0;
    const end = page.findIndex((entry) => {
      bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
      return bytes > indexBytesMax - 200;
    });
    return end < 0 ? page : page.slice(0, Math.max(1, end));
  }
}
