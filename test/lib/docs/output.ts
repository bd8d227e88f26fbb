// What a page shows of a command's output, held against what the command printed.

/** What differs from run to run, and is read as one thing: times of day, durations, sizes, rates, digests, ports. */
const unstable: readonly [RegExp, string][] = [
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.\d]*Z| UTC)?/g, '<date>'],
  [/sha256:[0-9a-f]{6,64}/g, '<digest>'],
  [/127\.0\.0\.(\d+):\d+/g, '127.0.0.$1:<port>'],
  [/[−-]?\d[\d,.]*(?=\s?(?:ms|µs|s|min|h|[kMGT]?i?B(?:\/s)?|%|pulls\/s|points)(?![\w]))/g, '<n>'],
];

/**
 * Whether the lines shown stand in what was printed, in their order and with nothing between them but where the page has
 * a line of `…`; within a line, `…` stands for anything. Blanks count as one, blank lines for nothing.
 */
export function isShown(shown: string, printed: string): boolean {
  const actual = linesOf(printed);
  let from = 0;
  let isLoose = true;
  for (const line of linesOf(shown)) {
    if (line === '…') {
      isLoose = true;
      continue;
    }
    const pattern = patternOf(line);
    const until = isLoose ? actual.length : Math.min(from + 1, actual.length);
    const found = actual.slice(from, until).findIndex((one) => pattern.test(one));
    if (found === -1) return false;
    from += found + 1;
    isLoose = false;
  }
  return true;
}

function linesOf(text: string): string[] {
  return unstable
    .reduce((all, [pattern, word]) => all.replaceAll(pattern, word), text)
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
}

function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}
