// Reads files of a host's configuration: bounded, and what is wrong is data, since clients differ in what they
// make of it.
import { createReadStream, statSync } from 'node:fs';
import { type HostView, pathOn } from './host-view.ts';
import type { Looked } from './route.ts';

const fileBytesMax = 1024 * 1024;

export type FileRead =
  | { readonly text: string }
  | { readonly state: Extract<Looked['state'], 'absent' | 'unreadable'>; readonly why: string };

/** The text of a file of that host, up to 1 MiB. What is a pipe or a device may never end: it is not read. */
export async function readFileOn(host: HostView, path: string): Promise<FileRead> {
  const place = pathOn(host, path);
  try {
    if (!statSync(place).isFile()) return { state: 'unreadable', why: 'it is no file' };
  } catch (error) {
    return { state: stateOf(error), why: whyOf(error) };
  }
  return await readBounded(place);
}

/** As `readFileOn`, of a path as it is, which may be a pipe: somebody named it. */
export async function readBounded(path: string, bytesMax = fileBytesMax): Promise<FileRead> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(path)) {
      bytes += chunk.length;
      if (bytes > bytesMax) break;
      chunks.push(chunk);
    }
  } catch (error) {
    return { state: stateOf(error), why: whyOf(error) };
  }
  if (bytes > bytesMax) {
    return { state: 'unreadable', why: `it has more than ${bytesMax / fileBytesMax} MiB` };
  }
  return { text: Buffer.concat(chunks).toString('utf8') };
}

/** Go's clients too take a file below something that is no folder for one that is there and cannot be read. */
function stateOf(error: unknown): 'absent' | 'unreadable' {
  return codeOf(error) === 'ENOENT' ? 'absent' : 'unreadable';
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ELOOP: 'its links lead in a circle',
  ENOENT: 'there is no such file',
  ENOTDIR: 'what should be a folder is none',
};

/** Why something could not be read, in words without paths. */
export function whyOf(error: unknown): string {
  return words[codeOf(error)] ?? (codeOf(error) || 'it cannot be read');
}

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '');
}

/** Whether something is there, or may be: a folder that may not be looked into hides it. */
export function existsOn(host: HostView, path: string): boolean {
  try {
    statSync(pathOn(host, path));
    return true;
  } catch (error) {
    return stateOf(error) === 'unreadable';
  }
}
