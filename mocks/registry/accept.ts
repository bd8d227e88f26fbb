// Content negotiation of a tag that names an index (content-negotiation.md; manifest-v2-2.md, "Backward
// compatibility"): a client that knows manifests only gets the one for linux/amd64, as Docker's registry
// has it. Everything else is served as it was pushed, whatever Accept says, as RFC 9110 12.5.1 allows.
import { readManifestDocument } from '../../src/protocol/grammar/manifest-document.ts';
import { kindOfMediaType } from '../../src/protocol/grammar/media-type.ts';
import type { Store, StoredManifest } from '../store.ts';

const acceptCharsMax = 8_192;
const typesMax = 100;

/** What to serve for a tag; undefined when the client could use none of the index's manifests. */
export function negotiate(
  store: Store,
  repository: string,
  found: StoredManifest,
  accept: string | undefined,
): StoredManifest | undefined {
  if (accept === undefined || accept === '') return found;
  // Most clients name what they will get, without weights.
  if (accept.includes(found.mediaType) && !accept.includes(';')) return found;
  if (!isIndex(found)) return found;
  const types = acceptedTypes(accept);
  if (types.has(found.mediaType)) return found;
  const knowsManifests = [...types].some((type) => kindOfMediaType(type) === 'manifest');
  if (!knowsManifests || types.has('*/*') || types.has('application/*')) return found;
  const index = readManifestDocument(Buffer.from(found.bytes).toString(), found.mediaType);
  if (typeof index === 'string' || index.kind !== 'index') return found;
  const entry = index.entries.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === 'amd64',
  );
  const manifest = store.manifest(repository, entry?.digest ?? '');
  return manifest !== undefined && types.has(manifest.mediaType) ? manifest : undefined;
}

/** Whether there may be something to choose from. */
export function isIndex({ mediaType }: StoredManifest): boolean {
  return kindOfMediaType(mediaType) === 'index';
}

/** Types and ranges of an Accept value, in lower case, without those of weight 0. */
function acceptedTypes(accept: string): Set<string> {
  const types = new Set<string>();
  for (const entry of accept.slice(0, acceptCharsMax).split(',', typesMax)) {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q *= *0(?:\.0*)?$/.test(parameter));
    if (type !== '' && !isRefused) types.add(type);
  }
  return types;
}
