// What is around every page: one HTML file that carries its style and script, and lets nothing else in.

import type { Tone } from '../summary.ts';
import { assets, type LiveAssets } from './assets.ts';
import { type Content, html, trusted } from './markup.ts';

export interface Frame {
  /** On one line, not escaped. */
  title: string;
  tone: Tone;
  /** There is something for uPlot to draw. */
  charts: boolean;
  /** Style of this page alone. */
  style?: string;
  /** The page is of a run under way: what it needs besides. */
  live?: LiveAssets | undefined;
  /** Header, what is before `main`, `<main id="main">`, and footer. */
  content: Content;
}

/** A whole HTML document. */
export function framed({ title, tone, charts, content, live, ...own }: Frame): string {
  const { style, script, policy } = assets(charts || live !== undefined, own.style, live);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title} – pullproof</title>
<link rel="icon" href="${trusted(favicons[tone])}">
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the results</a>
${content}
<script>${trusted(script)}</script>
</body>
</html>
`;
  return inAscii(page.source);
}

/** Everything else as a reference: what is ASCII throughout browsers read in half the time, and keep in half the room. */
function inAscii(source: string): string {
  return source.replace(/[^\0-\x7f]/gu, (char) => `&#${char.codePointAt(0)};`);
}

function favicon(color: string): string {
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Ccircle cx='4' cy='4' r='3.5' fill='%23${color}'/%3E%3C/svg%3E`;
}

const favicons: Record<Tone, string> = {
  good: favicon('1a7f4b'),
  bad: favicon('c5362b'),
  warn: favicon('b7791f'),
  idle: favicon('667085'),
};
