import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFileUpTo } from './read-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pullproof-read-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'file');

test.each([0, 1, 65_535, 65_536, 65_537, 300_000])('%i bytes', async (bytes) => {
  const content = Buffer.alloc(bytes, 'abc');
  writeFileSync(path, content);
  expect(Buffer.from((await readFileUpTo(path, bytes)) ?? []).equals(content)).toBe(true);
  if (bytes > 0) expect(await readFileUpTo(path, bytes - 1)).toBeUndefined();
});

test.runIf(process.platform === 'linux')('what does not say its length', async () => {
  expect((await readFileUpTo('/proc/self/cmdline', 1_000_000))?.length).toBeGreaterThan(0);
  expect(await readFileUpTo('/dev/zero', 10_000_000)).toBeUndefined();
  expect((await readFileUpTo('/dev/null', 10))?.length).toBe(0);
});

test.runIf(process.platform === 'linux')(
  'a pipe, to its end; one without a writer is no wait',
  async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await expect(readFileUpTo(pipe, 1)).rejects.toThrow();
    const writer = spawn('sh', ['-c', `(printf a; sleep 0.2; printf b) > '${pipe}'`]);
    expect(Buffer.from((await readFileUpTo(pipe, 10)) ?? []).toString()).toBe('ab');
    writer.kill();
  },
);

test('what cannot be read', async () => {
  await expect(readFileUpTo(join(folder, 'absent'), 1)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(readFileUpTo(folder, 1_000_000)).rejects.toMatchObject({ code: 'EISDIR' });
});
