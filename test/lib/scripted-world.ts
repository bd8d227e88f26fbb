// A world for the scripted wire (scripted-wire.ts), as data: names, ports, certificates, proxies. What is left out is well.
import { isIP } from 'node:net';
import type { Certificate, Family, Lookup } from '../../src/doctor/wire.ts';
import type { Perform } from '../../src/drivers/drive.ts';
import type { FailureReason, TransportFailure } from '../../src/protocol/talk.ts';

export type NoAddress = Exclude<Lookup['failure'], ''>;
export type PortState = 'open' | 'refused' | 'dropped' | 'unreachable';

export interface World {
  /** By name or address, lower case. Other names do not exist, other addresses are dropped. */
  readonly hosts: Readonly<Record<string, HostScript>>;
  /** Answers what reaches an open port, whatever the host. */
  readonly perform: Perform;
  /** By `host:port`; the host needs no entry in `hosts`, unless it is to be dead. */
  readonly proxies?: Readonly<Record<string, ProxyScript>>;
  /** Names of roots that the system's store has, and Node's; default `public`. */
  readonly systemRoots?: readonly string[];
  readonly bundleRoots?: readonly string[];
  /** Our clock less that of the world, milliseconds. */
  readonly clockAheadMs?: number;
  /** Default `192.0.2.53:53`. */
  readonly resolver?: string;
}

export interface HostScript {
  /** Default: one address made of the name. */
  readonly a?: readonly string[] | NoAddress;
  /** Default `empty`. */
  readonly aaaa?: readonly string[] | NoAddress;
  readonly cnames?: readonly string[];
  readonly resolver?: string;
  /** Default: 443 and 80 open. Others refuse. */
  readonly ports?: Readonly<Record<number, PortScript>>;
  /** Addresses that are other than the ports say: a black hole of one family, one of several that is down. */
  readonly addresses?: Readonly<Record<string, PortState>>;
}

export interface PortScript {
  /** Default `open`. */
  readonly state?: PortState;
  /** Default: TLS at all ports but 80 and 5000. */
  readonly tls?: TlsScript | 'none';
  /** No reply gets more than this many bytes through (a black hole for large packets); a chain needs 3000. */
  readonly stallsAfter?: number;
  /** In place of the world's. */
  readonly perform?: Perform;
}

export interface TlsScript {
  /** Name of the root that vouches for it, default `public`. A store has it, or a PEM text of the way holds the name. */
  readonly root?: string;
  /** Of the leaf: default one that is well. */
  readonly leaf?: Partial<Certificate>;
  /** Behind the leaf; default one intermediate. */
  readonly intermediates?: readonly Partial<Certificate>[];
  /**
   * The intermediate is not served: nobody finds the root. It may be had at `http://<root>.example/intermediate.crt`, if
   * that host is in the world, and is a text with the root's name.
   */
  readonly incomplete?: boolean;
  readonly version?: string;
  readonly failure?: { readonly failure: TransportFailure; readonly reason?: FailureReason };
  /** Wants a certificate of the client. */
  readonly wantsCertificate?: boolean;
}

export interface ProxyScript {
  /** Hosts that get through, a leading `*.` for subdomains; absent: all. */
  readonly allows?: readonly string[];
  /** Wants a login: none that we have is good. */
  readonly wantsLogin?: boolean;
  /** Opens TLS itself and shows certificates of this root. */
  readonly intercepts?: string;
  /** Hosts as it reaches them, where that is otherwise than from here. */
  readonly hosts?: World['hosts'];
  /** Names that it does not resolve, and so on: it answers CONNECT by this. */
  readonly status?: string;
  /** Hosts at which it hangs up, without an answer to CONNECT. */
  readonly leaves?: readonly string[];
}

export function addressesOf(
  host: string,
  script: HostScript | undefined,
  family: Family,
): readonly string[] | NoAddress {
  if (isIP(host) !== 0) return isIP(host) === family ? [host] : 'empty';
  if (script === undefined) return 'nxdomain';
  return family === 4 ? (script.a ?? [addressOfName(host)]) : (script.aaaa ?? 'empty');
}

/** One of TEST-NET-2, the same for the same name. */
function addressOfName(name: string): string {
  const sum = [...name].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 65_521, 7);
  return `198.51.${100 + (sum >> 8)}.${sum & 255}`.replace(/^198\.51\.\d+/, '198.51.100');
}

const day = 24 * 3600 * 1000;

/** What such a server shows, the leaf first. */
export function chainOf(tls: TlsScript, host: string, nowMs: number): Certificate[] {
  const root = tls.root ?? 'public';
  const issuer = `CN=${root} intermediate`;
  const made: Certificate = {
    subject: `CN=${host}`,
    issuer,
    names: [host],
    commonName: host,
    notBeforeMs: nowMs - 30 * day,
    notAfterMs: nowMs + 60 * day,
    fingerprint: `leaf of ${host} by ${root}`,
    isCa: false,
    isSelfSigned: false,
    issuerUrl: `http://${root}.example/intermediate.crt`,
  };
  const leaf = { ...made, ...tls.leaf };
  if (tls.incomplete) return [leaf];
  const middle: Certificate = {
    ...made,
    subject: issuer,
    issuer: `CN=${root} root`,
    names: [],
    commonName: `${root} intermediate`,
    fingerprint: `intermediate of ${root}`,
    isCa: true,
  };
  return [leaf, ...(tls.intermediates ?? [{}]).map((one) => ({ ...middle, ...one }))];
}
