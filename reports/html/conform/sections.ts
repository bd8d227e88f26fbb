// The sections of the specs at a glance, small and alike, each leading to its checks.

import { count, plural } from '../../figures.ts';
import type { CheckLevel, CheckResult } from '../../results.ts';
import { groupBy, sectionTitle, tally, tallyWords } from '../../summary.ts';
import { visible } from '../../untrusted.ts';
import { bar } from '../bits.ts';
import { type Html, html } from '../markup.ts';
import { type Filter, filterOf, isRfc } from './check.ts';

export interface SectionGroup {
  title: string;
  /** What the search is asked for its checks. */
  query: string;
  /** Where it is written; '' for a group of several. */
  source: string;
  members: CheckResult[];
}

/** By section, in the order of the run; the RFCs, a check or two each, in one group at the end. */
export function sectionGroups(checks: readonly CheckResult[]): SectionGroup[] {
  const rfcs = checks.filter(({ section }) => isRfc(section));
  const rest = checks.filter(({ section }) => !isRfc(section));
  const groups = [...groupBy(rest, ({ section }) => section)].map(
    ([section, members]): SectionGroup => ({
      title: sectionTitle(section),
      query: `section:"${visible(section).replaceAll('"', '')}"`,
      source: section,
      members,
    }),
  );
  if (rfcs.length === 0) return groups;
  return [...groups, { title: 'RFCs', query: 'section:"rfc"', source: '', members: rfcs }];
}

const order: readonly (readonly [Filter, string])[] = [
  ['holding', 'good'],
  ['failing', 'bad'],
  ['warning', 'warn'],
  ['expected', 'idle'],
  ['void', 'idle'],
];

/** Shares of what is counted: unsupported ones are no part of it. */
function verdictBar(members: readonly CheckResult[]): Html {
  const { of } = tally(members);
  const filters = groupBy(members, filterOf);
  let from = 0;
  const segments = order.map(([filter, className]) => {
    const segment = {
      from,
      length: (filters.get(filter)?.length ?? 0) / Math.max(1, of),
      className,
    };
    from += segment.length;
    return segment;
  });
  return bar(segments);
}

export function sectionGrid(groups: readonly SectionGroup[]): Html {
  const cards = groups.map(({ title, query, members }) => tile(title, query, members));
  return html`<ul class="tiles">${cards}</ul>`;
}

export function levelTiles(levels: readonly (readonly [CheckLevel, readonly CheckResult[]])[]) {
  const cards = levels.map(([level, members]) => tile(level, `level:${level}`, members));
  return html`<ul class="tiles levels">${cards}</ul>`;
}

function tile(title: string, query: string, members: readonly CheckResult[]): Html {
  const told = tally(members);
  const filters = groupBy(members, filterOf);
  const broken = filters.get('failing')?.length ?? 0;
  const warned = filters.get('warning')?.length ?? 0;
  const tone = broken > 0 ? 'bad' : warned > 0 ? 'warn' : told.of === 0 ? 'idle' : 'good';
  const more = [
    broken > 0 && `${count(broken)} ${broken === 1 ? 'fails' : 'fail'}`,
    warned > 0 && plural(warned, 'warning'),
    told.of === 0 && 'unsupported',
  ].filter((one) => one !== false);
  const words = told.of === 0 ? '–' : tallyWords(told);
  return html`
<li><a class="tile ${tone}" href="#q=${encodeURIComponent(query)}"><b>${title}</b><span class="tally">${words}</span>${verdictBar(members)}${more.length > 0 && html`<span class="more">${more.join(', ')}</span>`}</a></li>`;
}
