// The page of a run that goes on, in a real browser: it follows what the server has, keeps what people did to it, and
// becomes the report.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveView, piecesOf } from '../../reports/html/live.ts';
import { renderHtml } from '../../reports/html/page.ts';
import type { Results } from '../../reports/results.ts';
import { Dashboard } from '../../src/run/load/dashboard/server.ts';
import {
  allThere,
  isChromiumThere,
  launchChromium,
  type Opened,
  sayWithoutChromium,
} from '../lib/chromium.ts';
import { hostileSample, loadSample } from '../lib/sample-results.ts';

let browser: Browser;
let dashboard: Dashboard;

/** The sample after so many seconds of its run. */
function after(seconds: number, sample: Results = loadSample): Results {
  const results = structuredClone(sample);
  const { load } = results;
  if (load === undefined) throw new Error('a sample without load');
  load.seconds = seconds;
  load.pulls.ok = seconds * 10;
  const { course } = load;
  if (course !== undefined) course.pulls = course.pulls.map((_, at) => (at < seconds ? at % 7 : 0));
  return results;
}

async function open(): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  const page = await context.newPage();
  const incidents: string[] = [];
  page.on('console', (message) => incidents.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => incidents.push(String(error)));
  page.on('dialog', (dialog) => incidents.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!/^data:|\/(?:events)?$/.test(request.url())) incidents.push(request.url());
  });
  await page.goto(dashboard.url);
  return { page, incidents };
}

const shows = (page: Page, text: string) =>
  page.getByText(text).first().waitFor({ timeout: 30_000 });
const content = (page: Page, selector: string) =>
  page.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent`);

sayWithoutChromium();

describe.runIf(isChromiumThere)('in Chromium', () => {
  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
  });

  const started = async (results: Results) => {
    dashboard = await Dashboard.open(0, liveView);
    dashboard.show(() => results);
  };

  test('the page follows the run, keeps what is open, marked and read, and becomes the report', async () => {
    await started(after(3));
    const { page, incidents } = await open();
    await shows(page, 'live');
    await page.locator('summary').first().click();
    await page.evaluate('document.querySelectorAll("details")[1].open = true');
    const opened = () =>
      page.evaluate('[...document.querySelectorAll("details")].map(({ open }) => open)');
    const before = await opened();
    await page.evaluate('scrollTo({ top: 900, behavior: "instant" })');
    const canvases = () => page.locator('canvas').count();
    const drawn = await canvases();
    expect(drawn).toBeGreaterThan(0);

    for (const second of [400, 500, 600]) {
      dashboard.show(() => after(second));
      await shows(page, `${(second * 10).toLocaleString('en')} in all`);
    }
    expect(await opened()).toEqual(before);
    expect(await canvases()).toBe(drawn);
    expect(Math.abs(Number(await page.evaluate('scrollY')) - 900)).toBeLessThan(400);

    const final = after(700);
    const ending = dashboard.end(final, 'run/report.html');
    await shows(page, 'ended');
    await ending;
    expect(await content(page, '[data-second]')).toContain('run/report.html');
    const report = await browser.newPage();
    await report.setContent(renderHtml([final]));
    for (const one of [page, report]) await allThere(one);
    for (const tag of ['table', 'details', 'figure', 'noscript']) {
      expect(await page.locator(tag).count(), tag).toBe(await report.locator(tag).count());
    }
    for (const selector of ['main', 'header', 'footer']) {
      expect(await content(page, selector)).toBe(await content(report, selector));
    }
    expect(await page.title()).toBe(await report.title());
    await sleep(2500);
    expect(await content(page, '[role=status]')).toBe('ended');
    expect(incidents).toEqual([]);
    await page.context().close();
    await report.close();
  });

  test('what is being marked stays until that is done', async () => {
    await started(after(3));
    const { page } = await open();
    await shows(page, '30 in all');
    await page.evaluate('getSelection().selectAllChildren(document.querySelector("h1"))');
    const told = await content(page, 'h1');
    dashboard.show(() => after(4));
    await shows(page, '40 in all');
    expect(await content(page, 'h1')).toBe(told);
    await page.evaluate('getSelection().removeAllRanges()');
    await expect.poll(() => content(page, 'h1')).not.toBe(told);
    await dashboard.end(after(4), 'x');
    await page.context().close();
  });

  test('texts of others stay text, in pieces that come later too', async () => {
    await started(after(3));
    const { page, incidents } = await open();
    await shows(page, '30 in all');
    await dashboard.end(hostileSample, 'x');
    await shows(page, 'ended');
    expect(await page.evaluate('globalThis.pwned')).toBeUndefined();
    expect(incidents).toEqual([]);
    const report = renderHtml([hostileSample]);
    expect(piecesOf(report).chapter.length).toBeGreaterThan(0);
    await page.context().close();
  });

  test('a run without a report is told', async () => {
    await started(after(3));
    const { page } = await open();
    await shows(page, 'live');
    await dashboard.fail('k6 was not found');
    await shows(page, 'ended without a report');
    expect(await content(page, '[data-second]')).toContain('k6 was not found');
    await page.context().close();
  });

  test('a connection that is lost is told, and the page goes on when it is back', async () => {
    let asked = 0;
    const server = createServer((request, response) => {
      const view = liveView(after(asked + 3), true);
      if (request.url === '/') {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end(view.page);
        return;
      }
      asked++;
      // The second time nobody answers as a stream must be answered.
      if (asked === 2) response.writeHead(503).end();
      else response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const { title, icon, order } = view;
      const told = { second: asked, title, icon, order, pieces: Object.fromEntries(view.pieces) };
      if (asked !== 2)
        response.write(`retry: 100\nevent: pieces\ndata: ${JSON.stringify(told)}\n\n`);
      if (asked === 1) setTimeout(() => response.destroy(), 300);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await shows(page, 'connection lost');
    await shows(page, '50 in all');
    expect(await content(page, '[role=status]')).toBe('live');
    expect(asked).toBe(3);
    await page.close();
    server.closeAllConnections();
    server.close();
  });
});
