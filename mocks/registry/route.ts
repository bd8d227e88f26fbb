// Which endpoint of the distribution spec a path names. Grammar of names only, no content.
import { isRepository } from '../../src/protocol/grammar/reference.ts';

/** `other`: below /v2/ but no endpoint that the mock has. `foreign`: not below /v2/. */
export type Endpoint =
  | 'ping'
  | 'manifest'
  | 'blob'
  | 'tags'
  | 'referrers'
  | 'upload'
  | 'catalog'
  | 'other'
  | 'foreign';

export interface Route {
  readonly endpoint: Endpoint;
  /** '' where the endpoint has none. */
  readonly repository: string;
  /** Tag, digest or session of an upload, not yet looked at; '' where the endpoint has none. */
  readonly reference: string;
}

const pathCharsMax = 2_048;

/** The folder above the last name of a path. */
const contentFolders: Readonly<Record<string, Endpoint>> = {
  manifests: 'manifest',
  blobs: 'blob',
  referrers: 'referrers',
};
const uploadsPath = '/blobs/uploads';

/** Reads a path as it came; percent signs are decoded where they make sense. */
export function routeOf(path: string): Route {
  if (path === '/v2/' || path === '/v2') return route('ping');
  if (!path.startsWith('/v2/')) return route('foreign');
  if (path.length > pathCharsMax) return route('other');
  const rest = decode(path.slice('/v2/'.length));
  if (rest === '_catalog') return route('catalog');
  // Written out: patterns would take most of the time that a request takes.
  if (rest.endsWith(uploadsPath)) return ofRepository('upload', rest.slice(0, -uploadsPath.length));
  const slash = rest.lastIndexOf('/');
  const last = rest.slice(slash + 1);
  const above = rest.slice(0, Math.max(0, slash));
  if (above.endsWith(uploadsPath))
    return ofRepository('upload', above.slice(0, -uploadsPath.length), last);
  const folderSlash = above.lastIndexOf('/');
  const folder = above.slice(folderSlash + 1);
  const repository = above.slice(0, Math.max(0, folderSlash));
  if (folder === 'tags' && last === 'list') return ofRepository('tags', repository);
  const endpoint = Object.hasOwn(contentFolders, folder) ? contentFolders[folder] : undefined;
  if (endpoint === undefined || last === '') return route('other');
  return ofRepository(endpoint, repository, last);
}

/** Whether the route's repository could exist: its grammar holds, or it needs none. */
export function hasValidName(found: Route): boolean {
  return found.repository === '' || isRepository(found.repository);
}

function ofRepository(endpoint: Endpoint, repository: string, reference = ''): Route {
  return repository === '' ? route('other') : route(endpoint, repository, reference);
}

function route(endpoint: Endpoint, repository = '', reference = ''): Route {
  return { endpoint, repository, reference };
}

function decode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
