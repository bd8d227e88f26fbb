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

  test.each([
    ['-', '-'],
    [`h:5000/app@${digest}`, `h%3A5000/app%40${encodeURIComponent(digest)}`],
  ])('%s is no file: its name stands for one, without which GitHub takes nothing', (path, uri) => {
    const { physicalLocation, logicalLocations } = locationOf(path);
    expect(physicalLocation?.artifactLocation).toEqual({ uri, uriBaseId: '%SRCROOT%' });
    expect(physicalLocation?.region).toEqual({ startLine: 1 });
    expect(logicalLocations[0]?.fullyQualifiedName).toContain(path);
  });
});

describe('what code scanning asks for', () => {
  interface Rule {
    id: string;
    name: string;
    shortDescription: { text: string };
    fullDescription: { text: string };
    help: { text: string; markdown: string };
    helpUri: string;
    properties: { tags: string[] };
  }

  test.each([...samples, hostileSample].map((sample, at) => [sample.verb, at, sample] as const))(
    'rules and results of %s (%i) have it all',
    (_, __, sample) => {
      const [run] = JSON.parse(formats.sarif(sample)).runs;
      for (const rule of run.tool.driver.rules as Rule[]) {
        expect(rule.name).not.toBe('');
        for (const { text } of [rule.shortDescription, rule.fullDescription, rule.help]) {
          expect(text, rule.id).not.toBe('');
        }
        expect(rule.help.markdown).not.toBe('');
        expect(() => new URL(rule.helpUri)).not.toThrow();
        expect(rule.properties.tags.length).toBeLessThanOrEqual(10);
      }
      for (const { locations, partialFingerprints } of run.results) {
        expect(locations).toHaveLength(1);
        const { uri, uriBaseId } = locations[0].physicalLocation.artifactLocation;
        expect(uriBaseId).toBe('%SRCROOT%');
        const base = 'https://checkout.example/root/';
        expect(new URL(uri, base).href.startsWith(base)).toBe(true);
        expect(partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{16}:1$/);
      }
    },
  );

  test('more results than it takes are cut, the least grave first, and counted', () => {
    const [document] = validateSample.documents as DocumentResult[];
    const [error] = (document as DocumentResult).findings as [Finding];
    const notes = Array.from({ length: 26_000 }, (): Finding => ({ ...error, level: 'note' }));
    const many = { ...(document as DocumentResult), findings: [...notes, error] };
    const [run] = JSON.parse(formats.sarif({ ...validateSample, documents: [many] })).runs;
    expect(run.results).toHaveLength(25_000);
    expect(run.results[0].level).toBe('error');
    const told = run.invocations[0].toolExecutionNotifications.map(
      ({ message }: { message: { text: string } }) => message.text,
    );
    expect(told.join()).toContain('1,001');
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
