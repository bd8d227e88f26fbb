// What the words of a report mean: an appendix of the page that holds what occurs in it, once, and links there.
// A check is explained where it stands, as the page shows each.

import { failureMeanings, isFailureClass } from '../failure-words.ts';
import type { CheckLevel, DoctorCause, LoadError, Results, Verdict } from '../results.ts';
import { specUrl } from '../spec-url.ts';
import { groupBy, verdictNames } from '../summary.ts';
import { type Content, type Html, html } from './markup.ts';

export type WordKind = 'check' | 'rule' | 'failure' | 'cause' | 'verdict' | 'level';

/** What a word is, in the appendix. */
interface Word {
  kind: WordKind;
  id: string;
  content: Content;
}

const wordsMax = 1_000;
const hintsMax = 12;

/** Fit for an `id` and for the part of a URL behind `#`. */
export function wordAnchor(kind: WordKind, id: string): string {
  const slug = id
    .slice(0, 200)
    .replace(/[^A-Za-z0-9._:@/-]/g, (char) => `_${char.charCodeAt(0).toString(16)}`);
  return `${kind}-${slug}`;
}

/**
 * The word as a link to what it means. Of a failure class that nobody knows, and of what `isKnown` is false for,
 * the word alone. `prefix`: of checks of the second and later runs on a page.
 */
export function glossaryLink(
  kind: WordKind,
  id: string,
  { shown, isKnown = true, prefix = '' }: GlossaryLinkOptions = {},
): Html {
  const content = shown ?? html`<code>${id}</code>`;
  if (!isKnown || (kind === 'failure' && !isFailureClass(id))) return html`${content}`;
  return html`<a class="word-link" href="#${prefix}${wordAnchor(kind, id)}">${content}</a>`;
}

export interface GlossaryLinkOptions {
  /** In the place of the id. */
  shown?: Content;
  isKnown?: boolean;
  prefix?: string;
}

const titles: Readonly<Record<Exclude<WordKind, 'check'>, string>> = {
  verdict: 'Verdicts',
  level: 'Levels',
  failure: 'Classes of failures',
  cause: 'Causes',
  rule: 'Rules',
};

/** The appendix; false where nothing of these runs needs it. */
export function glossaryHtml(runs: readonly Results[]): Html | false {
  const words = wordsOf(runs).slice(0, wordsMax);
  if (words.length === 0) return false;
  const groups = groupBy(words, ({ kind }) => kind);
  const shown = Object.entries(titles).map(([kind, title]) => {
    const members = groups.get(kind);
    return (
      members !== undefined &&
      html`<h3>${title}</h3><dl class="words">${members.map(wordHtml)}</dl>`
    );
  });
  return html`
<section class="chapter glossary" id="words" data-rest>
<div class="chapter-head"><h2>What the words mean</h2></div>
${shown}
</section>`;
}

function wordHtml({ kind, id, content }: Word): Html {
  return html`
<div id="${wordAnchor(kind, id)}"><dt><code>${id}</code></dt><dd>${content}</dd></div>`;
}

function wordsOf(runs: readonly Results[]): Word[] {
  const words = runs.flatMap((run) => [
    ...checkWords(run),
    ...failureWords(run),
    ...(run.doctor?.causes ?? []).map(causeWord),
    ...ruleWords(run),
  ]);
  // Of several runs that say it, the first.
  return [
    ...new Map(words.toReversed().map((word) => [`${word.kind} ${word.id}`, word])).values(),
  ].toReversed();
}

const verdictMeanings: Readonly<Record<Verdict, string>> = {
  pass: 'The registry does what the check demands.',
  fail: 'It does not, and the spec says MUST, or gives no leave.',
  warn: 'It does not do what a spec recommends (SHOULD) or clients count on (COMPAT). No run fails for it.',
  unsupported:
    'The registry says, in a way that is permitted, that it does not offer this. It counts for nothing.',
  void: 'What the check depends on does not hold, so nothing shows. It counts among those that do not hold.',
  'harness-error': 'pullproof itself failed in this check: a defect of ours, please report it.',
};

const levelMeanings: Readonly<Record<CheckLevel, string>> = {
  MUST: 'A spec demands it: where it does not hold, the run fails.',
  SHOULD: 'A spec recommends it: where it does not hold, that is a warning.',
  MAY: 'A spec leaves it open: judged is whether it is done rightly where it is done.',
  COMPAT: 'No spec of OCI demands it, and clients in use count on it: a warning.',
};

function checkWords({ checks = [] }: Results): Word[] {
  const occurs = (kind: 'verdict' | 'level', name: string) =>
    checks.some((check) => check[kind] === name);
  const verdicts = Object.entries(verdictMeanings)
    .filter(([name]) => occurs('verdict', name))
    .map(([name, content]): Word => {
      return { kind: 'verdict', id: verdictNames[name as Verdict].word, content };
    });
  const levels = Object.entries(levelMeanings)
    .filter(([name]) => occurs('level', name))
    .map(([id, content]): Word => ({ kind: 'level', id, content }));
  return [...verdicts, ...levels];
}

/** Classes in the order in which they occur, with every advice that was given for them. */
function failureWords({ load, checks = [], doctor }: Results): Word[] {
  const errors: readonly LoadError[] = [
    ...(load?.errors ?? []),
    ...(load?.retried ?? []),
    ...(load?.pushes?.errors ?? []),
  ];
  const named = [
    ...errors.map((error) => error.class),
    ...(load?.pullSamples ?? []).flatMap((one) => [
      one.failure,
      ...one.requests.map(({ failure }) => failure),
    ]),
    ...(load?.statuses ?? []).map(({ failure }) => failure),
    ...[...(load?.course?.failedBy ?? []), ...(load?.course?.retriedBy ?? [])].map(
      (one) => one.class,
    ),
    ...(doctor?.hops ?? []).map(({ failure }) => failure),
    ...checks.flatMap(({ evidence }) => evidence.map(({ reply }) => reply.failure)),
  ];
  const classes = [...new Set(named)].filter((name) => name !== undefined && isFailureClass(name));
  return classes.map((id): Word => {
    const told = errors.filter((error) => error.class === id).map(({ hint }) => hint);
    const hints = [...new Set(told)].slice(0, hintsMax);
    const content = html`${failureMeanings[id as string]}${hints.length > 0 && html` <span class="muted">What to do:</span> ${hints.join(' ')}`}`;
    return { kind: 'failure', id: id as string, content };
  });
}

function causeWord({ id, title, explanation, remedy, who }: DoctorCause): Word {
  const content = html`${explanation ?? `${title}.`} <span class="muted">What to do (${who}):</span> ${remedy.join(' ')} <span class="muted">More: <code>pullproof explain ${id}</code></span>`;
  return { kind: 'cause', id, content };
}

function ruleWords({ rules = [], documents = [] }: Results): Word[] {
  const specs = new Map(
    documents.flatMap(({ findings }) => findings.map((one) => [one.ruleId, one.spec])),
  );
  return rules.map(({ id, summary, fix, file, room }): Word => {
    const spec = specs.get(id);
    const url = spec === undefined ? undefined : specUrl(spec);
    const content = html`${summary}${fix !== undefined && html` <span class="muted">What to do:</span> ${fix}`} <span class="muted">${spec !== undefined && html`Decided by ${url === undefined ? spec : html`<a href="${url}" rel="noreferrer">${spec}</a>`}; `}written in <code>${file}</code>, room ${room}. More: <code>pullproof explain ${id}</code></span>`;
    return { kind: 'rule', id, content };
  });
}
