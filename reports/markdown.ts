// Markdown for a job summary or a comment: the verdict, what needs attention, the figures.

import { capabilityWord, conformNotes } from './conform-notes.ts';
import { count, duration, plural } from './figures.ts';
import { code, escapeMarkdown, folded, joinBlocks, symbols, table } from './markdown-bits.ts';
import { doctorBlocks } from './markdown-doctor.ts';
import { loadBlocks } from './markdown-load.ts';
import { disagreementCells } from './official-words.ts';
import { messageAlone } from './referred-by.ts';
import type { CheckResult, ConformSummary, DocumentResult, Finding, Results } from './results.ts';
import {
  attention,
  byLevel,
  countVerdicts,
  groupBy,
  parts,
  runName,
  sectionTitle,
  sentence,
  tally,
  tallyWords,
  unjudgedLegend,
  verdictNames,
} from './summary.ts';

const words: Record<Results['verdict'], string> = {
  pass: '✅ Pass',
  fail: '❌ Fail',
  error: '❌ Error',
};

/** Blocks are separated by an empty line; ends with a line feed. */
export function renderMarkdown(results: Results): string {
  const found = parts(results);
  const blocks = [
    `## ${words[results.verdict]}: pullproof ${results.verb}`,
    `**${escapeMarkdown(sentence(results))}.**`,
    `Target: ${escapeMarkdown(runName(results))} · ${duration(results.durationMs)}`,
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
  const unread = (results.unread ?? []).map(({ message, hint }) => [message, hint]);
  if (unread.length > 0) {
    blocks.push(
      table(
        ['Not judged', 'What to do'],
        unread.map((row) => row.map(escapeMarkdown)),
      ),
    );
  }
  if (results.checks) blocks.push(...checkBlocks(results.checks));
  if (results.conform) blocks.push(...conformBlocks(results.conform));
  if (results.load) blocks.push(...loadBlocks(results.load));
  if (results.doctor) blocks.push(...doctorBlocks(results.doctor));
  const { tool, environment } = results;
  blocks.push(
    `<sub>pullproof ${escapeMarkdown(tool.version)} · Node ${escapeMarkdown(environment.node)} · ` +
      `${escapeMarkdown(environment.os)} · seed ${environment.seed}</sub>`,
  );
  return joinBlocks(blocks);
}

/** The gravest first: a long table is cut. */
function documentBlocks(documents: readonly DocumentResult[]): string[] {
  const found = documents
    .flatMap((document) => document.findings.map((finding) => ({ document, finding })))
    .sort((a, b) => rankOf(a.finding) - rankOf(b.finding));
  if (found.length === 0) return [];
  const rows = found.map(({ document, finding }) => [
    finding.accepted === true ? `accepted ${finding.level}` : finding.level,
    code(`${document.path}:${finding.line}:${finding.column}`),
    code(finding.ruleId),
    escapeMarkdown(messageAlone(document, finding)),
  ]);
  return ['### Documents', table(['Level', 'Place', 'Rule', 'What to do'], rows)];
}

function rankOf({ level, accepted }: Finding): number {
  return (accepted === true ? 3 : 0) + ['error', 'warning', 'note'].indexOf(level);
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
  const row = (name: string, members: readonly CheckResult[]) => {
    const counts = countVerdicts(members);
    const broken = counts.fail + counts['harness-error'];
    const rest = [broken, counts.warn, counts.void, counts.unsupported].map(count);
    return [escapeMarkdown(name), tallyWords(tally(members)), ...rest];
  };
  const levels = byLevel(checks).map(([level, members]) => row(level, members));
  const sections = [...groupBy(checks, (check) => check.section)].map(([section, members]) =>
    row(sectionTitle(section), members),
  );
  const blocks = ['### Conformance'];
  if (urgent.length > 0) blocks.push(table(['', 'Check', '', 'Expected', 'Actual'], urgent));
  const heads = ['Hold', 'Fail', 'Warning', 'Void', 'Unsupported'];
  if (levels.length > 0) blocks.push(table(['Level', ...heads], levels));
  const legend = unjudgedLegend(checks);
  const totals = [table(['Section', ...heads], sections), ...(legend === '' ? [] : [legend])].join(
    '\n\n',
  );
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
  const apart = (summary.official?.disagreements ?? []).map((one) =>
    Object.values(disagreementCells(one)).map(escapeMarkdown),
  );
  const heads = ['Where the suites disagree', 'Official', 'Here', 'Its cases', 'Our checks'];
  return [
    notes.join('\n'),
    ...(apart.length === 0 ? [] : [table(heads, apart)]),
    ...(rows.length === 0 ? [] : [offers]),
  ];
}
