// The comparison for a terminal: the verdict first, then what became worse, then the rest as far as it matters.

import type {
  CheckChange,
  Comparison,
  ComparisonRemark,
  DocumentFinding,
  LoadComparison,
  MetricChange,
} from '../comparison.ts';
import { count, moment, plural } from '../figures.ts';
import type { TextOptions } from '../options.ts';
import { findingTones, type Tone, toneSymbols, verdictNames } from '../summary.ts';
import {
  type Column,
  labelled,
  linker,
  painter,
  type Row,
  type Terminal,
  table,
  wrap,
} from '../text-layout.ts';
import { oneLine, withoutCommands } from '../untrusted.ts';
import {
  changeTone,
  changeWords,
  comparisonSentence,
  intervalWords,
  lineName,
  pWords,
  sideWords,
  valueWords,
  verdictTones,
  verdictWord,
  verdictWords,
} from './words.ts';

const listMax = 50;

/** Lines end with a line feed, the last one too. */
export function renderComparisonText(comparison: Comparison, options: TextOptions): string {
  const { color, verbose, fileUrl } = options;
  const terminal: Terminal = {
    paint: painter(color),
    width: Math.max(40, options.width),
    link: linker(fileUrl),
  };
  const lines = [
    ...headLines(comparison, terminal),
    ...remarkLines('because', comparison.incomparable.slice(1), terminal),
    ...remarkLines('note', comparison.warnings, terminal),
    ...(comparison.load ? loadLines(comparison.load, terminal, verbose === true) : []),
    ...(comparison.conform ? conformLines(comparison.conform, terminal) : []),
    ...(comparison.validate ? validateLines(comparison.validate, terminal) : []),
  ];
  return `${withoutCommands(lines.join('\n'))}\n`;
}

function headLines(comparison: Comparison, { paint, width }: Terminal): string[] {
  const word = verdictWords[comparison.verdict].toUpperCase();
  const tone = verdictTones[comparison.verdict];
  const told = wrap(oneLine(comparisonSentence(comparison), 1_000), width - word.length - 2);
  const head = told.map((line, at) =>
    at === 0
      ? `${paint(tone, word)}  ${paint('strong', line)}`
      : `${' '.repeat(word.length + 2)}${paint('strong', line)}`,
  );
  const at = { indent: 0, labelWidth: 6, width, paint };
  const side = (label: string, runs: Comparison['base']) =>
    labelled(label, `${sideWords(runs)} (${moment(runs[0]?.startedAt ?? '')})`, at);
  return [...head, ...side('base', comparison.base), ...side('with', comparison.with)];
}

function remarkLines(
  label: string,
  remarks: readonly ComparisonRemark[],
  { paint, width }: Terminal,
): string[] {
  if (remarks.length === 0) return [];
  const at = { indent: 0, labelWidth: 9, width, paint };
  const lines = remarks.flatMap(({ message }, index) =>
    labelled(index === 0 ? label : '', oneLine(message, 600), at),
  );
  return ['', ...lines];
}

const columns: Column[] = [
  { title: '', align: 'left' },
  { title: 'base', align: 'right' },
  { title: 'with', align: 'right' },
  { title: 'change', align: 'right' },
  { title: '95 % interval', align: 'right', optional: true },
  { title: 'p', align: 'right', optional: true },
  { title: '', align: 'left' },
];

/** All that changed, and the whole pull; the rest is counted, unless everything is wanted. */
function loadLines(load: LoadComparison, terminal: Terminal, verbose: boolean): string[] {
  const { paint, width } = terminal;
  const isLoud = ({ verdict }: MetricChange) => verdict === 'slower' || verdict === 'faster';
  const isShown = (change: MetricChange) => verbose || change.place === 'pull' || isLoud(change);
  const shown = load.changes.filter(isShown);
  const rows = shown.flatMap((change, at): Row[] => {
    const isNew = at > 0 && shown[at - 1]?.place !== change.place;
    return [...(isNew ? [undefined] : []), rowOf(change)];
  });
  const folded = load.changes.filter((change) => !isShown(change));
  const at = { indent: 0, labelWidth: 9, width, paint };
  return [
    '',
    ...table(columns, rows, width, paint),
    ...whyLines(shown, terminal),
    ...foldedLines(folded, load.leftOut, terminal),
    '',
    ...load.method.sentences.flatMap((sentence, index) =>
      labelled(index === 0 ? 'method' : '', oneLine(sentence, 600), at),
    ),
  ];
}

function rowOf(change: MetricChange): Row {
  const tone = changeTone(change);
  const { verdict, p, base, with: now } = change;
  const isQuiet = verdict === 'no evidence';
  return [
    { text: lineName(change) },
    { text: valueWords(change, base.value) },
    { text: valueWords(change, now.value) },
    { text: isQuiet ? '~' : changeWords(change) },
    { text: intervalWords(change) },
    { text: p === undefined ? '' : pWords(p.adjusted) },
    { text: `${toneSymbols[tone]} ${verdictWord(change)}`, ink: isQuiet ? 'dim' : tone },
  ];
}

/** Each reason once. */
function whyLines(changes: readonly MetricChange[], { paint, width }: Terminal): string[] {
  const reasons = new Map<string, MetricChange[]>();
  for (const change of changes) {
    if (change.why === undefined) continue;
    const known = reasons.get(change.why);
    if (known === undefined) reasons.set(change.why, [change]);
    else known.push(change);
  }
  return [...reasons].flatMap(([why, about]) => {
    const names = about.length > 3 ? plural(about.length, 'line') : about.map(lineName).join(', ');
    const text = `${about[0]?.verdict} (${names}): ${oneLine(why, 400)}`;
    return wrap(text, width).map((line) => paint('dim', line));
  });
}

function foldedLines(
  folded: readonly MetricChange[],
  leftOut: number,
  { paint, width }: Terminal,
): string[] {
  const few = folded.filter(({ verdict }) => verdict === 'too few').length;
  const other = folded.filter(({ verdict }) => verdict === 'incomparable').length;
  const quiet = folded.length - few - other;
  const parts = [
    quiet > 0 &&
      `${plural(quiet, 'line')} more of hops, phases, hosts and edges without evidence of a change`,
    few > 0 && `${plural(few, 'line')} with too few requests`,
    other > 0 && `${plural(other, 'line')} that cannot be compared`,
  ].filter((part) => part !== false);
  const out =
    leftOut === 0 ? '' : `${plural(leftOut, 'place')} asked too seldom, or by one side alone`;
  const told = parts.length === 0 ? '' : `${parts.join(', ')} (--verbose shows them)`;
  const text = [told, out].filter((part) => part !== '').join('; ');
  return text === '' ? [] : wrap(text, width).map((line) => paint('dim', line));
}

function conformLines(conform: NonNullable<Comparison['conform']>, terminal: Terminal): string[] {
  const { newlyFailing, newlyPassing, changedVerdicts, changedWords, appeared, gone, same } =
    conform;
  return [
    ...checkLines('newly failing', newlyFailing, terminal),
    ...checkLines('newly passing', newlyPassing, terminal),
    ...checkLines('other verdict', changedVerdicts, terminal),
    ...checkLines('other words', changedWords, terminal),
    ...checkLines('new checks', appeared, terminal),
    ...checkLines('gone', gone, terminal),
    '',
    terminal.paint('dim', `${plural(same, 'check')} as before`),
  ];
}

function checkLines(title: string, changes: readonly CheckChange[], terminal: Terminal): string[] {
  if (changes.length === 0) return [];
  const { paint, width } = terminal;
  const at = { indent: 4, labelWidth: 6, width, paint };
  const lines = changes.slice(0, listMax).flatMap((change) => {
    const now = change.with ?? change.base;
    const tone: Tone = change.with === undefined ? 'idle' : verdictNames[change.with.verdict].tone;
    const word = (side: CheckChange['base']) =>
      side === undefined ? 'not there' : verdictNames[side.verdict].word;
    const words = `${word(change.base)} → ${word(change.with)}`;
    const known = change.with !== undefined && tone === 'bad' && !change.regression;
    const note = known && title === 'newly failing' ? ', does not count' : '';
    const said = (label: string, side: CheckChange['base']) =>
      side === undefined ? [] : labelled(label, oneLine(side.actual, 300), at);
    return [
      `  ${paint(tone, toneSymbols[tone])} ${oneLine(change.id, 120)} ${paint('dim', `${change.level}, ${words}${note}`)}`,
      ...(title === 'new checks' || title === 'gone' || now === undefined
        ? []
        : [...said('was', change.base), ...said('is', change.with)]),
    ];
  });
  return [
    '',
    paint('strong', `${title} (${count(changes.length)})`),
    ...lines,
    ...moreLines(changes.length, terminal),
  ];
}

function moreLines(total: number, { paint }: Terminal): string[] {
  return total > listMax
    ? [paint('dim', `  and ${count(total - listMax)} more: --format json has them all`)]
    : [];
}

function validateLines(
  { appeared, gone, same }: NonNullable<Comparison['validate']>,
  terminal: Terminal,
): string[] {
  return [
    ...findingLines('new', appeared, terminal),
    ...findingLines('gone', gone, terminal),
    '',
    terminal.paint('dim', `${plural(same, 'finding')} as before`),
  ];
}

function findingLines(
  title: string,
  findings: readonly DocumentFinding[],
  terminal: Terminal,
): string[] {
  if (findings.length === 0) return [];
  const { paint, width } = terminal;
  const lines = findings
    .slice(0, listMax)
    .flatMap(({ path, line, column, level, ruleId, message, accepted }) => {
      const tone = title === 'gone' ? 'good' : findingTones[level];
      const word = accepted === true ? `accepted ${level}` : level;
      return [
        `  ${oneLine(path, 200)}:${line}:${column} ${paint(tone, word)} ${oneLine(ruleId, 80)}`,
        ...wrap(oneLine(message, 400), width - 4).map((one) => `    ${one}`),
      ];
    });
  return [
    '',
    paint('strong', `${title} (${count(findings.length)})`),
    ...lines,
    ...moreLines(findings.length, terminal),
  ];
}
