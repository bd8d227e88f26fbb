// Reads a file whole, up to a limit: also one that does not say its length, such as a pipe or a device.
import { open } from 'node:fs/promises';

/** Asked for at a time where the length is not known. */
const pieceBytes = 64 * 1024;

/**
 * Undefined when the file is larger than `bytesMax`; `later` when it says that it is larger than
 * `atOnceMax`: then nothing was read.
 * @throws the error of the file system
 */
export async function readFileUpTo(path: string, bytesMax: number): Promise<Uint8Array | undefined>;
export async function readFileUpTo(
  path: string,
  bytesMax: number,
  atOnceMax: number,
): Promise<Uint8Array | 'later' | undefined>;
export async function readFileUpTo(
  path: string,
  bytesMax: number,
  atOnceMax = bytesMax,
): Promise<Uint8Array | 'later' | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > bytesMax) return undefined;
    if (size > atOnceMax) return 'later';
    // One byte more than it says shows the end at once.
    let buffer = Buffer.allocUnsafe(size > 0 ? size + 1 : pieceBytes);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (length > bytesMax) return undefined;
      if (bytesRead === 0) return buffer.subarray(0, length);
      if (length === buffer.length) {
        buffer = Buffer.concat([buffer, Buffer.allocUnsafe(Math.max(length, pieceBytes))]);
      }
    }
  } finally {
    await file.close();
  }
}
