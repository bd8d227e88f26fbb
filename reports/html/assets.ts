// What the page carries with it: styles, script and, for charts, uPlot (MIT licence) as installed.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { script } from './script/index.ts';
import { style } from './style.ts';

export interface Assets {
  style: string;
  script: string;
  /** Content-Security-Policy that allows these two and nothing else. */
  policy: string;
}

/** The chart library is brought only when there is a chart to draw; `more` is style of one page alone. */
export function assets(charts: boolean, more = ''): Assets {
  const sheet = style + more;
  const styles = charts ? `${uplot('uPlot.min.css')}\n${sheet}` : sheet;
  const scripts = charts ? `${uplot('uPlot.iife.min.js')}\n${script}` : script;
  const policy = [
    "default-src 'none'",
    `style-src '${hash(styles)}'`,
    `script-src '${hash(scripts)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return { style: styles, script: scripts, policy };
}

function uplot(file: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${file}`);
  return readFileSync(path, 'utf8').trim();
}

function hash(text: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
