// Which of the exchanges of a check its verdict is about: the one that is shown before all others.
import type { CheckResult, Exchange } from './results.ts';

/** Shorter texts of a verdict stand in many replies. */
const quotedCharsMin = 8;
/** Beyond this a body is not searched: evidence is capped at 4 KiB. */
const searchedCharsMax = 8_192;

/**
 * The exchange that shows what the verdict says: the one whose failure, status, headers or body the words of
 * `actual` name, of the method that the check speaks of. Of several alike the last: a chain of redirects is judged
 * by its answer. Undefined for a check without evidence.
 */
export function decidingExchange(check: CheckResult): Exchange | undefined {
  const words = wordsOf(check);
  let best: { exchange: Exchange; score: number } | undefined;
  for (const exchange of check.evidence) {
    const score = scoreOf(exchange, words);
    if (best === undefined || score >= best.score) best = { exchange, score };
  }
  return best?.exchange;
}

interface Words {
  /** What came, and all that the check says. */
  actual: string;
  all: string;
  /** Numbers of `actual` that can be a status. */
  statuses: ReadonlySet<string>;
  methods: ReadonlySet<string>;
  /** What of `actual` may stand in a reply as it is. */
  quoted: readonly string[];
}

function wordsOf({ requirement, expected, actual }: CheckResult): Words {
  const all = `${requirement} ${expected} ${actual}`;
  const quoted = [
    ...[...actual.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text),
    ...[...actual.matchAll(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g)].map(([code]) => code),
    ...[...actual.matchAll(/\/v2\/[^\s"',;]+/g)].map(([path]) => path),
  ].filter(({ length }) => length >= quotedCharsMin);
  return {
    actual,
    all,
    statuses: new Set(actual.match(/\b[1-5]\d\d\b/g)),
    methods: new Set(all.match(/\b(?:GET|HEAD|POST|PUT|PATCH|DELETE)\b/g)),
    quoted: quoted.slice(0, 10),
  };
}

function scoreOf({ request, reply }: Exchange, { actual, all, ...words }: Words): number {
  const { failure = '' } = reply;
  let score = 0;
  if (failure !== '' && actual.includes(failure)) score += 8;
  if (words.statuses.has(String(reply.status))) score += 8;
  if (words.quoted.length > 0) {
    const texts = [request.url, ...reply.headers.map(([, value]) => value), reply.body ?? ''];
    const said = texts.join('\n').slice(0, searchedCharsMax);
    if (words.quoted.some((text) => said.includes(text))) score += 6;
  }
  if (words.methods.has(request.method)) score += 2;
  // What a check takes away when it is done, unless that is what it is about.
  const isCleanUp = request.method === 'DELETE' && !/\bDELETE|delet|given up|cancel/i.test(all);
  return isCleanUp ? score - 4 : score;
}
