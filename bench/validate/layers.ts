// Layouts of one large layer for the bench: few large files or very many small ones, plain or packed by gzip. Half
// of each file is noise and half is text, so that it packs as file systems do.
import { createHash, randomFillSync } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { tarHeader } from '../../src/formats/tar/write.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';

export interface LayerShape {
  readonly files: number;
  readonly fileBytes: number;
  readonly compression: 'none' | 'gzip';
}

const sampleBytes = 1024 * 1024;
const filesPerFolder = 100;
const blockBytes = 512;

function sample(): Buffer {
  const bytes = randomFillSync(Buffer.alloc(sampleBytes));
  const text = 'the layers of an image are applied one upon the other; ';
  for (let at = sampleBytes / 2; at < sampleBytes; at += text.length) {
    bytes.write(`${text.slice(0, -3)}${at % 97} `, at, 'latin1');
  }
  return bytes;
}

function* tarOf({ files, fileBytes }: LayerShape): Generator<Buffer> {
  const content = sample();
  for (let at = 0; at < files; at++) {
    const folder = `usr/lib/package-${Math.floor(at / filesPerFolder)}/`;
    if (at % filesPerFolder === 0) yield tarHeader(folder, 0o755, 0, 0);
    yield tarHeader(`${folder}module-${at}.js`, 0o644, fileBytes, 0);
    for (let left = fileBytes; left > 0; left -= sampleBytes) {
      const from = left < sampleBytes ? (at * 997) % (sampleBytes - left) : 0;
      yield content.subarray(from, from + Math.min(left, sampleBytes));
    }
    yield Buffer.alloc(-fileBytes & (blockBytes - 1));
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** Counts and hashes what goes through. */
function measured() {
  const hash = createHash('sha256');
  const told = { bytes: 0, digest: () => `sha256:${hash.digest('hex')}` };
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      told.bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { told, through };
}

/** Writes an OCI layout. @returns bytes of the unpacked tar, and the file of the layer */
export async function writeLayer(
  folder: string,
  shape: LayerShape,
): Promise<{ tarBytes: number; file: string }> {
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const [unpacked, packed] = [measured(), measured()];
  const isPacked = shape.compression === 'gzip';
  const draft = join(folder, 'layer');
  await pipeline(
    Readable.from(tarOf(shape)),
    unpacked.through,
    isPacked ? createGzip() : new PassThrough(),
    packed.through,
    createWriteStream(draft),
  );
  const digest = packed.told.digest();
  const file = join(blobs, digest.slice('sha256:'.length));
  await rename(draft, file);
  const put = async (value: unknown) => {
    const text = JSON.stringify(value);
    const hex = createHash('sha256').update(text).digest('hex');
    await writeFile(join(blobs, hex), text);
    return { digest: `sha256:${hex}`, size: text.length };
  };
  const rootfs = { type: 'layers', diff_ids: [unpacked.told.digest()] };
  const config = await put({ architecture: 'amd64', os: 'linux', rootfs });
  const { size } = await stat(file);
  const mediaType = `${mediaTypes.ociLayerTar}${isPacked ? '+gzip' : ''}`;
  const manifest = await put({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...config },
    layers: [{ mediaType, digest, size }],
  });
  const manifests = [{ mediaType: mediaTypes.ociManifest, ...manifest }];
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  await writeFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  return { tarBytes: unpacked.told.bytes, file };
}
