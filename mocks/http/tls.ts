// A certificate authority for one run of the mock, and a server certificate of it (RFC 5280), so that
// clients can be told to trust it; its keys are made at each start and never leave the process. And a
// certificate for the key that signs tokens.
import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, der, integer, octets, oid, sequence, set, text, time } from './der.ts';

export interface TlsFiles {
  /** PEM of the CA's certificate, for clients. */
  readonly ca: string;
  /** PEM of the server's certificate. */
  readonly cert: string;
  /** PEM of the server's private key. */
  readonly key: string;
}

const daysValid = 30;
/** Of a key that is kept in a folder: nobody wants to look after the age of a test's certificate. */
const daysValidKept = 3650;
const dayMs = 24 * 3600 * 1000;
/** Clients' clocks may be behind. */
const backdatedMs = dayMs;
const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/** Who issues certificates: what clients trust, or what stands between that and a server. */
export interface Authority {
  readonly name: string;
  readonly key: KeyObject;
  readonly keyId: Uint8Array;
  /** PEM. */
  readonly cert: string;
}

/** What a server certificate says beside its names. */
export interface Issued {
  readonly subject?: string;
  /** From when, milliseconds since 1970; default a day ago. */
  readonly startMs?: number;
  /** For so long; less than a day from the default start is over. */
  readonly days?: number;
  /** Without the names (RFC 2818 once took those of the subject). */
  readonly isWithoutNames?: boolean;
  /** Where the issuer's certificate may be had (RFC 5280 section 4.2.2.1). */
  readonly issuerUrl?: string;
}

/** Certificates for servers under these host names and IP addresses. For less than a day: it is over. */
export function makeTls(hosts: readonly string[], days = daysValid): TlsFiles {
  const authority = makeAuthority('pullproof mock CA');
  return { ca: authority.cert, ...issueFor(hosts, authority, { days }) };
}

/** A root, or one that another vouches for. */
export function makeAuthority(
  name: string,
  above?: Authority,
  dates: Pick<Issued, 'startMs' | 'days'> = {},
): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = { name, key: keys.privateKey, keyId: keyIdOf(keys) };
  const extensions = [
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.15', true, bits(Buffer.of(keyCertSign | crlSign), 1)),
    ...(above === undefined ? [] : [extension(authorityKeyId, false, keyIdIn(above))]),
    extension('2.5.29.14', false, octets(own.keyId)),
  ];
  const cert = issue(above ?? own, name, keys.publicKey, extensions, dates);
  return { ...own, cert };
}

/** A server's key and certificate under these host names and IP addresses. */
export function issueFor(
  hosts: readonly string[],
  authority: Authority,
  how: Issued = {},
): Pick<TlsFiles, 'cert' | 'key'> {
  const { subject = 'pullproof mock', isWithoutNames = false, issuerUrl } = how;
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const names = sequence(...hosts.map(alternativeName));
  const access = (url: string) =>
    sequence(sequence(oid('1.3.6.1.5.5.7.48.2'), der(0x86, Buffer.from(url))));
  const extensions = [
    extension('2.5.29.19', true, sequence()),
    extension('2.5.29.15', true, bits(Buffer.of(digitalSignature), 7)),
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
    ...(isWithoutNames ? [] : [extension('2.5.29.17', false, names)]),
    ...(issuerUrl === undefined ? [] : [extension('1.3.6.1.5.5.7.1.1', false, access(issuerUrl))]),
    extension(authorityKeyId, false, keyIdIn(authority)),
    extension('2.5.29.14', false, octets(keyIdOf(keys))),
  ];
  const cert = issue(authority, subject, keys.publicKey, extensions, how);
  return { cert, key: pemOf(keys.privateKey) };
}

/** A key on P-256, and a certificate that it has signed itself, for signatures only. */
export function makeSelfSigned(name: string): Pick<TlsFiles, 'cert' | 'key'> {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name, key: keys.privateKey, keyId: keyIdOf(keys) };
  const extensions = [
    extension('2.5.29.15', true, bits(Buffer.of(digitalSignature), 7)),
    extension('2.5.29.14', false, octets(issuer.keyId)),
  ];
  const cert = issue(issuer, name, keys.publicKey, extensions, { days: daysValidKept });
  return { cert, key: pemOf(keys.privateKey) };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** Bits of KeyUsage (RFC 5280 section 4.2.1.3). */
const digitalSignature = 0x80;
const keyCertSign = 0x04;
const crlSign = 0x02;

const authorityKeyId = '2.5.29.35';

function keyIdIn({ keyId }: Pick<Authority, 'keyId'>): Uint8Array {
  return sequence(der(0x80, keyId));
}

/** PEM of a version 3 certificate. */
function issue(
  issuer: Omit<Authority, 'cert'>,
  subject: string,
  key: KeyObject,
  extensions: readonly Uint8Array[],
  { startMs: start = Date.now() - backdatedMs, days = daysValid }: Issued = {},
): string {
  const toSign = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ecdsaSha256,
    commonName(issuer.name),
    sequence(time(new Date(start)), time(new Date(start + days * dayMs))),
    commonName(subject),
    key.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', toSign, issuer.key);
  const certificate = sequence(toSign, ecdsaSha256, bits(signature));
  return new X509Certificate(certificate).toString();
}

function commonName(name: string): Uint8Array {
  return sequence(set(sequence(oid('2.5.4.3'), text(name))));
}

function extension(id: string, critical: boolean, value: Uint8Array): Uint8Array {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));
}

/** A GeneralName: an IP address, or a DNS name. */
function alternativeName(host: string): Uint8Array {
  if (isIP(host) === 0) return der(0x82, Buffer.from(host));
  return der(0x87, isIP(host) === 4 ? Buffer.from(host.split('.').map(Number)) : ipv6Bytes(host));
}

function ipv6Bytes(address: string): Uint8Array {
  const groupsOf = (half: string) => (half === '' ? [] : half.split(':'));
  const [head = '', tail] = address.split('::');
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  const zeros = Array<string>(8 - front.length - back.length).fill('0');
  const groups = [...front, ...zeros, ...back].map((group) => Number.parseInt(group, 16));
  return Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function keyIdOf({ publicKey }: { readonly publicKey: KeyObject }): Uint8Array {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}
