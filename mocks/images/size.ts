// How the sizes of layers are distributed.
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
