// By what a finding is known again in another run: its rule, its document and the text that it marks, not
// where that stands. So it stays the same when lines move, entries are renumbered or parts change places.

import type { Checkout } from './options.ts';
import { filePlace, nameInCheckout } from './place.ts';
import type { DocumentResult, Finding } from './results.ts';

/** Of what is marked. An excerpt shows at least so much of it, however long the line. */
const markedCharsMax = 48;

/** SHA-256 in hex; parts stay apart. */
export function fingerprint(...parts: readonly (string | number)[]): string {
  // Loaded here: it costs a start as much as all of our code, and text needs none.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Of the findings of each document, all different. */
export function documentFingerprints(
  documents: readonly DocumentResult[],
  checkout: Checkout,
): readonly (readonly string[])[] {
  const times = new Map<string, number>();
  return documents.map(({ path, findings }) => {
    const name = nameOf(path, checkout);
    return findings.map((finding) => {
      const key = fingerprint(finding.ruleId, name, memberOf(finding), markedText(finding));
      const time = (times.get(key) ?? 0) + 1;
      times.set(key, time);
      return fingerprint(key, time);
    });
  });
}

/** The same from whichever folder the run was started. */
function nameOf(path: string, checkout: Checkout): string {
  const place = filePlace(path);
  if (place === undefined) return path;
  const file = nameInCheckout(place.file, checkout);
  return place.inside === undefined ? file : `${file}!/${place.inside}`;
}

/** The last name of the pointer: numbers of entries change. */
function memberOf({ pointer }: Finding): string {
  return pointer.split('/').findLast((step) => !/^\d*$/.test(step)) ?? '';
}

function markedText({ excerpt }: Finding): string {
  if (excerpt === undefined) return '';
  const { text, column, length } = excerpt;
  return text.slice(column - 1, column - 1 + Math.min(length, markedCharsMax));
}
