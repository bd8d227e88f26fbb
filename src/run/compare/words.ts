// What of the words of a check stays the same from run to run: names, sizes, times and digests are made up anew
// each time, statuses and sentences are not.

/** In this order: what is found first is not looked at again. */
const volatile: readonly (readonly [pattern: RegExp, mark: string])[] = [
  [/\b[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}\b/gi, '<digest>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\b/g, '<time>'],
  [/\b\d+(?:\.\d+)? ?(?:µs|ms|s|min|h|seconds?|minutes?)\b/g, '<time>'],
  [/\b\d[\d,]*(?:\.\d+)? ?(?:bytes?|B|[kKMGT]i?B)\b/g, '<size>'],
  // What follows is long: a name that somebody made up, a token, a signature.
  [/(?<![\w-])(?=[\w-]*\d)[\w-]{20,}={0,2}(?![\w-])/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b/gi, '<id>'],
  // Names that end in the id of the run.
  [/(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, '<id>'],
  // How many a repository has depends on what other checks left there; that there are none does not.
  [/\b\d+(?= tags, then \d)|(?<=\btags, then )\d+\b/g, '<count>'],
  [/\b[1-9]\d+(?= tags?\b)|(?<=\bamong )[1-9]\d+\b/g, '<count>'],
  [/(?<=[\w\]]):\d{2,5}\b/g, ':<port>'],
  [/\b\d[\d,]{3,}\b/g, '<number>'],
];

const charsMax = 4_000;

/** Equal for what two runs of one and the same registry say. */
export function lastingWords(text: string): string {
  let words = text.slice(0, charsMax);
  for (const [pattern, mark] of volatile) words = words.replace(pattern, mark);
  return words.replace(/\s+/g, ' ').trim();
}
