// Reads a manifest that is pushed: is it one, of which type, and what does it name? Any kind of manifest
// is welcome; of those whose form is known, the form must hold. Not the validator.

import { asArray, asObject, asString, type JsonObject, parseJson } from '../../src/lib/json.ts';
import { isWellFormedDigest } from '../../src/protocol/grammar/digest.ts';
import { readManifestDocument } from '../../src/protocol/grammar/manifest-document.ts';
import { isMediaType, kindOfMediaType, mediaTypes } from '../../src/protocol/grammar/media-type.ts';

export interface PushedManifest {
  readonly mediaType: string;
  /** Digests of what must be there before it, unless sparse manifests are allowed. */
  readonly needs: readonly string[];
}

/** Descriptors that one manifest may have. */
const needsMax = 20_000;
/** Layers that are fetched from elsewhere (image-spec layer.md, "Non-Distributable Layers"). */
const heldElsewhere = /nondistributable|\.foreign\./;

/** @returns what is wrong, for a person, when it cannot be stored */
export function readPushed(bytes: Uint8Array, contentType: string): PushedManifest | string {
  const text = decode(bytes);
  const document = asObject(parseJson(text ?? ''));
  if (text === undefined || document === undefined) return 'a manifest is a JSON object';
  const mediaType = typeOf(document, contentType);
  if (!isMediaType(mediaType)) return 'the type of the manifest is not known or not valid';
  const ownType = asString(document.mediaType);
  if (ownType !== undefined && ownType.toLowerCase() !== mediaType.toLowerCase()) {
    return `Content-Type is ${mediaType}, but mediaType is ${ownType}`;
  }
  const kind = kindOfMediaType(mediaType.toLowerCase());
  if (kind === 'manifest' || kind === 'index') {
    if (document.schemaVersion !== 2) return 'schemaVersion is not 2';
    const read = readManifestDocument(text, mediaType.toLowerCase());
    if (typeof read === 'string') return read;
  }
  const { subject } = document;
  if (subject !== undefined && subject !== null && digestIn(subject) === undefined) {
    return 'subject is not a descriptor';
  }
  return { mediaType, needs: kind === 'schema1' ? layersOfSchema1(document) : needsOf(document) };
}

/** Parameters are ignored (spec.md, "Pushing Manifests"); without a header the document tells. */
function typeOf(document: JsonObject, contentType: string): string {
  const given = contentType.split(';', 1)[0]?.trim() ?? '';
  const said = given === '' ? asString(document.mediaType) : given;
  if (said !== undefined) return said;
  if (Array.isArray(document.manifests)) return mediaTypes.ociIndex;
  return asObject(document.config) === undefined ? '' : mediaTypes.ociManifest;
}

/** Of an image, an index or an artifact; in types not known, what looks like a descriptor is one. */
function needsOf({ config, layers, blobs, manifests }: JsonObject): string[] {
  const lists = [layers, blobs, manifests].flatMap((list) => asArray(list) ?? []);
  const present = [config, ...lists].slice(0, needsMax).filter((entry) => !isElsewhere(entry));
  return [...new Set(present.flatMap((entry) => digestIn(entry) ?? []))];
}

function layersOfSchema1({ fsLayers }: JsonObject): string[] {
  const sums = (asArray(fsLayers) ?? []).slice(0, needsMax).flatMap((layer) => {
    const sum = asString(asObject(layer)?.blobSum) ?? '';
    return isWellFormedDigest(sum) ? [sum] : [];
  });
  return [...new Set(sums)];
}

function isElsewhere(entry: unknown): boolean {
  const descriptor = asObject(entry);
  const urls = asArray(descriptor?.urls) ?? [];
  return urls.length > 0 && heldElsewhere.test(asString(descriptor?.mediaType) ?? '');
}

function digestIn(entry: unknown): string | undefined {
  const digest = asString(asObject(entry)?.digest);
  return digest !== undefined && isWellFormedDigest(digest) ? digest : undefined;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // A byte order mark is no JSON.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
