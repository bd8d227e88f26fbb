// Whether a Go client would take a certificate: its dates, its names, and who vouches for it, in the order of
// crypto/x509 (Verify). Names stand in the SAN alone; a CN counts for nothing since Go 1.15.
import { isIP } from 'node:net';
import type { FailureReason } from '../protocol/talk.ts';
import type { Certificate } from './wire.ts';

/** '' where it would be taken. `isTrusted`: a chain leads to a root of the client's. */
export function problemOf(
  leaf: Certificate | undefined,
  host: string,
  nowMs: number,
  isTrusted: boolean,
): '' | FailureReason {
  if (leaf === undefined) return 'protocol';
  if (nowMs > leaf.notAfterMs) return 'expired';
  if (nowMs < leaf.notBeforeMs) return 'not-yet-valid';
  if (!isNamed(leaf, host)) return 'wrong-name';
  return isTrusted ? '' : 'unknown-ca';
}

/** Whether the SAN names the host: addresses as they are, names with a star for one first label. */
export function isNamed({ names }: Pick<Certificate, 'names'>, host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (isIP(bare) !== 0) return names.some((name) => sameAddress(name, bare));
  return names.some((name) => isIP(name) === 0 && fits(name.toLowerCase(), bare));
}

function sameAddress(name: string, address: string): boolean {
  return isIP(name) === isIP(address) && canonical(name) === canonical(address);
}

function canonical(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address;
}

function fits(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host;
  const dot = host.indexOf('.');
  return dot > 0 && host.slice(dot) === pattern.slice(1);
}
