// The archive of `docker save`, as c/image writes it: layers unpacked, named by what they unpack to, which the config
// knows as their diff IDs. Everything is read from files and written to one; memory stays small.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { compressionOf, magicBytes } from '../../../formats/compression.ts';
import { blockBytes } from '../../../formats/tar/header.ts';
import { endBytes, tarHeader } from '../../../formats/tar/write.ts';
import { asArray, asObject, asString, parseJson } from '../../../lib/json.ts';
import { saveFailed } from './failed.ts';
import type { SavedImage } from './layouts.ts';

/** What the size in a header of a tar holds. */
const layerBytesMax = 8 * 1024 ** 3 - 1;
const configBytesMax = 16 * 1024 * 1024;
const asOci = 'Save it as oci:DIR, which keeps layers as they are.';

/** `pathOf`: the file of a blob. @throws UserError where the image is none that such an archive can hold */
export async function writeDockerArchive(
  archive: string,
  { config, layers, name }: SavedImage,
  pathOf: (digest: string) => string,
): Promise<void> {
  if (config.size > configBytesMax) throw saveFailed('its config is too large', asOci);
  const content = await readFile(pathOf(config.digest));
  const diffIds = diffIdsOf(content.toString('utf8'));
  if (diffIds.length !== layers.length) {
    throw saveFailed(`it has ${layers.length} layers and ${diffIds.length} diff IDs`, asOci);
  }
  const file = await open(archive, 'wx', 0o644);
  try {
    const names: string[] = [];
    const written = new Set<string>();
    for (const [index, { digest }] of layers.entries()) {
      const diffId = diffIds[index] ?? '';
      const layerName = `${encodedOf(diffId)}.tar`;
      names.push(layerName);
      if (written.has(layerName)) continue;
      written.add(layerName);
      await writeLayer(file, layerName, pathOf(digest), diffId);
    }
    const configName = `${encodedOf(config.digest)}.json`;
    await writeEntry(file, configName, content);
    const manifest = [{ Config: configName, RepoTags: name === '' ? null : [name], Layers: names }];
    await writeEntry(file, 'manifest.json', Buffer.from(JSON.stringify(manifest)));
    await file.writeFile(new Uint8Array(endBytes));
  } finally {
    await file.close();
  }
}

function diffIdsOf(config: string): string[] {
  const list = asArray(asObject(asObject(parseJson(config))?.rootfs)?.diff_ids) ?? [];
  const ids = list.map((one) => asString(one) ?? '');
  if (ids.length === 0 || ids.some((id) => !/^sha256:[0-9a-f]{64}$/.test(id))) {
    throw saveFailed('its config names no layers (rootfs.diff_ids)', asOci);
  }
  return ids;
}

function encodedOf(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1);
}

async function writeEntry(file: FileHandle, name: string, content: Uint8Array): Promise<void> {
  await file.writeFile(tarHeader(name, 0o444, content.length, 0));
  await file.writeFile(content);
  await pad(file, content.length);
}

async function pad(file: FileHandle, bytes: number): Promise<void> {
  const rest = bytes % blockBytes;
  if (rest > 0) await file.writeFile(new Uint8Array(blockBytes - rest));
}

/** Read twice: a header says the length before what it is of. */
async function writeLayer(
  file: FileHandle,
  name: string,
  path: string,
  diffId: string,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of await unpacked(path)) {
    bytes += piece.length;
    if (bytes > layerBytesMax) throw saveFailed(`a layer unpacks to more than 8 GiB`, asOci);
    hash.update(piece);
  }
  if (`sha256:${hash.digest('hex')}` !== diffId) {
    throw saveFailed(`a layer does not unpack to its diff ID ${diffId}`, asOci);
  }
  await file.writeFile(tarHeader(name, 0o444, bytes, 0));
  for await (const piece of await unpacked(path)) await file.writeFile(piece);
  await pad(file, bytes);
}

/** Errors of reading and unpacking come out of the iteration. */
async function unpacked(path: string): Promise<AsyncIterable<Uint8Array>> {
  const head = Buffer.alloc(magicBytes);
  const file = await open(path);
  try {
    await file.read(head, 0, magicBytes, 0);
  } finally {
    await file.close();
  }
  const unpackers = {
    gzip: () => createGunzip(),
    zstd: () => createZstdDecompress(),
    none: () => new PassThrough(),
  };
  const from: Readable = createReadStream(path);
  const to = unpackers[compressionOf(head)]();
  from.on('error', (error) => to.destroy(error));
  from.pipe(to);
  return readable(to);
}

async function* readable(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw saveFailed(`a layer cannot be unpacked: ${(error as Error).message}`, asOci);
  }
}
