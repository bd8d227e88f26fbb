// Whether hosts can be reached that a pull did not touch: by name, address and handshake, all of them side by side and
// within a time that does not grow with their number.

import type { Family, Way, Wire } from '../../../doctor/wire.ts';
import { isAddress } from './host-pattern.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly way: Way;
}

const atOnceMax = 32;
const targetsMax = 256;
const addressesMax = 2;
/** For each look-up, connection and handshake. */
const stepMsMax = 3_000;
/** After which no further host is begun. */
const allMsMax = 6_000;

/** By `host:port`; a host that there was no time for is absent. */
export async function checkReachable(
  targets: readonly Target[],
  wire: Wire,
): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  const left = targets.slice(0, targetsMax);
  const startedAt = wire.now();
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      if (wire.now() - startedAt > allMsMax) return;
      const answer = await isReachable(next, wire);
      if (answer !== undefined) found.set(`${next.host}:${next.port}`, answer);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, left.length) }, work));
  return found;
}

/** Undefined where nobody can tell: what is no HTTPS, by a proxy. */
async function isReachable({ host, port, way }: Target, wire: Wire): Promise<boolean | undefined> {
  const timeoutMs = Math.min(way.timeoutMs, stepMsMax);
  const isProxied = way.proxy.proxy !== undefined;
  if (!isProxied) {
    const addresses = isAddress(host)
      ? [host.replace(/^\[|\]$/g, '')]
      : await addressesOf(host, timeoutMs, wire);
    const dials = addresses.map((address) => wire.dial(address, port, timeoutMs));
    if (!(await someSucceed(dials))) return false;
  }
  // What other ports speak is not known here.
  if (port !== 443) return isProxied ? undefined : true;
  const shake = await wire.handshake({ host, port, way: { ...way, timeoutMs } });
  return shake.failure === '';
}

async function addressesOf(host: string, timeoutMs: number, wire: Wire): Promise<string[]> {
  const families: readonly Family[] = [4, 6];
  const lookups = await Promise.all(families.map((one) => wire.lookup(host, one, timeoutMs)));
  return lookups.flatMap((one) => one.addresses.slice(0, addressesMax));
}

/** Does not wait for the others once one came about. */
async function someSucceed(dials: readonly Promise<{ failure: string }>[]): Promise<boolean> {
  const open = dials.map(async (dial) => {
    if ((await dial).failure !== '') throw new Error('no connection');
  });
  return await Promise.any(open).then(
    () => true,
    () => false,
  );
}
