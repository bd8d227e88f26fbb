// Which proxy a request goes through: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, read exactly as Go's
// net/http reads them, so that set-up, load (k6), conform and validate take the same way as the clients.
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface ProxyServer {
  /** `http`, `https`, `socks5`; another one is no proxy that anybody could use. */
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  /** From the proxy's URL; never in messages, logs or results. */
  readonly username: string;
  readonly password: string;
}

/** The proxy for a URL; undefined for none. */
export type ProxyRules = (url: URL) => ProxyServer | undefined;

/** Which proxy, and why: all absent where no variable names one for this scheme. */
export interface ProxyChoice {
  /** Absent where `exempt` keeps the host from it. */
  readonly proxy?: ProxyServer;
  /** Name of the variable that says which proxy. */
  readonly variable?: string;
  /** The entry of NO_PROXY as written, and the variable it is in; '' where Go exempts the host by itself. */
  readonly exempt?: { readonly entry: string; readonly variable: string };
}

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, socks5: 1080 };

export function proxyRules(variables: Variables): ProxyRules {
  const choose = proxyChoices(variables);
  return (url) => choose(url).proxy;
}

/** As `proxyRules`, and why. */
export function proxyChoices(variables: Variables): (url: URL) => ProxyChoice {
  const named = (name: string) => (variables[name] ? name : name.toLowerCase());
  const parsed = (name: string) => {
    const variable = named(name);
    return { proxy: parseProxy(variables[variable] ?? ''), variable };
  };
  const http = parsed('HTTP_PROXY');
  const https = parsed('HTTPS_PROXY');
  const exemptBy = named('NO_PROXY');
  const exempting = exemptions(variables[exemptBy] ?? '');
  return (url) => {
    const { proxy, variable } = url.protocol === 'https:' ? https : http;
    if (proxy === undefined) return {};
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const port = url.port || String(defaultPorts[url.protocol.slice(0, -1)] ?? '');
    if (isLoopback(host)) return { variable, exempt: { entry: host, variable: '' } };
    const entry = exempting(host, port);
    if (entry === undefined) return { proxy, variable };
    return { variable, exempt: { entry, variable: exemptBy } };
  };
}

/** A URL, or `host[:port]` of an HTTP proxy. What is neither counts as nothing, as in Go. */
function parseProxy(text: string): ProxyServer | undefined {
  if (text === '') return undefined;
  const whole = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const scheme = url.protocol.slice(0, -1).replace('socks5h', 'socks5');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (host === '') return undefined;
  const port = url.port === '' ? (defaultPorts[scheme] ?? 80) : Number(url.port);
  return { scheme, host, port, username: decoded(url.username), password: decoded(url.password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Go asks no proxy about this machine, whatever the variables say. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || isIn(loopback, host);
}

function isIn(list: BlockList, host: string): boolean {
  const family = isIP(host);
  return family !== 0 && list.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

type Exempts = (host: string, port: string) => boolean;

/** One word of NO_PROXY at a time; it takes no more of them than fit into this. */
const wordsMax = 10_000;

/** The first entry that exempts a host and port; undefined for none. */
function exemptions(noProxy: string): (host: string, port: string) => string | undefined {
  const words = noProxy.split(',', wordsMax).map((word) => word.trim());
  if (words.includes('*')) return () => '*';
  const rules = words.map((word) => ({ word, exempts: exemption(word.toLowerCase()) }));
  return (host, port) => rules.find(({ exempts }) => exempts?.(host, port) === true)?.word;
}

/** `10.0.0.0/8`, `10.0.0.1[:port]`, `example.com[:port]` and its subdomains, `.example.com` those alone. */
function exemption(word: string): Exempts | undefined {
  const subnet = subnetOf(word);
  if (subnet !== undefined) return (host) => isIn(subnet, host);
  const split = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(word);
  const name = split === null ? word : (split[1] ?? split[2] ?? '');
  const port = split?.[3] ?? '';
  const fits = (other: string) => port === '' || port === other;
  if (isIP(name) !== 0) {
    const address = listOf((list, family) => list.addAddress(name, family), name);
    return (host, other) => fits(other) && address !== undefined && isIn(address, host);
  }
  if (name === '') return undefined;
  const bare = name.startsWith('*.') ? name.slice(1) : name;
  // Plain names stay what they are, slips and all.
  const suffix = /^[ -~]*$/.test(bare) ? bare : domainToASCII(bare) || bare;
  const subdomains = suffix.startsWith('.') ? suffix : `.${suffix}`;
  return (host, other) =>
    isIP(host) === 0 && fits(other) && (host === suffix || host.endsWith(subdomains));
}

function subnetOf(word: string): BlockList | undefined {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(word) ?? [];
  if (isIP(address) === 0) return undefined;
  return listOf((list, family) => list.addSubnet(address, Number(bits), family), address);
}

/** Undefined for numbers that make no address range. */
function listOf(
  add: (list: BlockList, family: 'ipv4' | 'ipv6') => void,
  address: string,
): BlockList | undefined {
  const list = new BlockList();
  try {
    add(list, isIP(address) === 6 ? 'ipv6' : 'ipv4');
    return list;
  } catch {
    return undefined;
  }
}
