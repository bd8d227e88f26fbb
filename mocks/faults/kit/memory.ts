// What faults remember of the calls before, bounded: whoever was remembered longest ago is forgotten.
import type { Reply } from '../../call.ts';
import type { Behaviour, Scene } from '../fault.ts';
import { blobOf } from './words.ts';

const rememberedMax = 10_000;
const blobStatuses = [200, 206, 416];

export class Memory<Value> {
  readonly #values = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: Value): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > rememberedMax && oldest !== undefined) this.#values.delete(oldest);
  }

  delete(key: string): void {
    this.#values.delete(key);
  }

  /** In the order in which they were set. */
  entries(): Iterable<readonly [string, Value]> {
    return this.#values;
  }
}

/** Says true once for each key. */
export function firstTimes(): (key: string) => boolean {
  const seen = new Memory<true>();
  return (key) => {
    if (seen.has(key)) return false;
    seen.set(key, true);
    return true;
  };
}

/**
 * Changes the first reply about each thing, and no later one, also when limits left the first in peace.
 * `keyOf`: what a reply is about; undefined for replies that do not count.
 */
export function onFirst(
  keyOf: (reply: Reply, scene: Scene) => string | undefined,
  change: (reply: Reply, scene: Scene) => Reply,
): Required<Pick<Behaviour, 'follow' | 'change'>> {
  const isNew = firstTimes();
  let isFirst = false;
  return {
    follow: (reply, scene) => {
      const key = keyOf(reply, scene);
      isFirst = key !== undefined && isNew(key);
      return reply;
    },
    change: (reply, scene) => (isFirst ? change(reply, scene) : reply),
  };
}

/** Digest of the blob that a reply to GET brings, whole or in part, or says to have not enough of. */
export function blobRead({ status }: Reply, scene: Scene): string | undefined {
  const { call, place } = scene;
  const isBlob = place === 'blob' || place === 'edge';
  if (!isBlob || call.method !== 'GET' || !blobStatuses.includes(status)) return undefined;
  return blobOf(scene);
}
