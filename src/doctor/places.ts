// Where the servers of a pull are: `host:port` of URLs and endpoints, and which endpoint a request belongs to.
import type { Candidate, Endpoint, PlainCandidate, PlainEndpoint } from '../access/route.ts';
import { originOf } from '../protocol/grammar/uri.ts';

export interface Place {
  readonly scheme: 'http' | 'https';
  /** `host:port`, IPv6 in brackets. */
  readonly at: string;
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Undefined for what is no http or https URL. */
export function placeOf(url: string): Place | undefined {
  const [, scheme, at = '', name = '', port] =
    /^(https?):\/\/((.*):(\d+))$/.exec(originOf(url)) ?? [];
  if (scheme !== 'http' && scheme !== 'https') return undefined;
  return { scheme, at, host: name.replace(/^\[|\]$/g, ''), port: Number(port) };
}

/** `host:port`; '' for what is no http or https URL. */
export function hostPortOf(url: string): string {
  return placeOf(url)?.at ?? '';
}

/** What an endpoint is asked at: plain HTTP where it speaks nothing else. */
export function originAt({ url, plainHttp }: Pick<Endpoint, 'url' | 'plainHttp'>): string {
  return plainHttp === 'only' ? url.replace(/^https:/i, 'http:') : url;
}

/** Whose path a URL has: that of the repository, else that of the API. */
export function endpointOf(url: string, endpoints: readonly Endpoint[]): Endpoint | undefined {
  const origin = originOf(url);
  const there = endpoints.filter((one) => originOf(originAt(one)) === origin);
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '');
  return there.find((one) => path.startsWith(`${one.apiPath}/${one.repository}/`)) ?? there[0];
}

/** All endpoints of a route, each once, in order. */
export function endpointsOf(candidates: readonly Candidate[]): Endpoint[];
export function endpointsOf(candidates: readonly PlainCandidate[]): PlainEndpoint[];
export function endpointsOf(candidates: readonly PlainCandidate[]): PlainEndpoint[] {
  return candidates.filter(({ blocked }) => blocked === undefined).flatMap((one) => one.endpoints);
}

/** What an endpoint is asked for, up to the repository. */
export function placeIn(endpoint: PlainEndpoint): string {
  return `${originAt(endpoint)}${endpoint.apiPath}/${endpoint.repository}`;
}

/** Whether two routes ask the same places in the same order. */
export function isSameWay(
  one: readonly PlainCandidate[],
  other: readonly PlainCandidate[],
): boolean {
  const [ours, theirs] = [one, other].map((candidates) => endpointsOf(candidates).map(placeIn));
  return (
    ours?.length === theirs?.length && ours?.every((place, at) => place === theirs?.[at]) === true
  );
}
