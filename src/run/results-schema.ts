// Whether a document is one of ours, by schemas/results.schema.json.
import { asObject } from '../lib/json.ts';
import validate from '../validate/generated/results.js';

/** What is wrong with it, or undefined. */
export function validateResults(document: unknown): string | undefined {
  if (validate(document)) return undefined;
  const first = validate.errors?.[0];
  return `${first?.instancePath || 'the document'} ${first?.message ?? 'does not fit the schema'}`;
}

/** Kinds of unknown members that are left out before a document is given up. */
const unknownMax = 200;

/**
 * Takes members that the schema does not know out of the document: a later version writes more. Their places, with `*`
 * for every entry of a list; none where that is not what is wrong.
 */
export function dropUnknown(document: unknown): string[] {
  const dropped: string[] = [];
  while (dropped.length < unknownMax && !validate(document)) {
    const error = validate.errors?.[0];
    // The one of these names that goes with the keyword.
    const name = error?.params.additionalProperty ?? error?.params.unevaluatedProperty;
    if (error === undefined || typeof name !== 'string') break;
    const steps = error.instancePath.split('/').slice(1).map(unescaped);
    drop(document, steps, name);
    dropped.push([...steps.map((step) => (/^\d+$/.test(step) ? '*' : step)), name].join('.'));
  }
  return dropped;
}

/** What a later version may know more values of, and what this one says in their place. */
const otherwise: Readonly<Record<string, string>> = { '/load/bottleneck': 'unknown' };

/**
 * Takes out what has a value that the schema does not know: the entry of a list that has it, or the member that may
 * be absent. Of a later version that is all that can be shown; places as `dropUnknown` tells them.
 */
export function dropUnfit(document: unknown): string[] {
  const dropped: string[] = [];
  while (dropped.length < unknownMax && !validate(document)) {
    const path = validate.errors?.[0]?.instancePath ?? '';
    const taken = dropUnknown(document);
    if (taken.length > 0) {
      dropped.push(...taken);
      continue;
    }
    const steps = path.split('/').slice(1).map(unescaped);
    const place = replaced(document, path, steps) ?? takenOut(document, steps);
    if (place === undefined) break;
    dropped.push(place.map((step) => (/^\d+$/.test(step) ? '*' : step)).join('.'));
  }
  return [...new Set(dropped)];
}

function replaced(document: unknown, path: string, steps: string[]): string[] | undefined {
  const value = Object.hasOwn(otherwise, path) ? otherwise[path] : undefined;
  const parent = asObject(at(document, steps.slice(0, -1))) as Record<string, unknown> | undefined;
  const name = steps.at(-1);
  if (value === undefined || parent === undefined || name === undefined) return undefined;
  if (parent[name] === value || parent[name] === undefined) return undefined;
  parent[name] = value;
  return steps;
}

/** From the place up, what can be done without. */
function takenOut(document: unknown, steps: readonly string[]): string[] | undefined {
  for (let length = steps.length; length > 0; length--) {
    const place = steps.slice(0, length);
    const name = place.at(-1) ?? '';
    const parent = at(document, place.slice(0, -1));
    if (Array.isArray(parent)) {
      // Entries of lists of figures belong to those of others.
      if (asObject(parent[Number(name)]) === undefined) continue;
      parent.splice(Number(name), 1);
      return place;
    }
    const object = asObject(parent) as Record<string, unknown> | undefined;
    if (object === undefined || !Object.hasOwn(object, name)) continue;
    const value = object[name];
    delete object[name];
    // Without it something may be missing that depends on it.
    const isNeeded =
      !validate(document) &&
      validate.errors?.some(
        ({ keyword, instancePath }) =>
          keyword === 'required' && instancePath.split('/').length === length,
      );
    if (!isNeeded) return place;
    object[name] = value;
  }
  return undefined;
}

function at(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>(
    (found, step) => (Array.isArray(found) ? found[Number(step)] : asObject(found)?.[step]),
    value,
  );
}

function unescaped(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** At the place itself and, where the way goes through lists, at the same place in all entries. */
function drop(value: unknown, [step, ...rest]: readonly string[], name: string): void {
  if (Array.isArray(value) && step !== undefined) {
    for (const one of value) drop(one, rest, name);
    return;
  }
  const object = asObject(value) as Record<string, unknown> | undefined;
  if (object === undefined) return;
  if (step !== undefined) drop(object[step], rest, name);
  else delete object[name];
}
