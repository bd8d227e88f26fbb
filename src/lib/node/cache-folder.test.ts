import { isAbsolute, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { cacheFolder } from './cache-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the folder of what is kept', () => {
  test('is where XDG_CACHE_HOME says, else below the home', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/caches' })).toBe(join('/caches', 'pullproof'));
    vi.stubEnv('HOME', '/home/one');
    expect(cacheFolder({})).toBe(join('/home/one', '.cache', 'pullproof'));
    expect(cacheFolder({ XDG_CACHE_HOME: '' })).toBe(cacheFolder({}));
  });

  test.each(['relative', './x', '..'])('is never beside the work: %s', (named) => {
    vi.stubEnv('HOME', named);
    const folder = cacheFolder({ XDG_CACHE_HOME: named });
    expect(folder === undefined || isAbsolute(folder)).toBe(true);
  });

  test('is none where there is no home', () => {
    vi.stubEnv('HOME', 'relative');
    expect(cacheFolder({})).toBeUndefined();
  });
});
