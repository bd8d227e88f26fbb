// What the specs let be: a program that reads documents must not mind it. The ledger names these tests.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { config, descriptor, entry, index, type Members, manifest } from './cases/documents.ts';
import { imageLayout, sha256, tar, treeOf } from './image/cases/fixture.ts';
import { judgeTree } from './image/judge-tree.ts';
import { validateDocument } from './index.ts';

/** Rules of level error or warning that a document breaks. */
function broken(value: unknown, contentType?: string): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { findings } = validateDocument(Buffer.from(text), {
    path: 'x',
    ...(contentType !== undefined && { contentType }),
  });
  return findings.filter(({ level }) => level !== 'note').map(({ ruleId }) => ruleId);
}

async function brokenInTree(files: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const judged = await judgeTree(treeOf(new Map(files)), {
    layers: true,
    layerBytesMax: 1_000_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
  return findings.filter(({ level }) => level !== 'note').map(({ ruleId }) => ruleId);
}

test('an unknown annotation is no error', () => {
  const annotations = { 'com.example.unheard-of': 'x' };
  for (const value of [
    manifest({ annotations }),
    index({ annotations }),
    manifest({ layers: [descriptor({ annotations })] }),
    config({ config: { Labels: annotations } }),
  ]) {
    expect(broken(value)).toEqual([]);
  }
});

test('an unknown property is no error', () => {
  const more: Members = { 'x-unheard-of': { a: [1, null] } };
  for (const value of [
    manifest(more),
    index(more),
    manifest({ config: descriptor({ ...(manifest().config as Members), ...more }) }),
    config(more),
    config({ config: more }),
  ]) {
    expect(broken(value)).toEqual([]);
  }
});

test('a digest of an unknown algorithm is no error', () => {
  for (const digest of ['md5:00', 'multihash+base58:QmRZxt2b1FVZ', 'sha256+b64u:LCa0a2j_xo_5m0U']) {
    expect(broken(manifest({ layers: [descriptor({ digest })] }))).toEqual([]);
    expect(broken(index({ manifests: [entry({ digest })] }))).toEqual([]);
  }
});

test('an unknown media type is no error', () => {
  const mediaType = 'application/vnd.example.unheard-of';
  for (const value of [
    manifest({ layers: [descriptor({ mediaType })] }),
    manifest({ config: descriptor({ mediaType }), layers: [descriptor({ mediaType })] }),
    manifest({ config: descriptor({ mediaType }), artifactType: mediaType }),
    index({ manifests: [entry({ mediaType })] }),
    index({ artifactType: mediaType }),
  ]) {
    expect(broken(value)).toEqual([]);
  }
});

test('a document that does not say what it is is what it came as', () => {
  const { mediaType, ...silent } = index({ manifests: [] });
  expect(broken(silent, String(mediaType))).toEqual(['index-media-type-missing']);
  expect(broken(index({ manifests: [] }), String(mediaType))).toEqual([]);
});

test('what is optional in a configuration may be null', () => {
  const optional = ['created', 'author', 'variant', 'os.version', 'os.features', 'history'];
  const execution = ['User', 'Env', 'Cmd', 'Entrypoint', 'Volumes', 'Labels', 'ExposedPorts'];
  const nulls = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, null]));
  expect(broken(config(nulls(optional)))).toEqual([]);
  expect(broken(config({ config: nulls(execution) }))).toEqual([]);
  expect(broken(config({ config: null }))).toEqual([]);
});

test('white space is free', () => {
  for (const indent of [undefined, 1, '\t', '\r\n ']) {
    expect(broken(JSON.stringify(config(), null, indent).replace(/^ +/gm, ' '))).toEqual([]);
  }
});

test('a layout may have more than it must', async () => {
  const files = imageLayout();
  files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0","x-unheard-of":1}'));
  files.set('README', Buffer.from('not of the layout'));
  files.set('more/file.json', Buffer.from('{}'));
  expect(await brokenInTree(files)).toEqual([]);
});

test('both forms of whiteouts are understood', async () => {
  for (const path of ['bin/.wh..wh..opq', 'bin/.wh.tool']) {
    const bytes = tar({ path });
    const files = imageLayout({ layer: gzipSync(bytes), diffIds: [sha256(bytes)] });
    expect(await brokenInTree(files)).toEqual([]);
  }
});
