// Layers of images as tar: files, folders and symbolic links, each with its owner.
import { fields, octalOf, seal } from '../../../src/formats/tar/header.ts';
import { endBytes, tarHeader } from '../../../src/formats/tar/write.ts';

export interface LayerEntry {
  /** Relative; a folder's ends in `/`. At most 100 bytes. */
  readonly name: string;
  /** Octal, default 0o755. */
  readonly mode?: number;
  readonly content?: Uint8Array;
  /** Makes it a symbolic link to there. */
  readonly link?: string;
  /** Of user and group, default root. */
  readonly owner?: number;
}

const blockBytes = 512;
/** Of every file, so that equal layers have equal digests. */
const modifiedSeconds = 1_700_000_000;
const symbolicLink = '2';

export function layerOf(entries: readonly LayerEntry[]): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const { content = new Uint8Array(0) } = entry;
    blocks.push(headerOf(entry, content.length), content);
    const over = content.length % blockBytes;
    if (over > 0) blocks.push(new Uint8Array(blockBytes - over));
  }
  blocks.push(new Uint8Array(endBytes));
  return Buffer.concat(blocks);
}

function headerOf({ name, mode = 0o755, link, owner = 0 }: LayerEntry, bytes: number): Buffer {
  const header = tarHeader(name, mode, bytes, modifiedSeconds);
  if (link !== undefined) {
    header.write(symbolicLink, fields.type[0]);
    header.write(link, fields.link[0]);
  }
  for (const field of ['owner', 'group'] as const) {
    const [at, length] = fields[field];
    header.write(octalOf(owner, length), at);
  }
  return seal(header);
}
