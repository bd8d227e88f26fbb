// Certificates as they were served: read for people, and followed to the roots of a store, as crypto/x509 does it.
import { X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { isNamed } from '../certificate-rules.ts';
import type { Certificate } from '../wire.ts';

const chainMax = 10;
const namesMax = 100;
const textMax = 300;

/** The leaf and what came behind it, in the order of who issued whom. */
export function servedChain(leaf: X509Certificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  for (let one = leaf; one !== undefined && chain.length < chainMax; one = one.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === one?.fingerprint256)) break;
    chain.push(one);
  }
  return chain;
}

/** None of what is no certificate. */
export function readCertificate(bytes: Uint8Array): X509Certificate[] {
  try {
    return [new X509Certificate(bytes)];
  } catch {
    return [];
  }
}

export function described(certificate: X509Certificate): Certificate {
  const { subject, issuer, validFromDate, validToDate, fingerprint256, ca, infoAccess } =
    certificate;
  const issuerUrl = /^CA Issuers - URI:(\S+)$/m.exec(infoAccess ?? '')?.[1];
  return {
    subject: inOneLine(subject),
    issuer: inOneLine(issuer),
    names: namesIn(certificate.subjectAltName ?? ''),
    commonName: (/^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? '').slice(0, textMax),
    notBeforeMs: validFromDate.getTime(),
    notAfterMs: validToDate.getTime(),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    isCa: ca,
    isSelfSigned: certificate.checkIssued(certificate),
    ...(issuerUrl !== undefined && { issuerUrl: issuerUrl.slice(0, textMax) }),
  };
}

/** `CN=name,O=organisation`, the most special first, as Go writes it. */
function inOneLine(name: string | undefined): string {
  return (name ?? '').split('\n').toReversed().join(',').slice(0, textMax);
}

/** `DNS:a.example, IP Address:192.0.2.1`; what needs quotes is no name of a host. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/(?:^|, )(?:DNS|IP Address):([^,"]+)/g)]
    .slice(0, namesMax)
    .map(([, name = '']) => name.slice(0, textMax));
}

/** Go's rule for names, in the place of Node's, which takes a CN for one. */
export function checkNames(host: string, { raw }: PeerCertificate): Error | undefined {
  const names = namesIn(new X509Certificate(raw).subjectAltName ?? '');
  if (isNamed({ names }, host)) return undefined;
  const message = `the certificate is not valid for ${host}`;
  return Object.assign(new Error(message), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
}

/** A store of certificates, each of them an end of chains. */
export class Store {
  readonly #bySubject = new Map<string, X509Certificate[]>();
  readonly #fingerprints = new Set<string>();

  constructor(pems: readonly string[]) {
    for (const pem of pems) {
      const certificate = new X509Certificate(pem);
      const { subject, fingerprint256 } = certificate;
      this.#fingerprints.add(fingerprint256);
      this.#bySubject.set(subject, [...(this.#bySubject.get(subject) ?? []), certificate]);
    }
  }

  /** Whether a way leads from the first of these to one of the store. */
  vouchesFor(served: readonly X509Certificate[], nowMs: number): boolean {
    const [leaf, ...others] = served;
    return leaf !== undefined && this.#leadsHere(leaf, others, nowMs);
  }

  #leadsHere(from: X509Certificate, others: readonly X509Certificate[], nowMs: number): boolean {
    if (this.#fingerprints.has(from.fingerprint256)) return true;
    const issuers = (all: readonly X509Certificate[]) =>
      all.filter((one) => one.ca && isCurrent(one, nowMs) && hasIssued(one, from));
    if (issuers(this.#bySubject.get(from.issuer) ?? []).length > 0) return true;
    return issuers(others).some((one) =>
      this.#leadsHere(
        one,
        others.filter((other) => other !== one),
        nowMs,
      ),
    );
  }
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // Keys of kinds that OpenSSL does not know.
    return false;
  }
}

function isCurrent({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean {
  return validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime();
}
