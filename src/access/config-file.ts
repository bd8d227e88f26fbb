// Reads configuration files of a host: bounded, below the host's root, with the line of everything in them.
import { open, stat } from 'node:fs/promises';
import { isTooDeep } from '../formats/config-limits.ts';
import { type PlaceTree, placeTree } from '../formats/json-places.ts';
import { walkJson } from '../formats/json-walk.ts';
import { childPointer, type Place } from '../formats/places.ts';
import { parseToml, TomlFault } from '../formats/toml.ts';
import { placesInToml } from '../formats/toml-walk.ts';
import { asObject, type JsonObject, parseJson } from '../lib/json.ts';
import { lineColumns, lineFinder } from '../lib/line-columns.ts';
import { type HostView, pathOn } from './host-view.ts';

const fileBytesMax = 1024 * 1024;

/** What became of reading a file; `why` is one clause, without the path. */
export type ConfigText = NotRead | { readonly state: 'read'; readonly text: string };

export type NotRead =
  /** `code` of the system: programs differ in what they take for absence. */
  | { readonly state: 'absent'; readonly code: string }
  | { readonly state: 'unreadable'; readonly why: string };

export type ConfigDocument =
  | NotRead
  | { readonly state: 'invalid'; readonly line: number; readonly why: string }
  | {
      readonly state: 'read';
      readonly value: JsonObject;
      /** The line of a key or item, from 1; of what it is in where it is not there. */
      readonly lineOf: (...steps: readonly (string | number)[]) => number;
    };

export async function readConfigText(host: HostView, path: string): Promise<ConfigText> {
  const read = await readConfigBytes(host, path);
  return read.state === 'read' ? { state: 'read', text: read.bytes.toString('utf8') } : read;
}

/** Of files and devices no more than the limit; a pipe may never end. */
export async function readConfigBytes(
  host: HostView,
  path: string,
): Promise<NotRead | { readonly state: 'read'; readonly bytes: Buffer }> {
  // Named to have none; it is the same on every host, and not below the root of another one.
  if (path === '/dev/null') return { state: 'read', bytes: Buffer.alloc(0) };
  const place = pathOn(host, path);
  try {
    const info = await stat(place);
    if (!info.isFile() && !info.isCharacterDevice())
      return { state: 'unreadable', why: 'is no file' };
    const bytes = info.size > fileBytesMax ? undefined : await readUpTo(place, fileBytesMax);
    return bytes === undefined
      ? { state: 'unreadable', why: 'is larger than 1 MiB' }
      : { state: 'read', bytes };
  } catch (error) {
    return notRead(error as NodeJS.ErrnoException);
  }
}

/** Undefined for more than that. */
async function readUpTo(place: string, bytesMax: number): Promise<Buffer | undefined> {
  const file = await open(place);
  try {
    const buffer = Buffer.alloc(bytesMax + 1);
    for (let size = 0; ; ) {
      const { bytesRead } = await file.read(buffer, size, buffer.length - size, null);
      if (bytesRead === 0) return buffer.subarray(0, size);
      size += bytesRead;
      if (size > bytesMax) return undefined;
    }
  } finally {
    await file.close();
  }
}

const noSuchFile: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG']);

function notRead({ code = '' }: NodeJS.ErrnoException): NotRead {
  if (noSuchFile.has(code)) return { state: 'absent', code };
  const isForbidden = code === 'EACCES' || code === 'EPERM';
  return {
    state: 'unreadable',
    why: isForbidden ? 'may not be read by this user' : `cannot be read (${code})`,
  };
}

export async function readTomlFile(host: HostView, path: string): Promise<ConfigDocument> {
  const read = await readConfigText(host, path);
  return read.state === 'read' ? readToml(read.text) : read;
}

export async function readJsonFile(
  host: HostView,
  path: string,
  textOf: TextOf = (bytes) => bytes.toString('utf8'),
): Promise<ConfigDocument> {
  const read = await readConfigBytes(host, path);
  if (read.state !== 'read') return read;
  const text = textOf(read.bytes);
  return text === undefined
    ? { state: 'invalid', line: 1, why: 'is not text in UTF-8' }
    : readJson(text);
}

/** How a client makes text of bytes; undefined where it refuses them. */
export type TextOf = (bytes: Buffer) => string | undefined;

export function readToml(text: string): ConfigDocument {
  try {
    const value = asObject(parseToml(text).value) ?? {};
    if (isTooDeep(value)) return { state: 'invalid', line: 1, why: 'is nested too deep' };
    return { state: 'read', value, lineOf: linesOf(text, placesOfToml(text)) };
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error;
    const line = lineAt(text, error.offset);
    return { state: 'invalid', line, why: `is not TOML: ${error.message}` };
  }
}

export function readJson(text: string): ConfigDocument {
  const parsed = parseJson(text);
  if (parsed === undefined) {
    const problem = walkJson(text, {});
    const line = lineAt(text, problem?.offset ?? 0);
    return { state: 'invalid', line, why: `is not JSON: ${problem?.message ?? 'nested too deep'}` };
  }
  const value = asObject(parsed);
  if (value === undefined) return { state: 'invalid', line: 1, why: 'holds no object' };
  return { state: 'read', value, lineOf: linesOf(text, placesOfJson(text)) };
}

function lineAt(text: string, offset: number): number {
  return lineColumns(text, [offset])[0]?.line ?? 1;
}

type Steps = readonly (string | number)[];

/** The place of what the steps lead to, or of what it would be in. A text is walked once, when first asked about. */
type PlaceOf = (steps: Steps) => Place | undefined;

function placesOfToml(text: string): PlaceOf {
  let places: ReadonlyMap<string, Place> | undefined;
  return (steps) => {
    places ??= placesInToml(text);
    for (let length = steps.length; length > 0; length--) {
      const place = places.get(steps.slice(0, length).reduce<string>(childPointer, ''));
      if (place !== undefined) return place;
    }
    return undefined;
  };
}

function placesOfJson(text: string): PlaceOf {
  let whole: PlaceTree | undefined;
  return (steps) => {
    whole ??= placeTree(text);
    let tree: PlaceTree | undefined;
    for (const step of steps) {
      const child = (tree ?? whole).children.get(String(step));
      if (child === undefined) break;
      tree = child;
    }
    return tree?.place;
  };
}

function linesOf(text: string, placeOf: PlaceOf): (...steps: Steps) => number {
  const lineOf = lineFinder(text);
  return (...steps) => {
    const place = placeOf(steps);
    return place === undefined ? 1 : lineOf(place.name?.start ?? place.value);
  };
}
