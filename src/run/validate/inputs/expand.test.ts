import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type Files,
  imageLayout,
  json,
  rightTar,
  sha256,
  tar,
} from '../../../validate/image/cases/fixture.ts';
import { validate } from '../library.ts';
import { digestOfBlob } from './expand.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-expand-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Files): string {
  const dir = mkdtempSync(join(folder, 'x-'));
  for (const [file, bytes] of files) {
    mkdirSync(join(dir, file, '..'), { recursive: true });
    writeFileSync(join(dir, file), bytes);
  }
  return dir;
}

async function judged(glob: string, layers = false) {
  const documents = await validate(glob, { layers });
  return documents.map(({ kind, valid }) => `${kind} ${valid}`).sort();
}

describe('a glob', () => {
  test('stands for archives and folders of images too, each judged once', async () => {
    const dir = write(new Map([['a.json', json({ imageLayoutVersion: '1.0.0' })]]));
    const files = imageLayout();
    for (const [file, bytes] of files) {
      mkdirSync(join(dir, 'b', file, '..'), { recursive: true });
      writeFileSync(join(dir, 'b', file), bytes);
    }
    const entries = [...files].map(([path, content]) => ({ path, content }));
    writeFileSync(join(dir, 'c.tar'), tar(...entries));
    const image = ['config true', 'index true', 'manifest true', 'oci-layout true'];
    expect(await judged(join(dir, 'b*'))).toEqual(image);
    expect(await judged(join(dir, '*.tar'))).toEqual(image);
    expect(await judged(join(dir, '**'))).toEqual([...image, ...image, 'oci-layout true'].sort());
  });

  test('stands for files in the order of their names', async () => {
    const names = ['c.json', 'a/c.json', 'b.json', 'a/b.json', 'd.json'];
    const dir = write(new Map(names.map((name) => [name, json({})])));
    const paths = (await validate(join(dir, '**/*.json'))).map(({ path }) => path);
    expect(paths).toEqual(names.map((name) => join(dir, name)).sort());
  });

  test('over the blobs of a layout takes each for what it is', async () => {
    const files = imageLayout();
    const put = (text: string) => {
      const bytes = Buffer.from(text);
      files.set(`blobs/${sha256(bytes).replace(':', '/')}`, bytes);
    };
    put('{"spdxVersion":"SPDX-2.3"}');
    put('{"a":1}\n{"b":2}\n');
    put('');
    put('text');
    expect(await judged(join(write(files), 'blobs/sha256/*'))).toEqual([
      'blob true',
      'blob true',
      'blob true',
      'blob true',
      'config true',
      'layer true',
      'manifest true',
    ]);
  });
});

describe('one blob of a layout', () => {
  const up = gzipSync(tar({ path: '../a' }));

  test('has the digest that is its name', async () => {
    const broken: Files = new Map();
    for (const file of imageLayout().keys()) {
      if (file.startsWith('blobs/'))
        broken.set(file, Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
    }
    const documents = await validate(join(write(broken), 'blobs/*/*'));
    const rules = documents.map(({ findings }) => findings.map(({ ruleId }) => ruleId));
    expect(rules).toEqual([['blob-digest'], ['blob-digest'], ['blob-digest']]);
  });

  test('is looked into when it is a layer and layers are asked for', async () => {
    const blobs = join(write(imageLayout({ layer: up, diffIds: [sha256(rightTar)] })), 'blobs/*/*');
    expect(await judged(blobs)).toContain('layer true');
    expect(await judged(blobs, true)).toContain('layer false');
  });

  test('is a document with mistakes when it is meant as one', async () => {
    const text = Buffer.from('{"schemaVersion":2,"layers":[],}');
    const files: Files = new Map([[`blobs/${sha256(text).replace(':', '/')}`, text]]);
    expect(await judged(join(write(files), 'blobs/*/*'))).toEqual(['unknown false']);
  });

  test.each([
    [`blobs/sha256/${'0'.repeat(64)}`, `sha256:${'0'.repeat(64)}`],
    [`a/blobs/sha512/${'f'.repeat(128)}`, `sha512:${'f'.repeat(128)}`],
    [`blobs/sha256/${'0'.repeat(63)}`, undefined],
    [`xblobs/sha256/${'0'.repeat(64)}`, undefined],
    [`blobs/sha256/${'0'.repeat(64)}.json`, undefined],
    ['a.json', undefined],
  ])('%s is known by its place', (path, digest) => {
    expect(digestOfBlob(path)).toBe(digest);
  });
});
