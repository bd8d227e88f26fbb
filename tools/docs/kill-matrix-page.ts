// The kill matrix as a page of Markdown that people can read: every fault, what it is about, and by how many
// checks it is noticed. Which those are, and the faults of a check, `pullproof explain` says.
import type { CatalogueFault } from '../../mocks/faults/index.ts';
import type { CatalogueCheck } from '../../src/checks/catalogue.ts';

/** `noticing`: ids of exactly the checks that notice a fault. */
export function matrixPage(
  checks: readonly CatalogueCheck[],
  faults: readonly CatalogueFault[],
  noticing: (fault: string) => readonly string[],
): string {
  const isNoticed = ({ id }: CatalogueFault) => noticing(id).length > 0;
  const gaps = faults.filter(({ gap }) => gap !== undefined);
  const noticed = faults.filter(isNoticed);
  const legal = faults.filter((fault) => !isNoticed(fault) && fault.gap === undefined);
  const rooms = [...new Set(faults.map(({ room }) => room))];
  const lines = [
    '# Kill matrix',
    '',
    'Each check of `pullproof conform` is proved by the faults of the mock: a mock without faults passes all',
    'checks, each fault is noticed by exactly the checks of its snapshot (`mocks/faults/ROOM/noticed.json`), and',
    'each check notices some fault. `test/kill-matrix/` runs every fault against the checks; `npm run docs` writes',
    'this page. `pullproof explain ID` names all checks that notice a fault, and all faults that a check notices.',
    '',
    `${checks.length} checks, ${noticed.length} faults that they notice, ${gaps.length} that they do not, ${legal.length} legal oddities.`,
    '',
    '| Room | Checks | Faults |',
    '| --- | --- | --- |',
    ...rooms.map((room) => {
      const own = checks.filter((check) => check.room === room);
      return `| [${room}](#${room}) | ${own.length} | ${faults.filter((one) => one.room === room).length} |`;
    }),
  ];
  for (const room of rooms) {
    const own = faults.filter((fault) => fault.room === room);
    lines.push('', `## ${room}`, '', ...tableOf(own, noticing));
  }
  return `${lines.join('\n')}\n`;
}

function tableOf(
  faults: readonly CatalogueFault[],
  noticing: (fault: string) => readonly string[],
): string[] {
  return [
    '| Fault | What the mock does | About | Noticed by | Seen in |',
    '| --- | --- | --- | --- | --- |',
    ...faults.map(({ id, title, noticedBy, gap, seenIn }) => {
      const count = noticing(id).length;
      const unnoticed = gap === undefined ? 'legal: no check may mind' : `none yet: ${gap}`;
      const cells = [
        `\`${id}\``,
        title,
        noticedBy.map((check) => `\`${check}\``).join(', ') || '–',
        count === 0 ? unnoticed : count === 1 ? '1 check' : `${count} checks`,
        seenIn.join(', ') || '–',
      ];
      const escaped = cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;'));
      return `| ${escaped.join(' | ')} |`;
    }),
  ];
}
