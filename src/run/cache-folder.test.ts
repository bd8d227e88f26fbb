import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { neededCacheFolder } from './cache-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('who has no home is told what to set', () => {
  vi.stubEnv('HOME', 'relative');
  expect(() => neededCacheFolder({})).toThrow(expect.objectContaining({ exitCode: 2 }));
  expect(neededCacheFolder({ XDG_CACHE_HOME: '/c' })).toBe(join('/c', 'pullproof'));
});
