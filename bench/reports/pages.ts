// How long pages take to open in the system's Chromium, beside one that holds nothing: a load of an hour, and 850
// checks with their evidence.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { renderHtml } from '../../reports/html/page.ts';
import type { Results } from '../../reports/results.ts';
import { medianOf } from '../../src/lib/median.ts';
import { conformSample } from '../../test/lib/sample-results.ts';
import { format, line, verdict } from '../figures.ts';
import type { Run } from '../parts.ts';
import { resultsOf } from './hour-run.ts';

const repeats = 9;
const checksWanted = 850;
const targetMs = 1000;
const viewport = { width: 1440, height: 900 };

export async function openPages(run: Run): Promise<void> {
  const pages: Record<string, string> = {
    'a page that holds nothing': '<!doctype html><title>nothing</title><p>nothing',
    'page of a load of an hour': renderHtml([resultsOf(1)]),
    [`page of ${checksWanted} checks`]: renderHtml([manyChecks()]),
  };
  const executablePath = '/usr/bin/chromium';
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    for (const [what, page] of Object.entries(pages)) await measure(run, browser, what, page);
  } finally {
    await browser.close();
  }
}

function manyChecks(): Results {
  const { checks } = conformSample;
  const all = Array.from({ length: checksWanted }, (_, at) => {
    const check = checks[at % checks.length] as (typeof checks)[number];
    // As at a registry that mostly does what it should.
    const few = at < checks.length ? {} : ({ verdict: 'pass' } as const);
    return { ...check, ...few, id: `${check.id}-${at}` };
  });
  return { ...conformSample, checks: all };
}

/** Until the first picture after everything has loaded, and what the page's thread worked till then. */
async function measure(run: Run, browser: Browser, what: string, source: string): Promise<void> {
  const file = join(run.folder, 'page.html');
  writeFileSync(file, source);
  const shownMs: number[] = [];
  const workedMs: number[] = [];
  for (let repeat = 0; repeat < repeats && !run.signal.aborted; repeat++) {
    const context = await browser.newContext({ viewport });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    shownMs.push(
      (await page.evaluate(
        'new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))',
      )) as number,
    );
    const { metrics } = await session.send('Performance.getMetrics');
    const worked = metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN;
    workedMs.push(worked * 1000);
    await context.close();
  }
  const [shown, worked] = [medianOf(shownMs), medianOf(workedMs)];
  process.stdout.write(
    `${line(`${what}, CPU`, `${format(shown, 0)} ms`, `${format(worked, 0)} ms`)}\n`,
  );
  run.figures[what] = { shownMs: shown, workedMs: worked, bytes: source.length };
  run.verdicts.push(verdict(`${what}, ms until shown`, shown, targetMs, 'max'));
}
