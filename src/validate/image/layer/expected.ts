// The layers that documents of an image expect, each with all that is said of it: they are streamed
// once, in the order that suits where they lie.

import type { Compression } from '../../../formats/compression.ts';
import type { Severity } from '../../validate.ts';
import type { ImageContent } from '../content.ts';
import {
  type BlobDraft,
  type ByteSink,
  type ExpectedLayer,
  LayerInspection,
  type LayerOutcome,
} from './inspection.ts';
import { judgeOutsideLinks } from './stack.ts';

export interface WalkOptions extends Severity {
  /** Look into layers too. */
  readonly layers: boolean;
  readonly layerBytesMax: number;
  readonly signal: AbortSignal;
  readonly progress: (message: string) => void;
}

/** What one document says of a layer. */
export interface LayerMention {
  readonly size?: number | undefined;
  /** Undefined: it is no file system. */
  readonly compression: Compression | 'any' | undefined;
  readonly diffIds: Iterable<string>;
  readonly isForeign?: boolean;
}

/** Paths of layers below others, all together; of layers beyond that nothing is known. */
const pathsMax = 8_000_000;
/** Layers of images, all together, and looks for the target of a link in a layer; more are not judged. */
const stackedMax = 250_000;
const looksMax = 1_000_000;
/** Findings of one rule by other layers; further ones are left out. */
const findingsPerRuleMax = 5;

interface LayerDraft extends ExpectedLayer {
  readonly sizes: Set<number>;
  readonly compressions: Set<Compression | 'any'>;
  readonly diffIds: Set<string>;
  isForeign: boolean;
  isBelow: boolean;
}

export class ExpectedLayers {
  readonly #layers = new Map<string, LayerDraft>();
  /** The layers of each image, the lowest first. */
  readonly #images: (readonly string[])[] = [];
  #stacked = 0;

  digests(): Iterable<string> {
    return this.#layers.keys();
  }

  /** Expects a layer, also once more by what another document says of it. */
  add(digest: string, { size, compression, diffIds, isForeign }: LayerMention): void {
    const layer = this.#layers.get(digest) ?? layerDraft(digest);
    layer.isForeign &&= isForeign === true;
    if (size !== undefined) layer.sizes.add(size);
    if (compression !== undefined) layer.compressions.add(compression);
    for (const diffId of diffIds) layer.diffIds.add(diffId);
    this.#layers.set(digest, layer);
  }

  /** Takes layers, the lowest first, for those of one image. */
  addImage(digests: readonly string[]): void {
    this.#stacked += digests.length;
    if (this.#stacked > stackedMax) return;
    this.#images.push(digests);
    for (const digest of digests.slice(0, -1)) {
      const layer = this.#layers.get(digest);
      if (layer !== undefined) layer.isBelow = true;
    }
  }

  /**
   * Streams every layer.
   * @returns why some could not be had, by digest; those that need not be there are left out
   */
  async inspect(
    content: ImageContent,
    { signal, layerBytesMax, progress }: WalkOptions,
    tell: (digest: string, outcome: LayerOutcome) => void,
  ): Promise<ReadonlyMap<string, string>> {
    const outcomes = new Map<string, LayerOutcome>();
    let paths = 0;
    const open = (digest: string): ByteSink => {
      const expected = this.#layers.get(digest) as ExpectedLayer;
      const inspection = new LayerInspection(expected, layerBytesMax);
      progress(`layer ${digest}`);
      return {
        write: (chunk) => {
          signal.throwIfAborted();
          return inspection.write(chunk);
        },
        end: async () => {
          await inspection.end();
          const outcome = inspection.outcome();
          paths += outcome.paths?.size ?? 0;
          const isKept = paths <= pathsMax;
          outcomes.set(digest, isKept ? outcome : { ...outcome, paths: undefined });
        },
      };
    };
    if (signal.aborted) return new Map();
    const failed = await content.stream(new Set(this.#layers.keys()), open).catch((error) => {
      if (signal.aborted) return new Map<string, string>();
      throw error;
    });
    const across = this.#judgeAcross(outcomes);
    // Not in the order in which layers came to their ends.
    for (const digest of this.#layers.keys()) {
      const outcome = outcomes.get(digest);
      if (outcome === undefined) continue;
      const drafts = [...outcome.drafts, ...(across.get(digest) ?? [])];
      tell(digest, { ...outcome, drafts });
    }
    return new Map([...failed].filter(([digest]) => !this.#layers.get(digest)?.isForeign));
  }

  /** What layers say of others below them, by the digest of the layer. */
  #judgeAcross(outcomes: ReadonlyMap<string, LayerOutcome>): ReadonlyMap<string, BlobDraft[]> {
    const drafts = new Map<string, BlobDraft[]>();
    let looks = 0;
    for (const digests of this.#images) {
      for (const [at, digest] of digests.entries()) {
        const { outside = [] } = outcomes.get(digest) ?? {};
        looks += outside.length * (at + 1);
        if (outside.length === 0 || looks > looksMax) continue;
        const own = drafts.get(digest) ?? [];
        drafts.set(digest, own);
        const below = digests.slice(0, at).reverse();
        const known = below.map((lower) => outcomes.get(lower)?.paths);
        judgeOutsideLinks(outside, known, (rule, detail) => {
          const same = own.filter((draft) => draft.rule === rule);
          const isTold = same.length >= findingsPerRuleMax;
          const text = typeof detail === 'string' ? detail : detail();
          if (!isTold && same.every((draft) => draft.detail !== text))
            own.push({ rule, detail: text });
        });
      }
    }
    return drafts;
  }
}

function layerDraft(digest: string): LayerDraft {
  const [sizes, diffIds] = [new Set<number>(), new Set<string>()];
  return {
    digest,
    sizes,
    compressions: new Set(),
    diffIds,
    isForeign: true,
    isBelow: false,
  };
}
