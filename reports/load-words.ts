// A load run in words that every view shares: its one sentence, what limited it, and where things are.
import { bytes, count, duration, plural, rate } from './figures.ts';
import { clientSentence } from './load-runners.ts';
import { apartOf } from './load-together.ts';
import type { LoadError, LoadResult, LoadWait, SloResult, Unfinished } from './results.ts';

export const verifyWords: Record<LoadResult['verify'], string> = {
  all: 'every blob verified by digest',
  sample: 'a sample of the blobs verified by digest, the rest by size',
  size: 'blobs checked by size only',
  none: 'nothing verified',
};

export const engineWords: Record<LoadResult['engine'], string> = {
  built: 'k6 with the pullproof extension (streams and hashes every body)',
  stock: 'stock k6, without the pullproof extension',
};

/** Hops in sentences. */
const hopWords: Readonly<Record<string, string>> = {
  registry: 'the registry',
  edge: 'the edge',
  token: 'the token server',
};

/** Why clients wait of their own accord, as a noun. */
export const waitWords: Record<LoadWait['why'], string> = {
  'back-off': 'back-off before another try',
  'retry-after': 'Retry-After, as servers asked',
  quota: "the pull QPS quota of the node's kubelet",
};

const waitAdvice: Record<LoadWait['why'], string> = {
  'back-off': 'mend what they retry',
  'retry-after': 'raise the limit of who says so, or slow down',
  quota: 'raise registryPullQPS and registryBurst',
};

/** `bytes` per second. */
export function byteRate(perSecond: number): string {
  return `${bytes(perSecond)}/s`;
}

/** `12` of `4000` in percent; '' of nothing. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${rate((part / whole) * 100)} %`;
}

/** Of a hop that it does not know, its name: no name of one is that of a method of every object. */
export function hopWord(hop: string): string {
  return (Object.hasOwn(hopWords, hop) ? hopWords[hop] : undefined) ?? hop;
}

/** In the order in which a client goes through them. */
const pullOrder = [
  ...['ping', 'token', 'registry', 'index', 'manifest', 'config', 'layer', 'edge'],
  ...['push-ping', 'push-token', 'upload-check', 'upload-start', 'upload-chunk', 'upload-finish'],
  'manifest-put',
];

/** Phases or hops in that order; what it does not know comes last, as given. */
export function inPullOrder<T>(byName: Readonly<Record<string, T>>): [string, T][] {
  const rank = (name: string) =>
    pullOrder.includes(name) ? pullOrder.indexOf(name) : pullOrder.length;
  return Object.entries(byName).sort(([a], [b]) => rank(a) - rank(b));
}

/** `the edge cdn.example:443`; '' where nothing is known. */
function partyOf({ hop = '', host = '' }: { hop?: string; host?: string }): string {
  return [hopWord(hop), host].filter(Boolean).join(' ');
}

/** What failed in short: `tls (expired)`, `server-error (HTTP 503)`. */
export function kindOf(error: LoadError): string {
  const more = particularsOf(error);
  return more === '' ? error.class : `${error.class} (${more})`;
}

function particularsOf({ reason, status = 0 }: LoadError): string {
  // A reply that is as it should be but for its body needs no status.
  const told = status >= 300 ? `HTTP ${status}` : undefined;
  return [reason, told].filter((one) => one !== undefined && one !== '').join(', ');
}

/** Where it struck: ` at cdn.example:443 (edge, layer)`; '' where that is not known. */
export function placeOf({ host = '', hop = '', phase = '' }: Partial<LoadError>): string {
  const inside = [hop, phase === hop ? '' : phase].filter(Boolean).join(', ');
  if (host === '') return inside === '' ? '' : ` (${inside})`;
  return ` at ${host}${inside === '' ? '' : ` (${inside})`}`;
}

/** What came of how much: `48 kB of 2.36 MB`. */
export function bytesOf({
  bytes: came,
  bytesExpected,
}: Pick<Unfinished, 'bytes' | 'bytesExpected'>) {
  return bytesExpected === undefined ? bytes(came) : `${bytes(came)} of ${bytes(bytesExpected)}`;
}

const bottleneckWords: Record<Exclude<LoadResult['bottleneck'], 'client'>, string> = {
  registry: 'The registry was the limit.',
  edge: 'The edge (the CDN that blobs are redirected to) was the limit.',
  token: 'The token server was the limit.',
  'client-waits': 'The clients waited of their own accord: the registry may hold more.',
  mock: 'The mock was the limit: this says nothing about a real registry.',
  'pulls-fail': 'Pulls fail: that comes before any limit.',
  unknown: 'What limited this run is not known.',
  none: 'Nothing was saturated: the registry holds at least this.',
};

/** As few do not show what limits. */
const fewPulls = 10;

/** What limited the load; a run in which nothing came through shows no limit. */
export function limitSentence(load: LoadResult): string {
  const { bottleneck, pulls, pushes } = load;
  if (bottleneck === 'pulls-fail') return failSentence(load);
  if (bottleneck === 'client') return clientSentence(load);
  if (bottleneck === 'client-waits') return waitSentence(load);
  const ended = pulls.ok + pulls.failed;
  if (bottleneck === 'unknown' && ended > 0 && ended < fewPulls)
    return `${plural(ended, 'pull')} ${ended === 1 ? 'is' : 'are'} too few to say what limited.`;
  if (bottleneck === 'none' && pulls.ok > 0 && load.slo.some(({ held }) => !held))
    return 'The load was kept up with, but not as the objectives demand.';
  if (bottleneck !== 'none' || pulls.ok > 0 || (pushes?.ok ?? 0) > 0)
    return bottleneckWords[bottleneck];
  return 'Nothing came through: this says nothing about what the registry holds.';
}

function failSentence({ errors, unfinished = [] }: LoadResult): string {
  const first = errors.find((error) => error.class !== 'interrupted');
  const pending = unfinished[0];
  if (first === undefined && pending !== undefined) {
    const after = `${bytesOf(pending)} after ${duration(pending.seconds * 1000)}`;
    return `Pulls hang at ${partyOf(pending)} (${pending.phase}: ${after}): that comes before any limit.`;
  }
  const party = partyOf(first ?? {});
  if (first === undefined || party === '') return bottleneckWords['pulls-fail'];
  const how = [first.class, particularsOf(first)].filter(Boolean).join(', ');
  return `Pulls fail at ${party} (${how}): that comes before any limit.`;
}

function waitSentence({ waits = [] }: LoadResult): string {
  const [longest] = [...waits].sort((a, b) => b.seconds - a.seconds);
  if (longest === undefined) return bottleneckWords['client-waits'];
  const { why, seconds } = longest;
  const told = `${duration(seconds * 1000)} in all for ${waitWords[why]}`;
  return `The clients' own waits were the limit: ${told}. The registry may hold more; ${waitAdvice[why]}.`;
}

/** Whether it ended before anything was measured: an image could not be located. */
export function isNotBegun({ seconds, requests, pulls }: LoadResult): boolean {
  return seconds === 0 && requests.total === 0 && pulls.ok === 0 && pulls.failed > 0;
}

/** What was observed, in three digits; as it was told where that is no plain number, or reads like the bound and is another. */
export function observedWords({ observed, unit, bound }: SloResult): string {
  const plain = /^(\d+(?:\.\d+)?) ?(ms|%|\/s)$/.exec(observed);
  if (plain === null || unit === undefined || plain[2] !== unit) return observed;
  const amount = Number(plain[1]);
  const words = amountWords(amount, unit);
  return bound !== undefined && amount !== bound && words === amountWords(bound, unit)
    ? observed
    : words;
}

/** A bound, or what is held against it. */
export function amountWords(amount: number, unit: NonNullable<SloResult['unit']>): string {
  if (unit === 'ms') return duration(amount);
  return unit === '%' ? `${rate(amount)} %` : `${rate(amount)}/s`;
}

/** What a page leads with: whether it holds, in a few words. */
export function loadHeadline(load: LoadResult): string {
  const { pulls, pushes, slo, knee, replay } = load;
  if (isNotBegun(load)) return loadSentence(load);
  if (knee !== undefined) return kneeWords(knee);
  const noun = replay === undefined ? 'pull' : 'request';
  const all = pulls.ok + pulls.failed;
  const missed = slo.filter(({ held }) => !held).length;
  const parts = [
    pulls.failed > 0
      ? `${count(pulls.failed)} of ${plural(all, noun)} failed`
      : `${plural(all, noun)}, none failed`,
  ];
  const pushed = (pushes?.ok ?? 0) + (pushes?.failed ?? 0);
  if ((pushes?.failed ?? 0) > 0) {
    parts.push(`${count(pushes?.failed ?? 0)} of ${plural(pushed, 'push', 'pushes')} failed`);
  }
  if (missed > 0 && slo.length === 1) parts.push('the objective missed');
  else if (missed > 0) parts.push(`${count(missed)} of ${count(slo.length)} objectives missed`);
  else if (slo.length > 0) parts.push(slo.length === 1 ? 'the objective held' : 'objectives held');
  return parts.join('; ');
}

/** The run in one sentence. */
export function loadSentence(load: LoadResult): string {
  const [first] = load.errors;
  if (isNotBegun(load) && first !== undefined) {
    return `no load was made: ${kindOf(first)}${placeOf(first)} while the image was located`;
  }
  const { knee, pushes, pullMs, replay } = load;
  const { ok, failed, perSecond, retried = 0, dropped } = load.pulls;
  const noun = replay === undefined ? 'pull' : 'request';
  const unfinished = (load.unfinished ?? []).reduce((sum, one) => sum + one.requests, 0);
  const missed = load.slo.filter((slo) => !slo.held).length;
  const all = ok + failed;
  // Of steps at many rates neither the mean rate nor the percentiles say anything.
  const parts = [knee === undefined ? `${rate(perSecond)} ${noun}s/s` : kneeWords(knee)];
  parts.push(
    failed > 0
      ? `${count(failed)} of ${count(all)} failed (${share(failed, all)})`
      : `${plural(all, noun)}, none failed`,
  );
  if (retried > 0) parts.push(`${count(retried)} needed retries`);
  if (unfinished > 0) parts.push(`${plural(unfinished, 'request')} unfinished`);
  if (dropped > 0 && knee === undefined) parts.push(`${count(dropped)} never began`);
  if ((replay?.asRecorded ?? 0) > 0) {
    parts.push(`${count(replay?.asRecorded ?? 0)} refused as recorded`);
  }
  if (ok > 0 && knee === undefined) parts.push(`${noun} p95 ${duration(pullMs.p95)}`);
  if (pushes !== undefined) {
    const made = plural(pushes.ok + pushes.failed, 'push', 'pushes');
    parts.push(`${made}, ${pushes.failed > 0 ? count(pushes.failed) : 'none'} failed`);
  }
  if (missed > 0 && knee === undefined) parts.push(`${plural(missed, 'objective')} missed`);
  const apart = apartOf(load);
  if (apart !== undefined) parts.push(apart.words);
  return parts.join('; ');
}

function kneeWords({ perSecond, brokeAt, broke }: NonNullable<LoadResult['knee']>): string {
  if (brokeAt === null) return `holds ${rate(perSecond)} pulls/s at least`;
  const why = broke.length === 0 ? '' : ` (${broke.join(', ')})`;
  if (perSecond === 0) return `breaks at ${rate(brokeAt)} pulls/s already${why}`;
  return `holds ${rate(perSecond)} pulls/s, breaks at ${rate(brokeAt)} pulls/s${why}`;
}
