// What each pull of a run is: which image, platform and client, by which node. Decided by the seed and the
// number of the pull alone, so that no virtual user has to know what the others did.
import { formatPlatform, type Platform } from '../../src/protocol/grammar/platform.ts';
import type { K6Plan, Mix, Nodes, PlannedImage, Share } from './plan.ts';

export interface Choice {
  readonly image: PlannedImage;
  readonly platform: Platform;
  /** Name of the client profile. */
  readonly client: string;
  /** Digests of layers that the node has; undefined for a new node. */
  readonly has: ReadonlySet<string> | undefined;
}

/** Independent draws for one pull. */
const draws = { image: 1, platform: 2, client: 3, think: 4 } as const;

/** @throws Error for a plan without images */
export function chooserOf(plan: K6Plan): (number: number) => Choice {
  const { images, platform, client, mix } = plan;
  if (images.length === 0) throw new Error('the plan names no image');
  const turn = (number: number) => images[number % images.length] as PlannedImage;
  if (mix === undefined) {
    return (number) => ({ image: turn(number), platform, client, has: undefined });
  }
  const { seed, nodes } = mix;
  const imageAt = imagePicker(mix, images.length);
  const platformAt = picker(mix.platforms, platform, seed, draws.platform);
  const clientAt = picker(mix.clients, client, seed, draws.client);
  return (number) => ({
    image: images[imageAt(number)] as PlannedImage,
    platform: platformAt(number),
    client: clientAt(number),
    has:
      nodes && layersOn(nodes, number, (earlier) => layersOf(plan, imageAt, platformAt, earlier)),
  });
}

/** Milliseconds that the virtual user pauses after a pull. */
export function thinkMsOf({ mix }: K6Plan, number: number): number {
  if (mix?.thinkMs === undefined) return 0;
  const { min, max } = mix.thinkMs;
  return min + (max - min) * fraction(mix.seed, number, draws.think);
}

function imagePicker(mix: Mix, count: number): (number: number) => number {
  if (mix.images === undefined) return (number) => number % count;
  const shares = mix.images.map((weight, value) => ({ value, weight }));
  return picker(shares, 0, mix.seed, draws.image);
}

/** Draws among shares, by a number; an even draw for each `draw`. */
export function picker<T>(
  shares: readonly Share<T>[] | undefined,
  otherwise: T,
  seed: number,
  draw: number,
): (number: number) => T {
  if (shares === undefined || shares.length === 0) return () => otherwise;
  let sum = 0;
  const upTo = shares.map(({ weight }) => {
    sum += weight;
    return sum;
  });
  return (number) => {
    const at = fraction(seed, number, draw) * sum;
    let low = 0;
    let high = shares.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (at < (upTo[middle] as number)) high = middle;
      else low = middle + 1;
    }
    return (shares[low] as Share<T>).value;
  };
}

/** The layers of a node's last pulls, those under way or failed included. */
function layersOn(
  { count, keep }: Nodes,
  number: number,
  layersAt: (number: number) => readonly string[],
): ReadonlySet<string> {
  const layers = new Set<string>();
  for (let back = 1; back <= keep; back++) {
    const earlier = number - back * count;
    if (earlier < 0) break;
    for (const digest of layersAt(earlier)) layers.add(digest);
  }
  return layers;
}

const noLayers: readonly string[] = [];

function layersOf(
  plan: K6Plan,
  imageAt: (number: number) => number,
  platformAt: (number: number) => Platform,
  number: number,
): readonly string[] {
  const byPlatform = plan.images[imageAt(number)]?.layers;
  return byPlatform?.[formatPlatform(platformAt(number))] ?? noLayers;
}

/** An even draw from 0 (included) to 1 (excluded): MurmurHash3's last step over what decides it. */
export function fraction(seed: number, number: number, draw: number): number {
  let hash = seed ^ Math.imul(number + 1, 0x9e37_79b1) ^ Math.imul(draw, 0x85eb_ca6b);
  hash = mixed(hash);
  // A second round, so that neighbouring numbers under one seed have nothing in common.
  hash = mixed(hash + draw);
  return (hash >>> 0) / 2 ** 32;
}

function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
