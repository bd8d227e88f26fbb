// The badge of a run: one figure, the form that shields.io reads, and a drawing that is well-formed whatever comes.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  conformPassSample,
  conformSample,
  doctorSample,
  interruptedSample,
  loadSample,
  validateSample,
} from '../test/lib/sample-results.ts';
import { badgeOf, renderBadgeJson, renderBadgeSvg } from './badge.ts';
import type { Results } from './results.ts';

test.each([
  [conformSample, 'conformance', '7 of 8 MUST', 'red'],
  [conformPassSample, 'conformance', '8 of 8 MUST', 'brightgreen'],
  [validateSample, 'documents', 'valid', 'red'],
  [loadSample, 'load', 'pulls/s', 'red'],
  [interruptedSample, 'load', 'not to its end', 'lightgrey'],
] satisfies [Results, string, string, string][])('%#', (results, label, message, color) => {
  const badge = badgeOf(results);
  expect(badge).toMatchObject({ schemaVersion: 1, label, color });
  expect(badge?.message).toContain(message);
});

test('a warning is no failure, and without MUST the strictest level counts', () => {
  const warned = conformSample.checks.filter(({ verdict }) => verdict === 'warn');
  const badge = badgeOf({ ...conformSample, verdict: 'pass', checks: warned });
  expect(badge).toMatchObject({ message: '0 of 1 SHOULD', color: 'yellow' });
  expect(badgeOf({ ...conformSample, checks: [] })).toMatchObject({ color: 'lightgrey' });
  expect(badgeOf(doctorSample)).toBeUndefined();
});

test('the drawing is well-formed, wide enough, and names what it shows', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (message) => {
      const svg = renderBadgeSvg({ schemaVersion: 1, label: 'load', message, color: 'red' });
      expect(svg.replaceAll(/<\/?[a-zA-Z]+(?: [\w:-]+="[^"<>]*")*\/?>/g, '')).not.toMatch(/[<>]/);
      expect(svg.match(/<[a-zA-Z]/g)).toHaveLength(10);
      expect(svg).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39|#96);)/);
      const [, width] = /^<svg[^>]* width="(\d+)"/.exec(svg) ?? [];
      expect(Number(width)).toBeGreaterThan(4 * message.length);
    }),
  );
});

test('its JSON is one line', () => {
  const badge = badgeOf(conformSample)!;
  expect(renderBadgeJson(badge)).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(renderBadgeJson(badge))).toEqual(badge);
});
