// What a terminal is given: colours and hyperlinks, unless somebody says otherwise; more than ASCII, if it shows that.
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TextOptions } from '../../reports/options.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Older ones crash on hyperlinks, as https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda says. */
const vteMin = 5_000;

/** force-color.org and no-color.org: set, and not to nothing; what forces wins. */
export function wantsColor(isTerminal: boolean, variables: Variables): boolean {
  return (
    forced(variables.FORCE_COLOR) ??
    (isTerminal && !variables.NO_COLOR && variables.TERM !== 'dumb')
  );
}

/** Who wants no colours wants no other escape sequences either. */
export function wantsLinks(isTerminal: boolean, variables: Variables): boolean {
  const { FORCE_HYPERLINK, VTE_VERSION } = variables;
  const isAble = VTE_VERSION === undefined || Number(VTE_VERSION) >= vteMin;
  return forced(FORCE_HYPERLINK) ?? (isTerminal && isAble && wantsColor(isTerminal, variables));
}

function forced(value: string | undefined): boolean | undefined {
  return value === undefined || value === '' ? undefined : !/^(?:0|false)$/i.test(value);
}

/** Whether the locale, as POSIX reads it, is one of UTF-8. Windows has none, and its terminals show it. */
export function showsUnicode({ LC_ALL, LC_CTYPE, LANG }: Variables, platform: string): boolean {
  if (platform === 'win32') return true;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

const widthOfPipes = 100;

/** Standard output as texts are laid out for it. */
export function textOptionsOf({ verbose }: { readonly verbose?: unknown }): TextOptions {
  const { isTTY = false, columns = 0 } = process.stdout;
  const color = wantsColor(isTTY, process.env);
  return { color, width: columns || widthOfPipes, verbose: verbose === true };
}

/**
 * The address of a file that is there, with the name of this host: where the terminal is another, it knows not
 * to open a file of its own.
 */
export function fileUrl(file: string): string | undefined {
  const path = resolve(file);
  if (!existsSync(path)) return undefined;
  const { pathname } = pathToFileURL(path);
  return `file://${encodeURIComponent(hostname())}${pathname}`;
}
