// Every view of a comparison says what the document says, whole and harmless, whatever texts are in it.
import { describe, expect, test } from 'vitest';
import { ourSchema } from '../../test/lib/our-schema.ts';
import {
  comparisons,
  conformComparison,
  loadComparison,
  poisonedComparison,
  refusedComparison,
  sameComparison,
  validateComparison,
} from '../../test/lib/sample-comparisons.ts';
import type { Comparison } from '../comparison.ts';
import { defaultOptions } from '../options.ts';
import { renderComparisonHtml } from './html.ts';
import { renderComparisonMarkdown } from './markdown.ts';
import { renderComparisonText } from './text.ts';

const { errorsOf } = ourSchema('comparison.schema.json');

const text = (comparison: Comparison, verbose = false) =>
  renderComparisonText(comparison, { ...defaultOptions, verbose });

describe('the schema', () => {
  test.each(comparisons.map((one) => [one.of, one.verdict, one] as const))(
    'knows a comparison of %s that ends in %s',
    (_of, _verdict, one) => {
      expect(errorsOf(one)).toEqual([]);
    },
  );

  test.each([
    ['a pass with exit code 1', { ...sameComparison, exitCode: 1 }],
    ['a regression with exit code 0', { ...loadComparison, exitCode: 0 }],
    [
      'a pass that could not be compared',
      { ...sameComparison, incomparable: refusedComparison.incomparable },
    ],
    ['load without its table', { ...sameComparison, load: undefined }],
    ['no base', { ...sameComparison, base: [] }],
    ['an unknown verdict', { ...sameComparison, verdict: 'maybe' }],
    ['a key that nobody knows', { ...sameComparison, colour: 'red' }],
  ])('refuses %s', (_why, document) => {
    expect(errorsOf(JSON.parse(JSON.stringify(document)))).not.toEqual([]);
  });
});

describe('text', () => {
  test('names what became worse before anything else', () => {
    const [head = ''] = text(loadComparison).split('\n');
    expect(head).toMatch(/^REGRESSION .*pull p95 \+31 %/);
  });

  test('folds what shows no evidence, and shows it where all is wanted', () => {
    expect(text(loadComparison)).not.toContain('token p95');
    expect(text(loadComparison, true)).toContain('token p95');
  });

  test('says why nothing is compared', () => {
    const shown = text(refusedComparison).replaceAll(/\s+/g, ' ');
    expect(shown).toContain('podman in nightly, docker in tonight');
    expect(shown).toContain('50/s in tonight');
  });

  test('shows both words of a check, and what a finding is about', () => {
    expect(text(conformComparison)).toMatch(/blob-get .*holds → fails/);
    expect(text(validateComparison)).toContain('layout/index.json:7:15');
  });
});

describe('markdown', () => {
  test.each(comparisons.map((one) => [one.of, one] as const))(
    'of %s begins with its mark',
    (_, one) => {
      expect(renderComparisonMarkdown(one).split('\n')[0]).toBe('<!-- pullproof-compare -->');
    },
  );

  test('fits into a comment, however much there is to say', () => {
    const { load } = loadComparison;
    const many = (load?.changes ?? []).flatMap((one) =>
      Array.from({ length: 400 }, (_, at) => ({
        ...one,
        name: `${one.name || 'x'}${at}`.padEnd(300, '|'),
      })),
    );
    const long = { ...loadComparison, load: { ...load, changes: many } } as Comparison;
    expect(renderComparisonMarkdown(long).length).toBeLessThan(65_536);
    const checks = Array.from({ length: 3000 }, (_, at) => ({
      ...(conformComparison.conform?.newlyFailing[0] as NonNullable<
        Comparison['conform']
      >['gone'][0]),
      id: `check-${at}`.padEnd(500, '<'),
    }));
    const failing = {
      ...conformComparison,
      conform: {
        ...conformComparison.conform,
        newlyFailing: checks,
        gone: checks,
        changedWords: checks,
        newlyPassing: checks,
        appeared: checks,
      },
    } as Comparison;
    expect(renderComparisonMarkdown(failing).length).toBeLessThan(65_536);
  });
});

const views: readonly (readonly [name: string, render: (one: Comparison) => string])[] = [
  ['text', (one) => text(one, true)],
  ['markdown', renderComparisonMarkdown],
  ['html', renderComparisonHtml],
];
const hostile = [
  'a<img src=x onerror=alert(1)>b',
  'a\u001b[2Jb',
  'a|b',
  'a\n\n# b',
  '::error::b',
  '@everyone',
  'a‮b',
  '-->a',
];

describe.each(views)('%s', (name, render) => {
  test('is the same each time, and ends its last line', () => {
    for (const one of comparisons) {
      expect(render(one)).toBe(render(one));
      expect(render(one).endsWith('\n')).toBe(true);
    }
  });

  test.each(hostile)('keeps its shape whatever a registry sends: %j', (word) => {
    for (const one of comparisons) {
      const shown = render(poisonedComparison(one, word));
      expect(/[\p{Cc}\p{Cf}]/u.exec(shown.replaceAll('\n', ''))).toBe(null);
      if (name === 'text') expect(shown).not.toMatch(/^\s*::error/m);
      else {
        expect(shown).not.toContain('<img');
        expect(tagsOf(shown)).toEqual(tagsOf(render(poisonedComparison(one, 'plain'))));
      }
      if (name === 'markdown') {
        expect(shown).not.toContain('@everyone');
        expect(shown).not.toMatch(/\n# b/);
        expect(cellsOf(shown)).toEqual(cellsOf(render(poisonedComparison(one, 'plain'))));
      }
    }
  });
});

function tagsOf(page: string): string[] {
  return page.match(/<\/?[a-z!]+/g) ?? [];
}

function cellsOf(markdown: string): number[] {
  return markdown.split('\n').map((line) => line.match(/\|/g)?.length ?? 0);
}
