import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { validateSample } from '../../../test/lib/sample-results.ts';
import { validateDocument } from '../../validate/index.ts';
import { acceptKnown, readKnownFindings, writeKnownFindings } from './known-findings.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-known-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const file = join(folder, 'known.json');

/** A descriptor with these sizes in its layers. */
function judge(...sizes: number[]) {
  const digest = `sha256:${'0'.repeat(64)}`;
  const mediaType = 'application/vnd.oci.image.layer.v1.tar';
  const layers = sizes.map((size) => ({ mediaType, digest, size }));
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 1 };
  const text = JSON.stringify({ schemaVersion: 2, config, layers });
  return validateDocument(Buffer.from(text), { path: 'm.json', kind: 'manifest' });
}

describe('a baseline', () => {
  test('accepts what it knows; what is new counts, what is gone is told', async () => {
    await writeKnownFindings(file, [judge(-1, -1)]);
    const known = await readKnownFindings(file);

    const same = judge(-1, -1);
    expect(acceptKnown([same], known)).toMatchObject({ gone: [], elsewhere: 0 });
    expect(same.valid).toBe(true);
    expect(same.findings.every(({ accepted }) => accepted)).toBe(true);

    const sameFile = { ...judge(-1, -1), path: './m.json' };
    expect(acceptKnown([sameFile], known)).toMatchObject({ accepted: same.findings.length });

    const more = judge(-1, -1, -1);
    acceptKnown([more], known);
    expect(more.valid).toBe(false);
    expect(more.findings.filter(({ accepted }) => !accepted)).toMatchObject([
      { pointer: '/layers/2/size' },
    ]);

    const mended = judge(-1, 1);
    expect(acceptKnown([mended], known).gone).toEqual([
      { path: 'm.json', ruleId: 'descriptor-size', pointer: '/layers/1/size' },
    ]);
    const { length } = known;
    expect(acceptKnown([], known)).toEqual({ accepted: 0, gone: [], elsewhere: length });
  });

  test('has paths from its own folder, whoever reads it from where', async () => {
    const result = { ...judge(-1), path: join(folder, 'sub', 'm.json') };
    await writeKnownFindings(file, [result]);
    expect(readFileSync(file, 'utf8')).toContain('"sub/m.json"');
    const known = await readKnownFindings(file);
    const same = { ...judge(-1), path: relative('.', join(folder, 'sub/./m.json')) };
    expect(acceptKnown([same], known)).toMatchObject({ accepted: same.findings.length, gone: [] });
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('sub/m.json', '.\\\\sub\\\\m.json'));
    expect(acceptKnown([same], await readKnownFindings(file)).gone).toEqual([]);
    const remote = { ...judge(-1), path: `registry.example/a@sha256:${'0'.repeat(64)}` };
    await writeKnownFindings(file, [remote]);
    expect(acceptKnown([remote], await readKnownFindings(file)).gone).toEqual([]);
  });

  test('is the same file whatever the order of the findings', async () => {
    const result = judge(-1, -1);
    await writeKnownFindings(file, [result]);
    const first = readFileSync(file, 'utf8');
    await writeKnownFindings(file, [{ ...result, findings: result.findings.toReversed() }]);
    expect(readFileSync(file, 'utf8')).toBe(first);
  });

  test('may be a results document', async () => {
    writeFileSync(file, JSON.stringify(validateSample));
    const known = await readKnownFindings(file);
    const documents = structuredClone(validateSample.documents);
    acceptKnown(documents, known);
    expect(documents.every(({ valid }) => valid)).toBe(true);
  });

  test.each([
    '',
    '[]',
    '{}',
    '{"schema":"pullproof/baseline/v2","findings":[]}',
    '{"findings":[]}',
  ])('%j is none', async (text) => {
    writeFileSync(file, text);
    await expect(readKnownFindings(file)).rejects.toMatchObject({ exitCode: 2 });
  });

  test.each([[{}], [1], [{ path: 'x', ruleId: 'y' }]])('%j is no finding', async (finding) => {
    writeFileSync(file, JSON.stringify({ schema: 'pullproof/baseline/v1', findings: [finding] }));
    await expect(readKnownFindings(file)).rejects.toMatchObject({ code: 'baseline-unreadable' });
  });

  test('that cannot be written or read is an error', async () => {
    const nowhere = join(folder, 'no', 'such');
    await expect(writeKnownFindings(nowhere, [])).rejects.toMatchObject({ exitCode: 2 });
    await expect(readKnownFindings(nowhere)).rejects.toMatchObject({ exitCode: 2 });
  });
});
