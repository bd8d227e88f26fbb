// The list of tags in a reply, made anew.
import { encodeQueryComponent } from '../../../src/protocol/grammar/uri.ts';
import { type Reply, withBody, withHeader, withoutHeader } from '../../call.ts';
import { nextLine } from '../../registry/paging.ts';
import type { Scene } from '../fault.ts';
import { fieldOf } from './calls.ts';

/** The same page of the same list as a registry of other habits makes it. */
export function listAgain(
  reply: Reply,
  { call, route, site }: Scene,
  { compare = byCodePoints, startsAtLast = false, sortsPages = false }: Habits,
  all: readonly string[] = site.store.tags(route.repository) ?? [],
): Reply {
  const last = fieldOf(call, 'last');
  const rest = all
    .filter((tag) => last === undefined || compare(tag, last) > (startsAtLast ? -1 : 0))
    .sort(compare);
  const { pageEntriesMax } = site.policy;
  const count = Math.min(Number(fieldOf(call, 'n') ?? pageEntriesMax), pageEntriesMax);
  const page = rest.slice(0, count);
  const end = page.at(-1);
  const shown = sortsPages ? page.toSorted(byCodePoints) : page;
  const listing = withTags(withoutHeader(reply, 'Link'), route.repository, shown);
  if (end === undefined || rest.length <= count) return listing;
  const next = `n=${count}&last=${encodeQueryComponent(end)}`;
  return withHeader(listing, ...nextLine(call.path, next));
}

interface Habits {
  /** Default: by code points. */
  readonly compare?: (a: string, b: string) => number;
  readonly startsAtLast?: boolean;
  readonly sortsPages?: boolean;
}

export function withTags(reply: Reply, name: string, tags: readonly string[]): Reply {
  return withBody(reply, JSON.stringify({ name, tags }));
}

export function byCodePoints(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
