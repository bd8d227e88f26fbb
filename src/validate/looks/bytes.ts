// What bytes are that are no text in UTF-8: UTF-16, compressed data, programs, pictures.

import { type Look, looksLike } from './look.ts';

/** As many bytes as any row below needs: those of the header of a tar. */
const headBytes = 512;
const tarMagicAt = 257;

const powerShell = "In PowerShell, write it by Out-File -Encoding utf8NoBOM in place of '>'";
/** A character that texts begin with, in hex. */
const ascii = '(?:[2-7][0-9a-f]|0[9ad])';
const encodings: readonly (readonly [name: string, head: RegExp, from: string])[] = [
  ['UTF-32', /^(?:fffe0000|0000feff)/, 'UTF-32'],
  ['UTF-16', /^(?:fffe|feff)/, 'UTF-16'],
  ['UTF-32', new RegExp(`^(?:${ascii}000000){2}`), 'UTF-32LE'],
  ['UTF-32', new RegExp(`^(?:000000${ascii}){2}`), 'UTF-32BE'],
  ['UTF-16', new RegExp(`^(?:${ascii}00){2}`), 'UTF-16LE'],
  ['UTF-16', new RegExp(`^(?:00${ascii}){2}`), 'UTF-16BE'],
];

const unpack = (command: string) => `Unpack it first: ${command} FILE.`;
const inPlace = 'As the archive of an image it is read as it is, without --kind.';
const noDocument = 'Give the document itself; check what wrote this file.';

/** No more can be said. */
export const binaryLook = looksLike('binary data', noDocument);

/** By the hex of the first bytes. */
const magics: readonly (readonly [head: RegExp, what: string, fix: string])[] = [
  [/^1f8b/, 'compressed by gzip', `${unpack('gzip -d')} ${inPlace}`],
  [/^(?:28b52ffd|5[0-9a-f]2a4d18)/, 'compressed by zstd', `${unpack('zstd -d')} ${inPlace}`],
  [/^fd377a585a00/, 'compressed by xz', unpack('xz -d')],
  [/^425a683[1-9]/, 'compressed by bzip2', unpack('bzip2 -d')],
  [/^04224d18/, 'compressed by lz4', unpack('lz4 -d')],
  [/^4c5a4950/, 'compressed by lzip', unpack('lzip -d')],
  [/^5d0000[0-9a-f]{4}/, 'compressed by lzma', unpack('xz -d --format=lzma')],
  [/^1f(?:9d|a0)/, 'compressed by compress', unpack('gzip -d')],
  [/^504b(?:0304|0506)/, 'a zip archive', 'Unpack it first: unzip FILE; then give the folder.'],
  [/^377abcaf271c/, 'a 7z archive', 'Unpack it first: 7z x FILE; then give the folder.'],
  [/^526172211a07/, 'a rar archive', 'Unpack it first: unrar x FILE; then give the folder.'],
  [/^213c617263683e/, 'an ar archive, such as a Debian package', noDocument],
  [/^303730373037?[0-9]/, 'a cpio archive', noDocument],
  [/^edabeedb/, 'an RPM package', noDocument],
  [/^(?:68737173|73717368)/, 'a squashfs image', noDocument],
  [/^7f454c46/, 'a program (ELF)', noDocument],
  [/^4d5a(?:[0-9a-f]{2})*?0000/, 'a program for Windows', noDocument],
  [/^(?:cffaedfe|cefaedfe|cafebabe)/, 'a program for macOS, or Java', noDocument],
  [/^0061736d/, 'a WebAssembly module', 'Give the manifest of its image, not the module itself.'],
  [/^89504e47/, 'a picture (PNG)', noDocument],
  [/^47494638/, 'a picture (GIF)', noDocument],
  [/^47475546/, 'a model (GGUF)', 'Give the manifest of its image, not the model itself.'],
  [/^514649fb/, 'the image of a disk (QCOW2)', noDocument],
  [/^ffd8ff/, 'a picture (JPEG)', noDocument],
  [/^25504446/, 'a PDF', noDocument],
  [/^53514c69746520666f726d6174/, 'a database (SQLite)', noDocument],
  [/^3082/, 'a certificate or key in DER', noDocument],
];

/** In which encoding a text is that is not in UTF-8; undefined where it is, or is no text. */
export function encodingOf(bytes: Uint8Array): Look | undefined {
  const [first = 0x20, second = 0x20] = bytes;
  if (first !== 0 && second !== 0 && first < 0xfe) return undefined;
  const hex = hexOf(bytes, 8);
  const found = encodings.find(([, head]) => head.test(hex));
  if (found === undefined) return undefined;
  const [name, , from] = found;
  const fix = `Write it as UTF-8: iconv -f ${from} -t UTF-8 FILE. ${powerShell}.`;
  return { detail: `the text is in ${name}, not in UTF-8`, fix };
}

/** What bytes are by their first ones; undefined where these tell nothing. */
export function lookOfBytes(bytes: Uint8Array): Look | undefined {
  const hex = hexOf(bytes, 32);
  const found = magics.find(([head]) => head.test(hex));
  return found && looksLike(found[1], found[2]);
}

/** What bytes are that are no text, or a tar; undefined for text. */
export function lookOfHead(bytes: Uint8Array): Look | undefined {
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString('latin1');
  if (head.startsWith('ustar', tarMagicAt)) {
    return looksLike('a tar archive', 'Give it without --kind; a layer alone is no image.');
  }
  return head.includes('\0') ? binaryLook : undefined;
}

function hexOf(bytes: Uint8Array, count: number): string {
  return Buffer.from(bytes.subarray(0, count)).toString('hex');
}
