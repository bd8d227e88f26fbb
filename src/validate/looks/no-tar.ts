// What bytes are that should be a tar and are none: of layers, and of the archives of images.

import { isTarHead } from '../../formats/tar/header.ts';
import { binaryLook, lookOfBytes } from './bytes.ts';
import { type Look, looksLike } from './look.ts';
import { lookOfStranger } from './looks.ts';

const json = looksLike('JSON', 'Give it under a name that ends in .json, not compressed.');

/** `head`: the first 512 bytes, or all. Undefined for a tar, whole or not, and for what has no name. */
export function lookOfNoTar(head: Uint8Array): Look | undefined {
  if (isTarHead(head)) return undefined;
  const look = lookOfStranger(head, Buffer.from(head).toString('utf8')) ?? json;
  return look === binaryLook ? undefined : look;
}

/** `compressed by xz`, say, of what should be a tar; undefined where nothing is known to have packed it. */
export function packingOf(head: Uint8Array): string | undefined {
  if (isTarHead(head)) return undefined;
  return /compressed by .*$/.exec(lookOfBytes(head)?.detail ?? '')?.[0];
}
