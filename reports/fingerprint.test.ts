// What a finding is known by, in the reports that say so: it stays when its place changes, and is no other's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateDocument } from '../src/validate/index.ts';
import { validateSample } from '../test/lib/sample-results.ts';
import { documentFingerprints } from './fingerprint.ts';
import { formats } from './index.ts';
import { defaultOptions } from './options.ts';
import type { DocumentResult, Results } from './results.ts';

const { checkout } = defaultOptions;

interface Layer {
  mediaType: string;
  digest: string;
  size: number;
}

const layer = (digest: string): Layer => ({
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  digest,
  size: -3,
});
const bad = [layer('sha256:12'), layer('sha256:34'), layer('sha256:56')];

function judge(layers: readonly Layer[], indent?: number, path = 'm.json'): DocumentResult {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: '1', size: 1 };
  const text = JSON.stringify({ schemaVersion: 2, config, layers }, null, indent);
  return validateDocument(Buffer.from(text), { path, kind: 'manifest' });
}

const resultsOf = (...documents: DocumentResult[]): Results => ({ ...validateSample, documents });

/** By format, what it tells of each finding. */
const readers = {
  sarif: (results: Results) =>
    JSON.parse(formats.sarif(results)).runs[0].results.map((one: { partialFingerprints: object }) =>
      JSON.stringify(one.partialFingerprints),
    ),
  gitlab: (results: Results) =>
    JSON.parse(formats.gitlab(results)).map((one: { fingerprint: string }) => one.fingerprint),
} satisfies Record<string, (results: Results) => string[]>;

describe.each(Object.entries(readers))('%s', (_, printsOf) => {
  const prints = printsOf(resultsOf(judge(bad)));

  test('tells all findings apart', () => {
    expect(new Set(prints).size).toBe(prints.length);
    const twice = printsOf(resultsOf(judge(bad), judge(bad, 0, 'n.json')));
    expect(new Set(twice).size).toBe(twice.length);
  });

  test.each([1, 2, 8])('knows them when lines move (indented by %i)', (indent) => {
    expect(printsOf(resultsOf(judge(bad, indent)))).toEqual(prints);
  });

  test('knows them when entries change places, come and go', () => {
    expect(new Set(printsOf(resultsOf(judge(bad.toReversed()))))).toEqual(new Set(prints));
    const good = { ...layer(`sha256:${'0'.repeat(64)}`), size: 3 };
    expect(printsOf(resultsOf(judge([good, ...bad])))).toEqual(prints);
    const fewer = printsOf(resultsOf(judge(bad.slice(1))));
    expect(prints).toEqual(expect.arrayContaining(fewer));
  });
});

test('a finding is the same from whichever folder it is seen', () => {
  const below = { pathOf: (file: string) => `a/${file}` };
  expect(documentFingerprints([judge(bad, 0, 'b/m.json')], below)).toEqual(
    documentFingerprints([judge(bad, 0, 'a/b/m.json')], checkout),
  );
});

test('no two findings share one, whatever they hold', () => {
  const [document] = validateSample.documents;
  const text = fc.constantFrom('', 'a', '/a/0', '/a/1');
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (pairs) => {
      const findings = pairs.map(([ruleId, pointer]) => ({
        ...document!.findings[0]!,
        ruleId,
        pointer,
      }));
      const prints = documentFingerprints([{ ...document!, findings }], checkout).flat();
      expect(new Set(prints).size).toBe(findings.length);
    }),
  );
});
