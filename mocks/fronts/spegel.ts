// spegel, a mirror among the nodes of a cluster (spegel-org/spegel, pkg/registry/registry.go, pkg/oci/distribution.go,
// pkg/httpx/range.go): manifests and blobs by their digest, whatever the repository; tags only with `ns`; no lists.
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { type Body, bytesReply, emptyReply, errorReply, type Reply } from '../call.ts';
import { Fields } from '../registry/query.ts';
import { hasValidName } from '../registry/route.ts';
import type { StoredManifest } from '../store.ts';
import type { Front, FrontScene } from './front.ts';

/** What it cannot parse is not found, without a body. */
const notParsed = emptyReply(404, []);

export const spegel: Front = {
  auth: 'none',
  redirect: 'none',
  answer(scene: FrontScene): Reply {
    const { call, route } = scene;
    const isRead = call.method === 'GET' || call.method === 'HEAD';
    if (isRead && route.endpoint === 'ping') return emptyReply(200, []);
    if (!isRead || !hasValidName(route)) return notParsed;
    if (route.endpoint === 'manifest') return manifestReply(scene);
    return route.endpoint === 'blob' ? blobReply(scene) : notParsed;
  },
};

function manifestReply(scene: FrontScene): Reply {
  const { route, site } = scene;
  const namespace = namespaceOf(scene);
  const isTag = !route.reference.includes(':');
  if (isTag ? namespace === '' : !isWellFormedDigest(route.reference)) return notParsed;
  const found = isTag
    ? site.store.manifest(route.repository, route.reference)
    : manifestAnywhere(scene);
  if (found === undefined) return errorReply(404, 'MANIFEST_UNKNOWN', 'could not find peer');
  return bytesReply(200, found.bytes, [
    ['Content-Type', found.mediaType],
    ['Docker-Content-Digest', found.digest],
    ['OCI-Namespace', namespace],
  ]);
}

function blobReply(scene: FrontScene): Reply {
  const { call, route } = scene;
  if (!isWellFormedDigest(route.reference)) return notParsed;
  const asked = readRange(call.header('range') ?? '');
  if (asked === 'unreadable') return notParsed;
  const body = manifestAnywhere(scene) === undefined ? blobAnywhere(scene) : undefined;
  if (body === undefined) return errorReply(404, 'BLOB_UNKNOWN', 'could not find peer');
  const headers: HeaderLine[] = [
    ['Docker-Content-Digest', route.reference],
    ['OCI-Namespace', namespaceOf(scene)],
    ['Accept-Ranges', 'bytes'],
    ['Content-Type', 'application/octet-stream'],
  ];
  if (asked === 'whole') return bytesReply(200, body, headers);
  const size = body.length;
  const first = asked.first ?? size - Math.min(asked.last ?? 0, size);
  // A part that does not exist is a bad request there, not 416.
  if (first >= size) return emptyReply(400, []);
  const end = asked.first === undefined ? size - 1 : Math.min(asked.last ?? size - 1, size - 1);
  const line: HeaderLine = ['Content-Range', `bytes ${first}-${end}/${size}`];
  return bytesReply(206, body.subarray(first, end + 1), [...headers, line]);
}

interface AskedPart {
  readonly first: number | undefined;
  readonly last: number | undefined;
}

/** One range in its grammar; several, another unit, or an end before the start cannot be read. */
function readRange(value: string): AskedPart | 'whole' | 'unreadable' {
  if (value === '') return 'whole';
  const [, start = '', end = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(value) ?? [];
  const first = start === '' ? undefined : Number(start);
  const last = end === '' ? undefined : Number(end);
  const isBackwards = first !== undefined && last !== undefined && first > last;
  const isEmpty = first === undefined && (last === undefined || last === 0);
  return isBackwards || isEmpty ? 'unreadable' : { first, last };
}

function namespaceOf({ call }: FrontScene): string {
  return new Fields(call.query).one('ns') ?? '';
}

function manifestAnywhere({ route, site: { store } }: FrontScene): StoredManifest | undefined {
  const owner = store.repositories().find((one) => store.hasManifest(one, route.reference));
  return owner === undefined ? undefined : store.manifest(owner, route.reference);
}

function blobAnywhere({ route, site: { store } }: FrontScene): Body | undefined {
  for (const repository of store.repositories()) {
    const body = store.blob(repository, route.reference);
    if (body !== undefined) return body;
  }
  return undefined;
}
