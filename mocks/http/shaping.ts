// Latency and bandwidth of each hop: how long a reply waits, and when its next bytes may go. Bandwidth is
// a hop's total, shared by all its connections piece by piece, as on one uplink.
import { durationForms, parseDurationMs, parseSizeBytes, sizeForms } from '../../src/lib/units.ts';
import { UserError } from '../../src/lib/user-error.ts';
import type { Hop } from '../call.ts';
import type { Random } from '../random.ts';

export interface Latency {
  readonly ms: number;
  /** Most that a wait differs from `ms`, either way, evenly spread. */
  readonly jitterMs: number;
}

export interface Shaping {
  readonly latency?: Readonly<Partial<Record<Hop, Latency>>> | undefined;
  /** Body bytes per second. */
  readonly bandwidth?: Readonly<Partial<Record<Hop, number>>> | undefined;
}

/** What one reply is to keep to. */
export interface Pace {
  /** Wait before the head. */
  delayMs(): number;
  /** The largest piece to write at once. */
  readonly pieceBytes: number;
  /** Takes the room for a piece; the wait until it may go. */
  reserveMs(bytes: number): number;
}

const hopNames: readonly Hop[] = ['registry', 'token', 'edge'];
const pieceBytesMax = 64 * 1024;
/** Pieces a second at which even a slow hop shares its bandwidth. */
const piecesPerSecond = 20;
const latencyMsMax = 600_000;
/** The pace of each shaped hop; undefined for the others. `nowMs` is monotonic. */
export function shaper(
  { latency, bandwidth }: Shaping,
  random: Random,
  nowMs: () => number = () => performance.now(),
): Readonly<Partial<Record<Hop, Pace>>> {
  const paces: Partial<Record<Hop, Pace>> = {};
  for (const hop of hopNames) {
    const wait = latency?.[hop];
    const rate = bandwidth?.[hop];
    if (wait === undefined && rate === undefined) continue;
    const { ms, jitterMs } = wait ?? { ms: 0, jitterMs: 0 };
    let freeAtMs = 0;
    paces[hop] = {
      delayMs: () => Math.max(0, ms + (2 * random() - 1) * jitterMs),
      pieceBytes: Math.ceil(
        Math.min(pieceBytesMax, (rate ?? Number.POSITIVE_INFINITY) / piecesPerSecond),
      ),
      reserveMs: (bytes) => {
        if (rate === undefined) return 0;
        const now = nowMs();
        freeAtMs = Math.max(freeAtMs, now) + (bytes / rate) * 1000;
        return freeAtMs - now;
      },
    };
  }
  return paces;
}

/** What a wait is more than, where percent alone are written. */
const plainWaitMs = 30;
const percentMax = 10_000;

/**
 * `registry=5ms±2ms,edge=30ms`; `+-` may stand for `±`. Percent at the end make both times longer: `edge=30ms+30%`
 * is 39ms, as is `edge=+30%`. @throws UserError `latency-unreadable`
 */
export function parseLatency(text: string): Partial<Record<Hop, Latency>> {
  return parseHops(text, (value, hop) => {
    const [, times = '', percent] = /^(.*?)(?:\+(\d{1,5}(?:\.\d{1,3})?) ?%)?$/.exec(value) ?? [];
    const written = percent !== undefined && times === '' ? `${plainWaitMs}ms` : times;
    const [base = '', jitter = '0ms', ...rest] = written.split(/±|\+-/).map((part) => part.trim());
    const more = Number(percent ?? 0);
    const ms = (parseDurationMs(base) ?? Number.NaN) * (1 + more / 100);
    const jitterMs = (parseDurationMs(jitter) ?? Number.NaN) * (1 + more / 100);
    const isBounded = ms <= latencyMsMax && more <= percentMax;
    if (rest.length === 0 && isBounded && jitterMs <= ms) return { ms, jitterMs };
    const hint = `Write hop=time or hop=time±time, such as registry=5ms±2ms,edge=30ms, the second time no longer than the first, or with percent that are added, as edge=30ms+30%: ${durationForms}, at most 10m.`;
    const message = `the latency "${value}" of ${hop} cannot be read`;
    throw new UserError('latency-unreadable', message, hint);
  });
}

/** `edge=50MB/s,registry=1MiB/s`, in bytes per second. @throws UserError `bandwidth-unreadable` */
export function parseBandwidth(text: string): Partial<Record<Hop, number>> {
  return parseHops(text, (value, hop) => {
    const rate = value.endsWith('/s') ? parseSizeBytes(value.slice(0, -2).trimEnd()) : undefined;
    if (rate !== undefined && rate >= 1) return rate;
    const hint = `Write hop=size/s, such as edge=50MB/s: ${sizeForms}.`;
    const message = `the bandwidth "${value}" of ${hop} cannot be read`;
    throw new UserError('bandwidth-unreadable', message, hint);
  });
}

function parseHops<T>(
  text: string,
  parse: (value: string, hop: Hop) => T,
): Partial<Record<Hop, T>> {
  const byHop: Partial<Record<Hop, T>> = {};
  for (const part of text.split(',', 10)) {
    const [name = '', ...value] = part.split('=');
    const hop = hopNames.find((one) => one === name.trim());
    if (hop === undefined) {
      const hint = `The hops are ${hopNames.join(', ')}.`;
      throw new UserError('hop-unknown', `"${name.slice(0, 100)}" is no hop of the mock`, hint);
    }
    byHop[hop] = parse(value.join('=').trim().slice(0, 100), hop);
  }
  return byHop;
}
