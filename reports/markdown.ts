// Markdown for a job summary or a comment: the verdict, what needs attention, the figures.

import { bytes, count, duration, moment, plural, rate } from './figures.ts';
import { loadOutcome } from './load-outcome.ts';
import type {
  CheckResult,
  ConformSummary,
  DocumentResult,
  LatencySummary,
  LoadResult,
  Pushes,
  Results,
} from './results.ts';
import {
  attention,
  byteRate,
  capabilityWord,
  conformNotes,
  countVerdicts,
  engineWords,
  groupBy,
  inPullOrder,
  limitSentence,
  parts,
  sectionTitle,
  sentence,
  type Tone,
  unjudgedLegend,
  verdictNames,
  verifyWords,
} from './summary.ts';
import { oneLine } from './untrusted.ts';

const symbols: Record<Tone, string> = { good: '✅', bad: '❌', warn: '⚠️', idle: '➖' };
const words: Record<Results['verdict'], string> = {
  pass: '✅ Pass',
  fail: '❌ Fail',
  error: '❌ Error',
};

/** Keeps a summary far below the 1 MiB that GitHub takes. */
const rowsMax = 200;
const cellCharsMax = 300;

/** Blocks are separated by an empty line; ends with a line feed. */
export function renderMarkdown(results: Results): string {
  const found = parts(results);
  const blocks = [
    `## ${words[results.verdict]}: pullproof ${results.verb}`,
    `**${escapeMarkdown(sentence(results))}.**`,
    `Target: ${escapeMarkdown(results.target)} · ${escapeMarkdown(moment(results.startedAt))} · ${duration(results.durationMs)}`,
  ];
  if (found.length > 1) {
    const rows = found.map((part) => [
      symbols[part.tone],
      part.title,
      escapeMarkdown(part.sentence),
    ]);
    blocks.push(table(['', '', ''], rows));
  }
  if (results.documents) blocks.push(...documentBlocks(results.documents));
  if (results.checks) blocks.push(...checkBlocks(results.checks));
  if (results.conform) blocks.push(...conformBlocks(results.conform));
  if (results.load) blocks.push(...loadBlocks(results.load));
  const { tool, environment } = results;
  blocks.push(
    `<sub>pullproof ${escapeMarkdown(tool.version)} · Node ${escapeMarkdown(environment.node)} · ` +
      `${escapeMarkdown(environment.os)} · seed ${environment.seed}</sub>`,
  );
  return `${blocks.join('\n\n')}\n`;
}

/**
 * Text from outside, on one line. Everything that Markdown, its tables, HTML, mentions or automatic
 * links act upon becomes a character reference, which is never read as structure. What acts only at
 * the beginning of a line (lists, headings) is harmless: such text never stands there.
 */
function escapeMarkdown(value: string): string {
  return oneLine(value, cellCharsMax)
    .replace(/[^\p{L}\p{N}\p{M}\p{S}\p{P}\p{Zs}]|[\\`*_{}[\]()#!|~<>&"'@:$]/gu, reference)
    .replace(/www\./gi, (www) => `${www.slice(0, 3)}&#46;`);
}

function reference(char: string): string {
  return `&#${char.codePointAt(0)};`;
}

/** Code spans show character references as they are; the HTML element does not. */
function code(value: string): string {
  return `<code>${escapeMarkdown(value)}</code>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const shown = rows.slice(0, rowsMax).map(line);
  const lines = [line(head), line(head.map(() => '---')), ...shown];
  const more = rows.length - rowsMax;
  if (more > 0) lines.push('', `and ${count(more)} more`);
  return lines.join('\n');
}

function documentBlocks(documents: readonly DocumentResult[]): string[] {
  const rows = documents.flatMap(({ path, findings }) =>
    findings.map((finding) => [
      finding.accepted === true ? `accepted ${finding.level}` : finding.level,
      code(`${path}:${finding.line}:${finding.column}`),
      code(finding.ruleId),
      escapeMarkdown(finding.message),
    ]),
  );
  if (rows.length === 0) return [];
  return ['### Documents', table(['Level', 'Place', 'Rule', 'What to do'], rows)];
}

function checkBlocks(checks: readonly CheckResult[]): string[] {
  const urgent = attention(checks).map((check) => {
    const { tone, word } = verdictNames[check.verdict];
    return [
      symbols[tone],
      code(check.id),
      `${check.level} ${word}`,
      escapeMarkdown(check.expected),
      escapeMarkdown(check.actual),
    ];
  });
  const sections = [...groupBy(checks, (check) => check.section)].map(([section, members]) => {
    const counts = countVerdicts(members);
    const broken = counts.fail + counts['harness-error'];
    return [
      escapeMarkdown(sectionTitle(section)),
      ...[counts.pass, broken, counts.warn, counts.void, counts.unsupported].map(count),
    ];
  });
  const blocks = ['### Conformance'];
  if (urgent.length > 0) blocks.push(table(['', 'Check', '', 'Expected', 'Actual'], urgent));
  const head = ['Section', 'Hold', 'Fail', 'Warning', 'Void', 'Unsupported'];
  const legend = unjudgedLegend(checks);
  const totals = [table(head, sections), ...(legend === '' ? [] : [legend])].join('\n\n');
  blocks.push(folded(plural(checks.length, 'check'), totals));
  return blocks;
}

function conformBlocks(summary: ConformSummary): string[] {
  const rows = summary.capabilities.map((one) => {
    const { word, tone } = capabilityWord(one);
    return [symbols[tone], escapeMarkdown(one.name), word];
  });
  const notes = conformNotes(summary).map(([label, text]) => `- ${label}: ${escapeMarkdown(text)}`);
  const offers = folded('What the registry offers', table(['', 'Capability', ''], rows));
  return rows.length === 0 ? [notes.join('\n')] : [notes.join('\n'), offers];
}

function folded(title: string, content: string): string {
  return `<details><summary>${title}</summary>\n\n${content}\n\n</details>`;
}

function loadBlocks(load: LoadResult): string[] {
  const { pulls, requests } = load;
  const blocks = [
    '### Load',
    table(
      ['', 'Per second', 'Total', 'Failed'],
      [
        ['Pulls', rate(pulls.perSecond), count(pulls.ok + pulls.failed), count(pulls.failed)],
        ['Requests', rate(requests.perSecond), count(requests.total), count(requests.failed)],
        ['Data', byteRate(load.bytes.perSecond), bytes(load.bytes.total), ''],
        ...(load.pushes === undefined ? [] : pushRows(load.pushes)),
      ],
    ),
  ];
  if (load.slo.length > 0) {
    const rows = load.slo.map(({ expression, observed, held }) => [
      held ? `${symbols.good} held` : `${symbols.bad} missed`,
      code(expression),
      escapeMarkdown(observed),
    ]);
    blocks.push(table(['', 'Objective', 'Observed'], rows));
  }
  const errors = [...load.errors, ...(load.pushes?.errors ?? [])];
  if (errors.length > 0) {
    const rows = errors.map((error) => [
      count(error.count),
      code(error.class),
      escapeMarkdown(error.example),
      escapeMarkdown(error.hint),
    ]);
    blocks.push(table(['Count', 'Error', 'Example', 'What to do'], rows));
  }
  blocks.push(latencyBlock(load), methodBlock(load));
  const outcome = loadOutcome(load);
  if (outcome.length > 0) blocks.push(escapeMarkdown(outcome.join(' ')));
  return blocks;
}

function pushRows({ ok, failed, perSecond, bytes: data }: Pushes): string[][] {
  return [
    ['Pushes', rate(perSecond), count(ok + failed), count(failed)],
    ['Data sent', byteRate(data.perSecond), bytes(data.sent), ''],
  ];
}

function latencyBlock(load: LoadResult): string {
  const row = (name: string, one: LatencySummary) => [
    escapeMarkdown(name),
    count(one.count),
    ...[one.p50, one.p95, one.p99, one.max].map(duration),
  ];
  const rows = [
    row('pull', load.pullMs),
    ...inPullOrder(load.phases).map(([name, one]) => row(`phase ${name}`, one)),
    ...inPullOrder(load.hops).map(([name, one]) => row(`hop ${name}`, one)),
    ...(load.pushes === undefined
      ? []
      : [
          row('push', load.pushes.pushMs),
          ...inPullOrder(load.pushes.phases).map(([name, one]) => row(`phase ${name}`, one)),
        ]),
  ];
  return table(['Time of', 'Count', 'p50', 'p95', 'p99', 'Max'], rows);
}

function methodBlock(load: LoadResult): string {
  const users = plural(load.vus, 'virtual user');
  return [
    limitSentence(load),
    `Asked as ${escapeMarkdown(load.client)} by ${users} for ${duration(load.seconds * 1000)};`,
    `${verifyWords[load.verify]}. Engine: ${engineWords[load.engine]}.`,
  ].join(' ');
}
