// A file, or a part of it, as a body that is read while it is sent.
import { open } from 'node:fs/promises';
import type { ByteSource } from '../call.ts';

const pieceBytes = 256 * 1024;

/** `length` bytes of the file from `offset`. Its chunks throw when the file has fewer. */
export function fileBody(path: string, length: number, offset = 0): ByteSource {
  return {
    length,
    subarray(begin = 0, end = length) {
      const from = Math.min(Math.max(0, begin), length);
      const to = Math.max(from, Math.min(end, length));
      return fileBody(path, to - from, offset + from);
    },
    chunks: () => chunksOfFile(path, offset, length),
  };
}

async function* chunksOfFile(
  path: string,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, length));
    for (let at = 0; at < length; ) {
      const wanted = Math.min(piece.length, length - at);
      const { bytesRead } = await file.read(piece, 0, wanted, offset + at);
      if (bytesRead === 0) throw new Error(`${path} has fewer bytes than it should`);
      yield piece.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
