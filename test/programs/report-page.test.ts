// The page in a real browser: nothing is asked of the network, everything works, and axe-core finds
// no barrier, light and dark, narrow and wide. The chapter of a load test: report-page-load.test.ts beside this.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../reports/html/page.ts';
import type { Results } from '../../reports/results.ts';
import {
  expectNoBarrier,
  isChromiumThere,
  launchChromium,
  type Opened,
  openFile,
  type Scheme,
  sayWithoutChromium,
} from '../lib/chromium.ts';
import {
  conformSample,
  demoSample,
  doctorPassSample,
  doctorSample,
  hostileSample,
  interruptedSample,
  loadSample,
  validateSample,
} from '../lib/sample-results.ts';

const pages: Record<string, readonly Results[]> = {
  conform: [conformSample],
  load: [loadSample],
  validate: [validateSample],
  demo: [demoSample],
  doctor: [doctorSample],
  pulled: [doctorPassSample],
  interrupted: [interruptedSample],
  several: [validateSample, conformSample, loadSample, doctorSample],
  hostile: [hostileSample],
};

let browser: Browser;
let folder: string;

const open = (name: string, scheme: Scheme = 'light', width = 1280): Promise<Opened> =>
  openFile(browser, join(folder, `${name}.html`), scheme, width);

sayWithoutChromium();

describe.runIf(isChromiumThere)('in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pullproof-page-'));
    for (const [name, runs] of Object.entries(pages)) {
      writeFileSync(join(folder, `${name}.html`), renderHtml(runs));
    }
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  test.each(Object.keys(pages))('%s: opens in silence and asks for nothing', async (name) => {
    const { page, incidents } = await open(name);
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))');
    expect(incidents).toEqual([]);
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    await page.context().close();
  });

  const shown = (page: Page) => page.locator('[data-item]:not([hidden])').count();
  const total = conformSample.checks.length;

  test('the first screen says what happened, what is gravest and what to do', async () => {
    for (const width of [1440, 375]) {
      const { page } = await open('conform', 'light', width);
      for (const title of ['What happened', 'What is gravest', 'What to do']) {
        const box = await page.getByRole('heading', { name: title }).boundingBox();
        expect((box?.y ?? 9999) + (box?.height ?? 0), title).toBeLessThan(900);
      }
      await page.context().close();
    }
  });

  test('failures stand first, with the exchange that decides, without a click', async () => {
    const { page } = await open('conform', 'light', 1440);
    const first = page.locator('.failure').first();
    expect(await first.getAttribute('id')).toBe('check-manifest-missing-404');
    for (const part of ['.demand', '.versus', '.exchange.open .sides', '.curl pre']) {
      expect(await first.locator(part).isVisible(), part).toBe(true);
    }
    expect((await first.boundingBox())?.y).toBeLessThan(900);
    const places =
      (await page.evaluate(`['.failure', '.group:nth-of-type(2) .check', '.tiles', '.section']
      .map((one) => document.querySelector(one).getBoundingClientRect().top)`)) as number[];
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    await page.context().close();
  });

  test('filter buttons show what they name, by mouse and by keyboard', async () => {
    const { page } = await open('conform');
    expect(await shown(page)).toBe(total);
    await page.getByRole('button', { name: /^Failing/ }).click();
    expect(await shown(page)).toBe(3);
    expect(await page.locator('.group:visible').count()).toBe(1);
    expect(await page.getByRole('status').textContent()).toContain('3');

    // The next button, reached and pressed without a mouse.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await shown(page)).toBe(1);
    const pressed = page.locator('[aria-pressed="true"]');
    expect(await pressed.count()).toBe(1);
    expect(await pressed.textContent()).toContain('Warnings');

    await page.getByRole('button', { name: /^Unsupported/ }).click();
    expect(await shown(page)).toBe(1);
    await page.getByRole('button', { name: /^All/ }).click();
    expect(await shown(page)).toBe(total);
    await page.context().close();
  });

  test('the search finds, leaves out, and its link finds the same', async () => {
    const { page, incidents } = await open('conform');
    const field = page.getByRole('searchbox');
    await page.keyboard.press('/');
    expect(await page.locator(':focus').getAttribute('id')).toBe('query');
    const finds = async (text: string, count: number) => {
      await field.fill(text);
      expect(await shown(page), text).toBe(count);
      expect(await page.getByRole('status').textContent()).toMatch(
        count === 0 ? /^Nothing/ : new RegExp(`^${count} of ${total}`),
      );
    };
    await finds('manifest', 6);
    await finds('manifest -digest', 3);
    await finds('level:must verdict:failing', 1);
    await finds('"is answered with 404"', 2);
    await finds('section:pulling-blobs -verdict:holding', 2);
    await finds('no such words', 0);
    await finds('room:pull id:token', 3);

    // Buttons and words together; the way back; the link.
    await page.getByRole('button', { name: /^Holding/ }).click();
    expect(await field.inputValue()).toBe('room:pull id:token verdict:holding');
    expect(await shown(page)).toBe(2);
    await page.goBack();
    expect(await shown(page)).toBe(3);
    await page.goForward();
    expect(await shown(page)).toBe(2);
    const link = page.url();
    expect(link).toMatch(/#q=room:pull/);
    const other = await page.context().newPage();
    await other.goto(link);
    expect(await other.getByRole('searchbox').inputValue()).toContain('verdict:holding');
    expect(await shown(other)).toBe(2);
    await other.getByRole('button', { name: 'Open all' }).click();
    expect(await other.locator('.check[open]:visible').count()).toBe(2);

    await field.focus();
    await page.keyboard.press('Escape');
    expect(await shown(page)).toBe(total);
    expect(page.url()).not.toContain('#');
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test('a section leads to its checks, a link to its check, a word to its meaning', async () => {
    const { page, incidents } = await open('conform');
    await page.locator('.tile', { hasText: 'Error codes' }).click();
    expect(await shown(page)).toBe(3);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await shown(page)).toBe(total);
    await page.goto(`${page.url().split('#')[0]}#check-blob-get`);
    const check = page.locator('#check-blob-get > .check');
    expect(await check.getAttribute('open')).not.toBeNull();
    expect(await check.isVisible()).toBe(true);
    await page.locator('.failure a', { hasText: 'MUST' }).first().click();
    expect(await page.locator('#level-MUST').isVisible()).toBe(true);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test.each([
    ['validate', 'rule:digest', 1, 4],
    ['doctor', 'role:edge', 2, 4],
    ['several', 'verdict:failing', 5, 37],
    ['load', 'class:dial-timeout -pull:failed', 2, 11],
  ] as const)('the search knows the items of %s: %s', async (name, text, count, all) => {
    const { page } = await open(name);
    expect(await shown(page)).toBe(all);
    await page.getByRole('searchbox').fill(text);
    expect(await shown(page)).toBe(count);
    await page.setViewportSize({ width: 375, height: 812 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(375);
    await page.context().close();
  });

  test('a check opens to its evidence, and its curl line can be copied', async () => {
    const { page, incidents } = await open('conform');
    const check = page.locator('#check-manifest-missing-404');
    await check.locator('.all > summary').click();
    await check.locator('.all .exchange summary').first().click();
    const unpacked = check.locator('.all .exchange').first();
    expect(await unpacked.locator('.curl pre').textContent()).toContain('curl -sS -X GET');
    // Built by the script, it is what the page itself holds of the same exchange.
    const sides = (one: string) =>
      page.evaluate(
        `document.querySelector(${JSON.stringify(one)}).innerHTML.replace(/\\s+/g, ' ').replaceAll('> <', '><').trim()`,
      );
    const [ours, theirs] = ['.exchange.open .sides', '.all .exchange .sides'].map(
      (one) => `#check-manifest-missing-404 ${one}`,
    );
    expect(await sides(theirs!)).toBe(await sides(ours!));
    await unpacked.getByRole('button', { name: 'Copy' }).click();
    // Where the clipboard is closed to pages, the line is selected instead.
    await page.locator('[data-copy]', { hasText: /Copied|Selected/ }).waitFor();

    await page.getByRole('button', { name: 'Open all' }).click();
    expect(await page.locator('.check[open]').count()).toBe(total - 3);
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.locator('.check[open]').count()).toBe(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test('hostile evidence stays text when it is unpacked', async () => {
    const { page, incidents } = await open('hostile');
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
    await page.locator('.exchanges .exchange').nth(30).waitFor({ state: 'attached' });
    await page.evaluate('new Promise((done) => setTimeout(done, 100))');
    const told = await page.locator('.exchanges .content').first().textContent();
    expect(told).toContain('<img src=x onerror="globalThis.pwned=1">');
    expect(await page.locator('.exchanges :is(img, script)').count()).toBe(0);
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test('tables are put in order by value, by button and by keyboard', async () => {
    const { page } = await open('doctor');
    const table = page.getByRole('region', { name: 'Probes' });
    const took = () => table.locator('tbody td:last-child').allTextContents();
    const head = table.locator('th', { hasText: 'Took' });
    expect(await head.getAttribute('aria-sort')).toBe('none');
    await head.getByRole('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await took()).toEqual(['5 s', '18 ms']);
    await head.getByRole('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await took()).toEqual(['18 ms', '5 s']);
    await page.context().close();
  });

  const [all, ...others] = ['several', ...Object.keys(pages).filter((one) => one !== 'several')];
  test.each([
    ['light', 360, [all, ...others]],
    ['light', 1280, [all]],
    ['dark', 360, [all]],
    ['dark', 1280, [all]],
  ] as const)('no barrier and no sideways scrolling, %s at %i px', async (scheme, width, names) => {
    for (const name of names) {
      const { page } = await open(name!, scheme, width);
      await expectNoBarrier(page, name!);
      await page.context().close();
    }
  });

  test.each(Object.keys(pages).filter((name) => name !== 'hostile'))(
    '%s: no table scrolls sideways on a wide screen',
    async (name) => {
      const { page } = await open(name, 'light', 1440);
      await page.evaluate(
        `for (const one of document.querySelectorAll('details')) one.open = true`,
      );
      const beyond = await page.evaluate(`[...document.querySelectorAll('.scroll')]
        .filter((one) => one.scrollWidth > one.clientWidth)
        .map((one) => one.getAttribute('aria-label'))`);
      expect(beyond).toEqual([]);
      await page.context().close();
    },
  );

  test('paper is white, whatever the screen is, and shows what needs attention', async () => {
    const { page } = await open('conform', 'dark');
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    const { background, scheme } = (await page.evaluate(`({
      background: getComputedStyle(document.body).backgroundColor,
      scheme: getComputedStyle(document.documentElement).colorScheme,
    })`)) as { background: string; scheme: string };
    expect([background, scheme]).toEqual(['rgb(255, 255, 255)', 'light']);
    expect(await page.locator('.check[open]').count()).toBe(1);
    expect(await page.locator('.failure .exchange.open').count()).toBe(3);
    expect(await page.locator('.check[open] .exchange.open').isVisible()).toBe(true);
    expect(await page.locator('.toolbar').isVisible()).toBe(false);
    await page.context().close();
  });

  test('nothing moves once the page stands', async () => {
    const { page } = await open('several');
    const shift = await page.evaluate(`new Promise((done) => {
      let total = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) total += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
      setTimeout(() => done(total), 300);
    })`);
    expect(shift).toBeLessThan(0.01);
    await page.context().close();
  });
});
