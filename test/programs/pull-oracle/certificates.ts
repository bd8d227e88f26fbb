// The hosts of a rig: their names, where they listen, and the certificates that they show.
import { makeTls, type TlsFiles } from '../../../mocks/http/tls.ts';
import type { Listening } from './fault.ts';
import type { HostKind } from './rig.ts';

/** Names that no client takes for this machine's: for those some of them have rules of their own. */
export const hosts: Readonly<Record<HostKind, { name: string; address: string }>> = {
  registry: { name: 'registry.test', address: '127.0.0.1' },
  // A realm on another internal host is one that oras does not ask.
  token: { name: 'registry.test', address: '127.0.0.1' },
  cdn: { name: 'cdn.test', address: '127.0.0.2' },
  port: { name: 'registry.test', address: '127.0.0.1' },
  subdomain: { name: 'blobs.registry.test', address: '127.0.0.1' },
  parent: { name: 'test', address: '127.0.0.1' },
  other: { name: 'storage.test', address: '127.0.0.4' },
  plain: { name: 'registry.test', address: '127.0.0.1' },
};

/** What stands in /etc/hosts for the programs. */
export const hostsFile = [
  '127.0.0.1 localhost',
  ...Object.values(hosts).map(({ name, address }) => `${address} ${name}`),
  '',
].join('\n');

const names = [...new Set(Object.values(hosts).map(({ name }) => name))];
const sound = makeTls(names);
const expired = makeTls(names, 0.5);
const others: Readonly<Partial<Record<Listening, TlsFiles>>> = {
  expired,
  foreign: makeTls(names),
  'wrong-name': makeTls(['elsewhere.test']),
};

/** What the clients are told to trust: all but the foreign one's. */
export const caFile = [sound.ca, expired.ca, others['wrong-name']?.ca].join('');

export function certificates(as: Listening | undefined): Pick<TlsFiles, 'cert' | 'key'> {
  const { cert, key } = (as && others[as]) ?? sound;
  return { cert, key };
}
