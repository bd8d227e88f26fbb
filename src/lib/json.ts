// Reading JSON that an untrusted server sent: parse without throwing, then narrow step by step.
// Not a schema validator: `validate` has one, with line and column.

export interface JsonObject {
  readonly [key: string]: unknown;
}

/** Nesting that documents of registries never reach; deeper ones are refused, see `parseJson`. */
const jsonDepthMax = 1_000;
/** A text this short cannot nest deeply enough to hurt, so it is parsed without looking first. */
const jsonUncheckedCharsMax = 16_384;

/**
 * The value of a JSON text, or undefined when it is not JSON (JSON itself has no undefined). Long
 * texts nested deeper than 1,000 count as not JSON: k6's parser recurses without a limit, about 1 KB of
 * stack a level, so that two megabytes of `[` would end the process.
 */
export function parseJson(text: string): unknown {
  if (text.length > jsonUncheckedCharsMax && hasManyBrackets(text) && isNestedDeeply(text)) {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function asObject(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

export function asArray(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** The name under which readers in Go find a member: in other letters where it is not there as it is. */
export function nameIn(object: JsonObject, name: string): string {
  if (Object.hasOwn(object, name)) return name;
  const lower = name.toLowerCase();
  return Object.keys(object).find((it) => it.toLowerCase() === lower) ?? name;
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** An integer that a double holds exactly (up to 2^53 - 1); undefined for every other value. */
export function asInteger(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}

/** Whether there are enough opening brackets for too deep a nesting; much cheaper than a real look. */
function hasManyBrackets(text: string): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      count++;
      if (count > jsonDepthMax) {
        return true;
      }
    }
  }
  return false;
}

function isNestedDeeply(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c /* \ */) {
        at++;
      } else if (code === 0x22 /* " */) {
        inString = false;
      }
    } else if (code === 0x22) {
      inString = true;
    } else if (code === 0x5b /* [ */ || code === 0x7b /* { */) {
      depth++;
      if (depth > jsonDepthMax) {
        return true;
      }
    } else if (code === 0x5d /* ] */ || code === 0x7d /* } */) {
      depth--;
    }
  }
  return false;
}
