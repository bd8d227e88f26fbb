// What the scaffolds share: names that may be, files that are written, and entries in lists that stand.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../src/lib/node/make-folder.ts';
import { UserError } from '../../src/lib/user-error.ts';
import { packageRoot } from '../../src/run/package-root.ts';

const slug = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** @throws UserError `name-invalid` */
export function expectSlug(name: string, what: string): void {
  if (slug.test(name)) return;
  throw new UserError(
    'name-invalid',
    `${JSON.stringify(name)} is no ${what}`,
    'Write small letters, digits and single hyphens, such as upload-chunk-late.',
  );
}

/** @throws UserError `id-taken`: ids are for ever */
export function expectFree(
  id: string,
  known: readonly { readonly id: string; readonly file: string }[],
): void {
  const taken = known.find((one) => one.id === id);
  if (taken === undefined) return;
  throw new UserError('id-taken', `${id} is there already, in ${taken.file}`, 'Choose another id.');
}

/** `upload/order` as its two parts. @throws UserError `name-invalid` */
export function placeOf(name: string, rooms: readonly string[]): { room: string; file: string } {
  const [room = '', file = '', ...more] = name.split('/');
  if (!rooms.includes(room) || file === '' || more.length > 0) {
    const message = `${JSON.stringify(name)} names no file of a room`;
    const hint = `Write ROOM/FILE, such as upload/order. The rooms are ${rooms.join(', ')}.`;
    throw new UserError('name-invalid', message, hint);
  }
  expectSlug(file, 'file');
  return { room, file };
}

/** `upload-order` as `uploadOrder`. */
export function camel(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

export function isThere(file: string): boolean {
  return existsSync(join(packageRoot, file));
}

export function read(file: string): string {
  return readFileSync(join(packageRoot, file), 'utf8');
}

export function write(file: string, text: string): void {
  makeFolder(join(packageRoot, file, '..'));
  writeFileSync(join(packageRoot, file), text);
}

/** @throws UserError `name-taken` */
export function writeNew(file: string, text: string): void {
  if (isThere(file)) {
    throw new UserError('name-taken', `${file} is there already`, 'Choose another name.');
  }
  write(file, text);
}

/** Writes `text` before the end of the list or object of this name, which begins on one line and ends on another. */
export function insertInto(file: string, opening: string, text: string): void {
  const before = read(file);
  const start = before.indexOf(opening);
  const end = /\n[\]}]/.exec(before.slice(start));
  if (start < 0 || end === null) throw new Error(`${file} has no ${JSON.stringify(opening)}`);
  const at = start + end.index + 1;
  write(file, before.slice(0, at) + text + before.slice(at));
}

/** Adds a line to a table of files, `'room/file': list`, after the last of its room. */
export function insertFile(catalogue: string, room: string, line: string): void {
  const text = read(catalogue);
  const at = text.lastIndexOf(`\n  '${room}/`) + 1;
  const end = text.indexOf('\n', at) + 1;
  write(catalogue, text.slice(0, end) + line + text.slice(end));
}

/** Adds an entry to `export const NAME: readonly TYPE[] = …;`, whatever that is put together of. */
export function appendTo(file: string, name: string, type: string, entry: string): void {
  const opening = `export const ${name}: readonly ${type}[] = `;
  const text = read(file);
  const start = text.indexOf(opening) + opening.length;
  const rest = text.slice(start);
  if (rest.startsWith('[\n')) {
    insertInto(file, opening, entry);
    return;
  }
  // One line, or up to the line that ends what began at the margin.
  const [value = ''] = /^[^\n]*;\n|^[\s\S]*?\n\S[^\n]*;\n/.exec(rest) ?? [];
  const made = `[\n...${value.trim().replace(/;$/, '')},\n${entry}];\n`;
  write(file, text.slice(0, start) + made + rest.slice(value.length));
}

/** An import of these names (`a`, `type B`), as far as the file does not have it already. */
export function insertImport(file: string, names: readonly string[], from: string): void {
  const text = read(file);
  const pattern = new RegExp(
    `import (type )?\\{([^}]*)\\} from '${from.replaceAll('.', '\\.')}';\n`,
  );
  const [line = '', isType, inside = ''] = pattern.exec(text) ?? [];
  const known = inside
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const before = known.map((one) => (isType === undefined ? one : `type ${one}`));
  const bare = before.map((one) => one.replace('type ', ''));
  const all = [...before, ...names.filter((one) => !bare.includes(one.replace('type ', '')))];
  const made = `import { ${all.join(', ')} } from '${from}';\n`;
  const at = line === '' ? text.indexOf('import ') : text.indexOf(line);
  write(file, text.slice(0, at) + made + text.slice(at + line.length));
}

/** The name of the exported list of such entries; undefined where the file has none, or several. */
export function listIn(file: string, type: string): string | undefined {
  const found = [
    ...read(file).matchAll(new RegExp(`export const (\\w+): readonly ${type}\\[\\] =`, 'g')),
  ];
  return found.length === 1 ? found[0]?.[1] : undefined;
}
