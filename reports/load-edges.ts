// Whether the edges of a CDN differ: one that is slow, or fails where the others do not, is lost in the figures
// of all of them together.
import { count, duration, plural, rate } from './figures.ts';
import { byteRate } from './load-words.ts';
import type { LoadResult, ServerCounts } from './results.ts';

/** Requests below which an edge is not judged. */
const requestsMin = 10;
/** How much worse than the median of the others counts. */
const timesWorse = 2;
/** Differences below this are noise, whatever their ratio. */
const msMin = 10;
const edgesMax = 5;

/** A line for each edge that differs. */
export function edgeNotes(load: LoadResult): [label: string, text: string][] {
  const edges = edgesOf(load);
  const told = edges.flatMap((edge): [string, string][] => {
    const others = edges.filter((other) => other !== edge && other.requests >= requestsMin);
    const how = edge.requests < requestsMin ? [] : differences(edge, others);
    return how.length === 0 ? [] : [['edges', `${nameOf(edge)} ${how.join('; ')}`]];
  });
  const more = told.length - edgesMax;
  const shown = told.slice(0, edgesMax);
  return more > 0 ? [...shown, ['edges', `and ${plural(more, 'other edge')}`]] : shown;
}

/** The peers that gave out blobs. */
export function edgesOf({ servers = [], hosts }: LoadResult): ServerCounts[] {
  return servers.filter(({ host, address, edge }) => {
    if (edge !== '') return true;
    // Edges behind one address that say their names: replies without one, as of failures, are theirs as well.
    if (servers.some((one) => one.edge !== '' && one.host === host && one.address === address)) {
      return false;
    }
    const known = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
    return known?.role.split('+').includes('edge') === true;
  });
}

/** How the edge is called: by its own name, else by its address. */
function nameOf({ host, address, edge }: ServerCounts): string {
  if (edge === '') return address === '' ? host : address;
  return address === '' ? edge : `${edge} (${address})`;
}

function differences(edge: ServerCounts, others: readonly ServerCounts[]): string[] {
  if (others.length === 0) return [];
  const failed = failedMore(edge, others);
  const slow = slower(edge, others);
  const told = [failed, slow];
  return told.filter((one) => one !== undefined);
}

function failedMore(edge: ServerCounts, others: readonly ServerCounts[]): string | undefined {
  if (edge.failed === 0) return undefined;
  const requests = sum(others.map((one) => one.requests));
  const failed = sum(others.map((one) => one.failed));
  const isMore = edge.failed / edge.requests > (timesWorse * failed) / requests;
  if (!isMore) return undefined;
  const own = `fails ${count(edge.failed)} of ${plural(edge.requests, 'request')}`;
  return `${own}, the others ${count(failed)} of ${count(requests)}`;
}

/** By what tells it best: the first byte, then the speed of the body, then the whole. */
function slower(edge: ServerCounts, others: readonly ServerCounts[]): string | undefined {
  const ttfb = worse(edge, others, msMin, (one) => one.ttfb?.p50);
  if (ttfb !== undefined) {
    const { own, usual } = ttfb;
    return `is slow: first byte p50 ${duration(own)}, the others ${duration(usual)} (${rate(own / usual)} times)`;
  }
  const speed = worse(edge, others, 0, (one) => slowness(one.bytesPerSecond));
  // Of small bodies, which come at once, the speed is noise.
  if (speed !== undefined && bodyMs(edge) >= msMin) {
    const { own, usual } = speed;
    return `is slow: ${byteRate(1000 / own)} while bodies come, the others ${byteRate(1000 / usual)}`;
  }
  const whole = worse(edge, others, msMin, (one) => one.latency?.p50);
  if (whole === undefined) return undefined;
  const { own, usual } = whole;
  return `is slow: p50 ${duration(own)}, the others ${duration(usual)} (${rate(own / usual)} times)`;
}

function bodyMs({ latency, ttfb }: ServerCounts): number {
  return latency === undefined || ttfb === undefined ? 0 : latency.p50 - ttfb.p50;
}

/** Milliseconds a byte, so that more is worse here too. */
function slowness(bytesPerSecond: number | undefined): number | undefined {
  return bytesPerSecond === undefined || bytesPerSecond <= 0 ? undefined : 1000 / bytesPerSecond;
}

function worse(
  edge: ServerCounts,
  others: readonly ServerCounts[],
  noise: number,
  figure: (server: ServerCounts) => number | undefined,
): { own: number; usual: number } | undefined {
  const own = figure(edge);
  const figures = others.flatMap((one) => figure(one) ?? []).filter((one) => one > 0);
  if (own === undefined || figures.length === 0) return undefined;
  const usual = usualOf(figures);
  return own >= usual * timesWorse && own - usual >= noise ? { own, usual } : undefined;
}

/** How far several edges are apart of which none differs much. */
export function alikeNotes(load: LoadResult): [label: string, text: string][] {
  const edges = edgesOf(load);
  if (edges.length < 2 || edgeNotes(load).length > 0) return [];
  const p50s = edges.flatMap(({ ttfb }) =>
    ttfb === undefined || ttfb.count === 0 ? [] : ttfb.p50,
  );
  const least = Math.min(...p50s);
  const most = Math.max(...p50s);
  const range = p50s.length === 0 ? '' : `: first byte p50 ${duration(least)} to ${duration(most)}`;
  return [['edges', `${count(edges.length)} edges or addresses, none stands out${range}`]];
}

/** Their middle; of an even number the better of the two, so that half of the edges being bad hides none of them. */
function usualOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] as number;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
