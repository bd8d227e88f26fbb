// Content that nothing in the run has asked for yet, as far as a run that only reads can have any: other platforms
// of the index, and blobs that neither the survey nor a check has looked at.
import { type Descriptor, readManifestDocument } from '../../protocol/grammar/manifest-document.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import type { Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import { ask, manifestShape } from './ask.ts';
import { eachOnce, isServedHere } from './blobs.ts';
import { fact } from './expect.ts';

/** What is read whole for the sake of a first ask. */
const bytesMax = 64 * 1024 * 1024;

/**
 * Another platform of the index; without one, what the reference names by its digest, which nobody has asked for
 * under that name. `size` undefined: not known.
 * @throws Unsupported where all has been asked for
 */
export function untouchedManifest(context: CheckContext): { digest: string; size?: number } {
  const { entry, index = [], top } = context.facts;
  const isOpen = ({ digest }: Descriptor) =>
    algorithmOf(digest) !== undefined && digest !== entry?.digest && digest !== context.reference;
  const other = index.find(isOpen);
  if (other !== undefined) return other;
  const { digest, bytes } = fact(top);
  if (digest !== context.reference) return { digest, size: bytes };
  throw new Unsupported('the run has asked for every manifest of this image already');
}

/**
 * Blobs that the survey has not looked at, the smallest first: layers of the image that it chose, then what other
 * platforms have besides, for which their manifest is read.
 * @throws Unsupported where there is none that is small enough
 */
export function* untouchedBlobs(context: CheckContext): Talk<readonly Descriptor[]> {
  const { image, index = [], entry } = context.facts;
  const { config, layers } = fact(image);
  const [smallest] = eachOnce(layers.filter(isServedHere));
  // As the survey looks for a redirect: at the config, and at the smallest layer where that has none.
  const seen = new Set([config.digest, smallest?.digest]);
  const isOpen = (blob: Descriptor) =>
    !seen.has(blob.digest) &&
    isServedHere(blob) &&
    blob.size > 1 &&
    blob.size <= bytesMax &&
    algorithmOf(blob.digest) !== undefined;
  const own = eachOnce(layers.filter(isOpen));
  if (own.length > 1) return own;
  const other = index.find(({ digest, platform }) => {
    return digest !== entry?.digest && platform?.os !== 'unknown';
  });
  const more = other === undefined ? [] : yield* blobsOf(context, other.digest);
  const all = eachOnce([...own, ...more.filter(isOpen)]);
  if (all.length === 0)
    throw new Unsupported('the run has asked for every blob of this image already');
  return all;
}

function* blobsOf(context: CheckContext, digest: string): Talk<readonly Descriptor[]> {
  const { last } = yield* ask(context, manifestShape(context, digest));
  if (last.status !== 200) return [];
  const type = parseContentType(last.header('Content-Type') ?? '')?.type ?? '';
  const document = readManifestDocument(last.text, type);
  if (typeof document === 'string' || document.kind !== 'manifest') return [];
  return [document.config, ...document.layers];
}
