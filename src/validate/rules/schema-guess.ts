// What was meant by what a schema refuses, as far as the schemas let it be told: another name, another place,
// another word, or the same text with the least change.

import { pointerSteps } from '../../formats/places.ts';
import { type JsonObject, nameIn } from '../../lib/json.ts';
import { meantName, misspeltName } from '../../lib/nearest.ts';
import { dateTimeOf } from '../../lib/rfc3339.ts';
import { memberTables } from '../generated/validators.js';
import type { SchemaKind } from '../kinds.ts';
import { isWrittenByHand } from '../other-kinds.ts';
import { guessName, placeOf, tableAt } from './member-table.ts';
import { type Fix, quote } from './rule.ts';
import type { SchemaError, SchemaNode } from './schema.ts';

/** What to write instead; a name only where the object has not got it. */
export function fixOf(
  { keyword, params, data, propertyName }: SchemaError,
  node: SchemaNode,
  kind: SchemaKind,
): Fix | undefined {
  if (!isWrittenByHand(kind)) return undefined;
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty);
    const guess = guessName(
      name,
      { members: (node.properties ?? {}) as Record<string, object> },
      memberTables[kind],
    );
    const isFree = guess !== undefined && !(guess.name in (data as object));
    if (guess?.kind === 'place') return guess.isTop ? { toTop: true } : undefined;
    // By its right name it can be moved.
    if (guess?.kind === 'far' && !(guess.isTop && kind === 'registries-conf')) return undefined;
    return isFree ? { name: guess.name } : undefined;
  }
  if (keyword === 'enum') {
    const meant = meantWord(params.allowedValues, data);
    return meant === undefined ? undefined : { value: meant };
  }
  if (keyword === 'pattern' && propertyName === undefined) {
    const value = corrected(data, node);
    return value === undefined ? undefined : { value };
  }
  const isFlag = keyword === 'type' && params.type === 'boolean';
  const word = isFlag && typeof data === 'string' ? data.toLowerCase() : '';
  return word === 'true' || word === 'false' ? { value: word === 'true' } : undefined;
}

/** Whether a member may be moved to the top: it has none of that name, in any letters, and no tables of version 1. */
export function isFreeAtTop(name: string, top: JsonObject): boolean {
  return [name, 'registries'].every((it) => !(nameIn(top, it) in top));
}

/** Texts longer than this are no slips of the pen. */
const correctedCharsMax = 1_000;

/** The text that fits the pattern with the least change: without blanks, scheme or parameters, in lower case, as a date. */
export function corrected(data: unknown, { pattern }: SchemaNode): string | undefined {
  if (pattern === undefined || typeof data !== 'string' || data.length > correctedCharsMax) {
    return undefined;
  }
  const fits = new RegExp(pattern, 'u');
  // Only https: what is left of a name with http would be asked for by HTTPS.
  const plain = data.trim().replace(/^https:\/\//, '');
  const bare = plain.split(';', 1)[0]?.trim() ?? '';
  const texts = [plain, bare, plain.toLowerCase(), dateTimeOf(plain) ?? plain];
  return texts.find((text) => text !== data && fits.test(text));
}

/**
 * The known key that one of a client's file is but for its case: Go's readers of JSON and TOML take both.
 * Our own settings are read as they are written.
 */
export function keyInOtherLetters(
  { keyword, params }: SchemaError,
  node: SchemaNode,
  kind: SchemaKind,
): string | undefined {
  if (keyword !== 'additionalProperties' || kind === 'pullproof-config') return undefined;
  const here = { members: (node.properties ?? {}) as Record<string, object> };
  const guess = guessName(String(params.additionalProperty), here, here);
  return guess?.kind === 'case' ? guess.name : undefined;
}

/** Whether clients find what is missing under a name in other letters, which is told for itself. */
export function isReadAnyway({ keyword, params, data }: SchemaError, kind: SchemaKind): boolean {
  if (keyword !== 'required' || !isWrittenByHand(kind) || kind === 'pullproof-config') return false;
  return nameIn(data as JsonObject, String(params.missingProperty)) in (data as JsonObject);
}

/** The member that may have been meant by one that is missing. */
export function insteadOf({ params, data }: SchemaError, { properties = {} }: SchemaNode): string {
  const missing = String(params.missingProperty);
  const isObject = typeof data === 'object' && data !== null;
  const names = isObject ? Object.keys(data).filter((name) => !(name in properties)) : [];
  const meant = misspeltName(missing, names) ?? names.find((it) => it.toLowerCase() === missing);
  return meant === undefined ? '' : `, perhaps ${quote(meant).slice(1, -1)} is meant to be it`;
}

/** Where a member belongs that was taken for an entry of a map, such as a setting below [aliases]. */
export function strayMember({ instancePath }: SchemaError, kind: SchemaKind): string {
  const steps = pointerSteps(instancePath);
  const name = steps.pop() ?? '';
  const table = tableAt(memberTables[kind], steps);
  const isEntry = table?.each !== undefined && table.members === undefined;
  const place = isEntry ? placeOf(name, memberTables[kind]) : undefined;
  return place === undefined ? '' : `; ${name} belongs ${place}`;
}

export function guessedWord({ params, data }: SchemaError): string {
  const meant = meantWord(params.allowedValues, data);
  return meant === undefined ? '' : `, perhaps ${meant} is meant`;
}

/** The word of an enum that may have been meant. */
function meantWord(allowed: unknown, written: unknown): string | undefined {
  if (typeof written !== 'string' || written === '') return undefined;
  const words = (allowed as unknown[]).filter(
    (it): it is string => typeof it === 'string' && it !== '',
  );
  const begun = words.find((word) => written.length > 2 && word.startsWith(written));
  return begun ?? meantName(written, words);
}
