// The certificates to trust, one set for everything that talks to a registry, k6 included: the system's
// as Go's clients find them, the list that this program brings, and those of --ca.
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { Variables } from '../../access/proxy-rules.ts';

/** The first of these that is there counts; SSL_CERT_FILE stands for all. As in Go's crypto/x509. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** All of these count, besides the file; SSL_CERT_DIR stands for all. */
const systemFolders = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

const fileBytesMax = 16 * 1024 * 1024;
const filesMax = 5000;
const certificatesMax = 5000;
const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** PEM certificates, each once. `ca`: texts of PEM files to trust besides. */
export function trustedCertificates(variables: Variables, ca: readonly string[] = []): string[] {
  const own = getCACertificates('default');
  const found = new Map(own.map((pem) => [bodyOf(pem), pem]));
  addAll(found, [...ca, ...systemTexts(variables)]);
  return [...found.values()];
}

/** PEM certificates of the system alone, as Go's clients find them, each once. `root`: below which its files lie. */
export function systemCertificates(variables: Variables, root = ''): string[] {
  return certificatesIn(systemTexts(variables, root));
}

/** Those in texts of PEM files that can be read, each once. */
export function certificatesIn(texts: readonly string[]): string[] {
  const found = new Map<string, string>();
  addAll(found, texts);
  return [...found.values()];
}

function addAll(found: Map<string, string>, texts: readonly string[]): void {
  for (const text of texts) {
    for (const block of text.match(pemBlock) ?? []) {
      const body = bodyOf(block);
      if (found.size >= certificatesMax || found.has(body)) continue;
      const pem = block.replaceAll('\r', '');
      if (isReadable(pem)) found.set(body, pem);
    }
  }
}

/** What is left when texts that mean the same are made alike. */
function bodyOf(pem: string): string {
  return pem.replaceAll(/\s/g, '');
}

function systemTexts({ SSL_CERT_FILE, SSL_CERT_DIR }: Variables, root = ''): string[] {
  const below = (path: string) => (root === '' ? path : join(root, path));
  const files = (SSL_CERT_FILE ? [SSL_CERT_FILE] : systemFiles).map(below);
  const folders = (SSL_CERT_DIR ? SSL_CERT_DIR.split(':') : systemFolders).map(below);
  const first = files.map(textOf).find((text) => text !== undefined);
  const paths = folders.flatMap(filesIn).slice(0, filesMax);
  return [first, ...paths.map(textOf)].filter((text) => text !== undefined);
}

/** Undefined for what cannot be read: a system without certificates of its own is none of our business. */
function textOf(path: string): string | undefined {
  try {
    const { size } = statSync(path);
    return size > fileBytesMax ? undefined : readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Without links within the folder itself: a system's folder has each certificate by its hash, too. */
function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => ({ path: join(folder, entry.name), isLink: entry.isSymbolicLink() }))
      .filter(({ path, isLink }) => !isLink || readlinkSync(path).includes('/'))
      .map(({ path }) => path);
  } catch {
    return [];
  }
}

/** One that cannot be read would spoil all the others. */
function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
