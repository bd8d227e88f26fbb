// What Docker's daemon.json says of registries and proxies.
import { BlockList, isIP } from 'node:net';
import { asArray, asObject } from '../../lib/json.ts';
import { isRegistry } from '../../protocol/grammar/reference.ts';
import { type ConfigDocument, readJsonFile } from '../config-file.ts';
import type { HostView } from '../host-view.ts';
import type { ConfigProblem, Looked, Written } from '../route.ts';
import { daemonFolder } from './rootless.ts';

export interface Placed {
  readonly text: string;
  readonly written: Written;
}

export interface DaemonJson {
  /** URLs of mirrors of Docker Hub, each once, without a slash at their end. */
  readonly mirrors: readonly Placed[];
  /** Of `insecure-registries`: hosts, and networks in CIDR notation. */
  readonly insecureHosts: readonly Placed[];
  readonly insecureNetworks: readonly Placed[];
  /** By the names of the variables that they stand for. */
  readonly proxies: ReadonlyMap<string, Placed>;
  readonly file: Looked;
  readonly problems: readonly ConfigProblem[];
}

/** `isOld`: Docker 20.10, which knows no `proxies` and no mirrors with a path. */
export async function readDaemonJson(host: HostView, isOld: boolean): Promise<DaemonJson> {
  const path = `${await daemonFolder(host)}/daemon.json`;
  const document = await readJsonFile(host, path, isOld ? undefined : decoded);
  if (document.state !== 'read') return notRead(path, document);
  return new Reader(path, document, isOld).read();
}

/**
 * Since 23, dockerd goes by a byte order mark, as editors of Windows write it, and refuses what then is no UTF-8; of a
 * file with nothing but white space it takes its defaults (moby/moby#44790).
 */
function decoded(bytes: Buffer): string | undefined {
  const encoding = marks.find(({ mark }) => bytes.indexOf(mark) === 0)?.encoding;
  try {
    const text = new TextDecoder(encoding ?? 'utf-8', { fatal: encoding === undefined }).decode(
      bytes,
    );
    return text.trim() === '' ? '{}' : text;
  } catch {
    return undefined;
  }
}

const marks = [
  { mark: Buffer.of(0xff, 0xfe), encoding: 'utf-16le' },
  { mark: Buffer.of(0xfe, 0xff), encoding: 'utf-16be' },
];

/** As they are written, and the names of their flags. */
const keys: ReadonlyMap<string, string> = new Map([
  ['registry-mirrors', 'registry-mirrors'],
  ['registry-mirror', 'registry-mirrors'],
  ['insecure-registries', 'insecure-registries'],
  ['insecure-registry', 'insecure-registries'],
]);

class Reader {
  readonly #path: string;
  readonly #document: Extract<ConfigDocument, { state: 'read' }>;
  readonly #isOld: boolean;
  readonly #problems: ConfigProblem[] = [];

  constructor(path: string, document: Extract<ConfigDocument, { state: 'read' }>, isOld: boolean) {
    this.#path = path;
    this.#document = document;
    this.#isOld = isOld;
  }

  read(): DaemonJson {
    this.#lookAtKeys();
    const insecure = this.#insecure();
    return {
      mirrors: this.#mirrors(),
      insecureHosts: insecure.filter(({ text }) => networkOf(text) === undefined),
      insecureNetworks: insecure.filter(({ text }) => networkOf(text) !== undefined),
      proxies: this.#proxies(),
      file: { path: this.#path, state: 'used' },
      problems: this.#problems,
    };
  }

  /** Slips in the keys that are read here: of letters it refuses to start, the name of a flag it passes over. */
  #lookAtKeys(): void {
    for (const key of Object.keys(this.#document.value)) {
      const meant = keys.get(key.toLowerCase());
      if (meant === undefined || meant === key) continue;
      const written = this.#at(key);
      if (key !== key.toLowerCase()) {
        this.#refuse(written, `"${key}" is no key of daemon.json`, `Write "${meant}".`);
        continue;
      }
      const message = `"${key}" is the name of a flag: in daemon.json dockerd passes it over.`;
      const hint = `Write "${meant}", with a list.`;
      this.#problems.push({ id: 'daemon-json-key', written, message, hint, isFatal: false });
    }
  }

  #mirrors(): Placed[] {
    const mirrors = new Map<string, Placed>();
    for (const { text, written } of this.#texts('registry-mirrors')) {
      const why = mirrorFault(text, this.#isOld);
      if (why !== undefined) {
        this.#refuse(written, `the mirror ${why}`, 'Write https://HOST or http://HOST.');
      }
      const url = text.replace(/\/$/, '');
      if (why === undefined && !mirrors.has(url)) mirrors.set(url, { text: url, written });
    }
    return [...mirrors.values()];
  }

  #insecure(): Placed[] {
    return this.#texts('insecure-registries').map(({ text, written }) => {
      if (/^(?!https?:)[^:]*:\/\//i.test(text)) {
        const hint = 'Write HOST[:PORT] or a network.';
        this.#refuse(written, 'an insecure registry has a scheme', hint);
        return { text, written };
      }
      const place = text.replace(/^https?:\/\//i, '');
      if (networkOf(place) === undefined && !isHostPort(place)) {
        const hint = 'Write HOST[:PORT], without a slash or a path, or a network.';
        this.#refuse(
          written,
          `the insecure registry ${JSON.stringify(shown(place))} is none`,
          hint,
        );
      }
      return { text: place, written };
    });
  }

  #proxies(): Map<string, Placed> {
    const found = new Map<string, Placed>();
    const given = this.#document.value.proxies ?? undefined;
    if (given === undefined) return found;
    if (this.#isOld) {
      const hint = 'Set the variables in a drop-in of systemd.';
      this.#refuse(this.#at('proxies'), '"proxies" is not known to Docker 20.10', hint);
      return found;
    }
    const table = asObject(given);
    if (table === undefined) this.#refuse(this.#at('proxies'), ...oddProxies);
    for (const [key, name] of Object.entries(variables)) {
      const value = table?.[key] ?? '';
      const written = this.#at('proxies', key);
      if (typeof value !== 'string') this.#refuse(written, ...oddProxies);
      else if (value !== '') found.set(name, { text: value, written });
    }
    return found;
  }

  #texts(key: string): Placed[] {
    const value = this.#document.value[key] ?? undefined;
    if (value === undefined) return [];
    const items = asArray(value);
    if (items?.every((item) => typeof item === 'string') !== true) {
      this.#refuse(this.#at(key), `"${key}" is no list of texts`, 'Write a list of texts.');
      return [];
    }
    return items.map((item, at) => ({ text: item as string, written: this.#at(key, at) }));
  }

  #at(...steps: (string | number)[]): Written {
    return { in: this.#path, line: this.#document.lineOf(...steps) };
  }

  #refuse(written: Written, what: string, hint: string): void {
    const message = `${what}: dockerd does not start with it.`;
    this.#problems.push({ id: 'daemon-json-refused', written, message, hint, isFatal: true });
  }
}

const oddProxies = [
  '"proxies" has a value of another type',
  'Write "https-proxy": "http://HOST:PORT".',
] as const;

const variables = {
  'http-proxy': 'HTTP_PROXY',
  'https-proxy': 'HTTPS_PROXY',
  'no-proxy': 'NO_PROXY',
};

function notRead(path: string, document: Exclude<ConfigDocument, { state: 'read' }>): DaemonJson {
  const nothing = { mirrors: [], insecureHosts: [], insecureNetworks: [], proxies: new Map() };
  const file = { path, state: document.state };
  if (document.state === 'absent') return { ...nothing, file, problems: [] };
  const isInvalid = document.state === 'invalid';
  const problem: ConfigProblem = {
    id: isInvalid ? 'daemon-json-invalid' : 'config-unreadable',
    written: { in: path, line: isInvalid ? document.line : 0 },
    message: isInvalid
      ? `${path} ${document.why}: dockerd does not start with it.`
      : `${path} ${document.why}, so what it says is not known here.`,
    hint: isInvalid
      ? 'Mend the file; `dockerd --validate` reads it alone.'
      : 'Run this as the user that the daemon runs as, mostly root.',
    isFatal: isInvalid,
  };
  return { ...nothing, file, problems: [problem] };
}

/** Why dockerd refuses a mirror; repeats no user and password. */
function mirrorFault(text: string, isOld: boolean): string | undefined {
  const [, scheme = '', authority = '', path = '', more = ''] =
    /^([^:/?#]*):\/\/([^/?#]*)([^?#]*)(.*)$/.exec(text) ?? [];
  if (scheme !== 'http' && scheme !== 'https') return 'has another scheme than http and https';
  if (authority.includes('@')) return 'has a user in its URL';
  if (more !== '') return 'has a query or fragment in its URL';
  if (!URL.canParse(`${scheme}://${authority}`)) return 'is no URL';
  return isOld && path !== '' && path !== '/' ? 'has a path in its URL' : undefined;
}

/** A host, with a port or without, as dockerd takes it; what it takes for no network has to be one. */
function isHostPort(text: string): boolean {
  const [, host = text, port = ''] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  return (isRegistry(text) || isIP(text) !== 0 || isIP(host) !== 0) && Number(port) <= 65_535;
}

/** Without what may be a user and password. */
const shown = (text: string) => text.replace(/^.*@/, '***@').slice(0, 100);

/** The network of a text in CIDR notation. */
function networkOf(text: string): BlockList | undefined {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  if (family === 0 || Number(bits) > (family === 6 ? 128 : 32)) return undefined;
  const list = new BlockList();
  list.addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  return list;
}

export function isInNetwork(address: string, network: string): boolean {
  const family = isIP(address);
  return (
    family !== 0 && networkOf(network)?.check(address, family === 6 ? 'ipv6' : 'ipv4') === true
  );
}
