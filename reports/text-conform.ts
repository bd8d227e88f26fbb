// How the checks were run, and what the registry offers, for a terminal.
import { capabilityWord, conformNotes } from './conform-notes.ts';
import { disagreementCells } from './official-words.ts';
import type { ConformSummary } from './results.ts';
import { groupBy } from './summary.ts';
import { labelled, type Terminal } from './text-layout.ts';
import { oneLine } from './untrusted.ts';

const labels = { yes: 'offers', no: 'does not', unknown: 'unknown' } as const;

export function conformLines(summary: ConformSummary, { paint, width }: Terminal): string[] {
  const at = { indent: 0, labelWidth: 12, width, paint };
  const groups = groupBy(summary.capabilities, (one) => capabilityWord(one).word);
  const offers = Object.entries(labels).flatMap(([word, label]) => {
    const names = (groups.get(word) ?? []).map(({ name }) => oneLine(name, 60));
    return names.length === 0 ? [] : labelled(label, names.join(', '), at);
  });
  const notes = conformNotes(summary).flatMap(([label, text]) =>
    labelled(label, oneLine(text, 2000), at),
  );
  const apart = (summary.official?.disagreements ?? []).flatMap((one) => {
    const { about, official, ours, cases, checks } = disagreementCells(one);
    const by = [cases, checks].filter(Boolean).join('; ');
    const text = `${about}: official ${official}, here ${ours}${by === '' ? '' : ` (${by})`}`;
    return labelled('disagree', oneLine(text, 600), at);
  });
  return [...offers, ...notes, ...apart];
}
