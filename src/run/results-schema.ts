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
