// What a lab is like: the names of its world, how the network stands between them and the client, and what is
// wrong there. Plain data, which is handed on to the process that is the world.
import { isIPv4 } from 'node:net';
import type { MockOptions } from '../../../mocks/index.ts';

/** As a vendor has them who moved the blobs of its registry to a CDN. */
export const registryName = 'registry.redhat.test';
export const tokenName = 'sso.redhat.test';
/** In the order in which blobs are sent to them, the config first. */
export const cdnNames = ['cdn02.quay.test', 'cdn.quay.test', 'cdn03.quay.test', 'cdn01.quay.test'];
/** Where the issuing authority's certificate may be had. */
export const caName = 'ca.test';
export const proxyName = 'proxy.corp.test';
export const proxyPort = 3128;
export const resolverAddress = '10.77.0.53';

/** Global ones of IPv6, so that clients prefer them (RFC 6724). */
export type Addresses = Readonly<Record<4 | 6, string>>;

const numbered = [registryName, tokenName, ...cdnNames, proxyName, caName];
export const addresses: Readonly<Record<string, Addresses>> = Object.fromEntries(
  numbered.map((name, at) => [name, { 4: `10.77.0.${10 + at}`, 6: `2001:db8:77::${10 + at}` }]),
);

/** Traffic from the client that does not come through. */
export interface Block {
  /** Names, or addresses. */
  readonly hosts: readonly string[];
  /**
   * `reset`: refused by TCP; `unreachable` and `prohibited`: by ICMP; `large`: packets that are larger than 1300
   * bytes are lost without a word, both ways.
   */
  readonly how: 'drop' | 'reset' | 'unreachable' | 'prohibited' | 'large';
  /** Absent: both. */
  readonly family?: 4 | 6;
}

/** Nothing comes through but DNS and what is for these names. */
export interface Fence {
  readonly allows: readonly string[];
  readonly else: 'drop' | 'reset';
}

/** Addresses of a name; or what is wrong with its answer. `empty`: it exists and has none. */
export type NameAnswer = readonly string[] | 'nxdomain' | 'servfail' | 'silent' | 'empty';

/** Which certificate a name shows. */
export type Shown =
  | 'sound'
  | 'intercepted' // of a private authority that nobody here trusts
  | 'expired'
  | 'not-yet'
  | 'without-names'
  | 'wrong-name'
  | 'incomplete' // the one between it and the root is not served
  | 'plain-http'; // no TLS at all

/** A reply in place of the right one. */
export interface OtherReply {
  readonly host: string;
  /** Of the path, a regular expression. */
  readonly path: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only to requests with this scheme of credentials, '' for those without. */
  readonly authorization?: 'Basic' | 'Bearer' | '';
}

export interface Proxy {
  /** Names that it leads to. */
  readonly allows: readonly string[];
  /** `user:password` that it asks for. */
  readonly login?: string;
}

export interface LabPlan {
  readonly blocks?: readonly Block[];
  readonly fence?: Fence;
  readonly dns?: Readonly<Record<string, NameAnswer>>;
  /** Names that have an IPv6 address besides. */
  readonly overIpv6?: readonly string[];
  readonly shows?: Readonly<Record<string, Shown>>;
  readonly replies?: readonly OtherReply[];
  readonly proxy?: Proxy;
  /** How far the world's clock is before the client's, in days. */
  readonly aheadDays?: number;
  readonly mock?: Omit<MockOptions, 'images' | 'store' | 'now' | 'watch'>;
  /** Files of the client's machine, by path below /etc or /run. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where the authority of the world's certificates lies there; default in the system's store. */
  readonly rootAt?: string;
  /** Its environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** SYNs that are sent again; fewer end a dial sooner, with other words (`connection timed out`). */
  readonly synRetries?: number;
}

/** The rules of nftables (nft(8)) on the way from the client; `border` is the interface that leads there. */
export function rulesOf({ blocks = [], fence }: LabPlan): string {
  const filter = (hook: string, rules: readonly string[]) =>
    `chain ${hook} {\ntype filter hook ${hook} priority 0; policy accept;\n${rules.join('\n')}\n}`;
  const fromClient = ['iifname != "border" accept', ...blocks.flatMap(refusals)];
  if (fence !== undefined) fromClient.push(...fenceRules(fence));
  const toClient = ['oifname != "border" accept', ...blocks.flatMap(losses)];
  const sets = [
    'set open4 { type ipv4_addr; }',
    'set open6 { type ipv6_addr; }',
    ...(fence?.allows ?? []).map((name) => elementsOf(name)),
  ];
  const [four, six, ...open] = sets;
  const table = [four, six, filter('input', fromClient), filter('output', toClient)];
  return [`table inet lab {\n${table.join('\n')}\n}`, ...open, ''].join('\n');
}

/** Lets a name through the fence. */
export function elementsOf(name: string): string {
  const own = addresses[name];
  if (own === undefined) throw new Error(`${name} is no name of the lab`);
  return `add element inet lab open4 { ${own[4]} }\nadd element inet lab open6 { ${own[6]} }`;
}

function fenceRules({ else: refusal }: Fence): string[] {
  return [
    'ct state established accept',
    'meta l4proto ipv6-icmp accept',
    'meta l4proto { tcp, udp } th dport 53 accept',
    'ip daddr @open4 accept',
    'ip6 daddr @open6 accept',
    ...(refusal === 'reset' ? ['meta l4proto tcp reject with tcp reset'] : []),
    'drop',
  ];
}

const verdicts: Readonly<Record<Exclude<Block['how'], 'large'>, string>> = {
  drop: 'drop',
  reset: 'meta l4proto tcp reject with tcp reset',
  unreachable: 'reject with icmpx host-unreachable',
  prohibited: 'reject with icmpx admin-prohibited',
};

const bytesMax = 1300;

function refusals(block: Block): string[] {
  const { how } = block;
  const verdict = how === 'large' ? `meta length > ${bytesMax} drop` : verdicts[how];
  return [...addressesOf(block)].map((address) => `${match(address, 'daddr')} ${verdict}`);
}

function losses(block: Block): string[] {
  if (block.how !== 'large') return [];
  return [...addressesOf(block)].map(
    (address) => `${match(address, 'saddr')} meta length > ${bytesMax} drop`,
  );
}

function match(address: string, side: 'saddr' | 'daddr'): string {
  return `${isIPv4(address) ? 'ip' : 'ip6'} ${side} ${address}`;
}

function* addressesOf({ hosts, family }: Block): Generator<string> {
  for (const host of hosts) {
    const own = addresses[host];
    if (own === undefined) yield host;
    else
      for (const one of [4, 6] as const) if (family === undefined || family === one) yield own[one];
  }
}
