// What the hosts of a pull are like from here: names, addresses, connections, certificates, family by family. All side
// by side, each step with its limit.
import { isIP } from 'node:net';
import type { Endpoint, FoundProxy, Trust } from '../access/route.ts';
import type { HostFacts } from './facts.ts';
import { originAt, type Place, placeOf } from './places.ts';
import type { Begun, Means } from './tracer.ts';
import type { Dial, Family, Handshake, Lookup, Way } from './wire.ts';

/** A host to look at, and the way that requests go there. */
export interface Wanted {
  readonly place: Place;
  readonly role: HostFacts['role'];
  readonly proxy: FoundProxy;
  readonly trust: Trust;
}

const families: readonly Family[] = [4, 6];

/** Looks at hosts, each once, however often they are named. */
export class Inspector {
  readonly #means: Means;
  readonly #seen = new Map<string, Promise<HostFacts>>();

  constructor(means: Means) {
    this.#means = means;
  }

  /** Begins to look at those that are new, and the proxies on the way to them. */
  want(all: readonly Wanted[]): void {
    if (this.#means.signal?.aborted === true) return;
    for (const wanted of all.flatMap((one) => [one, ...proxiesOf(one)])) {
      const key = wanted.place.at;
      if (this.#seen.has(key) || this.#seen.size >= this.#means.limits.hosts) continue;
      const looking = this.#means.waiting.for(`a look at ${key}`, () =>
        inspect(wanted, this.#means),
      );
      // Whoever asks for all of them is told; until then it is nobody's rejection.
      looking.catch(() => undefined);
      this.#seen.set(key, looking);
    }
  }

  /** Everything that was wanted so far, in that order. */
  all(): Promise<HostFacts[]> {
    return Promise.all(this.#seen.values());
  }
}

/** The proxy itself, reached without one. */
function proxiesOf({ proxy, trust }: Wanted): Wanted[] {
  if (proxy.proxy === undefined) return [];
  const { scheme, host, port } = proxy.proxy;
  const name = host.includes(':') ? `[${host}]` : host;
  const place: Place = {
    scheme: scheme === 'https' ? 'https' : 'http',
    at: `${name}:${port}`,
    host,
    port,
  };
  return [{ place, role: 'proxy', proxy: {}, trust }];
}

/** Of the endpoints of a route, asked or not. */
export function wantedOf(endpoints: readonly Endpoint[]): Wanted[] {
  return endpoints.flatMap((endpoint) => {
    const place = placeOf(originAt(endpoint));
    if (place === undefined) return [];
    const { role, proxy, trust } = endpoint;
    return [{ place, role, proxy, trust }];
  });
}

/** Where a request goes. */
export function wantedBy({ request, hop, endpoint, proxy }: Begun): Wanted[] {
  const place = placeOf(request.url);
  if (place === undefined) return [];
  const role = hop === 'registry' ? endpoint.role : hop;
  return [{ place, role, proxy, trust: endpoint.trust }];
}

async function inspect(wanted: Wanted, means: Means): Promise<HostFacts> {
  const { place, role, proxy } = wanted;
  const known = { host: place.at, role, scheme: place.scheme };
  const isTls = place.scheme === 'https';
  if (proxy.proxy !== undefined) {
    const handshake = isTls ? await greet(wanted, means) : undefined;
    const through = { lookups: [], dials: [], handshakes: [] };
    return { ...known, ...through, ...(handshake !== undefined && { handshake }) };
  }
  const lookups = await lookUp(place.host, means);
  const dials = await dialAll(place, lookups, means);
  const open = families.filter((family) =>
    dials.some((dial) => dial.family === family && dial.failure === ''),
  );
  if (!isTls || open.length === 0) return { ...known, lookups, dials, handshakes: [] };
  const [handshake, ...byFamily] = await Promise.all([
    greet(wanted, means),
    ...(open.length < 2 ? [] : open.map((family) => greet(wanted, means, family))),
  ]);
  const handshakes = byFamily.map((one, at) => ({ family: open[at] as Family, handshake: one }));
  return { ...known, lookups, dials, handshake, handshakes };
}

function lookUp(host: string, { wire, limits }: Means): Promise<Lookup[]> {
  if (isIP(host) !== 0) return Promise.resolve([]);
  return Promise.all(families.map((family) => wire.lookup(host, family, limits.lookupMs)));
}

function dialAll(
  { host, port }: Place,
  lookups: readonly Lookup[],
  { wire, limits }: Means,
): Promise<Dial[]> {
  const addresses =
    isIP(host) === 0
      ? lookups.flatMap((lookup) => lookup.addresses.slice(0, limits.addresses))
      : [host];
  return Promise.all(addresses.map((address) => wire.dial(address, port, limits.connectMs)));
}

function greet(
  { place: { host, port }, proxy, trust }: Wanted,
  { wire, limits }: Means,
  family?: Family,
): Promise<Handshake> {
  const way: Way = { family, proxy, trust, timeoutMs: limits.connectMs };
  return wire.handshake({ host, port, way });
}
