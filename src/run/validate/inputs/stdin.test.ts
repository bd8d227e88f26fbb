// What comes on standard input, and archives that are not what they seem: documents as they are, archives by
// way of a file that is gone afterwards.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  dockerSave,
  type Files,
  imageLayout,
  json,
  tar,
} from '../../../validate/image/cases/fixture.ts';
import { type JudgeOptions, judgeInputs } from '../judge-inputs.ts';
import { readStdin } from './stdin.ts';

const archiveOf = (files: Files): Buffer =>
  tar(...[...files].map(([path, content]) => ({ path, content })));
const without = (files: Files, ...names: string[]): Files =>
  new Map([...files].filter(([name]) => !names.includes(name)));

let folder = '';
let before: string | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullproof-test-'));
  before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  rmSync(folder, { recursive: true, force: true });
});

/** The bytes in pieces of a size. */
async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const options: JudgeOptions = {
  strict: false,
  kindOf: () => undefined,
  excludes: () => false,
  layers: false,
  layerBytesMax: 1024 * 1024,
  signal: new AbortController().signal,
  progress: () => undefined,
};

async function judgeStdin(bytes: Uint8Array, size = 65_536, more: Partial<JudgeOptions> = {}) {
  const stdin = () => pieces(bytes, size);
  return await judgeInputs({ words: ['-'] }, { ...options, stdin, ...more });
}

async function judgeFile(name: string, bytes: Uint8Array) {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const { documents } = await judgeInputs({ words: [path] }, options);
  rmSync(path);
  return documents;
}

describe('an archive on standard input', () => {
  const layout = archiveOf(imageLayout());
  test.each([
    ['a layout', layout],
    ['docker save', archiveOf(dockerSave())],
    ['gzip', gzipSync(layout)],
    ['zstd', zstdCompressSync(layout)],
  ])('is judged as the file would be: %s', async (_, bytes) => {
    const [asFile, { documents, verified }] = [
      await judgeFile('x.tar', bytes),
      await judgeStdin(bytes),
    ];
    expect(documents.length).toBeGreaterThan(1);
    expect(documents.map(({ path, kind, findings }) => [path, kind, findings.length])).toEqual(
      asFile.map(({ path, kind, findings }) => [
        path.replace(/^.*x\.tar/, '-'),
        kind,
        findings.length,
      ]),
    );
    expect(verified.blobs).toBeGreaterThan(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([1, 7, 511, 512, 513, 10_000])('may come in pieces of %i bytes', async (size) => {
    const { documents, unread } = await judgeStdin(layout, size, { layers: true });
    expect(unread).toEqual([]);
    expect(documents.every(({ valid }) => valid)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is larger than the limit is refused, and nothing of it stays', async () => {
    const limits = { isDocument: false, documentBytesMax: 4096, archiveBytesMax: 4096 };
    const read = readStdin(pieces(layout, 512), { ...limits, signal: options.signal });
    await expect(read).rejects.toMatchObject({ code: 'input-unreadable' });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is kept in a file of its own until it is removed', async () => {
    const limits = { isDocument: false, documentBytesMax: 4096, archiveBytesMax: 1024 ** 2 };
    const content = await readStdin(pieces(layout, 100), { ...limits, signal: options.signal });
    if (content?.form !== 'archive') throw new Error('it is an archive');
    expect(readFileSync(content.path).equals(layout)).toBe(true);
    await content.remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([0, 2000])(
    'that is stopped after %i bytes is not judged, and nothing of it stays',
    async (bytes) => {
      const stop = new AbortController();
      const halting = async function* () {
        yield* pieces(layout.subarray(0, bytes), 512);
        stop.abort();
        throw new Error('Premature close');
      };
      const judged = await judgeInputs(
        { words: ['-'] },
        { ...options, stdin: halting, signal: stop.signal },
      );
      expect([judged.documents, judged.unread]).toEqual([[], []]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('is a document where the kind is given', async () => {
    const { documents } = await judgeStdin(layout, 512, { kindOf: () => 'manifest' });
    expect(documents).toMatchObject([{ path: '-', kind: 'manifest', valid: false }]);
    expect(documents[0]?.findings[0]?.message).toContain('tar');
  });
});

test.each(['', '{}', 'x'.repeat(600), '{"imageLayoutVersion":"1.0.0"}'])(
  'a document on standard input is one: %j',
  async (text) => {
    const { documents } = await judgeStdin(Buffer.from(text), 100);
    expect(documents.map(({ path }) => path)).toEqual(['-']);
    expect(documents[0]?.findings.map(({ message }) => message).join()).not.toContain('archive');
  },
);

describe('what is no archive of an image is told by its name', () => {
  const inFolder = new Map([...imageLayout()].map(([name, bytes]) => [`my/image/${name}`, bytes]));
  test.each<[string, string, Uint8Array, string, string]>([
    ['nothing', 'x.tar', Buffer.alloc(0), 'archive-malformed', 'empty'],
    ['nothing in gzip', 'x.tgz', gzipSync(''), 'archive-malformed', 'empty'],
    [
      'xz',
      'x.tar',
      Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]),
      'archive-malformed',
      'xz -d',
    ],
    ['xz', 'x.tar.xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]), 'kind-unknown', 'xz -d'],
    ['zip', 'x.zip', Buffer.from('PK\u0003\u0004'), 'kind-unknown', 'unzip'],
    [
      'a page',
      'x.tar.gz',
      Buffer.from('<html><title>Sign in</title>'),
      'archive-malformed',
      'Sign in',
    ],
    [
      'JSON in gzip',
      'x.json.gz',
      gzipSync('{"a":1}'),
      'archive-malformed',
      'JSON, compressed by gzip',
    ],
    ['a folder', 'x.tar', archiveOf(inFolder), 'archive-contents', 'tar -C my/image '],
    [
      'a root file system',
      'x.tar',
      tar({ path: 'etc/', flag: '5' }, { path: 'usr/', flag: '5' }),
      'archive-contents',
      'root file system',
    ],
    [
      'a dead link',
      'x.tar',
      tar({ path: 'oci-layout', flag: '2', link: 'gone' }),
      'archive-contents',
      '"gone"',
    ],
    [
      'an object',
      'x.tar',
      archiveOf(
        new Map([...without(dockerSave(), 'manifest.json'), ['manifest.json', json({ a: 1 })]]),
      ),
      'save-manifest',
      'an object',
    ],
    [
      'a manifest',
      'x.tar',
      archiveOf(new Map([['manifest.json', json({ schemaVersion: 2 })]])),
      'save-manifest',
      'a manifest',
    ],
  ])('%s (%s)', async (_, name, bytes, rule, words) => {
    const documents = await judgeFile(name, bytes);
    const findings = documents.flatMap((document) => document.findings);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual([rule]);
    expect(findings[0]?.message).toContain(words);
  });

  test('a layer that is a link to what is not there', async () => {
    const files = dockerSave();
    const layer = [...files.keys()].find((name) => name.endsWith('.tar')) ?? '';
    const rest = [...without(files, layer)].map(([path, content]) => ({ path, content }));
    const bytes = tar({ path: layer, flag: '2', link: '.gone.tar' }, ...rest);
    const findings = (await judgeFile('x.tar', bytes)).flatMap((document) => document.findings);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(['save-entry']);
    expect(findings[0]?.message).toContain('a link to ".gone.tar"');
  });
});
