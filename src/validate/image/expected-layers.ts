// The layers that documents of an image expect, each with all that is said of it: they are streamed
// once, in the order that suits where they lie.

import type { Compression } from '../../formats/compression.ts';
import type { Severity } from '../validate.ts';
import type { ImageContent } from './content.ts';
import { type ByteSink, type ExpectedLayer, LayerInspection, type LayerOutcome } from './layer.ts';

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

interface LayerDraft extends ExpectedLayer {
  readonly sizes: Set<number>;
  readonly compressions: Set<Compression | 'any'>;
  readonly diffIds: Set<string>;
  isForeign: boolean;
}

export class ExpectedLayers {
  readonly #layers = new Map<string, LayerDraft>();

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

  /**
   * Streams every layer.
   * @returns why some could not be had, by digest; those that need not be there are left out
   */
  async inspect(
    content: ImageContent,
    { signal, layerBytesMax, progress }: WalkOptions,
    tell: (digest: string, outcome: LayerOutcome) => void,
  ): Promise<ReadonlyMap<string, string>> {
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
          tell(digest, inspection.outcome());
        },
      };
    };
    if (signal.aborted) return new Map();
    const failed = await content.stream(new Set(this.#layers.keys()), open).catch((error) => {
      if (signal.aborted) return new Map<string, string>();
      throw error;
    });
    return new Map([...failed].filter(([digest]) => !this.#layers.get(digest)?.isForeign));
  }
}

function layerDraft(digest: string): LayerDraft {
  const [sizes, diffIds] = [new Set<number>(), new Set<string>()];
  return { digest, sizes, compressions: new Set(), diffIds, isForeign: true };
}
