// The page in a real browser: nothing is asked of the network, everything works, and axe-core finds
// no barrier, light and dark, narrow and wide. The chapter of a load test: report-page-load.test.ts beside this.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../../reports/html/page.ts';
import type { Results } from '../../reports/results.ts';
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

const executablePath = '/usr/bin/chromium';
const required = process.env.PULLPROOF_REQUIRE_TOOLS === '1';
const usable = existsSync(executablePath) || required;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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

interface Opened {
  page: Page;
  /** Console messages, uncaught errors, dialogs and requests beyond the file itself. */
  incidents: string[];
}

let browser: Browser;
let folder: string;

async function open(
  name: string,
  colorScheme: 'light' | 'dark' = 'light',
  width = 1280,
): Promise<Opened> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const url = pathToFileURL(join(folder, `${name}.html`)).href;
  const incidents: string[] = [];
  page.on('console', (message) => incidents.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => incidents.push(String(error)));
  page.on('dialog', (dialog) => incidents.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) incidents.push(request.url());
  });
  await page.goto(url);
  return { page, incidents };
}

if (!usable) {
  describe('in Chromium', () => {
    test.skip(`skipped: there is no ${executablePath}`, () => {});
  });
}

describe.runIf(usable)('in Chromium', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pullproof-page-'));
    for (const [name, runs] of Object.entries(pages)) {
      writeFileSync(join(folder, `${name}.html`), renderHtml(runs));
    }
    browser = await chromium.launch({
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
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

  test('filter buttons show what they name, by mouse and by keyboard', async () => {
    const { page } = await open('conform');
    const shown = () => page.locator('[data-group]:visible').count();
    const total = conformSample.checks.length;
    expect(await shown()).toBe(total);

    await page.getByRole('button', { name: /^Failing/ }).click();
    expect(await shown()).toBe(3);
    expect(await page.locator('.group:visible').count()).toBe(3);
    expect(await page.getByRole('status').textContent()).toContain('3');

    // The next button, reached and pressed without a mouse.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await shown()).toBe(1);
    const pressed = page.locator('[aria-pressed="true"]');
    expect(await pressed.count()).toBe(1);
    expect(await pressed.textContent()).toContain('Warnings');

    await page.getByRole('button', { name: /^Unsupported/ }).click();
    expect(await shown()).toBe(1);
    await page.getByRole('button', { name: /^All/ }).click();
    expect(await shown()).toBe(total);
    await page.context().close();
  });

  test('a check opens to its evidence, and its curl line can be copied', async () => {
    const { page, incidents } = await open('conform');
    const check = page.locator('.check', { hasText: 'manifest-missing-404' });
    await check.locator('summary').first().click();
    expect(await check.locator('.versus').isVisible()).toBe(true);
    await check.locator('.exchange summary').first().click();
    expect(await check.locator('.curl pre').first().textContent()).toContain('curl -sS -X GET');
    await check.getByRole('button', { name: 'Copy' }).first().click();
    // Where the clipboard is closed to pages, the line is selected instead.
    await page.locator('[data-copy]', { hasText: /Copied|Selected/ }).waitFor();
    await page.getByRole('button', { name: 'Open all' }).click();
    expect(await page.locator('.check[open]').count()).toBe(conformSample.checks.length);
    await page.getByRole('button', { name: 'Close all' }).click();
    expect(await page.locator('.check[open]').count()).toBe(0);
    expect(incidents).toEqual([]);
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
      // Contrast is judged of what can be seen, so everything that folds is opened.
      await page.evaluate(
        `for (const one of document.querySelectorAll('details')) one.open = true`,
      );
      await page.evaluate(axe);
      const found = (await page.evaluate(
        `axe.run().then(({ violations }) => violations.map((one) =>
          one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(' | ')))`,
      )) as string[];
      expect(found, name).toEqual([]);
      const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
      expect(beyond, name).toBeLessThanOrEqual(0);
      await page.context().close();
    }
  });

  test('paper is white, whatever the screen is, and shows what needs attention', async () => {
    const { page } = await open('conform', 'dark');
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    const { background, scheme } = (await page.evaluate(`({
      background: getComputedStyle(document.body).backgroundColor,
      scheme: getComputedStyle(document.documentElement).colorScheme,
    })`)) as { background: string; scheme: string };
    expect([background, scheme]).toEqual(['rgb(255, 255, 255)', 'light']);
    expect(await page.locator('.check[open]').count()).toBe(4);
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
