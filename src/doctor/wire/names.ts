// What names resolve to: by the hosts file, by the resolver itself, which tells why it has nothing, and by the system,
// which may know more than either. Each family apart.
import { promises as dns, type LookupAddress, lookup } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Family, Lookup } from '../wire.ts';

const hostsPath = '/etc/hosts';
const hostsCharsMax = 1024 * 1024;
const cnamesMax = 8;
const addressesMax = 16;

type Asked = Pick<Lookup, 'addresses' | 'failure'>;

/** `isSilent`: time ran out. */
interface Answer extends Asked {
  readonly isSilent: boolean;
  readonly server: string;
  readonly cnames: readonly string[];
}

/** For a socket's lookup of what nobody has looked up. */
const usualMs = 3000;

/** What the resolver's library calls them. */
const failures: Readonly<Record<string, Lookup['failure']>> = {
  ENOTFOUND: 'nxdomain',
  ENODATA: 'empty',
  ESERVFAIL: 'servfail',
  EFORMERR: 'servfail',
  ENOTIMP: 'servfail',
  EBADRESP: 'servfail',
  EREFUSED: 'refused',
  ETIMEOUT: 'no-answer',
  ECONNREFUSED: 'no-answer',
  ECANCELLED: 'no-answer',
  EBADNAME: 'nxdomain',
};

export class Names {
  readonly #servers: readonly string[] | undefined;
  readonly #asked = new Map<string, Promise<Answer>>();
  readonly #system = new Map<string, Promise<readonly LookupAddress[]>>();
  #hosts: Promise<ReadonlyMap<string, readonly string[]>> | undefined;

  /** `servers`: in the place of the system's resolvers. */
  constructor(servers?: readonly string[]) {
    this.#servers = servers;
  }

  async lookup(host: string, family: Family, timeoutMs: number): Promise<Lookup> {
    const startedAt = performance.now();
    const ended = (found: Asked, resolver: string, cnames: readonly string[] = []): Lookup => {
      const { failure } = found;
      const addresses = found.addresses.slice(0, addressesMax);
      const ms = performance.now() - startedAt;
      return { host, family, addresses, failure, cnames, resolver, ms };
    };
    const written = await this.#inHosts(host);
    if (written !== undefined) return ended(ofFamily(written, family), hostsPath);
    const answer = await this.#ask(host, family, timeoutMs);
    const { failure, isSilent, server, cnames } = answer;
    if (failure === '' || isSilent) return ended(answer, server, cnames);
    const left = timeoutMs - (performance.now() - startedAt);
    const known = await within(Math.max(left, graceMs), this.#addressesOf(host), []);
    const all = known.map(({ address }) => address);
    const system = ofFamily(all, family);
    return system.failure === '' ? ended(system, 'system', cnames) : ended(answer, server, cnames);
  }

  /** Of the resolver itself, once. */
  #ask(host: string, family: Family, timeoutMs: number): Promise<Answer> {
    const key = `${family} ${host}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = askResolver(this.#servers, host, family, timeoutMs);
      this.#asked.set(key, asked);
    }
    return asked;
  }

  /** For sockets: as the system resolves, each name once. */
  readonly find: LookupFunction = (host, { all, family }, done) => {
    const wanted =
      family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0;
    this.#resolveHeard(host).then(
      (known) => {
        const fitting = known.filter((one) => wanted === 0 || one.family === wanted);
        const [first] = fitting;
        if (first === undefined) {
          const message = `getaddrinfo ENOTFOUND ${host}`;
          done(Object.assign(new Error(message), { code: 'ENOTFOUND' }), '', 4);
        } else if (all) done(null, fitting);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 4),
    );
  };

  /**
   * The system is not asked where its resolver is silent: it would hold a thread, and the end of the program, for
   * as long as all its tries take.
   */
  async #resolveHeard(host: string): Promise<readonly LookupAddress[]> {
    if ((await this.#inHosts(host)) === undefined) {
      const asked = ([4, 6] as const).map((family) => this.#ask(host, family, usualMs));
      const answers = await Promise.all(asked);
      if (answers.every(({ isSilent }) => isSilent)) {
        const message = `getaddrinfo EAI_AGAIN ${host}`;
        throw Object.assign(new Error(message), { code: 'EAI_AGAIN' });
      }
    }
    return await this.#resolve(host);
  }

  #resolve(host: string): Promise<readonly LookupAddress[]> {
    let known = this.#system.get(host);
    if (known === undefined) {
      known = new Promise((resolve, reject) => {
        lookup(host, { all: true }, (error, addresses) => {
          if (error === null) resolve(addresses);
          else reject(error);
        });
      });
      known.catch(() => undefined);
      this.#system.set(host, known);
    }
    return known;
  }

  #addressesOf(host: string): Promise<readonly LookupAddress[]> {
    return this.#resolve(host).catch(() => []);
  }

  async #inHosts(host: string): Promise<readonly string[] | undefined> {
    const name = host.toLowerCase();
    if (name === 'localhost') return (await this.#table()).get(name) ?? ['127.0.0.1', '::1'];
    return (await this.#table()).get(name);
  }

  #table(): Promise<ReadonlyMap<string, readonly string[]>> {
    this.#hosts ??= readFile(hostsPath, 'utf8').then(
      (text) => hostsIn(text.slice(0, hostsCharsMax)),
      () => new Map(),
    );
    return this.#hosts;
  }
}

/** For an answer of the system that is nearly there. */
const graceMs = 50;

function within<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  const stop = new AbortController();
  const late = sleep(ms, otherwise, { signal: stop.signal }).catch(() => otherwise);
  return Promise.race([work, late]).finally(() => stop.abort());
}

function ofFamily(addresses: readonly string[], family: Family): Asked {
  const fitting = addresses.filter((address) => isIP(address) === family);
  return { addresses: fitting, failure: fitting.length === 0 ? 'empty' : '' };
}

async function askResolver(
  servers: readonly string[] | undefined,
  host: string,
  family: Family,
  timeoutMs: number,
): Promise<Answer> {
  const resolver = new dns.Resolver({ timeout: timeoutMs, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  const server = resolver.getServers()[0] ?? '';
  const late = { addresses: [], failure: 'no-answer', isSilent: true } as const;
  try {
    const [found, cnames] = await Promise.all([
      within(timeoutMs, answerOf(resolver, host, family), late),
      within(timeoutMs, cnamesOf(resolver, host), []),
    ]);
    return { ...found, server, cnames };
  } finally {
    resolver.cancel();
  }
}

async function answerOf(
  resolver: dns.Resolver,
  host: string,
  family: Family,
): Promise<Pick<Answer, 'addresses' | 'failure' | 'isSilent'>> {
  try {
    const addresses = await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host));
    return { addresses, failure: addresses.length === 0 ? 'empty' : '', isSilent: false };
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code ?? '');
    const isSilent = code === 'ETIMEOUT' || code === 'ECANCELLED';
    return { addresses: [], failure: failures[code] ?? 'servfail', isSilent };
  }
}

async function cnamesOf(resolver: dns.Resolver, host: string): Promise<string[]> {
  const found: string[] = [];
  for (let name = host; found.length < cnamesMax; name = found.at(-1) ?? host) {
    const [next] = await resolver.resolveCname(name).catch(() => []);
    if (next === undefined || found.includes(next)) break;
    found.push(next);
  }
  return found;
}

/** Address, then its names; by name in lower case. */
function hostsIn(text: string): Map<string, string[]> {
  const table = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      table.set(key, [...(table.get(key) ?? []), address]);
    }
  }
  return table;
}
