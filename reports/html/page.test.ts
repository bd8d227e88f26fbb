// The page as text: what it holds and what it must never hold. In a browser: test/programs/report-page.test.ts.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conformSample,
  demoSample,
  emptySample,
  hostileSample,
  interruptedSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../../test/lib/sample-results.ts';
import type { Results } from '../results.ts';
import { renderHtml } from './page.ts';

function heading(page: string): string {
  return /<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? '';
}

/** Tags and attribute quotes only: what must not depend on texts from outside. */
function skeleton(page: string): string {
  return page.replaceAll(/<title>[^<]*<\/title>|[^<>"]+/g, '');
}

describe('the page', () => {
  test.each([
    ['one run', [conformSample], '12 of 17 checks hold'],
    ['a demo', [demoSample], 'Everything holds'],
    ['several runs', [validateSample, demoSample], '1 of 4 parts needs attention'],
    ['an interrupted run', [interruptedSample, demoSample], 'Interrupted by Ctrl-C'],
    ['a run that found nothing', [emptySample], 'Everything held'],
    ['no run', [], 'There is no run to show'],
  ] satisfies [string, Results[], string][])('of %s leads with its sentence', (_, runs, part) => {
    expect(heading(renderHtml(runs))).toContain(part);
  });

  test('shows every check with its requirement, evidence and curl line', () => {
    const page = renderHtml([conformSample]);
    for (const check of conformSample.checks) {
      expect(page).toContain(`<code>${check.id}</code>`);
      expect(page).toContain(check.requirement);
    }
    expect(page.match(/data-copy/g)?.length).toBeGreaterThanOrEqual(37);
    expect(page).toContain('refused: connect ECONNREFUSED');
  });

  test('brings the chart library only when there is something to draw', () => {
    expect(renderHtml([loadSample])).toContain('var uPlot');
    expect(renderHtml([conformSample])).not.toContain('var uPlot');
    const { course: _, ...load } = loadSample.load;
    const short = { ...loadSample, load: { ...load, timeline: [] } };
    expect(renderHtml([short])).not.toContain('var uPlot');
  });

  test.each([
    ['with charts', loadSample],
    ['without charts', conformSample],
  ] as const)('allows its own style and script only, %s', (_, sample) => {
    const page = renderHtml([sample]);
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    const hash = (text: string) => createHash('sha256').update(text).digest('base64');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src 'sha256-${hash(style)}'`);
    expect(policy).toContain(`script-src 'sha256-${hash(script)}'`);
    expect(policy).not.toContain('unsafe');
  });

  test('asks for nothing: no address but links that a person follows', () => {
    for (const sample of samples) {
      const page = renderHtml([sample]).replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/g, '');
      expect(page).not.toMatch(/\s(src|srcset|action|style|on\w+)=/);
      for (const [, tag, address] of page.matchAll(/<(\w+)[^>]*\shref="([^"]*)"/g)) {
        const known = tag === 'a' ? /^(#|https:\/\/github\.com\/opencontainers\/)/ : /^data:/;
        expect(address).toMatch(known);
      }
    }
  });

  test('has the same structure whatever a registry sends', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('<script>', '</script>', '"', "'", '<!--', '&lt;', ' onerror=x', '</style>'),
    );
    const all = fc.constantFrom<Results>(...samples, hostileSample);
    fc.assert(
      fc.property(texts, all, (text, sample) => {
        const told = renderHtml([poisoned(sample, `x${text}`)]);
        expect(skeleton(told)).toBe(skeleton(renderHtml([poisoned(sample, 'x')])));
        expect(told.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
      { numRuns: 40 },
    );
  });

  test('stays small for an hour of seconds', () => {
    const [second] = loadSample.load.timeline;
    const timeline = Array.from({ length: 3600 * 12 }, (_, at) => ({ ...second!, second: at }));
    const long = { ...loadSample, load: { ...loadSample.load, timeline } };
    expect(renderHtml([long]).length).toBeLessThan(400_000);
  });
});
