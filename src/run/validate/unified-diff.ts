// A unified diff of two texts, as `diff -u` writes it and `patch` reads it.

import { createTwoFilesPatch, FILE_HEADERS_ONLY, formatPatch } from 'diff';

/** Lines around a change. */
const context = 3;
/** Lines taken out and put in; of larger changes the whole text is shown as replaced. */
const maxEditLength = 1_000;

/** '' when both are the same. `name`: of the file, in the head. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const options = { context, maxEditLength, headerOptions: FILE_HEADERS_ONLY };
  const patch = createTwoFilesPatch(name, name, before, after, undefined, undefined, options);
  return patch ?? replacement(name, before, after);
}

function replacement(name: string, before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const hunk = {
    oldStart: Math.min(1, old.length),
    oldLines: old.length,
    newStart: Math.min(1, now.length),
    newLines: now.length,
    lines: [...signed('-', old), ...signed('+', now)],
  };
  const files = { oldFileName: name, newFileName: name, oldHeader: '', newHeader: '' };
  return formatPatch({ ...files, hunks: [hunk] }, FILE_HEADERS_ONLY);
}

/** Each with its ending. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function signed(sign: '-' | '+', lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.endsWith('\n') ? sign + line.slice(0, -1) : [sign + line, '\\ No newline at end of file'],
  );
}
