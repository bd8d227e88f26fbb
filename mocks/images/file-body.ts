// A stretch of a file as a body: read as it is sent. Plain descriptors, not FileHandles, so that a mock that
// is dropped without being closed leaves nothing for the garbage collector to complain about.
import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteSource } from '../call.ts';

const readAt = promisify(read);
const pieceBytes = 256 * 1024;

/** A file that is open, or is opened for each reading. */
export interface Openable {
  /** @throws when it cannot be opened */
  open(): number;
  release(fd: number): void;
}

/** `length` bytes from `offset` on; reading rejects when the file has become shorter. */
export function fileBody(file: Openable, offset: number, length: number): ByteSource {
  return {
    length,
    subarray: (begin = 0, end = length) => {
      const from = Math.min(Math.max(begin, 0), length);
      const to = Math.min(Math.max(end, from), length);
      return fileBody(file, offset + from, to - from);
    },
    async *chunks() {
      const fd = file.open();
      try {
        const buffer = Buffer.allocUnsafeSlow(Math.min(pieceBytes, length));
        for (let at = 0; at < length; ) {
          const wanted = Math.min(buffer.length, length - at);
          const { bytesRead } = await readAt(fd, buffer, 0, wanted, offset + at);
          if (bytesRead === 0) throw new Error('the file has become shorter while it is served');
          at += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        file.release(fd);
      }
    },
  };
}
