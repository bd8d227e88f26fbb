// The page of a run that goes on: the same page as in the end, cut into pieces, so that a page that is open gets those
// that changed (script/live.ts puts them in). How they get there is src/run/load/dashboard/.

import { createHash } from 'node:crypto';
import type { Results } from '../results.ts';
import { html } from './markup.ts';
import { renderHtml } from './page.ts';
import { live as script } from './script/live.ts';

/** Where pieces stand: before `main`, in its first chapter, behind that, and after `main`. */
export type PieceGroup = 'head' | 'chapter' | 'rest' | 'foot';

export interface LiveView {
  /** The whole document. */
  page: string;
  /** Its Content-Security-Policy. */
  policy: string;
  title: string;
  icon: string;
  /** Ids of the pieces, in their order; by equal ids pieces are equal. */
  order: Record<PieceGroup, string[]>;
  /** HTML by id. */
  pieces: ReadonlyMap<string, string>;
}

const style = `
.live-bar {
  position: fixed; right: 1rem; bottom: 1rem; z-index: 9; margin: 0; padding: .35rem .8rem; border-radius: 1rem;
  border: 1px solid var(--strong-line); background: var(--surface); color: var(--ink); font-size: .85rem;
  max-width: calc(100vw - 2rem); box-shadow: 0 1px 6px #0003;
}
.live-bar p { margin: 0; }
.live-bar .dot { margin-right: .45em; }
html { overflow-anchor: none; }
@media print { .live-bar { display: none; } }
`;

const idChars = 16;

/** `isRunning`: with what makes the page follow the run; without, it is the report, to the byte. */
export function liveView(results: Results, isRunning: boolean): LiveView {
  const page = renderHtml([results], isRunning ? { live: { script, style } } : {});
  const groups = piecesOf(page);
  const pieces = new Map<string, string>();
  const named = (sources: readonly string[]) =>
    sources.map((source) => {
      const id = createHash('sha256').update(source).digest('base64url').slice(0, idChars);
      pieces.set(id, source);
      return id;
    });
  const order = {
    head: named(groups.head),
    chapter: named(groups.chapter),
    rest: named(groups.rest),
    foot: named(groups.foot),
  };
  return {
    page: isRunning ? withBar(page, groups.head[0] ?? '', order) : page,
    policy: between(page, 'http-equiv="Content-Security-Policy" content="', '"'),
    title: textOf(between(page, '<title>', '</title>')),
    icon: between(page, '<link rel="icon" href="', '"'),
    order,
    pieces,
  };
}

/** Beside the pieces, so that it stays while they change. */
function withBar(page: string, first: string, order: LiveView['order']): string {
  const bar = html`<aside class="live-bar" aria-label="The run" data-live data-order="${JSON.stringify(order)}">
<p><span class="dot idle"></span><span role="status">live</span><span data-second></span></p></aside>
`;
  const at = page.indexOf(first, page.indexOf('<body>'));
  return page.slice(0, at) + bar.source + page.slice(at);
}

/** The elements of a page of ours that are replaced as wholes, each in its HTML. */
export function piecesOf(page: string): Record<PieceGroup, string[]> {
  const body = page.slice(page.indexOf('<body>') + '<body>'.length, page.lastIndexOf('</body>'));
  const all = childrenOf(body);
  const at = all.findIndex((one) => one.startsWith('<main'));
  const inMain = childrenOf(innerOf(all[at] ?? '<main></main>'));
  const [chapter = '<section></section>', ...rest] = inMain;
  return {
    head: all
      .slice(0, at)
      .filter((one) => !/^<(?:a class="skip"|aside class="live-bar")/.test(one)),
    chapter: childrenOf(innerOf(chapter)),
    rest,
    foot: all.slice(at + 1).filter((one) => !one.startsWith('<script')),
  };
}

const voidElements = new Set([
  ...['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'source'],
  ...['track', 'wbr'],
]);
/** Texts and attributes of ours hold no `<` and no `>` but these, see `escapeHtml`. */
const tag = /<(\/?)([a-z][a-z0-9-]*)([^>]*)>/gi;

/** The elements of the first level. @throws Error for what is not well-formed, which is a defect of the templates */
function childrenOf(source: string): string[] {
  const children: string[] = [];
  let depth = 0;
  let start = 0;
  let raw: string | undefined;
  for (const match of source.matchAll(tag)) {
    const [whole, slash, name = '', attributes = ''] = match;
    if (raw !== undefined && !(slash === '/' && name === raw)) continue;
    raw = undefined;
    const end = match.index + whole.length;
    if (slash === '/') depth--;
    else if (depth === 0) start = match.index;
    const isWhole = voidElements.has(name) || attributes.endsWith('/');
    if (slash !== '/' && !isWhole) {
      depth++;
      if (name === 'script' || name === 'style') raw = name;
    }
    if (depth < 0) throw new Error(`HTML that is not well-formed at </${name}>`);
    if (depth === 0) children.push(source.slice(start, end));
  }
  if (depth !== 0) throw new Error('HTML that is not well-formed: an element has no end');
  return children;
}

function innerOf(element: string): string {
  return element.slice(element.indexOf('>') + 1, element.lastIndexOf('</'));
}

function between(source: string, before: string, after: string): string {
  const from = source.indexOf(before) + before.length;
  return source.slice(from, source.indexOf(after, from));
}

const characters: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

function textOf(source: string): string {
  return source.replace(/&(?:amp|lt|gt|quot|#(\d{1,7}));/g, (entity, code?: string) =>
    code === undefined ? (characters[entity] ?? entity) : String.fromCodePoint(Number(code)),
  );
}
