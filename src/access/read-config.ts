// Reads a file of configuration of the host, bounded; what cannot be read is data.
import { type FileHandle, open } from 'node:fs/promises';
import { configBytesMax } from '../formats/config-limits.ts';
import { type HostView, pathOn } from './host-view.ts';

export type ConfigText =
  | { readonly text: string }
  | { readonly state: 'absent' | 'unreadable'; readonly why: string };

/** The text of a file of that host, at most `configBytesMax` bytes of valid UTF-8. */
export async function readConfig(host: HostView, path: string): Promise<ConfigText> {
  let file: FileHandle | undefined;
  try {
    file = await open(pathOn(host, path));
    const bytes = await readUpTo(file, configBytesMax);
    if (bytes === undefined) return unreadable(`has more than ${configBytesMax} bytes`);
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { state: 'absent', why: 'is not there' };
    const isText = code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    return unreadable(isText ? 'is not UTF-8' : `cannot be read (${code})`);
  } finally {
    await file?.close();
  }
}

/** Undefined for more than that; the path may be a pipe or a device. */
async function readUpTo(file: FileHandle, bytesMax: number): Promise<Buffer | undefined> {
  const buffer = Buffer.alloc(bytesMax + 1);
  for (let size = 0; ; ) {
    const { bytesRead } = await file.read(buffer, size, buffer.length - size, null);
    if (bytesRead === 0) return buffer.subarray(0, size);
    size += bytesRead;
    if (size > bytesMax) return undefined;
  }
}

function unreadable(why: string): ConfigText {
  return { state: 'unreadable', why };
}
