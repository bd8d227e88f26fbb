// What the page carries with it: styles, script and, for charts, uPlot (MIT licence) as installed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { scriptOf } from './script/index.ts';
import { style } from './style.ts';

export interface Assets {
  style: string;
  script: string;
  /** Content-Security-Policy that allows these two and nothing else. */
  policy: string;
}

/** What a live page needs besides: a piece of script, and leave to ask the server that it comes from. */
export interface LiveAssets {
  /** As the pieces in script/: within their scope, so that it can `wire` what it puts in. */
  readonly script: string;
  readonly style?: string;
}

/** The chart library is brought only when there is a chart to draw; `more` is style of one page alone. */
export function assets(charts: boolean, more = '', live?: LiveAssets): Assets {
  const sheet = style + more + (live?.style ?? '');
  const script = scriptOf(live === undefined ? [] : [live.script]);
  // Within these two elements there are no references to characters: they are ASCII themselves (see frame.ts).
  const styles = escaped(
    charts ? `${read('uplot/dist/uPlot.min.css')}\n${sheet}` : sheet,
    (code) => `\\${code} `,
  );
  const scripts = escaped(
    charts ? `${lazily(read('uplot/dist/uPlot.iife.min.js'))}\n${script}` : script,
    (code) => `\\u${code.padStart(4, '0')}`,
  );
  const policy = [
    "default-src 'none'",
    `style-src '${hash(styles)}'`,
    `script-src '${hash(scripts)}'`,
    'img-src data:',
    ...(live === undefined ? [] : ["connect-src 'self'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return { style: styles, script: scripts, policy };
}

/** Each UTF-16 unit beyond ASCII by its hexadecimal number, as it may stand in strings. */
function escaped(source: string, written: (code: string) => string): string {
  return source.replace(/[^\0-\x7f]/g, (char) => written(char.charCodeAt(0).toString(16)));
}

/** Run when something is to be drawn: what it asks of a browser first is a good part of opening the page. */
function lazily(source: string): string {
  return `let uPlot;\nconst bringPlot = () => { uPlot ??= (() => { ${source}\nreturn uPlot; })(); };`;
}

/** A file of a package; in the build it lies beside (tools/vendored.ts). */
function read(file: string): string {
  const path = createRequire(import.meta.url).resolve(file);
  return readFileSync(path, 'utf8').trim();
}

function hash(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
