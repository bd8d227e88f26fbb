// SARIF against its own schema: every sample, hostile ones, and what real documents come to.
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import ajvFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { hostileSample, samples, validateSample } from '../test/lib/sample-results.ts';
import { formats } from './index.ts';
import type { DocumentResult, Finding, Results } from './results.ts';

const schema = JSON.parse(
  readFileSync(new URL('./fixtures/sarif-2.1.0.schema.json', import.meta.url), 'utf8'),
);
// One of its patterns is none under the u flag.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
ajvFormats.default(ajv);
const validate = ajv.compile(schema);

function errorsOf(results: Results): string[] {
  validate(JSON.parse(formats.sarif(results)));
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

function withPath(path: string): Results {
  const [document] = validateSample.documents as DocumentResult[];
  return { ...validateSample, documents: [{ ...(document as DocumentResult), path }] };
}

const digest = `sha256:${'0'.repeat(64)}`;
const paths = [
  'a b/ü?#.json',
  '/abs/x.json',
  'C:\\x\\y.json',
  '-',
  'image.tar!/blobs/sha256/00',
  `h:5000/app@${digest}`,
];

describe('the schema', () => {
  test.each(samples.map((sample, at) => [sample.verb, at, sample] as const))(
    'takes %s (%i)',
    (_, __, sample) => {
      expect(errorsOf(sample)).toEqual([]);
    },
  );

  test.each(paths)('takes a document at %s', (path) => {
    expect(errorsOf(withPath(path))).toEqual([]);
  });

  test('takes hostile texts', () => {
    const times = { startedAt: validateSample.startedAt };
    expect(errorsOf({ ...hostileSample, ...times })).toEqual([]);
  });

  test('refuses what is none', () => {
    expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
  });
});

interface Location {
  physicalLocation?: { artifactLocation: { uri: string }; region?: Record<string, number> };
  logicalLocations: { fullyQualifiedName: string }[];
}

describe('places', () => {
  const locationOf = (path: string): Location =>
    JSON.parse(formats.sarif(withPath(path))).runs[0].results[0].locations[0];

  test('a file has a region', () => {
    const { physicalLocation } = locationOf('a b.json');
    expect(physicalLocation?.artifactLocation.uri).toBe('a%20b.json');
    expect(physicalLocation?.region).toEqual({ startLine: 12, startColumn: 17, endColumn: 30 });
  });

  test('what lies in an archive is at the archive', () => {
    const { physicalLocation, logicalLocations } = locationOf('d/image.tar!/index.json');
    expect(physicalLocation).toEqual({
      artifactLocation: { uri: 'd/image.tar', uriBaseId: '%SRCROOT%' },
    });
    expect(logicalLocations[0]?.fullyQualifiedName).toBe('index.json#/layers/0/digest');
  });

  test.each(['-', `h:5000/app@${digest}`])('%s is no file', (path) => {
    const { physicalLocation, logicalLocations } = locationOf(path);
    expect(physicalLocation).toBeUndefined();
    expect(logicalLocations[0]?.fullyQualifiedName).toContain(path);
  });
});

describe('fixes', () => {
  const edits = [
    { line: 3, column: 1, endLine: 3, endColumn: 1, text: 'a = ["\u202e"]\r\n' },
    { line: 9, column: 1, endLine: 10, endColumn: 1, text: '' },
  ];

  function withEdits(path: string): Results {
    const [document] = withPath(path).documents as DocumentResult[];
    const findings = (document as DocumentResult).findings.map((one) => ({ ...one, edits }));
    return { ...validateSample, documents: [{ ...(document as DocumentResult), findings }] };
  }

  test('are what is to be written, byte by byte', () => {
    expect(errorsOf(withEdits('etc/a b.conf'))).toEqual([]);
    const [result] = JSON.parse(formats.sarif(withEdits('etc/a b.conf'))).runs[0].results;
    const [change] = result.fixes[0].artifactChanges;
    expect(change.artifactLocation).toEqual(result.locations[0].physicalLocation.artifactLocation);
    expect(change.replacements).toEqual([
      {
        deletedRegion: { startLine: 3, startColumn: 1, endLine: 3, endColumn: 1 },
        insertedContent: { text: 'a = ["\u202e"]\r\n' },
      },
      { deletedRegion: { startLine: 9, startColumn: 1, endLine: 10, endColumn: 1 } },
    ]);
  });

  test.each(['-', 'image.tar!/a.conf', `h:5000/app@${digest}`])('%s has none', (path) => {
    expect(errorsOf(withEdits(path))).toEqual([]);
    expect(formats.sarif(withEdits(path))).not.toContain('"fixes"');
  });
});

test('accepted findings are suppressed ones', () => {
  const [run] = JSON.parse(formats.sarif(validateSample)).runs;
  const suppressed = run.results.filter((result: object) => 'suppressions' in result);
  const accepted = validateSample.documents.flatMap(({ findings }): Finding[] =>
    findings.filter((finding: Finding) => finding.accepted === true),
  );
  expect(suppressed.map(({ ruleId }: { ruleId: string }) => ruleId)).toEqual(
    accepted.map(({ ruleId }) => ruleId),
  );
});
