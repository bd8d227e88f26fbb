// A page and its pieces: all of it is in some piece, once, and what is the same has the same id.
import { expect, test } from 'vitest';
import * as samples from '../../test/lib/sample-results.ts';
import type { Results } from '../results.ts';
import { liveView, piecesOf } from './live.ts';
import { renderHtml } from './page.ts';

const runs = Object.entries(samples).filter(
  (entry): entry is [string, Results] =>
    (entry[1] as Partial<Results>).schema === 'pullproof/results/v1',
);
const squeezed = (html: string) => html.replace(/>\s+</g, '><').trim();

test.each(runs)('%s: the pieces are the page', (_name, results) => {
  const page = renderHtml([results]);
  const { head, chapter, rest, foot } = piecesOf(page);
  const body = page.slice(page.indexOf('</a>\n') + 5, page.lastIndexOf('<script>'));
  const main = /<main id="main">\s*<section[^>]*>/.exec(page)?.[0];
  const whole = [...head, main, ...chapter, '</section>', ...rest, '</main>', ...foot].join('');
  expect(squeezed(whole)).toBe(squeezed(body));
  expect(chapter.length).toBeGreaterThan(1);
});

test('of a run under way the page may ask its server, and holds the ids of what it shows', () => {
  const view = liveView(samples.loadSample, true);
  expect(view.policy).toContain("connect-src 'self'");
  expect(view.page).toContain('EventSource');
  for (const ids of Object.values(view.order)) {
    for (const id of ids) expect(view.page).toContain(view.pieces.get(id));
  }
  expect(view.page).toContain(`&quot;${view.order.chapter[0]}&quot;`);
});

test('in the end it is the report', () => {
  const view = liveView(samples.loadSample, false);
  expect(view.page).toBe(renderHtml([samples.loadSample]));
  expect(view.policy).not.toContain('connect-src');
  expect(view.page).not.toContain('EventSource');
});

test('what did not change keeps its id', () => {
  const other = structuredClone(samples.loadSample);
  if (other.load !== undefined) other.load.pulls.ok += 1;
  const [before, now] = [samples.loadSample, other].map((one) => liveView(one, true));
  const fresh = [...(now?.pieces.keys() ?? [])].filter((id) => !before?.pieces.has(id));
  expect(fresh.length).toBeGreaterThan(0);
  expect(fresh.length).toBeLessThan((now?.pieces.size ?? 0) / 2);
});

test('a title is text again', () => {
  const { title } = liveView({ ...samples.loadSample, interrupted: `<b>"'&amp;\`` }, true);
  expect(title).toContain(`<b>"'&amp;\``);
});
