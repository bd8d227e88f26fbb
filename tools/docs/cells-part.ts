// The matrix of endpoints and states as a part of docs/conform.md: how many checks say that they cover each cell, in
// a full run and in one that only reads. What stands outside of the marks is written by hand.
import {
  type Endpoint,
  endpoints,
  type State,
  senseless,
  states,
  whySenseless,
  writing,
} from '../../src/checks/cells.ts';
import type { Check } from '../../src/checks/check.ts';

const begin = '<!-- made by npm run docs: src/checks/cells.ts -->';
const end = '<!-- end of what is made -->';

/** The page with its part made anew. @throws Error where it has no marks */
export function withCells(page: string, checks: readonly Check[]): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`no ${begin} … ${end}`);
  return `${before}${begin}\n\n${linesOf(checks).join('\n')}\n\n${end}${after}`;
}

function linesOf(checks: readonly Check[]): string[] {
  const reading = checks.filter(({ needs }) => !needs.includes('push'));
  return [
    '### Full run',
    '',
    ...tableOf(checks, Object.keys(endpoints) as Endpoint[], false),
    '',
    '### `--read-only`',
    '',
    ...tableOf(
      reading,
      (Object.keys(endpoints) as Endpoint[]).filter((endpoint) => !writing.has(endpoint)),
      true,
    ),
    '',
    'Cells with a `·`:',
    '',
    ...senseless.map((one) => {
      const [rows, columns] = [
        one.endpoints.map(titleOf),
        one.states.map((state) => states[state]),
      ];
      const where = one.isOfReading === true ? ' (`--read-only`)' : '';
      return `- ${columns.join(', ')} of ${rows.join(', ')}${where}: ${one.why}.`;
    }),
  ];
}

function titleOf(endpoint: Endpoint): string {
  return endpoints[endpoint];
}

function tableOf(
  checks: readonly Check[],
  rows: readonly Endpoint[],
  isReading: boolean,
): string[] {
  const columns = Object.keys(states) as State[];
  const covered = checks.flatMap(({ covers = [] }) => covers);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['', ...columns.map((state) => states[state])]),
    line(['---', ...columns.map(() => '---')]),
    ...rows.map((endpoint) => {
      const cells = columns.map((state) => {
        if (whySenseless(endpoint, state, isReading) !== undefined) return '·';
        const count = covered.filter((cell) => cell === `${endpoint} ${state}`).length;
        return count === 0 ? '**open**' : String(count);
      });
      return line([endpoints[endpoint], ...cells]);
    }),
  ];
}
