// The digests of layers that are made as they are sent. All layers of a seed begin alike (layer.ts), so one
// pass over the longest serves them all: the state of the hash is copied where each goes its own way.
import { createHash, type Hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { DigestCache } from './digest-cache.ts';
import {
  commonGzipBytes,
  commonTarBytes,
  gzipOf,
  type Layer,
  type Maker,
  type Stream,
} from './layer.ts';
import type { Work } from './work.ts';

/** What has to be known of a layer to serve it. */
export interface LayerDigests {
  /** Of the tar. */
  readonly diffId: string;
  /** Of the tar, as gzip's trailer has it. */
  readonly crc32: number;
  /** Of the blob. */
  readonly digest: string;
}

/** Layers of at least this size are remembered; smaller ones are as quick to hash. */
const rememberedBytesMin = 1024 * 1024;
const pieceBytes = 1024 * 1024;

/** In the order of the layers. Rejects when `work` is aborted. */
export async function digestLayers(
  layers: readonly Layer[],
  stream: Stream,
  cache: DigestCache,
  work: Work,
): Promise<LayerDigests[]> {
  const known = layers.map((layer) => cache.get(layer));
  const open = layers.filter((_, place) => known[place] === undefined);
  const gzipped = open.filter(({ isGzip }) => isGzip);
  work.expect(bytesToHash(open, commonTarBytes) + bytesToHash(gzipped, commonGzipBytes));
  const tars = await hashFrom(open, commonTarBytes, (layer) => stream.tar(layer), 0, work);
  const gzips = await hashFrom(
    gzipped,
    commonGzipBytes,
    (layer) => gzipOf(stream.tar(layer), tars.get(layer)?.crc32 ?? 0),
    undefined,
    work,
  );
  const found = layers.map((layer, place) => {
    const earlier = known[place];
    if (earlier !== undefined) return earlier;
    const { digest: diffId = '', crc32: sum = 0 } = tars.get(layer) ?? {};
    const digests = { diffId, crc32: sum, digest: gzips.get(layer)?.digest ?? diffId };
    if (layer.tarBytes >= rememberedBytesMin) cache.put(layer, digests);
    return digests;
  });
  cache.save();
  return found;
}

type CommonBytes = (layer: Layer) => number;

function bytesToHash(layers: readonly Layer[], commonBytes: CommonBytes): number {
  let longest = 0;
  let tails = 0;
  for (const layer of layers) {
    longest = Math.max(longest, commonBytes(layer));
    tails += layer.tarBytes - commonTarBytes(layer);
  }
  return longest + tails;
}

interface State {
  readonly hash: Hash;
  /** Undefined when it is not wanted. */
  crc32: number | undefined;
}

interface Hashed {
  readonly digest: string;
  readonly crc32: number | undefined;
}

/** Each layer's bytes as `make` makes them, of which the first `commonBytes` are those of any longer one. */
async function hashFrom(
  layers: readonly Layer[],
  commonBytes: CommonBytes,
  make: (layer: Layer) => Maker,
  crc32AtStart: 0 | undefined,
  work: Work,
): Promise<Map<Layer, Hashed>> {
  const rising = [...layers].sort((a, b) => commonBytes(a) - commonBytes(b));
  const longest = rising.at(-1);
  const hashed = new Map<Layer, Hashed>();
  if (longest === undefined) return hashed;
  const common = make(longest);
  const state: State = { hash: createHash('sha256'), crc32: crc32AtStart };
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  let at = 0;
  for (const layer of rising) {
    const cut = commonBytes(layer);
    await hashRange(common, at, cut, state, buffer, work);
    at = cut;
    const own: State = { hash: state.hash.copy(), crc32: state.crc32 };
    const maker = make(layer);
    await hashRange(maker, cut, maker.length, own, buffer, work);
    hashed.set(layer, { digest: `sha256:${own.hash.digest('hex')}`, crc32: own.crc32 });
  }
  return hashed;
}

async function hashRange(
  maker: Maker,
  from: number,
  to: number,
  state: State,
  buffer: Uint8Array,
  work: Work,
): Promise<void> {
  for (let at = from; at < to; at += pieceBytes) {
    const piece = buffer.subarray(0, Math.min(pieceBytes, to - at));
    maker.fill(piece, at);
    state.hash.update(piece);
    if (state.crc32 !== undefined) state.crc32 = crc32(piece, state.crc32);
    if (work.isDue(piece.length)) {
      await breathe();
      work.tell();
    }
  }
}
