// Counts the normative words of a spec, section by section, and compares them with the ledger:
//   node test/lib/count-keywords.ts distribution-spec/spec.md FILE
// So a new version of a spec shows where it has changed what it demands.
import { readFileSync } from 'node:fs';
import { specs as registrySpecs } from '../../src/checks/ledger/ledger.ts';
import {
  type KeywordCounts,
  type RequirementLevel,
  type RequirementWords,
  requirementLevels,
} from '../../src/lib/requirement.ts';
import { allSections } from '../../src/run/requirements.ts';
import { documentSpecs } from '../../src/validate/ledger/ledger.ts';

const specs: Readonly<Record<string, Wording>> = { ...registrySpecs, ...documentSpecs };

type Wording = 'capitals' | 'prose';

/** Capitals as in RFC 2119; NOT may be set in emphasis. */
const capitals = /\b(MUST|SHALL|SHOULD|(?:NOT )?RECOMMENDED|REQUIRED|MAY|OPTIONAL)\b( NOT\b)?/g;
/** The token documents write small, as everyday prose does; their "may" is too common to mean much. */
const prose = /\b(must|should|REQUIRED)\b(?: ?\*?(not)\*?\b)?/gi;

/** Counts by anchor of the section, in the order of the text. Code blocks say nothing. */
export function countKeywords(text: string, wording: Wording): Map<string, KeywordCounts> {
  const sections = new Map<string, KeywordCounts>();
  let anchor = '';
  let isCode = false;
  for (const line of text.split('\n')) {
    if (/^\s*```/.test(line)) isCode = !isCode;
    else if (!isCode) {
      const heading = /^#+ (.+)$/.exec(line)?.[1];
      if (heading !== undefined) anchor = anchorOf(heading);
      else add(sections, anchor, levelsIn(line, wording));
    }
  }
  return sections;
}

function add(
  sections: Map<string, KeywordCounts>,
  anchor: string,
  levels: readonly RequirementLevel[],
): void {
  for (const level of levels) {
    const counts = sections.get(anchor) ?? {};
    sections.set(anchor, { ...counts, [level]: (counts[level] ?? 0) + 1 });
  }
}

function levelsIn(line: string, wording: Wording): RequirementLevel[] {
  // In quotes a word is only spoken of (Notational Conventions).
  const said = line.replace(/"[A-Z ]+"/g, '');
  if (wording === 'capitals') {
    return [...said.matchAll(capitals)].map(([all]) => levelOf(all));
  }
  return (
    [...said.matchAll(prose)]
      // "required" in small letters is an ordinary word.
      .filter(([, word]) => word !== 'required' && word !== 'Required')
      .map(([, word = '', not]) => levelOf(`${word}${not === undefined ? '' : ' not'}`))
  );
}

function levelOf(words: string): RequirementLevel {
  const upper = words.toUpperCase();
  const isNot = /\bNOT\b/.test(upper);
  if (/MAY|OPTIONAL/.test(upper)) return 'MAY';
  if (/SHOULD|RECOMMENDED/.test(upper)) return isNot ? 'SHOULD NOT' : 'SHOULD';
  return isNot ? 'MUST NOT' : 'MUST';
}

/** As GitHub makes it of a heading: without links and emphasis. */
function anchorOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(?<![\p{L}\p{N}])_([^_]+)_(?![\p{L}\p{N}])/gu, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

/** What the text and the ledger do not agree on, a line each. */
export function differences(spec: string, text: string): string[] {
  const counted = countKeywords(text, specs[spec] ?? 'capitals');
  const known = new Map(
    allSections
      .filter(({ section }) => section.startsWith(`${spec}#`))
      .map(({ section, keywords }) => [section.slice(spec.length + 1), keywords]),
  );
  return [...new Set([...counted.keys(), ...known.keys()])].flatMap((anchor) => {
    const [inText, inLedger] = [worded(counted.get(anchor)), worded(known.get(anchor))];
    return inText === inLedger
      ? []
      : [`#${anchor}: the text has ${inText}, the ledger ${inLedger}`];
  });
}

/** What entries of a ledger come to, as `countKeywords` counts a text. */
export function entryCounts(requirements: readonly RequirementWords[]): KeywordCounts {
  return Object.fromEntries(
    requirementLevels
      .map((level) => {
        const own = requirements.filter((requirement) => requirement.level === level);
        return [level, own.reduce((sum, { keywords = 1 }) => sum + keywords, 0)] as const;
      })
      .filter(([, count]) => count > 0),
  );
}

function worded(counts: KeywordCounts = {}): string {
  const parts = requirementLevels.flatMap((level) =>
    counts[level] === undefined ? [] : [`${counts[level]} ${level}`],
  );
  return parts.join(', ') || 'nothing';
}

function main([spec = '', file = '']: readonly string[]): number {
  if (!(spec in specs) || file === '') {
    process.stderr.write(
      `usage: count-keywords.ts SPEC FILE; SPEC: ${Object.keys(specs).join(', ')}\n`,
    );
    return 2;
  }
  const text = readFileSync(file, 'utf8');
  const counted = [...countKeywords(text, specs[spec] ?? 'capitals')];
  for (const [anchor, counts] of counted) process.stdout.write(`#${anchor}: ${worded(counts)}\n`);
  const found = differences(spec, text);
  const verdict = found.length === 0 ? ['the ledger agrees'] : found;
  process.stdout.write(`\n${spec}: ${verdict.join('\n')}\n`);
  return found.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
