// A unified diff of two texts, as `diff -u` writes it and `patch` reads it.

/** Lines around a change. */
const contextLines = 3;
/** Pairs of lines compared; of larger changes all lines are shown as replaced. */
const comparedMax = 4_000_000;

type Sign = ' ' | '-' | '+';
interface Line {
  readonly sign: Sign;
  readonly text: string;
}

/** '' when both are the same. `name`: of the file, in the head. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const hunks = hunksOf(lines).map((hunk) => hunkText(lines, hunk));
  return `--- ${name}\n+++ ${name}\n${hunks.join('')}`;
}

/** Each with its ending, so that a last line without one differs from one with. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function compare(old: readonly string[], now: readonly string[]): Line[] {
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  const room = Math.min(old.length, now.length) - head;
  while (tail < room && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const same = (text: string): Line => ({ sign: ' ', text });
  return [
    ...old.slice(0, head).map(same),
    ...changed(old.slice(head, old.length - tail), now.slice(head, now.length - tail)),
    ...old.slice(old.length - tail).map(same),
  ];
}

/** The longest common subsequence keeps its place, what is beside it was taken out or put in. */
function changed(old: readonly string[], now: readonly string[]): Line[] {
  const lines: Line[] = [];
  const lengths = old.length * now.length > comparedMax ? undefined : commonLengths(old, now);
  const width = now.length + 1;
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    const [was = '', is = ''] = [old[i], now[j]];
    const isBoth = i < old.length && j < now.length;
    if (isBoth && was === is && lengths !== undefined) {
      lines.push({ sign: ' ', text: was });
      i++;
      j++;
      continue;
    }
    const without = lengths?.[(i + 1) * width + j] ?? 0;
    const isOut = i < old.length && (!isBoth || without >= (lengths?.[i * width + j + 1] ?? 0));
    lines.push(isOut ? { sign: '-', text: was } : { sign: '+', text: is });
    if (isOut) i++;
    else j++;
  }
  return lines;
}

/** For each pair of positions, the length of what both have in common from there on. */
function commonLengths(old: readonly string[], now: readonly string[]): Uint32Array {
  const width = now.length + 1;
  const lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const next = (i + 1) * width + j;
      lengths[i * width + j] =
        old[i] === now[j]
          ? (lengths[next + 1] ?? 0) + 1
          : Math.max(lengths[next] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  return lengths;
}

interface Hunk {
  readonly from: number;
  to: number;
}

function hunksOf(lines: readonly Line[]): Hunk[] {
  const hunks: Hunk[] = [];
  for (const [at, { sign }] of lines.entries()) {
    if (sign === ' ') continue;
    const to = Math.min(lines.length, at + contextLines + 1);
    const last = hunks.at(-1);
    if (last !== undefined && at - contextLines <= last.to) last.to = to;
    else hunks.push({ from: Math.max(0, at - contextLines), to });
  }
  return hunks;
}

function hunkText(lines: readonly Line[], { from, to }: Hunk): string {
  const shown = lines.slice(from, to);
  const count = (sign: Sign, of: readonly Line[]) => of.filter((line) => line.sign !== sign).length;
  const range = (sign: Sign) => {
    const length = count(sign, shown);
    const start = count(sign, lines.slice(0, from)) + (length === 0 ? 0 : 1);
    return `${start},${length}`;
  };
  const body = shown.map(({ sign, text }) =>
    text.endsWith('\n') ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range('+')} +${range('-')} @@\n${body.join('')}`;
}
