// The kill matrix as a page of Markdown: which fault is noticed by which checks, and the other way round.
import type { Fault } from '../../mocks/faults/index.ts';
import type { Check } from '../../src/checks/check.ts';

/** Depends on nothing but the two catalogues. */
export function matrixPage(checks: readonly Check[], faults: readonly Fault[]): string {
  const broken = faults.filter(({ breaks }) => breaks.length > 0);
  const unnoticed = faults.filter(({ gap }) => gap !== undefined);
  const legal = faults.filter(({ breaks, gap }) => breaks.length === 0 && gap === undefined);
  const killers = ({ id }: Check) => broken.filter(({ breaks }) => breaks.includes(id));
  const code = (ids: readonly string[]) => ids.map((id) => `\`${id}\``).join(', ');
  const lines = [
    '# Kill matrix',
    '',
    'Each check of `pullproof conform` is proved by the faults of the mock: a mock without faults passes',
    'all checks, each fault is noticed by exactly the checks of its row, and each check notices some',
    'fault. `test/kill-matrix/` runs every fault against every check and writes this page.',
    '',
    `${checks.length} checks, ${broken.length} faults that they notice, ${unnoticed.length} that they do not, ${legal.length} legal oddities.`,
    '',
    '## Faults, and the checks that notice them',
    '',
    ...table(
      ['Fault', 'What the mock does', 'Noticed by', 'Seen in'],
      broken.map(({ id, title, breaks, seenIn }) => [
        code([id]),
        title,
        code([...breaks].sort()),
        seenIn.join(', '),
      ]),
    ),
    '',
    '## Faults that no check notices yet',
    '',
    ...table(
      ['Fault', 'What the mock does', 'What a check would have to do', 'Seen in'],
      unnoticed.map(({ id, title, gap = '', seenIn }) => [
        code([id]),
        title,
        gap,
        seenIn.join(', '),
      ]),
    ),
    '',
    '## Legal oddities, which no check may mind',
    '',
    ...table(
      ['Oddity', 'What the mock does', 'Broke clients in'],
      legal.map(({ id, title, seenIn }) => [code([id]), title, seenIn.join(', ')]),
    ),
    '',
    '## Checks, and the faults that prove them',
    '',
    ...table(
      ['Check', 'Level', 'Requirement', 'Proved by'],
      checks.map((check) => [
        code([check.id]),
        check.level,
        check.requirement,
        code(killers(check).map(({ id }) => id)),
      ]),
    ),
    '',
  ];
  return lines.join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
