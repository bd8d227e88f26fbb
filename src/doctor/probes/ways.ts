// Probes that ask the same by another way: each family of addresses, without the proxy, by another one.

import { proxyRules } from '../../access/proxy-rules.ts';
import type { FoundProxy } from '../../access/route.ts';
import { byDefault, writtenText } from '../../access/written.ts';
import { withoutQuery } from '../../protocol/failure-evidence.ts';
import { originOf } from '../../protocol/grammar/uri.ts';
import type { HttpRequest } from '../../protocol/talk.ts';
import { originAt } from '../places.ts';
import type { Performed } from '../tracer.ts';
import type { Family } from '../wire.ts';
import {
  type Asking,
  cameBy,
  everyExchange,
  isRefusal,
  type Known,
  type Probe,
  sampleRequest,
  wayOf,
} from './probe.ts';

/** Enough of a body to see that it moves. */
const beginning = { bytesMax: 1024 };
/** Of hosts whose ways are compared. */
const comparedMax = 4;

/** One exchange of each host: of those that failed the last, else the last of all. */
function oneOfEach(known: Known): Performed[] {
  const byHost = new Map<string, Performed>();
  for (const exchange of everyExchange(known)) {
    const before = byHost.get(exchange.host);
    if (before === undefined || !isRefusal(before) || isRefusal(exchange)) {
      byHost.set(exchange.host, exchange);
    }
  }
  return [...byHost.values()];
}

/** Says as much as the request itself, without credentials: a signed URL of an edge, the API of a registry. */
function anonymously({ request, hop, endpoint }: Performed): HttpRequest {
  if (hop === 'edge') return sampleRequest(request.url);
  if (hop === 'token') return sampleRequest(`${originOf(request.url)}/`);
  return sampleRequest(`${originAt(endpoint)}${endpoint.apiPath}/`);
}

/** The two differ in nothing but the family. */
function byFamily(family: Family): Probe['asks'] {
  return (known) =>
    oneOfEach(known)
      .filter(({ host, proxy }) => proxy.proxy === undefined && hasBoth(known, host))
      .slice(0, comparedMax)
      .map((exchange) => {
        const request = anonymously(exchange);
        const way = wayOf(known, exchange.endpoint.trust, {}, family);
        return asking(known, exchange.host, `${shown(request)} over IPv${family}`, request, way);
      });
}

function hasBoth({ hosts }: Known, at: string): boolean {
  const lookups = hosts.find(({ host }) => host === at)?.lookups ?? [];
  return ([4, 6] as const).every((family) =>
    lookups.some((lookup) => lookup.family === family && lookup.addresses.length > 0),
  );
}

function shown({ ask, url }: HttpRequest): string {
  return `${ask.method} ${withoutQuery(url)}`;
}

function asking(
  { means: { wire } }: Known,
  host: string,
  asked: string,
  request: HttpRequest,
  way: ReturnType<typeof wayOf>,
): Asking {
  return { host, asked, run: async () => cameBy(await wire.exchange(request, way, beginning)) };
}

function withoutProxy(known: Known): Asking[] {
  return oneOfEach(known)
    .filter((exchange) => exchange.proxy.proxy !== undefined && isRefusal(exchange))
    .slice(0, comparedMax)
    .map((exchange) => {
      const request = anonymously(exchange);
      const way = wayOf(known, exchange.endpoint.trust, {});
      return asking(known, exchange.host, `${shown(request)} without the proxy`, request, way);
    });
}

/** By the proxies of daemons and of the shell, where they are others than the client's. */
function withProxy(known: Known): Asking[] {
  const asked: Asking[] = [];
  for (const exchange of oneOfEach(known)) {
    const { proxy: own, endpoint, host } = exchange;
    const request = anonymously(exchange);
    const seen = new Set([authorityOf(own)]);
    for (const { found, whose } of proxiesBeside(known, request.url)) {
      const authority = authorityOf(found);
      if (seen.has(authority) || asked.length >= comparedMax) continue;
      seen.add(authority);
      const way = wayOf(known, endpoint.trust, found);
      asked.push(asking(known, host, `${shown(request)} by ${authority}, ${whose}`, request, way));
    }
  }
  return asked;
}

function authorityOf({ proxy }: FoundProxy): string {
  return proxy === undefined ? '' : `${proxy.host}:${proxy.port}`;
}

function proxiesBeside(
  { settings, shellProxyFor }: Known,
  url: string,
): { found: FoundProxy; whose: string }[] {
  if (!URL.canParse(url)) return [];
  const daemons = settings.daemonProxies.map(({ daemon, variables, written }) => {
    const proxy = proxyRules(variables)(new URL(url));
    const found = proxy === undefined ? {} : { proxy, written };
    return { found, whose: `the proxy of ${daemon} (${writtenText(written)})` };
  });
  const shell = shellProxyFor(url);
  const whose = `the proxy of this shell (${writtenText(shell.written ?? byDefault)})`;
  return [...daemons, { found: shell, whose }].filter(({ found }) => found.proxy !== undefined);
}

export const wayProbes: readonly Probe[] = [
  { id: 'ipv4', asks: byFamily(4) },
  { id: 'ipv6', asks: byFamily(6) },
  { id: 'without-proxy', asks: withoutProxy },
  { id: 'with-proxy', asks: withProxy },
];
