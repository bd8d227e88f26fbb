// Words of `load` that its flags and the file of a plan share.
import { InvalidArgumentError } from 'commander';
import { parseDateTime } from '../lib/rfc3339.ts';
import { parseDurationMs } from '../lib/units.ts';
import { type Platform, parsePlatform } from '../protocol/grammar/platform.ts';
import { readDurationMs } from './verb.ts';

const perSecondMax = 100_000;
const speedMax = 10_000;

/** @throws InvalidArgumentError */
export function parsePlatformFlag(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError('Write OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64.');
  }
  return parsed;
}

/** Pulls per second of `50/s`, `30/m` or `50`. @throws InvalidArgumentError */
export function parseRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:\/(s|m))?$/.exec(text);
  const perSecond = Number(match?.[1]) / (match?.[2] === 'm' ? 60 : 1);
  if (!(perSecond > 0) || perSecond > perSecondMax) {
    throw new InvalidArgumentError('Write a rate such as 50/s or 30/m, at most 100000/s.');
  }
  return perSecond;
}

const startHoursMax = 24;

/**
 * Milliseconds since 1970 of a date-time (RFC 3339), or of `+90s` from now on.
 * @throws InvalidArgumentError for what has passed, and for more than a day ahead
 */
export function parseStart(text: string, nowMs = Date.now()): number {
  const aheadMs = text.startsWith('+') ? parseDurationMs(text.slice(1)) : undefined;
  const startMs = aheadMs === undefined ? parseDateTime(text) : nowMs + aheadMs;
  if (startMs === undefined) {
    throw new InvalidArgumentError(
      'Write a time such as 2026-11-29T12:00:00Z (with its zone), or +90s from now.',
    );
  }
  const [start, now] = [startMs, nowMs].map((ms) => new Date(ms).toISOString());
  if (startMs <= nowMs) {
    throw new InvalidArgumentError(`${start} has passed: here it is ${now}. Write a time ahead.`);
  }
  if (startMs > nowMs + startHoursMax * 3_600_000) {
    throw new InvalidArgumentError(
      `${start} is more than ${startHoursMax} h ahead: here it is ${now}. Write an earlier time.`,
    );
  }
  return startMs;
}

/** Milliseconds from now, as far ahead as a start may be. @throws InvalidArgumentError */
export function parseStartIn(text: string): number {
  const ms = readDurationMs(text);
  parseStart(`+${ms}ms`);
  return ms;
}

/** `10x` or `0.5`. @throws InvalidArgumentError */
export function parseSpeed(text: string): number {
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]);
  if (!(speed > 0) || speed > speedMax) {
    throw new InvalidArgumentError('Write how many times faster, such as 10x, at most 10000x.');
  }
  return speed;
}
