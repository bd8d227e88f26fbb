// Pulls or pushes that were started and never ended: k6 gave them up after its grace period, so they failed by
// taking too long, unless the user stopped the run. Where they hung is told by what was under way.
import type { FailureGroup } from '../timeline/failures.ts';
import type { Pending, PendingPlace } from '../timeline/unfinished.ts';
import type { UnderWay, Waits } from '../timeline/waits.ts';
import type { Told } from './told.ts';

/** Groups of so many of them, with an example each in `told`. */
export function interruptedOf(
  cut: number,
  pending: Pending,
  waits: Waits | undefined,
  told: Told,
): FailureGroup[] {
  const groups: FailureGroup[] = [];
  let left = cut;
  for (const places of byHost(pending.places())) {
    const [first] = places;
    const count = Math.min(
      left,
      places.reduce((sum, { pulls }) => sum + pulls, 0),
    );
    if (first === undefined || count <= 0) continue;
    left -= count;
    const { hop, host, phase } = first;
    const kind = { class: 'interrupted', hop, host };
    told.add({ ...kind, phase, message: sayOf(first), evidence: evidenceOf(first) });
    groups.push({ ...kind, phase, count });
  }
  for (const pause of waits?.underWay() ?? []) {
    const count = Math.min(left, pause.count);
    if (count <= 0) continue;
    left -= count;
    const { hop, host } = pause;
    const kind = { class: 'interrupted', hop, host };
    told.add({ ...kind, message: sayPause(pause) });
    groups.push({ ...kind, count });
  }
  return left > 0 ? [...groups, { class: 'interrupted', count: left }] : groups;
}

/** By hop and host, which is where an error is; those with most pulls first. */
function byHost(places: readonly PendingPlace[]): PendingPlace[][] {
  const hosts = new Map<string, PendingPlace[]>();
  for (const place of places) {
    const key = `${place.hop} ${place.host}`;
    const known = hosts.get(key);
    if (known === undefined) hosts.set(key, [place]);
    else known.push(place);
  }
  return [...hosts.values()];
}

const grouped = (bytes: number) => bytes.toLocaleString('en');

/** `GET http://cdn/blob: 12,288 of 5,242,880 bytes after 31.2 s`. */
function sayOf({ longest, address }: PendingPlace): string {
  const { method, url, bytes, bytesExpected, seconds, status } = longest;
  const after = `after ${seconds.toFixed(1)} s`;
  const line = `${method} ${url}`;
  if (address === '') return `${line}: no connection ${after}`;
  if (status === 0) return `${line}: no reply ${after}`;
  const of = bytesExpected === undefined ? '' : ` of ${grouped(bytesExpected)}`;
  return `${line}: ${grouped(bytes)}${of} bytes ${after}`;
}

function evidenceOf({ longest, address }: PendingPlace) {
  const { method, url, bytes, bytesExpected } = longest;
  return {
    ...{ method, url, address, words: '', contentType: '', body: '', bytes },
    ...(bytesExpected !== undefined && { bytesAnnounced: bytesExpected }),
  };
}

const reasons = {
  'back-off': 'its own back-off',
  'retry-after': 'as long as it was told (Retry-After)',
  quota: "the pull QPS quota of its node's kubelet",
} as const;

function sayPause({ why, class: kind }: UnderWay): string {
  const after = kind === undefined ? '' : ` after ${kind}`;
  return `the client was in a pause of its own${after}: ${reasons[why]}`;
}
