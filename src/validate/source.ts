// From bytes to a JSON value, quickly: decoding, JSON.parse, and one cheap look at the text for what
// JSON.parse hides. The look only raises suspicion; rules/json.ts then says exactly what is wrong.

/** Larger documents are not read at all; the clients that we know stop at 4 or 8 MiB. */
export const documentBytesMax = 32 * 1024 * 1024;
/** Deeper documents are not judged. Go's parser gives up at 10,000, others far earlier. */
const documentDepthMax = 512;
/** Longer strings are not judged: patterns have to run over them without exhausting their stack. */
const stringLengthMax = 4 * 1024 * 1024;
/** Documents of more values are not judged: each may break several rules. */
const valuesMax = 250_000;

export interface DecodedText {
  /** Without byte order mark; invalid bytes are U+FFFD. */
  readonly text: string;
  readonly hasBom: boolean;
  /** Offset in `text` of the first byte that is not UTF-8; undefined when all of them are. */
  readonly invalidAt: number | undefined;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
const bom = '\ufeff';

export function decodeText(bytes: Uint8Array): DecodedText {
  let text: string;
  let invalidAt: number | undefined;
  try {
    text = strict.decode(bytes);
  } catch {
    text = lenient.decode(bytes);
    invalidAt = firstReplaced(text, bytes);
  }
  if (!text.startsWith(bom)) {
    return { text, hasBom: false, invalidAt };
  }
  return { text: text.slice(1), hasBom: true, invalidAt: invalidAt && invalidAt - 1 };
}

/** Offset of the first U+FFFD that stands for invalid bytes, not for itself (EF BF BD). */
function firstReplaced(text: string, bytes: Uint8Array): number {
  let byteAt = 0;
  let from = 0;
  for (;;) {
    const at = text.indexOf('\ufffd', from);
    byteAt += Buffer.byteLength(text.slice(from, at));
    if (bytes[byteAt] !== 0xef || bytes[byteAt + 1] !== 0xbf || bytes[byteAt + 2] !== 0xbd) {
      return at;
    }
    byteAt += 3;
    from = at + 1;
  }
}

/** What one pass over a text shows, JSON or not. */
export interface Scan {
  /** Deepest nesting. */
  readonly depth: number;
  /** Longest string, in UTF-16 units, escapes not resolved. */
  readonly stringCharsMax: number;
  /** Commas and brackets outside strings: about one for each value. */
  readonly values: number;
  /** Colons outside strings: members, in a text that is JSON. */
  readonly members: number;
  /** Some number has a fraction, an exponent, or more digits than a double always keeps. */
  readonly hasOddNumber: boolean;
}

const quoteSign = 0x22;
const backslash = 0x5c;
/** Any integer of this many digits is below 2^53. */
const safeDigits = 15;

export function scanText(text: string): Scan {
  let depth = 0;
  let depthMax = 0;
  let stringCharsMax = 0;
  let values = 0;
  let members = 0;
  let digits = 0;
  let hasOddNumber = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quoteSign) {
      const end = closingQuote(text, at);
      stringCharsMax = Math.max(stringCharsMax, end - at - 1);
      at = end;
      digits = 0;
    } else if (code >= 0x30 && code <= 0x39) {
      digits++;
      hasOddNumber ||= digits > safeDigits;
    } else if (digits > 0 && (code === 0x2e || code === 0x65 || code === 0x45)) {
      hasOddNumber = true;
    } else {
      digits = 0;
      if (code === 0x3a) {
        members++;
      } else if (code === 0x7b || code === 0x5b) {
        depth++;
        values++;
        depthMax = Math.max(depthMax, depth);
      } else if (code === 0x2c) {
        values++;
      } else if (code === 0x7d || code === 0x5d) {
        depth--;
      }
    }
  }
  return { depth: depthMax, stringCharsMax, values, members, hasOddNumber };
}

/** In which way a text is more than we judge, one sentence; undefined when it is not. */
export function excessOf({ depth, stringCharsMax, values }: Scan): string | undefined {
  if (depth > documentDepthMax) {
    return `it is nested ${depth} levels deep, more than ${documentDepthMax}`;
  }
  if (stringCharsMax > stringLengthMax) {
    return `a string has ${stringCharsMax} characters, more than ${stringLengthMax}`;
  }
  if (values > valuesMax) {
    return `it has about ${values} values, more than ${valuesMax}`;
  }
  return undefined;
}

/** The value of a document within our limits; undefined beyond them, and for what is not JSON. */
export function parseBounded(bytes: Uint8Array): unknown {
  if (bytes.length > documentBytesMax) return undefined;
  const { text } = decodeText(bytes);
  if (excessOf(scanText(text)) !== undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Offset of the quote that closes the string opened at `open`; the text's end without one. */
function closingQuote(text: string, open: number): number {
  let from = open + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) {
      return text.length;
    }
    let before = quote - 1;
    while (text.charCodeAt(before) === backslash) {
      before--;
    }
    if ((quote - before) % 2 === 1) {
      return quote;
    }
    from = quote + 1;
  }
}

/** Members of all objects below a value of bounded depth. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) {
    return 0;
  }
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) {
      count += countMembers(item);
    }
    return count;
  }
  for (const name in value) {
    count += 1 + countMembers((value as Record<string, unknown>)[name]);
  }
  return count;
}
