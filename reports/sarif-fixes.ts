// What `validate --fix` would write, as the fixes of a SARIF result: viewers and editors offer them.

import type { Checkout } from './options.ts';
import { filePlace } from './place.ts';
import type { Edit } from './results.ts';
import { artifactOf } from './sarif-places.ts';

/** One fix, all of whose replacements belong together; undefined for what is no file. */
export function fixesOf(
  path: string,
  edits: readonly Edit[],
  checkout: Checkout,
): object[] | undefined {
  const place = filePlace(path);
  if (place === undefined || place.inside !== undefined) return undefined;
  const replacements = edits.map(({ line, column, endLine, endColumn, text }) => ({
    deletedRegion: { startLine: line, startColumn: column, endLine, endColumn },
    // As it is to be written: nothing is masked, nothing escaped but by JSON.
    ...(text !== '' && { insertedContent: { text } }),
  }));
  return [
    { artifactChanges: [{ artifactLocation: artifactOf(place.file, checkout), replacements }] },
  ];
}
