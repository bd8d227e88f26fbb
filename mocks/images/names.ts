// Which repository and tag an image of a layout or an archive gets.
import { basename } from 'node:path';
import { UserError } from '../../src/lib/user-error.ts';
import { isRepository, isTag } from '../../src/protocol/grammar/reference.ts';

/** How images without a name of their own are called, and what was asked for. */
export interface Naming {
  /** As the user named the source. */
  readonly source: string;
  /** Chosen by the user: instead of what the source says. */
  readonly repository: string | undefined;
}

export interface ImageName {
  readonly repository: string;
  /** Undefined: to be pulled by its digest. */
  readonly tag: string | undefined;
}

/**
 * Reads `registry/name:tag`, `name:tag` or `tag` (as `org.opencontainers.image.ref.name` may have them,
 * image-spec annotations.md, and docker's RepoTags): the host of a registry is left out, a name without
 * tag is `latest`. '' is an image without a name: `latest` of the source.
 * @throws UserError `images-name`
 */
export function nameOfImage(text: string, naming: Naming): ImageName {
  const fallback = () => naming.repository ?? repositoryOfFile(naming.source);
  if (text === '') return { repository: fallback(), tag: 'latest' };
  if (isTag(text)) return { repository: fallback(), tag: text };
  const at = text.indexOf('@');
  const nameAndTag = at < 0 ? text : text.slice(0, at);
  const colon = nameAndTag.indexOf(':', nameAndTag.lastIndexOf('/') + 1);
  const name = withoutHost(colon < 0 ? nameAndTag : nameAndTag.slice(0, colon));
  const untagged = at < 0 ? 'latest' : undefined;
  const tag = colon < 0 ? untagged : nameAndTag.slice(colon + 1);
  const repository = naming.repository ?? name;
  if (isRepository(repository) && (tag === undefined || isTag(tag))) return { repository, tag };
  throw new UserError(
    'images-name',
    `${naming.source}: an image is called ${JSON.stringify(text.slice(0, 200))}, which is no name:tag`,
    'Write the archive or layout anew with a name such as team/app:1.0.',
  );
}

/** The first component is a host when it cannot be a user's name on Docker Hub. */
function withoutHost(name: string): string {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  return first === 'localhost' || /[.:]/.test(first) ? name.slice(slash + 1) : name;
}

/** The name of the folder or file without the endings of archives, as far as a repository may have it. */
function repositoryOfFile(source: string): string {
  const plain = basename(source)
    .toLowerCase()
    .replace(/(?:\.(?:tar|oci))?(?:\.gz|\.tgz|\.tar)?$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return isRepository(plain) ? plain : 'image';
}
