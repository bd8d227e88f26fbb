// The comparison for a comment on a pull request. Its first line is a mark by which a later one finds it, to write
// over it; all of it stays below what GitHub takes of a comment.

import type {
  CheckChange,
  Comparison,
  ComparisonRemark,
  DocumentFinding,
  LoadComparison,
  MetricChange,
} from '../comparison.ts';
import { moment, plural } from '../figures.ts';
import {
  code,
  escapeCut,
  escapeMarkdown,
  folded,
  joinBlocks,
  symbols,
  table,
} from '../markdown-bits.ts';
import { verdictNames } from '../summary.ts';
import {
  changeTone,
  changeWords,
  comparisonSentence,
  intervalWords,
  lineName,
  sideWords,
  valueWords,
  verdictTones,
  verdictWord,
  verdictWords,
} from './words.ts';

const marker = '<!-- pullproof-compare -->';
const cellCharsMax = 300;
const remarksMax = 30;

/** Blocks are separated by an empty line; ends with a line feed. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const { base, with: others, incomparable, warnings, load, conform, validate, tool } = comparison;
  const symbol = symbols[verdictTones[comparison.verdict]];
  const from = ({ version, startedAt }: Comparison['base'][number]) =>
    `${moment(startedAt)}, pullproof ${version}`;
  const side = (name: string, runs: Comparison['base']) =>
    `${name}: ${code(sideWords(runs))}${runs[0] ? ` (${escapeMarkdown(from(runs[0]))})` : ''}`;
  const blocks = [
    `${marker}\n## ${symbol} ${verdictWords[comparison.verdict]}: pullproof ${comparison.of}`,
    `**${escapeCut(comparisonSentence(comparison), 1_000)}.**`,
    `${side('Base', base)}<br>${side('With', others)}`,
    ...remarkBlocks('Why', incomparable),
    ...(load ? loadBlocks(load) : []),
    ...(conform ? conformBlocks(conform) : []),
    ...(validate ? validateBlocks(validate) : []),
    ...remarkBlocks('What may explain a difference', warnings),
  ];
  const end = `<sub>pullproof ${escapeMarkdown(tool.version)} report compare, ${escapeMarkdown(moment(comparison.madeAt))}</sub>`;
  return joinBlocks([...blocks, end]);
}

function remarkBlocks(title: string, remarks: readonly ComparisonRemark[]): string[] {
  if (remarks.length === 0) return [];
  const lines = remarks.slice(0, remarksMax).map(({ message }) => `- ${escapeCut(message, 600)}`);
  return [`**${title}**\n\n${lines.join('\n')}`];
}

/** Of a list that is folded, so that all of them fit beside the first. */
const foldedBytesMax = 7_000;

const head = ['', 'base', 'with', 'change', '95 % interval', ''];

function loadBlocks({ changes, method, leftOut }: LoadComparison): string[] {
  const worse = changes.filter(({ verdict, regression }) => regression || verdict === 'slower');
  const better = changes.filter(({ verdict }) => verdict === 'faster');
  const rest = changes.filter((one) => !worse.includes(one) && !better.includes(one));
  const first =
    worse.length + better.length === 0 ? rest.filter(({ place }) => place === 'pull') : [];
  const shown = [...worse, ...better, ...first];
  const others = rest.filter((one) => !first.includes(one));
  const out =
    leftOut === 0 ? '' : `\n\n${plural(leftOut, 'place')} asked too seldom, or by one side alone.`;
  return [
    table(head, shown.map(rowOf), { isOfFigures: true }),
    ...(others.length === 0
      ? []
      : [
          folded(
            `${plural(others.length, 'line')} without a change`,
            table(head, others.map(rowOf), { isOfFigures: true }) + out,
          ),
        ]),
    folded(
      'How it was decided',
      method.sentences.map((sentence) => `- ${escapeCut(sentence, 600)}`).join('\n'),
    ),
  ];
}

function rowOf(change: MetricChange): string[] {
  const isQuiet = change.verdict === 'no evidence';
  return [
    escapeCut(lineName(change), cellCharsMax),
    valueWords(change, change.base.value),
    valueWords(change, change.with.value),
    isQuiet ? escapeMarkdown('~') : changeWords(change),
    intervalWords(change),
    `${symbols[changeTone(change)]} ${verdictWord(change)}`,
  ];
}

function conformBlocks(conform: NonNullable<Comparison['conform']>): string[] {
  const { newlyFailing, newlyPassing, changedVerdicts, changedWords, appeared, gone, same } =
    conform;
  const lists = [
    ['newly passing', newlyPassing],
    ['with another verdict', changedVerdicts],
    ['with other words', changedWords],
    ['new', appeared],
    ['gone', gone],
  ] as const;
  const told = lists.flatMap(([title, changes]) =>
    changes.length === 0
      ? []
      : [
          folded(
            `${plural(changes.length, 'check')} ${title}`,
            checkTable(changes, foldedBytesMax),
          ),
        ],
  );
  const failing = newlyFailing.length === 0 ? [] : [checkTable(newlyFailing)];
  return [...failing, ...told, `${plural(same, 'check')} as before.`];
}

function checkTable(changes: readonly CheckChange[], bytesMax?: number): string {
  const word = (side: CheckChange['base']) =>
    side === undefined ? '–' : verdictNames[side.verdict].word;
  const rows = changes.map((change) => [
    `${symbols[change.with === undefined ? 'idle' : verdictNames[change.with.verdict].tone]} ${code(change.id.slice(0, 200))}`,
    change.level,
    `${word(change.base)} → ${word(change.with)}`,
    escapeCut(change.base?.actual ?? '–', cellCharsMax),
    escapeCut(change.with?.actual ?? '–', cellCharsMax),
  ]);
  return table(
    ['Check', 'Level', 'Verdict', 'Was', 'Is'],
    rows,
    bytesMax === undefined ? {} : { bytesMax },
  );
}

function validateBlocks({ appeared, gone, same }: NonNullable<Comparison['validate']>): string[] {
  const left =
    gone.length === 0 ? [] : [folded(`${plural(gone.length, 'finding')} gone`, findingTable(gone))];
  const fresh = appeared.length === 0 ? [] : [findingTable(appeared)];
  return [...fresh, ...left, `${plural(same, 'finding')} as before.`];
}

function findingTable(findings: readonly DocumentFinding[]): string {
  const rows = findings.map(({ path, line, column, level, ruleId, message, accepted }) => [
    `${accepted === true ? 'accepted ' : ''}${level}`,
    code(`${path.slice(-200)}:${line}:${column}`),
    code(ruleId.slice(0, 100)),
    escapeCut(message, cellCharsMax),
  ]);
  return table(['Level', 'Place', 'Rule', 'What to do'], rows);
}
