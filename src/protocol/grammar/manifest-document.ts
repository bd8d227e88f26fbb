// Reads an index or a manifest out of untrusted text, as far as a pull needs it. On the hot path of
// load tests: what has been looked at is used in place, not copied. Not the validator.

import { asArray, asObject, asString, type JsonObject, parseJson } from '../../lib/json.ts';
import { isWellFormedDigest } from './digest.ts';
import { kindOfMediaType, type ManifestKind } from './media-type.ts';
import type { Platform } from './platform.ts';

/** A content descriptor (image-spec descriptor.md) whose fields have been looked at. */
export interface Descriptor {
  readonly mediaType: string;
  /** Well formed; of any algorithm. */
  readonly digest: string;
  /** Bytes, not negative, at most 2^53 - 1. */
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly urls?: readonly string[];
  /** Base 64 of the content itself; not decoded, not checked. */
  readonly data?: string;
}

export type ManifestDocument =
  | { readonly kind: 'index'; readonly entries: readonly Descriptor[] }
  | {
      readonly kind: 'manifest';
      readonly config: Descriptor;
      readonly layers: readonly Descriptor[];
    }
  | { readonly kind: 'schema1' };

const indexEntriesMax = 10_000;
const layersMax = 10_000;

/**
 * Reads the body of a manifest reply. `contentType` is its media type without parameters, '' when
 * unknown. Which kind of document it is follows from that, else from the document's own
 * `mediaType`, else from its shape. Returns what is wrong, for a person, when it cannot be pulled.
 */
export function readManifestDocument(text: string, contentType: string): ManifestDocument | string {
  const json = parseJson(text);
  if (json === undefined) {
    return 'the manifest is not JSON';
  }
  const document = asObject(json);
  if (document === undefined) {
    return 'the manifest is not a JSON object';
  }
  const kind = kindOfDocument(document, contentType);
  switch (kind) {
    case 'index':
      return readIndex(document);
    case 'manifest':
      return readManifest(document);
    case 'schema1':
      return { kind };
    default:
      return kind.problem;
  }
}

/**
 * Header and body must not announce different kinds, nor a body look like both: such documents were
 * used to show different content to different clients (CVE-2021-41190).
 */
function kindOfDocument(
  document: JsonObject,
  contentType: string,
): ManifestKind | { problem: string } {
  const byHeader = kindOfMediaType(contentType);
  const byBody = kindOfMediaType(asString(document.mediaType) ?? '');
  if (byHeader !== undefined && byBody !== undefined && byHeader !== byBody) {
    return { problem: `Content-Type says ${byHeader}, the document's mediaType says ${byBody}` };
  }
  const hasEntries = isPresent(document.manifests);
  const hasContent = isPresent(document.config) || isPresent(document.layers);
  if (hasEntries && hasContent) {
    return { problem: 'the document has "manifests" like an index and "config" like a manifest' };
  }
  const announced = byHeader ?? byBody;
  if (announced !== undefined) {
    return announced;
  }
  if (document.schemaVersion === 1) {
    return 'schema1';
  }
  if (!hasEntries && !hasContent) {
    return { problem: 'the document is neither an index nor a manifest' };
  }
  return hasEntries ? 'index' : 'manifest';
}

function readIndex(document: JsonObject): ManifestDocument | string {
  const entries = readDescriptors(document.manifests, 'manifests', indexEntriesMax);
  return typeof entries === 'string' ? entries : { kind: 'index', entries };
}

function readManifest(document: JsonObject): ManifestDocument | string {
  const configProblem = problemOfDescriptor(document.config);
  if (configProblem !== '') {
    return `config: ${configProblem}`;
  }
  const layers = readDescriptors(document.layers, 'layers', layersMax);
  return typeof layers === 'string'
    ? layers
    : { kind: 'manifest', config: document.config as Descriptor, layers };
}

/** Go writes an empty list as null, and every client reads it as one. */
function readDescriptors(
  value: unknown,
  name: string,
  countMax: number,
): readonly Descriptor[] | string {
  const list = value === null ? [] : asArray(value);
  if (list === undefined) {
    return `"${name}" is not a list`;
  }
  if (list.length > countMax) {
    return `"${name}" has more than ${countMax} entries`;
  }
  for (let index = 0; index < list.length; index++) {
    const problem = problemOfDescriptor(list[index]);
    if (problem !== '') {
      return `${name}[${index}]: ${problem}`;
    }
  }
  return list as readonly Descriptor[];
}

/**
 * '' when the value can be used as a Descriptor, else what is wrong. Optional fields that are null,
 * as some writers leave them, are removed, so that the type holds. Written out field by field: a loop
 * over a table takes more than twice as long in k6.
 */
function problemOfDescriptor(value: unknown): string {
  const descriptor = asObject(value);
  if (descriptor === undefined) {
    return 'not an object';
  }
  const { mediaType, digest, size, platform, annotations, urls, data } = descriptor;
  if (typeof mediaType !== 'string') {
    return '"mediaType" is missing or not text';
  }
  if (typeof digest !== 'string' || !isWellFormedDigest(digest)) {
    return '"digest" is missing or malformed';
  }
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    return '"size" is missing or not a whole number of bytes';
  }
  if (platform === null || annotations === null || urls === null || data === null) {
    return problemOfDescriptor(withoutNulls(descriptor));
  }
  if (platform !== undefined && !isPlatform(platform)) {
    return '"platform" is not an object with "os" and "architecture" as texts';
  }
  if (annotations !== undefined && !isTextMap(annotations)) {
    return '"annotations" is not an object of texts';
  }
  if (urls !== undefined && !isTextList(urls)) {
    return '"urls" is not a list of texts';
  }
  if (data !== undefined && typeof data !== 'string') {
    return '"data" is not text';
  }
  return '';
}

function isPlatform(value: unknown): boolean {
  const platform = asObject(value);
  if (platform === undefined) {
    return false;
  }
  const { os, architecture, variant, 'os.version': version, 'os.features': features } = platform;
  if (variant === null || version === null || features === null) {
    return isPlatform(withoutNulls(platform));
  }
  return (
    isText(os) &&
    isText(architecture) &&
    (variant === undefined || isText(variant)) &&
    (version === undefined || isText(version)) &&
    (features === undefined || isTextList(features))
  );
}

/** The same object, which is ours alone, without the fields that are null. */
function withoutNulls(object: JsonObject): JsonObject {
  const own = object as Record<string, unknown>;
  for (const name of Object.keys(own)) {
    if (own[name] === null) {
      delete own[name];
    }
  }
  return object;
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isTextList(value: unknown): boolean {
  return asArray(value)?.every(isText) ?? false;
}

function isTextMap(value: unknown): boolean {
  const object = asObject(value);
  return object !== undefined && Object.values(object).every(isText);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
