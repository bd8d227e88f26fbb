// The page of a comparison in a real browser: of load, checks and documents, refused ones too. Intervals are drawn,
// tables put in order, paper is white, hostile texts stay text, nothing sticks out, and axe-core finds no barrier.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderComparisonHtml } from '../../reports/compare/html.ts';
import type { Comparison } from '../../reports/comparison.ts';
import {
  expectNoBarrier,
  isChromiumThere,
  launchChromium,
  openFile,
  type Scheme,
  sayWithoutChromium,
} from '../lib/chromium.ts';
import {
  comparisons,
  conformComparison,
  loadComparison,
  poisonedComparison,
  refusedComparison,
  sameComparison,
  validateComparison,
} from '../lib/sample-comparisons.ts';

const bad = `</script><img src=x onerror="globalThis.pwned=1"><b>"'\`& ${'w'.repeat(300)}`;

const pages: Record<string, Comparison> = {
  load: loadComparison,
  same: sameComparison,
  refused: refusedComparison,
  conform: conformComparison,
  validate: validateComparison,
};
comparisons.forEach((one, at) => {
  pages[`hostile-${at}`] = poisonedComparison(one, bad);
});

let browser: Browser;
let folder: string;

const open = (name: string, scheme: Scheme = 'light', width = 1440) =>
  openFile(browser, join(folder, `${name}.html`), scheme, width);

/** Colours in what is drawn of an element. */
async function colorsOf(page: Page, selector: string): Promise<number> {
  const picture = await page.locator(selector).first().screenshot();
  const source = `data:image/png;base64,${picture.toString('base64')}`;
  return (await page.evaluate(`new Promise((done) => {
    const image = new Image();
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      const seen = new Set();
      for (let at = 0; at < data.length; at += 4) seen.add(data[at] + ',' + data[at + 1] + ',' + data[at + 2]);
      done(seen.size);
    };
    image.src = ${JSON.stringify(source)};
  })`)) as number;
}

sayWithoutChromium();

describe.runIf(isChromiumThere)('in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pullproof-compare-page-'));
    for (const [name, comparison] of Object.entries(pages)) {
      writeFileSync(join(folder, `${name}.html`), renderComparisonHtml(comparison));
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const names = Object.keys(pages);
  test.each([
    ['light', 375, names],
    ['light', 1440, names],
    ['dark', 375, ['load', 'conform']],
    ['dark', 1440, ['load', 'conform']],
  ] as const)(
    'in silence, no barrier, nothing sticks out: %s, %i px',
    async (scheme, width, of) => {
      for (const name of of) {
        const { page, incidents } = await open(name, scheme, width);
        expect(incidents, name).toEqual([]);
        expect(await page.evaluate('globalThis.pwned'), name).toBeUndefined();
        expect(await page.locator('img, b:has-text("&")').count(), name).toBe(0);
        await expectNoBarrier(page, name);
        await page.context().close();
      }
    },
  );

  test.each([1440, 375])('what happened is told on the first screen, %i px', async (width) => {
    const { page } = await open('load', 'light', width);
    const told = await page.getByRole('heading', { level: 1 }).boundingBox();
    expect((told?.y ?? 9999) + (told?.height ?? 0)).toBeLessThan(900);
    const card = await page.locator('.card').first().boundingBox();
    expect((card?.y ?? 9999) + (card?.height ?? 0)).toBeLessThan(900);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('intervals are drawn, %s', async (scheme) => {
    const { page } = await open('load', scheme);
    const charts = page.locator('svg.forest');
    expect(await charts.count()).toBeGreaterThan(5);
    // Ground, band, middle, interval, point.
    expect(await colorsOf(page, 'svg.forest')).toBeGreaterThan(4);
    await page.context().close();
  });

  test('tables of figures do not scroll on a wide screen, and are put in order by keyboard', async () => {
    const { page } = await open('load');
    for (const table of await page.locator('.scroll').all()) {
      const beyond = await table.evaluate((one) => one.scrollWidth - one.clientWidth);
      expect(beyond, (await table.getAttribute('aria-label')) ?? '').toBe(0);
    }
    const table = page.getByRole('region', { name: 'Whole pull' });
    const base = () => table.locator('tbody td:nth-child(4)').allTextContents();
    const head = table.locator('th', { hasText: 'Base' });
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    const falling = await base();
    await head.getByRole('button').press('Enter');
    expect(await base()).not.toEqual(falling);
    await page.context().close();
  });

  test('paper is white, and holds what a screen does', async () => {
    const { page } = await open('load', 'dark', 720);
    await page.emulateMedia({ media: 'print' });
    const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(background).toBe('rgb(255, 255, 255)');
    const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
    expect(beyond).toBeLessThanOrEqual(0);
    expect(await page.locator('svg.forest').first().isVisible()).toBe(true);
    await page.context().close();
  });
});
