// Pages in the system's Chromium: opened with everything noted that a page without fault does not cause, and judged by
// axe-core.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';

const executablePath = '/usr/bin/chromium';
/** Or required: then what it is needed for fails without it. */
export const isChromiumThere =
  existsSync(executablePath) || process.env.PULLPROOF_REQUIRE_TOOLS === '1';

export type Scheme = 'light' | 'dark';

export interface Opened {
  page: Page;
  /** Console messages, uncaught errors, dialogs and requests beyond the page itself. */
  incidents: string[];
}

/** A test that says what is missing, where it is. */
export function sayWithoutChromium(): void {
  if (!isChromiumThere) test.skip(`skipped: there is no ${executablePath}`, () => {});
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  });
}

/** Opens a file in a context of its own, and waits until all of it is there, also what comes after the first screen. */
export async function openFile(
  browser: Browser,
  file: string,
  colorScheme: Scheme = 'light',
  width = 1440,
): Promise<Opened> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  const { href } = pathToFileURL(file);
  const incidents: string[] = [];
  page.on('console', (message) => incidents.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => incidents.push(String(error)));
  page.on('dialog', (dialog) => incidents.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    const url = request.url();
    if (url.split('#')[0] !== href && !url.startsWith('data:')) incidents.push(url);
  });
  await page.goto(href);
  await allThere(page);
  return { page, incidents };
}

/** Charts below the first screen are drawn, and long lists built, once the page stands. */
export async function allThere(page: Page): Promise<void> {
  const waiting = page.locator('[data-chart]:not(:has(canvas)), noscript[data-later]');
  await expect.poll(() => waiting.count(), { timeout: 20_000, interval: 20 }).toBe(0);
}

/** Everything that folds is opened first: contrast is judged of what can be seen. */
export async function expectNoBarrier(page: Page, what: string): Promise<void> {
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
  await page.evaluate(axe());
  const found = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map((one) =>
      one.id + ': ' + one.nodes.map((node) => node.html.slice(0, 120)).slice(0, 3).join(' | ')))`,
  );
  expect(found, what).toEqual([]);
  const beyond = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(beyond, `${what}: sideways`).toBeLessThanOrEqual(0);
}

function axe(): string {
  return readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
}
