// The survey before the checks: authenticates and walks tag → index → manifest → first answer for a blob, and
// notes what it learned. It judges nothing: what goes wrong here is for the checks to find.
import { PullFailure } from '../../protocol/failure.ts';
import {
  type Descriptor,
  type ManifestDocument,
  readManifestDocument,
} from '../../protocol/grammar/manifest-document.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import { choosePlatform } from '../../protocol/grammar/platform.ts';
import { authenticate } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { type CheckContext, type Facts, type StoredManifest, Void } from '../check.ts';
import {
  ask,
  askAnonymously,
  askOnce,
  canAnswer,
  manifestShape,
  pingShape,
  smallBytesMax,
} from '../kit/ask.ts';
import { isServedHere } from '../kit/blobs.ts';
import { claimsIn } from '../kit/claims.ts';
import { describe } from '../kit/expect.ts';

/** Indexes inside indexes are followed this deep. */
const indexDepthMax = 4;

/**
 * Fills `context.facts`.
 * @throws Void or PullFailure where the registry lets it see no further
 */
export function* survey(context: CheckContext): Talk<void> {
  yield* meet(context);
  yield* walk(context, context.facts);
}

/** Learns whether the registry wants authentication, and authenticates if only its ping says how. */
function* meet(context: CheckContext): Talk<void> {
  const anonymous = yield* askAnonymously(context, manifestShape(context, context.reference));
  const { status } = anonymous.reply;
  if (status === 401) context.facts.challenged = anonymous;
  if (status < 400 || status >= 500 || canAnswer(anonymous.reply)) return;
  // Some registries deny the image, or say nothing usable, to whoever has not pinged before.
  const ping = yield* askAnonymously(context, pingShape);
  if (!canAnswer(ping.reply)) return;
  context.facts.challenged = ping;
  yield* authenticate(context.session(), ping.request, ping.reply);
}

function* walk(context: CheckContext, facts: Facts): Talk<void> {
  let stored = yield* fetchStored(context, context.reference);
  facts.top = stored;
  let document = read(stored);
  if (document.kind === 'index') facts.index = document.entries;
  for (let depth = 0; document.kind === 'index'; depth++) {
    const wanted = { os: 'linux', architecture: 'amd64' };
    const entry =
      choosePlatform(document.entries, wanted, 'containers') ??
      document.entries.find(({ platform }) => platform?.os !== 'unknown');
    if (entry === undefined || depth === indexDepthMax) return;
    facts.entry = entry;
    stored = yield* fetchStored(context, entry.digest);
    document = read(stored);
  }
  if (document.kind !== 'manifest') return;
  facts.image = { ...stored, config: document.config, layers: document.layers };
  yield* findRedirect(context, facts, document.config, document.layers);
}

/** Some registries answer small blobs themselves and redirect the others. */
function* findRedirect(
  context: CheckContext,
  facts: Facts,
  config: Descriptor,
  layers: readonly Descriptor[],
): Talk<void> {
  const [smallest] = layers.filter(isServedHere).sort((a, b) => a.size - b.size);
  for (const blob of smallest === undefined ? [config] : [config, smallest]) {
    const path = `/v2/${context.repository}/blobs/${blob.digest}`;
    const exchange = yield* askOnce(context, {
      path,
      want: 'none',
      bodyBytesMax: smallBytesMax,
      phase: 'layer',
    });
    if (exchange.reply.status < 300 || exchange.reply.status >= 400) continue;
    facts.redirect = { ...exchange, blob };
    return;
  }
}

/** Indexes and manifests that are read below one reference. */
const manifestsMax = 1_000;

type ImageParts = Pick<NonNullable<Facts['image']>, 'config' | 'layers'>;

/**
 * The images of all platforms, that of the survey first. Manifests that cannot be read are left out:
 * other checks judge the entries of an index.
 */
export function* everyImage(context: CheckContext): Talk<ImageParts[]> {
  const { image, entry, index = [] } = context.facts;
  const images: ImageParts[] = image === undefined ? [] : [image];
  const seen = new Set([entry?.digest]);
  const queue = index.map(({ digest }) => ({ digest, depth: 1 }));
  for (const { digest, depth } of queue) {
    if (seen.has(digest) || seen.size > manifestsMax) continue;
    seen.add(digest);
    const document = yield* documentOf(context, digest);
    if (document?.kind === 'manifest') images.push(document);
    if (document?.kind !== 'index' || depth === indexDepthMax) continue;
    queue.push(...document.entries.map((below) => ({ digest: below.digest, depth: depth + 1 })));
  }
  return images;
}

function* documentOf(context: CheckContext, digest: string): Talk<ManifestDocument | undefined> {
  try {
    return read(yield* fetchStored(context, digest));
  } catch (error) {
    if (error instanceof Void || error instanceof PullFailure) return undefined;
    throw error;
  }
}

function* fetchStored(context: CheckContext, reference: string): Talk<StoredManifest> {
  const shape = manifestShape(context, reference);
  let { exchanges, last } = yield* ask(context, shape);
  // A registry that stores the manifest under sha512 is met in its own algorithm.
  const own = exchanges.flatMap(({ reply }) => claimsIn(reply).map(algorithmOf));
  const algorithm = own.find((each) => each !== undefined);
  if (algorithm !== undefined && algorithm !== shape.algorithm && !reference.includes(':')) {
    ({ last } = yield* ask(context, { ...shape, algorithm }));
  }
  if (last.status !== 200 || last.failure !== '') {
    throw new Void(`the manifest of ${reference} could not be read: ${describe(last)}`);
  }
  const { digest, text, bytes } = last;
  return { digest, mediaType: last.header('Content-Type') ?? '', text, bytes };
}

/** A Content-Type that contradicts the document is for a check to find, and no reason to stop. */
function read(stored: StoredManifest): ManifestDocument {
  const type = parseContentType(stored.mediaType)?.type ?? '';
  let document = readManifestDocument(stored.text, type);
  if (typeof document === 'string') document = readManifestDocument(stored.text, '');
  if (typeof document === 'string') throw new Void(`${stored.digest}: ${document}`);
  return document;
}
