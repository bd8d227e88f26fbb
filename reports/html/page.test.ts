// The page as text: what it holds and what it must never hold. In a browser: test/programs/report-page.test.ts.

import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conformSample,
  demoSample,
  doctorSample,
  emptySample,
  hostileSample,
  interruptedSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../../test/lib/sample-results.ts';
import type { Exchange, Results } from '../results.ts';
import { escapeHtml } from './markup.ts';
import { renderHtml } from './page.ts';

function heading(page: string): string {
  return /<h1>([^<]*)<\/h1>/.exec(page)?.[1] ?? '';
}

/** Tags and attribute quotes only: what must not depend on texts from outside. */
function skeleton(page: string): string {
  return page.replaceAll(/<title>[^<]*<\/title>|[^<>"]+/g, '');
}

/** All that is packed, exchange by exchange, check by check. */
function evidenceOf(page: string): string[][][] {
  return [...page.matchAll(/<script type="text\/plain" id="[^"]*">([^<]*)</g)].flatMap(
    ([, packed = '']) => JSON.parse(inflateRawSync(Buffer.from(packed, 'base64')).toString()),
  );
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

  test('shows every check without script, what decides a failure, and packs all evidence', () => {
    const page = renderHtml([conformSample]);
    for (const check of conformSample.checks) {
      expect(page).toContain(`>${check.id}</code>`);
      expect(page).toContain(check.requirement);
      expect(page).toContain(escapeHtml(check.expected));
    }
    expect(page).toContain('refused: connect ECONNREFUSED');
    const curls = evidenceOf(page).flatMap((exchanges) => exchanges.map((one) => one.at(-1)));
    expect(curls).toHaveLength(37);
    for (const curl of curls) expect(curl).toMatch(/^curl /);
  });

  test('what to do next writes over no earlier run', () => {
    const words = `--out=b --write-baseline 'my file' --out 'it'\\''s here' --level must`;
    const command = `pullproof conform http://127.0.0.1:5000 ${words}`;
    const page = renderHtml([
      { ...conformSample, environment: { ...conformSample.environment, command } },
    ]);
    const [, next] = /run it alone: <code>(.*?)<\/code>/.exec(page) ?? [];
    expect(next).toMatch(/^pullproof conform http:\/\/127.0.0.1:5000 --level must --only \S+$/);
  });

  test('leads with failures, the strictest verdict first, then warnings, then sections', () => {
    const page = renderHtml([conformSample]);
    const places = [
      'What is gravest',
      'id="check-manifest-missing-404"',
      'id="check-error-content-type"',
      'id="check-manifest-digest-header"',
      'class="tiles"',
      'id="check-manifest-get-by-tag"',
    ].map((text) => page.indexOf(text));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });

  test('carries a thousand checks with their evidence in less than 10 MB, random bodies too', () => {
    const [check] = conformSample.checks;
    const evidence = (seed: number) =>
      Array.from({ length: 6 }, (_, at): Exchange => {
        const [exchange] = check!.evidence as [Exchange];
        const body = createHash('shake256', { outputLength: 3000 }).update(`${seed} ${at}`);
        return { ...exchange, reply: { ...exchange.reply, body: body.digest('base64') } };
      });
    const many = (verdict: 'pass' | 'fail') =>
      Array.from({ length: 1_000 }, (_, at) => ({
        ...check!,
        id: `check-${at}`,
        verdict,
        evidence: evidence(at),
      }));
    for (const verdict of ['pass', 'fail'] as const) {
      const page = renderHtml([{ ...conformSample, checks: many(verdict) }]);
      expect(page.length).toBeLessThan(10_000_000);
      // What there is no room for says so.
      expect(page).toContain('more evidence than a page can hold');
    }
  });

  test('links to nothing that is not there', () => {
    for (const runs of [
      ...samples.map((one) => [one]),
      [conformSample, conformSample, loadSample],
    ]) {
      const page = renderHtml(runs).replaceAll(/<(style|script)\b[\s\S]*?<\/\1>/g, '');
      const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
      expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
      const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id);
      expect(links.filter((id) => !id.startsWith('q=') && !ids.includes(id))).toEqual([]);
    }
  });

  test('says what its words mean, each once', () => {
    const page = renderHtml([validateSample, conformSample, loadSample, doctorSample]);
    const words = [...page.matchAll(/\sid="((?:rule|failure|cause|verdict|level)-[^"]*)"/g)];
    const ids = words.map(([, id]) => id);
    expect(ids).toContain('rule-descriptor-size');
    expect(ids).toContain('failure-refused');
    expect(ids).toContain('cause-blob-host-blocked');
    expect(ids).toContain('verdict-void');
    expect(ids).toContain('level-MUST');
    expect(ids).not.toContain('failure-redirect-loop');
    expect(new Set(ids).size).toBe(ids.length);
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
