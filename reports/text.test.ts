import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conformSample,
  demoSample,
  hostileSample,
  loadSample,
  poisoned,
  samples,
  validateSample,
} from '../test/lib/sample-results.ts';
import type { Finding, Results } from './results.ts';
import { renderText } from './text.ts';

const plain = { color: false, width: 100 };

describe('the terminal report', () => {
  const measured = samples.filter(({ verb }) => verb !== 'validate');
  test.each(measured.map((sample) => [sample.verb, sample.verdict, sample] as const))(
    'of %s begins with its verdict (%s)',
    (_verb, verdict, sample) => {
      expect(renderText(sample, plain).startsWith(`${verdict.toUpperCase()}  `)).toBe(true);
    },
  );

  test('says where a finding is and what to do', () => {
    const text = renderText(validateSample, plain);
    expect(text).toContain('fixtures/manifest.json:12:17 error digest-length');
    expect(text).toContain('→ This sha256 digest has 63');
  });

  test('of documents is what was found, and one line of summary at the end', () => {
    const lines = renderText(validateSample, plain).trimEnd().split('\n');
    expect(lines[0]).toMatch(/^fixtures\/manifest\.json:12:17 error digest-length$/);
    expect(lines.at(-1)).toMatch(/^✗ 1 of 3 documents is invalid: 1 error, 1 warning, 1 note; /);
    expect(lines.join('\n')).not.toContain('✓');
  });

  test('of good documents is a line, and names each only when asked', () => {
    const documents = validateSample.documents.map((one) => ({
      ...one,
      valid: true,
      findings: [],
    }));
    const { baseline, verified, skipped, unread, ...rest } = validateSample;
    const good: Results = { ...rest, verdict: 'pass', documents };
    expect(renderText(good, plain)).toBe('✓ 3 documents, no findings\n');
    const all = renderText(good, { ...plain, verbose: true }).split('\n');
    for (const { path, kind } of documents) expect(all).toContain(`✓ ${path} ${kind}`);
    // What was not judged, too.
    expect(renderText({ ...good, skipped }, plain)).toMatch(
      /^✓ .*, no findings; \d+ files? skipped\n$/,
    );
    const left = renderText({ ...good, skipped }, { ...plain, verbose: true });
    for (const { reason, paths } of skipped) {
      expect(left).toContain(reason);
      for (const path of paths) expect(left).toContain(path);
    }
  });

  test('cuts no finding off, however many there are', () => {
    const [document] = validateSample.documents;
    const findings = Array.from({ length: 700 }, (_, at) => ({
      ...document!.findings[0]!,
      line: at + 1,
    }));
    const documents = Array.from({ length: 700 }, (_, at) => ({ ...document!, path: `d${at}` }));
    const text = renderText(
      { ...validateSample, documents: [...documents, { ...document!, findings }] },
      plain,
    );
    expect(text).toContain(':700:17 error');
    for (const { path } of documents) expect(text).toContain(`${path}:12:17 error`);
  });

  test('shows each check that needs attention with expected and actual, and no other', () => {
    const text = renderText(conformSample, plain);
    for (const check of conformSample.checks) {
      const urgent = ['fail', 'warn', 'harness-error'].includes(check.verdict);
      expect(text.includes(` ${check.id} ${check.level}`), check.id).toBe(urgent);
      if (urgent) expect(text.replace(/\s+/g, ' ')).toContain(`actual ${check.actual}`);
    }
  });

  test('totals add up by level', () => {
    const must = renderText(conformSample, plain)
      .split('\n')
      .find((line) => /^MUST /.test(line));
    expect(must?.match(/\d+/g)).toEqual(['7', '1']);
  });

  test('of a load test names throughput, phases, hops, errors, engine and verification', () => {
    const text = renderText(loadSample, plain);
    const { phases, hops } = loadSample.load;
    for (const name of [...Object.keys(phases), ...Object.keys(hops)]) {
      expect(text).toMatch(new RegExp(`^ {2}${name} .* ms`, 'm'));
    }
    for (const part of ['227 MB/s', '✗ missed', '22 × dial-timeout', '→ A firewall', 'by digest']) {
      expect(text).toContain(part);
    }
  });

  test('of a run with several parts is short', () => {
    expect(renderText(demoSample, plain).split('\n').length).toBeLessThan(12);
  });

  test.each([40, 60, 80, 120])('keeps to %i columns where words allow', (width) => {
    const text = renderText(loadSample, { color: false, width });
    const table = text.split('\n').filter((line) => / ms/.test(line) && !line.includes('→'));
    for (const line of table) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  test('has colours only when asked', () => {
    const colored = renderText(conformSample, { color: true, width: 100 });
    expect(colored).toContain('\x1b[31m');
    const bare = colored
      .split('\x1b')
      .map((piece) => piece.replace(/^\[\d+m/, ''))
      .join('');
    expect(bare).toBe(renderText(conformSample, plain));
    expect(renderText(conformSample, plain)).not.toContain('\x1b');
  });

  test('holds no control character that came from outside, whatever comes', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(texts, fc.constantFrom(...samples, hostileSample), (text, sample) => {
        const shown = renderText(poisoned(sample, text), plain);
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      }),
      { numRuns: 40 },
    );
  });

  test('has as many lines for hostile text as for tame text', () => {
    const lines = (text: string) => renderText(poisoned(validateSample, text), plain).split('\n');
    expect(lines('a\nERROR\r\nb').length).toBe(lines('a ERROR b').length);
  });
});

describe('hyperlinks', () => {
  const fileUrl = (file: string) => `file://host/${encodeURIComponent(file)}`;
  const linked = (results: Results) => renderText(results, { ...plain, fileUrl });
  // ESC ] 8 ; params ; URI ST, the params empty, the URI in printable ASCII.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about such characters
  const link = /\x1b\]8;;([!-~]*)\x1b\\/g;

  test('lead to files and sections, and leave the text as it is', () => {
    const text = linked(validateSample);
    const uris = [...text.matchAll(link)].map(([, uri]) => uri);
    expect(uris).toContain(fileUrl('fixtures/config with space.json'));
    expect(uris).toContain(
      'https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests',
    );
    expect(text.replaceAll(link, '')).toBe(renderText(validateSample, plain));
    // Each one that opens is closed.
    expect(uris.filter((uri, at) => (uri === '') !== (at % 2 === 1))).toEqual([]);
  });

  test('are none where the address would not stand in one', () => {
    for (const uri of [
      'file://h/ä',
      'file://h/a b',
      'file://h/\x1b',
      `file://h/${'a'.repeat(3_000)}`,
    ]) {
      expect(renderText(validateSample, { ...plain, fileUrl: () => uri })).not.toContain('file:');
    }
  });

  test('are the only escape sequences, whatever comes', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(texts, (text) => {
        const shown = linked(poisoned(validateSample, text)).replaceAll(link, '');
        expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('the line of the source', () => {
  const finding: Finding = {
    ...validateSample.documents[0]!.findings[0]!,
    excerpt: {
      text: `${'a'.repeat(60)}MARKED${'b'.repeat(34)}`,
      column: 61,
      length: 6,
      cut: { before: true, after: true },
    },
  };
  const rendered = (width: number, one: Finding) => {
    const documents = [{ path: 'm.json', kind: 'manifest', valid: false, findings: [one] }];
    const results = { ...validateSample, documents };
    return renderText(results, { color: false, width }).split('\n');
  };

  test.each([40, 60, 100, 200])('fits %i columns, the carets below what is meant', (width) => {
    const lines = rendered(width, finding);
    const at = lines.findIndex((line) => line.includes('MARKED'));
    expect(lines[at]?.length).toBeLessThanOrEqual(width);
    expect(lines[at + 1]?.indexOf('^')).toBe(lines[at]?.indexOf('MARKED'));
    expect(lines[at + 1]?.trimEnd().endsWith(' ^^^^^^')).toBe(true);
  });

  test.each([20, 30, 40, 90])('has its carets below wide characters (%i columns)', (width) => {
    const text = `${'\u4f60'.repeat(30)}\u{1f600}\u597d${'\u597d'.repeat(20)}`;
    const excerpt = { text, column: 31, length: 3, cut: { before: false, after: false } };
    const lines = rendered(width, { ...finding, excerpt });
    const at = lines.findIndex((line) => line.includes('\u{1f600}'));
    const before = lines[at]?.split('\u{1f600}')[0] ?? '';
    const cells = before.length + (before.match(/\u4f60/g)?.length ?? 0);
    expect(before).toContain('\u4f60');
    expect(lines[at + 1]?.indexOf('^')).toBe(cells);
    expect(lines[at + 1]?.endsWith(' ^^^^')).toBe(true);
  });

  test('is not shown of a finding that is accepted', () => {
    const text = rendered(100, { ...finding, accepted: true }).join('\n');
    expect(text).toContain('accepted error');
    expect(text).not.toContain('MARKED');
  });
});
