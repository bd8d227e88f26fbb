// Sizes and durations as people write them, for flags, plans, objectives, descriptions of images and the
// library: one table of units each. Schemas have the forms as patterns; units.test.ts holds them together.

/** Bytes of each unit: 1 MB is 1,000,000, 1 MiB is 1,048,576. `k` of kilo is small by the book and large by habit. */
const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  kiB: 2 ** 10,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const size = /^(\d{1,15}(?:\.\d{1,9})?)(?: ?((?:[kKMGT]i?)?B))?$/;
const duration = /^(?:\d{1,15}(?:\.\d{1,9})?(?:ms|s|m|h)){1,8}$/;
const plainNumber = /^\d{1,15}(?:\.\d{1,9})?$/;

/** For messages: what can be read as a size. */
export const sizeForms =
  'a number of bytes, or one with B, kB, MB, GB, TB (thousands) or KiB, MiB, GiB, TiB (1024s), such as 700kB, 512MiB or 1.5 GiB';

/** For messages: what can be read as a duration. */
export const durationForms = 'a duration with ms, s, m or h, such as 500ms, 1.5s, 5m or 1h30m';

/**
 * `1000000`, `700B`, `512MiB`, `1.5 GiB` in whole bytes, of which a fraction is rounded; undefined for other
 * text and for more than can be counted (2^53). Other letters than those of the table are none: `mb` may
 * mean bits.
 */
export function parseSizeBytes(text: string): number | undefined {
  const [, number, unit = ''] = size.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * (unitBytes[unit] ?? Number.NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/**
 * `500ms`, `1.5s`, `5m`, `1h30m` in milliseconds, fractions of which are kept; undefined for other text. A
 * plain number has no unit and is none of them: see `parseSecondsMs`.
 */
export function parseDurationMs(text: string): number | undefined {
  if (!duration.test(text)) return undefined;
  let ms = 0;
  for (const [, number, unit = ''] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    ms += Number(number) * (unitMs[unit] ?? Number.NaN);
  }
  return ms;
}

/** As `parseDurationMs`, and a plain number is seconds. */
export function parseSecondsMs(text: string): number | undefined {
  return plainNumber.test(text) ? Number(text) * 1000 : parseDurationMs(text);
}
