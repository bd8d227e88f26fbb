// One page of a sorted list, and the link to the next (spec.md, "Listing Tags": n, last, Link).

import { encodeQueryComponent } from '../../src/protocol/grammar/uri.ts';
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { errorReply, type Reply } from '../call.ts';
import type { Fields } from './query.ts';

export interface Page {
  readonly names: readonly string[];
  /** Absent at the end, and for n=0. */
  readonly link: readonly HeaderLine[];
}

/** The names after `last`, at most `n` and at most `namesMax`; a reply when `n` is no number. */
export function pageOf(
  sorted: readonly string[],
  path: string,
  query: Fields,
  namesMax: number,
): Page | Reply {
  const n = query.one('n');
  if (n !== undefined && !/^\d+$/.test(n)) {
    return errorReply(400, 'UNSUPPORTED', 'n is not a number of names');
  }
  const count = Math.min(n === undefined ? namesMax : Number(n), namesMax);
  const last = query.one('last');
  const start = last === undefined ? 0 : indexAfter(sorted, last);
  const names = sorted.slice(start, start + count);
  const end = names.at(-1);
  if (end === undefined || start + count >= sorted.length) return { names, link: [] };
  return { names, link: [nextLine(path, `n=${count}&last=${encodeQueryComponent(end)}`)] };
}

export function nextLine(path: string, query: string): HeaderLine {
  return ['Link', `<${path}?${query}>; rel="next"`];
}

/** Index of the first name that is greater, by bisection: lists may be long. */
function indexAfter(sorted: readonly string[], last: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') > last) high = middle;
    else low = middle + 1;
  }
  return low;
}
