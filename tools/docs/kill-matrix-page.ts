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
  const gaps = faults.filter(({ gap }) => gap !== undefined);
  const oddities = faults.filter(({ legal }) => legal !== undefined);
  const noticed = faults.length - gaps.length - oddities.length;
  const rooms = [...new Set(faults.map(({ room }) => room))];
  const lines = [
    '# Kill matrix',
    '',
    'Each check of `pullproof conform` is proved by the faults of the mock: a mock without faults passes all',
    'checks, each fault is noticed by exactly the checks of its snapshot (`mocks/faults/ROOM/noticed.json`), and',
    'each check notices some fault. What the specs permit, and few registries do, stands beside the faults: no',
    'check of level MUST minds a legal oddity, alone or in pairs. `test/kill-matrix/` runs every fault against the',
    'checks; `npm run docs` writes this page. `pullproof explain ID` names all checks that notice a fault, and all',
    'faults that a check notices.',
    '',
    `${checks.length} checks, ${noticed} faults that they notice, ${gaps.length} that they do not, ${oddities.length} legal oddities.`,
    '',
    '| Room | Checks | Faults | Oddities |',
    '| --- | --- | --- | --- |',
    ...rooms.map((room) => {
      const own = checks.filter((check) => check.room === room);
      const legal = oddities.filter((one) => one.room === room).length;
      const wrong = faults.filter((one) => one.room === room).length - legal;
      return `| [${room}](#${room}) | ${own.length} | ${wrong} | ${legal} |`;
    }),
  ];
  for (const room of rooms) {
    const own = faults.filter((fault) => fault.room === room);
    const isOdd = ({ legal }: CatalogueFault) => legal !== undefined;
    lines.push(
      '',
      `## ${room}`,
      '',
      ...tableOf(
        own.filter((one) => !isOdd(one)),
        noticing,
      ),
    );
    if (own.some(isOdd))
      lines.push('', '### Legal', '', ...oddityTable(own.filter(isOdd), noticing));
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
      const unnoticed = `none yet: ${gap ?? ''}`;
      const cells = [
        `\`${id}\``,
        title,
        noticedBy.map((check) => `\`${check}\``).join(', ') || '–',
        count === 0 ? unnoticed : count === 1 ? '1 check' : `${count} checks`,
        seenIn.join(', ') || '–',
      ];
      return row(cells);
    }),
  ];
}

/** What the mock does, by which text it may, and what below MUST is said of it. */
function oddityTable(
  oddities: readonly CatalogueFault[],
  noticing: (fault: string) => readonly string[],
): string[] {
  return [
    '| Oddity | What the mock does | By | Noticed, below MUST, by | Seen in |',
    '| --- | --- | --- | --- | --- |',
    ...oddities.map(({ id, title, legal = '', seenIn }) => {
      const by = noticing(id).map((check) => `\`${check}\``);
      return row([`\`${id}\``, title, legal, by.join(', ') || '–', seenIn.join(', ') || '–']);
    }),
  ];
}

function row(cells: readonly string[]): string {
  const escaped = cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;'));
  return `| ${escaped.join(' | ')} |`;
}
