// Content digests, `algorithm:encoded` (image-spec descriptor.md, "Digests"). Grammar only: hashing
// is the drivers' work.

export interface Digest {
  readonly algorithm: string;
  readonly encoded: string;
}

/** Longer texts are refused before any pattern sees them; sha512 needs 135. */
const digestCharsMax = 512;

const digestGrammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/;

/** Registered algorithms and their encoding: lower-case hex of a fixed length. */
const registeredEncoding: ReadonlyMap<string, RegExp> = new Map([
  ['sha256', /^[a-f0-9]{64}$/],
  ['sha512', /^[a-f0-9]{128}$/],
  ['blake3', /^[a-f0-9]{64}$/],
]);

/**
 * Splits a digest that fits the generic grammar; undefined for all other text. The encoded part of
 * a registered algorithm is not looked at: that is `isWellFormedDigest`.
 */
export function parseDigest(text: string): Digest | undefined {
  if (text.length > digestCharsMax || !digestGrammar.test(text)) {
    return undefined;
  }
  const colon = text.indexOf(':');
  return { algorithm: text.slice(0, colon), encoded: text.slice(colon + 1) };
}

/** Whether the text fits the generic grammar and the encoding of its algorithm, if registered. */
export function isWellFormedDigest(text: string): boolean {
  const digest = parseDigest(text);
  if (digest === undefined) {
    return false;
  }
  return registeredEncoding.get(digest.algorithm)?.test(digest.encoded) ?? true;
}

/** Whether the text is a well-formed digest of an algorithm that image-spec registers. */
export function isRegisteredDigest(text: string): boolean {
  return isWellFormedDigest(text) && registeredEncoding.has(text.slice(0, text.indexOf(':')));
}
