// The formats for machines and for GitHub: SARIF, workflow commands, Markdown, JSON.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conformSample,
  demoSample,
  hostileSample,
  interruptedSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../test/lib/sample-results.ts';
import { formats } from './index.ts';
import type { DocumentResult, Finding, Results } from './results.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<script>',
    '"\'`',
    '::error::x',
    '%0A',
    '| a |',
    '](x)',
    '\n\n# h',
    '\r\n- x',
    '\t',
  ),
);
const anySample = fc.constantFrom<Results>(...samples, hostileSample);

function holdsFor(check: (results: Results, tame: Results) => void): void {
  fc.assert(
    fc.property(anyText, anySample, (text, sample) => {
      check(poisoned(sample, `x${text}`), poisoned(sample, 'x'));
    }),
    { numRuns: 40 },
  );
}

/** So many documents with a finding. */
function many20000(change: Partial<Finding>): DocumentResult[] {
  const [document] = validateSample.documents;
  const finding = { ...document!.findings[0]!, ...change };
  return Array.from({ length: 20_000 }, () => ({ ...document!, findings: [finding] }));
}

interface SarifRun {
  tool: { driver: { name: string; rules: { id: string; helpUri?: string }[] } };
  invocations: {
    executionSuccessful: boolean;
    endTimeUtc: string;
    toolExecutionNotifications: { message: { text: string } }[];
  }[];
  results: {
    ruleId: string;
    ruleIndex: number;
    level: string;
    locations: {
      physicalLocation?: {
        artifactLocation: { uri: string };
        region: { startLine: number; startColumn: number };
      };
    }[];
    partialFingerprints: Record<string, string>;
  }[];
}

function sarif(results: Results): SarifRun {
  const log = JSON.parse(formats.sarif(results)) as { version: string; runs: SarifRun[] };
  expect(log.version).toBe('2.1.0');
  expect(log.runs).toHaveLength(1);
  return log.runs[0]!;
}

describe('SARIF', () => {
  test('places each finding in its file', () => {
    const { results } = sarif(validateSample);
    expect(results.map((one) => [one.ruleId, one.level])).toEqual([
      ['digest-length', 'error'],
      ['descriptor-size', 'error'],
      ['layer-media-type', 'warning'],
      ['config-created-missing', 'note'],
    ]);
    expect(results[0]?.locations[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: 'fixtures/manifest.json', uriBaseId: '%SRCROOT%' },
      region: { startLine: 12, startColumn: 17, endColumn: 30 },
      contextRegion: {
        startLine: 12,
        startColumn: 1,
        endColumn: 41,
        snippet: { text: '      "digest": "sha256:1f2e", "size": 7' },
      },
    });
    expect(results[3]?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe(
      'fixtures/config%20with%20space.json',
    );
  });

  test.each([
    ['/abs/a b.json', 'file:///abs/a%20b.json'],
    ['C:\\x\\y.json', 'file:///C:/x/y.json'],
    ['javascript:alert(1)', 'javascript%3Aalert(1)'],
    ['a#b?c', 'a%23b%3Fc'],
  ])('the file %s has the address %s', (path, uri) => {
    const [document] = validateSample.documents;
    const one = { ...validateSample, documents: [{ ...document!, path }] };
    expect(sarif(one).results[0]?.locations[0]?.physicalLocation?.artifactLocation.uri).toBe(uri);
  });

  test('takes what it cannot know of a rule from the results and the caller', () => {
    const examples = new Map([['descriptor-size', { bad: ['{', '  "a": `'], good: ['{}'] }]]);
    const log = JSON.parse(formats.sarif(validateSample, { examples }));
    const [, rule] = log.runs[0].tool.driver.rules;
    const [source] = validateSample.rules;
    expect(rule).toMatchObject({
      id: 'descriptor-size',
      name: 'DescriptorSize',
      shortDescription: { text: source!.summary },
      fullDescription: { text: `${source!.summary} ${source!.fix}` },
      helpUri: 'https://github.com/opencontainers/image-spec/blob/main/descriptor.md#properties',
      defaultConfiguration: { level: 'error' },
      properties: { precision: 'very-high', 'problem.severity': 'error' },
    });
    expect(rule.help.text).toContain('Bad:\n    {\n      "a": `\n\nGood:\n    {}');
    expect(rule.help.markdown).toContain('**Bad**\n\n    {\n      "a": `\n\n**Good**');
  });

  test('says what GitHub leaves out, and leaves nothing out itself', () => {
    const { results, invocations } = sarif({ ...validateSample, documents: many20000({}) });
    expect(results).toHaveLength(20_000);
    const told = invocations[0]?.toolExecutionNotifications.at(-1);
    expect(told?.message.text).toContain((5_000).toLocaleString('en'));
    const few = sarif({ ...validateSample, unread: [] });
    expect(few.invocations[0]?.toolExecutionNotifications).toEqual([]);
  });

  test('reports checks and objectives that do not hold, and our own errors apart', () => {
    const conform = sarif(conformSample);
    expect(conform.results.map((one) => [one.ruleId, one.level])).toEqual([
      ['manifest-missing-404', 'error'],
      ['manifest-digest-header', 'warning'],
    ]);
    expect(conform.invocations[0]?.toolExecutionNotifications[0]?.message.text).toContain(
      'error-content-type',
    );
    expect(sarif(loadSample).results.map((one) => one.ruleId)).toEqual(['slo']);
    expect(sarif(demoSample).results).toEqual([]);
    expect(sarif(interruptedSample).invocations[0]?.executionSuccessful).toBe(false);
    expect(conform.invocations[0]?.endTimeUtc).toBe('2026-03-01T09:30:02.345Z');
  });

  test('every result points at its rule, whatever comes', () => {
    holdsFor((results) => {
      const run = sarif(results);
      const { rules } = run.tool.driver;
      for (const one of run.results) expect(rules[one.ruleIndex]?.id).toBe(one.ruleId);
      expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
    });
  });
});

describe('workflow commands', () => {
  test('annotate the line of a finding, errors first, the summary last', () => {
    const lines = formats.github(validateSample).trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^::error file=fixtures\/manifest\.json,line=12,col=17,endLine=12,endColumn=30,title=digest-length::This sha256/,
    );
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      '::error',
      '::error',
      '::warning',
      '::notice',
      '::notice',
    ]);
  });

  test('escape percent signs, line feeds and, in properties, separators', () => {
    const [document] = validateSample.documents;
    const finding = { ...document!.findings[0]!, message: '100%\nsure', ruleId: 'a:b,c' };
    const one = { ...validateSample, documents: [{ ...document!, findings: [finding] }] };
    const [line] = formats.github(one).split('\n');
    expect(line).toContain('title=a%3Ab%2Cc::100%25%0Asure');
  });

  test('are all there, and GitHub is said to leave some out', () => {
    const lines = formats
      .github({ ...validateSample, unread: [], documents: many20000({}) })
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(20_001);
    expect(lines.at(-1)).toContain((20_000 - 10).toLocaleString('en'));
    expect(formats.github(validateSample)).not.toContain('GitHub');
  });

  test('what sums them up is shown, however many there are of its kind', () => {
    const unread = Array.from({ length: 12 }, (_, at) => ({
      ...{ code: 'input-unreadable', message: `file ${at} cannot be read`, hint: 'Look at it.' },
    }));
    const error = { verdict: 'error', exitCode: 2 } as const;
    const run = { ...validateSample, ...error, documents: [], unread };
    const lines = formats.github(run).trimEnd().split('\n');
    expect(lines[0]).toMatch(
      /^::error title=pullproof validate%3A error::.*\b3 more are in the log/,
    );
    expect(lines).toHaveLength(13);
  });

  test('name files from the root of the checkout', () => {
    const checkout = { pathOf: (file: string) => `sub/${file}` };
    const [line] = formats.github(validateSample, { checkout }).split('\n');
    expect(line).toMatch(/^::error file=sub\/fixtures\/manifest\.json,line=12,/);
  });

  test('cannot be forged, whatever comes', () => {
    holdsFor((results, tame) => {
      const lines = formats.github(results).split('\n');
      expect(lines.length).toBe(formats.github(tame).split('\n').length);
      for (const line of lines.slice(0, -1)) {
        expect(line).toMatch(
          /^::(error|warning|notice) (file=[^,:]*,line=\d+,col=\d+,(endLine=\d+,endColumn=\d+,)?)?title=[^,:]*::/,
        );
        expect(line).not.toMatch(/\p{Cc}|%(?!25|0A|3A|2C)/u);
      }
    });
  });
});

describe('Markdown', () => {
  test('leads with the verdict and lists what needs attention', () => {
    const text = formats.markdown(conformSample);
    expect(text).toMatch(/^## ❌ Fail: pullproof conform\n\n\*\*12 of 17 checks hold/);
    expect(text).toContain('<code>manifest-missing-404</code>');
    expect(text).not.toContain('<code>blob-get</code>');
    expect(formats.markdown(loadSample)).toContain('| 22 | <code>dial-timeout</code> |');
    expect(formats.markdown(demoSample)).toMatch(/^## ✅ Pass/);
  });

  test('has the same structure whatever comes', () => {
    // All that Markdown acts upon, and where lines begin. What a client says has as many lines as it has.
    const structure = (text: string) =>
      text
        .replaceAll('</code><br><code>', '')
        .replaceAll(/&#\d+;/g, '')
        .replaceAll(/[^\n|<>`*_[\]()#!~\\"'@:$&]/g, '');
    holdsFor((results, tame) => {
      expect(structure(formats.markdown(results))).toBe(structure(formats.markdown(tame)));
    });
  });

  test.each(['a', '世', '|'])('fits into a comment, of "%s" too, and says what is cut', (char) => {
    const long = char.repeat(2_000);
    const documents = many20000({ message: long });
    const unread = documents.map(() => ({ code: 'input-unreadable', message: long, hint: long }));
    const checks = conformSample.checks.flatMap((check) =>
      Array.from({ length: 100 }, () => ({ ...check, expected: long, actual: long })),
    );
    const all = { ...hostileSample, ...conformSample, documents, unread, checks } as Results;
    const text = formats.markdown(all);
    expect(text.length).toBeLessThan(65_536);
    expect(text).toMatch(/and [\d,]+ more:/);
    expect(text).toMatch(/and \d+ more parts? of this report/);
    expect(text).toContain('<sub>pullproof');
  });

  test('shows the gravest, and says how many are left out', () => {
    const [document] = validateSample.documents;
    const grave = { ...document!, path: 'grave.json' };
    const notes = many20000({ level: 'note' });
    const text = formats.markdown({ ...validateSample, documents: [...notes, grave] });
    expect(text).toContain('grave.json');
    const shown = text.split('\n').filter((line) => /^\| (error|warning|note|accepted)/.test(line));
    const all = notes.length + grave.findings.length;
    expect(text).toContain(`and ${(all - shown.length).toLocaleString('en')} more`);
  });
});

describe('JSON', () => {
  test('is the document, safe on a terminal, whatever comes', () => {
    holdsFor((results) => {
      const text = formats.json(results);
      expect(JSON.parse(text)).toEqual(results);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    });
  });
});

test('text takes the terminal that it is given', () => {
  expect(formats.text(conformSample)).not.toContain('\x1b');
  expect(formats.text(conformSample, { color: true, width: 80 })).toContain('\x1b');
});
