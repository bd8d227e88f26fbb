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

/** Writes `text` before `mark`, which stands in the file; the last time it does, unless `after` is given. */
export function insert(file: string, mark: string, text: string, after = ''): void {
  const before = read(file);
  const start = after === '' ? 0 : before.indexOf(after);
  const at = after === '' ? before.lastIndexOf(mark) : before.indexOf(mark, start);
  if (start < 0 || at < 0) throw new Error(`${file} has no ${JSON.stringify(after || mark)}`);
  write(file, before.slice(0, at) + text + before.slice(at));
}

/** Adds a line of import before the first one, or where biome will sort it. */
export function insertImport(file: string, line: string): void {
  const text = read(file);
  const [names = ''] = /\{[^}]*\}/.exec(line) ?? [];
  if (text.includes(line) || (names !== '' && text.includes(`import ${names}`))) return;
  insert(file, 'import ', `${line}\n`, 'import ');
}

/** The name of the only exported array of such entries, as `uploadOrderChecks: readonly Check[]`. */
export function listIn(file: string, type: string): string | undefined {
  const pattern = new RegExp(`export const (\\w+): readonly ${type}\\[\\] = \\[`);
  return pattern.exec(read(file))?.[1];
}
