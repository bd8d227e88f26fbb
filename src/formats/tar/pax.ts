// Extended headers of pax: records of `LENGTH KEY=VALUE\n` that say more of the next entry than its header
// has room for (POSIX.1-2024, pax, "pax Header Block"), read as strictly as Go's reader does.

import { decodeName } from './header.ts';

/** What extended headers, pax's and GNU's, say about the next entry. */
export interface Overrides {
  path?: string;
  link?: string;
  bytes?: number;
  sparse?: boolean;
}

const [paxText, paxNumber, paxTime] = [/^[^\0]*$/, /^-?[0-9]+$/, /^-?[0-9]*(?:\.[0-9]*)?$/];
/** The forms of pax records, without which Go's reader ends. */
const paxForms: ReadonlyMap<string, RegExp> = new Map([
  ['path', paxText],
  ['linkpath', paxText],
  ['uname', paxText],
  ['gname', paxText],
  ['uid', paxNumber],
  ['gid', paxNumber],
  ['mtime', paxTime],
  ['atime', paxTime],
  ['ctime', paxTime],
  ['size', /^[0-9]+$/],
]);
const newline = 0x0a;

/** Hands each record to `take`; false when they are none, or as soon as `take` says false. */
export function eachPaxRecord(
  bytes: Buffer,
  take: (key: string, value: Buffer) => boolean,
): boolean {
  let at = 0;
  while (at < bytes.length) {
    const blank = bytes.indexOf(0x20, at);
    const digits = bytes.toString('latin1', at, blank);
    const end = at + Number(digits);
    if (blank < 0 || !/^[0-9]{1,8}$/.test(digits) || end <= blank || end > bytes.length) {
      return false;
    }
    const record = bytes.subarray(blank + 1, end);
    const equals = record.indexOf('=');
    if (equals < 1 || record.at(-1) !== newline) return false;
    if (!take(record.toString('utf8', 0, equals), record.subarray(equals + 1, -1))) return false;
    at = end;
  }
  return true;
}

/** Takes over what a record says of the next entry; false when it is not of its form. */
export function applyPaxRecord(key: string, value: Buffer, overrides: Overrides): boolean {
  if (key.startsWith('GNU.sparse.')) overrides.sparse = true;
  const form = paxForms.get(key);
  // Without a value a record takes back what was said before it.
  if (form !== undefined && value.length > 0 && !form.test(value.toString('latin1'))) return false;
  const said = value.length === 0 ? undefined : decodeName(value);
  if (key === 'path' || key === 'GNU.sparse.name') set(overrides, 'path', said);
  else if (key === 'linkpath') set(overrides, 'link', said);
  else if (key === 'size') {
    const bytes = said === undefined ? undefined : Number(said);
    if (bytes !== undefined && !Number.isSafeInteger(bytes)) return false;
    set(overrides, 'bytes', bytes);
  }
  return true;
}

function set<Name extends keyof Overrides>(
  overrides: Overrides,
  name: Name,
  value: Overrides[Name] | undefined,
): void {
  if (value === undefined) delete overrides[name];
  else overrides[name] = value;
}
