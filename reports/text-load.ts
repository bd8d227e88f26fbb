// The load part of the terminal report: what limited, what failed where and what to do, what was healed, then
// the figures.

import { count, duration } from './figures.ts';
import { limitWords } from './load-hops.ts';
import { evidenceNotes, loadNotes, type Note, serverNotes } from './load-notes.ts';
import { loadOutcome } from './load-outcome.ts';
import {
  engineWords,
  isNotBegun,
  kindOf,
  observedWords,
  placeOf,
  verifyWords,
} from './load-words.ts';
import type { LoadError, LoadResult } from './results.ts';
import { labelled, type Terminal, wrap } from './text-layout.ts';
import { latencyTable, partTables, stepTable, throughputTable } from './text-load-tables.ts';
import { oneLine } from './untrusted.ts';

const errorsMax = 20;
const noteCharsMax = 600;
const labelWidth = 12;

/** Lines without a line feed. */
export function loadLines(load: LoadResult, terminal: Terminal): string[] {
  if (isNotBegun(load)) return errorLines(load, terminal).slice(1);
  return [
    ...noteLines([['limit', limitWords(load)], ...loadNotes(load)], terminal),
    '',
    ...throughputTable(load, terminal),
    ...outcomeLines(load, terminal),
    ...sloLines(load, terminal),
    ...errorLines(load, terminal),
    ...(load.pushes === undefined
      ? []
      : errorLines({ ...load.pushes, client: load.client }, terminal, ' of pushes')),
    ...partTables(load, terminal),
    ...(load.knee === undefined ? [] : ['', ...stepTable(load.knee, terminal)]),
    '',
    ...latencyTable(load, terminal),
    '',
    ...noteLines(serverNotes(load), terminal),
    ...methodLines(load, terminal),
  ];
}

/** Each label once. */
function noteLines(notes: readonly Note[], { paint, width }: Terminal): string[] {
  const at = { indent: 0, labelWidth, width, paint };
  let before = '';
  return notes.flatMap(([label, text]) => {
    const shown = label === before ? '' : label;
    before = label;
    return labelled(shown, oneLine(text, noteCharsMax), at);
  });
}

function outcomeLines(load: LoadResult, { width }: Terminal): string[] {
  const lines = loadOutcome(load).flatMap((line) => wrap(oneLine(line, 400), width));
  return lines.length === 0 ? [] : ['', ...lines];
}

function sloLines({ slo, knee }: LoadResult, { paint, width }: Terminal): string[] {
  if (slo.length === 0) return [];
  const lines = slo.flatMap((one) => {
    const { expression, held } = one;
    const mark = held ? paint('good', '✓ held    ') : paint('bad', '✗ missed  ');
    const told = `${oneLine(expression, 120)}, observed ${oneLine(observedWords(one), 60)}`;
    return wrap(told, width - 10).map(
      (line, index) => (index === 0 ? mark : ' '.repeat(10)) + line,
    );
  });
  // Above the knee an objective broke, or there would be none.
  const where = knee?.perSecond === 0 ? 'at the lowest rate' : 'at the knee';
  const title = knee === undefined ? [] : [paint('dim', where)];
  return ['', ...title, ...lines];
}

function errorLines(
  { errors, client }: Pick<LoadResult, 'errors' | 'client'>,
  terminal: Terminal,
  of = '',
): string[] {
  const { paint } = terminal;
  const lines = errors
    .slice(0, errorsMax)
    .flatMap((error) => ['', ...oneErrorLines(error, client, terminal, of)]);
  const more = errors.length - errorsMax;
  if (more > 0) lines.push('', paint('dim', `and ${count(more)} more kinds of failures`));
  return lines;
}

/** What, how often and where; what to do; then what there is to show for it. */
function oneErrorLines(
  error: LoadError,
  client: string,
  { paint, width }: Terminal,
  of: string,
): string[] {
  const head = oneLine(`${count(error.count)} × ${kindOf(error)}${of}${placeOf(error)}`, 240);
  const at = { indent: 4, labelWidth: 9, width, paint };
  // What people of that client look for in their logs.
  const says = error.clientSays === undefined ? [] : [`${client} says: ${error.clientSays}`];
  return [
    ...wrap(head, width - 4).map((line, index) => (index === 0 ? '' : '    ') + paint('bad', line)),
    ...wrap(`→ ${oneLine(error.hint)}`, width - 4).map((line) => `    ${line}`),
    ...dimmed(oneLine(error.example, 300), paint, width),
    ...evidenceNotes(error).flatMap(([label, text]) => labelled(label, oneLine(text, 200), at)),
    ...says.flatMap((text) => dimmed(oneLine(text, 300), paint, width)),
  ];
}

function dimmed(text: string, paint: Terminal['paint'], width: number): string[] {
  return wrap(text, width - 4).map((line) => paint('dim', `    ${line}`));
}

function methodLines(load: LoadResult, { paint, width }: Terminal): string[] {
  const at = { indent: 0, labelWidth, width, paint };
  const users = `${count(load.vus)} virtual ${load.vus === 1 ? 'user' : 'users'}`;
  return [
    ...labelled(
      'client',
      `${oneLine(load.client, 60)}, ${users}, ${duration(load.seconds * 1000)}`,
      at,
    ),
    ...labelled('verified', verifyWords[load.verify], at),
    ...labelled('engine', engineWords[load.engine], at),
  ];
}
