// One load run as it is compared: its figures, and under which names its hosts and edges are known on both sides.
import type { LatencySummary, LoadResult } from '../../../reports/results.ts';

/** A run and what it is called. */
export interface LoadRun {
  /** As the user named it. */
  readonly path: string;
  /** Where its other files lie. */
  readonly folder: string;
  readonly load: LoadResult;
  /** Names of its hosts in the comparison; a host without one is left out. */
  readonly hostNames: ReadonlyMap<string, string>;
}

/**
 * The name that each host of each run goes by: its own where all runs know it; else, where that tells which one
 * is meant, what it is for, so that two registries can be compared.
 */
export function hostNamesOf(loads: readonly LoadResult[]): ReadonlyMap<string, string>[] {
  const known = loads.map(({ hosts }) => new Set(Object.keys(hosts)));
  const isEverywhere = (host: string) => known.every((hosts) => hosts.has(host));
  return loads.map(({ hosts }) => {
    const others = Object.keys(hosts).filter((host) => !isEverywhere(host));
    const byRole = Map.groupBy(others, (host) => hosts[host]?.role ?? '');
    return new Map(
      Object.keys(hosts).flatMap((host): [string, string][] => {
        if (isEverywhere(host)) return [[host, host]];
        const role = hosts[host]?.role ?? '';
        return byRole.get(role)?.length === 1 ? [[host, role]] : [];
      }),
    );
  });
}

/** What an edge is known by: the name that it gives itself, else where it is. */
export function edgeNameOf({ edge, address }: { edge: string; address: string }): string {
  return edge === '' ? address : edge;
}

/**
 * Of several servers that are one edge: percentiles do not add up, so each counts as much as it served. Told
 * exactly where timelines are read.
 */
export function latencyOfAll(summaries: readonly LatencySummary[]): LatencySummary | undefined {
  const [first] = summaries;
  if (summaries.length < 2) return first;
  const count = summaries.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return first;
  const mean = (name: 'p50' | 'p90' | 'p95' | 'p99') =>
    summaries.reduce((sum, one) => sum + one[name] * one.count, 0) / count;
  const max = Math.max(...summaries.map((one) => one.max));
  return { count, p50: mean('p50'), p90: mean('p90'), p95: mean('p95'), p99: mean('p99'), max };
}
