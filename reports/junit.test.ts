import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conformSample,
  emptySample,
  hostileSample,
  interruptedSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../test/lib/sample-results.ts';
import { renderJunit } from './junit.ts';

interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const nameToken = /[A-Za-z][\w-]*/y;
const attributeToken = /\s+([A-Za-z][\w-]*)="([^"<]*)"/y;

/** A strict reader for the XML that we write; anything that is not well-formed throws. */
function parseXml(source: string): Element {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(source)) {
    throw new Error('a character that XML 1.0 forbids');
  }
  const start = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!source.startsWith(start)) throw new Error('no declaration');
  const state = { source, at: start.length };
  const root = element(state);
  if (source.slice(state.at).trim() !== '') throw new Error('text after the root');
  return root;
}

function element(state: { source: string; at: number }): Element {
  const take = (pattern: RegExp) => {
    pattern.lastIndex = state.at;
    const match = pattern.exec(state.source);
    if (match) state.at = pattern.lastIndex;
    return match;
  };
  take(/\s*</y);
  const name = take(nameToken)?.[0];
  if (!name) throw new Error(`no name at ${state.at}`);
  const found: Element = { name, attributes: {}, children: [], text: '' };
  for (let match = take(attributeToken); match; match = take(attributeToken)) {
    if (match[1]! in found.attributes) throw new Error(`twice: ${match[1]}`);
    found.attributes[match[1]!] = decode(match[2]!);
  }
  if (take(/\/>/y)) return found;
  if (!take(/>/y)) throw new Error(`broken tag ${name} at ${state.at}`);
  for (;;) {
    found.text += decode(take(/[^<]*/y)![0]);
    const end = take(/<\/([\w-]+)>/y);
    if (end && end[1] !== name) throw new Error(`${end[1]} closes ${name}`);
    if (end) return found;
    found.children.push(element(state));
  }
}

function decode(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos);)|]]>/.test(text)) throw new Error(`unescaped: ${text}`);
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (_, name: string) => entities[name]!);
}

function cases(root: Element): Element[] {
  return root.children.flatMap((suite) => suite.children.filter((one) => one.name === 'testcase'));
}

const outcomes = ['failure', 'error', 'skipped'];
const outcomeOf = (one: Element) =>
  one.children.map((child) => child.name).find((name) => outcomes.includes(name)) ?? 'pass';

describe('JUnit', () => {
  test('has one test case for each check, with its verdict as an element', () => {
    const root = parseXml(renderJunit(conformSample));
    const expected = {
      pass: 'pass',
      fail: 'failure',
      warn: 'skipped',
      unsupported: 'skipped',
      void: 'skipped',
      'harness-error': 'error',
    };
    const found = cases(root).map((one) => [
      one.attributes.classname,
      one.attributes.name,
      outcomeOf(one),
    ]);
    expect(found).toEqual(
      conformSample.checks.map((check) => [check.section, check.id, expected[check.verdict]]),
    );
  });

  test('tells of a failure what was expected, what came, and how to repeat it', () => {
    const failed = cases(parseXml(renderJunit(conformSample))).find(
      (one) => outcomeOf(one) === 'failure',
    )!;
    const [failure] = failed.children;
    expect(failure?.attributes.message).toContain('MANIFEST_UNKNOWN');
    expect(failure?.text).toContain('actual:   200 with 17 bytes');
    expect(failure?.text).toContain("curl -sS -X GET -H 'Authorization");
  });

  test('has a test case for each document, each objective, and the pulls', () => {
    const documents = cases(parseXml(renderJunit(validateSample)));
    expect(documents.map((one) => [one.attributes.name, outcomeOf(one)])).toEqual([
      ['fixtures/manifest.json', 'failure'],
      ['fixtures/config with space.json', 'pass'],
      ['fixtures/index.json', 'pass'],
    ]);
    const load = cases(parseXml(renderJunit(loadSample)));
    expect(load.map((one) => [one.attributes.name, outcomeOf(one)])).toEqual([
      ['pulls succeed', 'failure'],
      ['pushes succeed', 'failure'],
      ['pull.p95<500ms', 'pass'],
      ['errors<0.1%', 'failure'],
    ]);
  });

  test('fails in no test case when the run passed', () => {
    const tolerated = { ...loadSample, verdict: 'pass' as const };
    tolerated.load = { ...loadSample.load, slo: [] };
    expect(cases(parseXml(renderJunit(tolerated))).map(outcomeOf)).toEqual(['pass', 'pass']);
  });

  test('a run that did not reach its end is an error', () => {
    const unreached = { ...emptySample, verdict: 'error' as const, exitCode: 3 };
    for (const sample of [interruptedSample, unreached]) {
      expect(cases(parseXml(renderJunit(sample))).map(outcomeOf)).toContain('error');
    }
  });

  test.each([...samples, hostileSample].map((one) => [one.verb, one] as const))(
    'counts of %s match the elements',
    (_verb, sample) => {
      const root = parseXml(renderJunit(sample));
      for (const [holder, members] of [
        [root, cases(root)] as const,
        ...root.children.map((suite) => [suite, cases({ ...root, children: [suite] })] as const),
      ]) {
        const number = (name: string) => members.filter((one) => outcomeOf(one) === name).length;
        expect(holder.attributes).toMatchObject({
          tests: String(members.length),
          failures: String(number('failure')),
          errors: String(number('error')),
          ...(holder !== root && { skipped: String(number('skipped')) }),
        });
      }
    },
  );

  test('is well-formed whatever a registry sends', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('<', '&', '"', ']]>'));
    fc.assert(
      fc.property(texts, fc.constantFrom(...samples), (text, sample) => {
        const shape = (root: Element): unknown => [root.name, root.children.map(shape)];
        const told = parseXml(renderJunit(poisoned(sample, `x${text}`)));
        expect(shape(told)).toEqual(shape(parseXml(renderJunit(poisoned(sample, 'x')))));
      }),
      { numRuns: 40 },
    );
  });
});
