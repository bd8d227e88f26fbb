// Sizes as people write them, and how the sizes of layers are distributed.
import type { Random } from '../random.ts';

export type Sizes =
  | { readonly kind: 'fixed'; readonly bytes: number }
  | { readonly kind: 'uniform'; readonly minBytes: number; readonly maxBytes: number }
  | {
      readonly kind: 'lognormal';
      readonly medianBytes: number;
      /** Standard deviation of the logarithm: 0 is fixed, 1 spreads over a factor of ten or so. */
      readonly sigma: number;
      readonly maxBytes: number;
    }
  | { readonly kind: 'list'; readonly bytes: readonly number[] };

/** Decimal and binary units: 1 MB is 1,000,000 bytes, 1 MiB is 1,048,576. */
const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `96MB`, `1.5 GiB`, `700B`; undefined for other text. */
export function parseSizeBytes(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,15}(?:\.\d{1,9})?) ?([kKMG]?i?B)$/.exec(text) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) return undefined;
  return Math.round(Number(number) * factor);
}

/** Of the layer at that place, from 0. */
export function drawSizeBytes(sizes: Sizes, place: number, random: Random): number {
  switch (sizes.kind) {
    case 'fixed':
      return sizes.bytes;
    case 'list':
      return sizes.bytes[place % sizes.bytes.length] ?? 0;
    case 'uniform':
      return Math.round(sizes.minBytes + random() * (sizes.maxBytes - sizes.minBytes));
    case 'lognormal': {
      // Box and Muller, of which one of the two numbers is enough; 1 - x is never 0.
      const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      const bytes = sizes.medianBytes * Math.exp(sizes.sigma * normal);
      return Math.round(Math.min(bytes, sizes.maxBytes));
    }
  }
}
