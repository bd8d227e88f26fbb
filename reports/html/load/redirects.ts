// The requests of a pull with each redirect's target below it, as a person follows them.

import type { SampledRequest } from '../../results.ts';

export interface ChainRow {
  request: SampledRequest;
  /** It goes where the row above was sent. */
  follows: boolean;
}

/** Clocks of one machine, rounded. */
const slackMs = 0.5;

export function isRedirect({ status }: SampledRequest): boolean {
  return status >= 301 && status <= 308 && status !== 304;
}

/** Every request once: chains in the order in which they begin. */
export function chainsOf(requests: readonly SampledRequest[]): ChainRow[] {
  const next = new Map<SampledRequest, SampledRequest>();
  const followers = new Set<SampledRequest>();
  // Each redirect in turn takes the first of its phase that begins once it has ended.
  const redirects = requests.filter(isRedirect).sort((a, b) => endOf(a) - endOf(b));
  for (const redirect of redirects) {
    // One to the same place is the next layer, not where this one was sent. Those before it are passed over, so that no
    // chain bites its own tail.
    const target = requests
      .slice(requests.indexOf(redirect) + 1)
      .find(
        (one) =>
          one.phase === redirect.phase &&
          !followers.has(one) &&
          one.startMs >= endOf(redirect) - slackMs &&
          (one.hop !== redirect.hop || one.host !== redirect.host),
      );
    if (target === undefined) continue;
    next.set(redirect, target);
    followers.add(target);
  }
  const rows: ChainRow[] = [];
  for (const request of requests) {
    if (followers.has(request)) continue;
    rows.push({ request, follows: false });
    for (let at = next.get(request); at !== undefined; at = next.get(at)) {
      rows.push({ request: at, follows: true });
    }
  }
  return rows;
}

function endOf({ startMs, totalMs }: SampledRequest): number {
  return startMs + totalMs;
}
