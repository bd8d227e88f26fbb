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

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, socks5: 1080 };

export function proxyRules(variables: Variables): ProxyRules {
  const value = (name: string) => variables[name] || variables[name.toLowerCase()] || '';
  const http = parseProxy(value('HTTP_PROXY'));
  const https = parseProxy(value('HTTPS_PROXY'));
  const isExempt = exemptions(value('NO_PROXY'));
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http;
    if (proxy === undefined) return undefined;
    const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const port = url.port || String(defaultPorts[url.protocol.slice(0, -1)] ?? '');
    return isLoopback(host) || isExempt(host, port) ? undefined : proxy;
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

function exemptions(noProxy: string): Exempts {
  const words = noProxy.split(',', wordsMax).map((word) => word.trim().toLowerCase());
  if (words.includes('*')) return () => true;
  const rules = words.map(exemption).filter((rule) => rule !== undefined);
  return (host, port) => rules.some((rule) => rule(host, port));
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
