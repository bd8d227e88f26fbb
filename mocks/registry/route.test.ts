import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasValidName, routeOf } from './route.ts';

describe('routeOf', () => {
  test.each([
    ['/v2/', 'ping', '', ''],
    ['/v2', 'ping', '', ''],
    ['/v2/_catalog', 'catalog', '', ''],
    ['/v2/a/manifests/latest', 'manifest', 'a', 'latest'],
    ['/v2/a/b/c/manifests/sha256:00', 'manifest', 'a/b/c', 'sha256:00'],
    ['/v2/a/manifests/sha256%3A00', 'manifest', 'a', 'sha256:00'],
    ['/v2/a/blobs/sha256:00', 'blob', 'a', 'sha256:00'],
    ['/v2/a/referrers/sha256:00', 'referrers', 'a', 'sha256:00'],
    ['/v2/a/tags/list', 'tags', 'a', ''],
    ['/v2/a/blobs/uploads', 'upload', 'a', ''],
    ['/v2/a/blobs/uploads/', 'upload', 'a', ''],
    ['/v2/a/blobs/uploads/1-2', 'upload', 'a', '1-2'],
    ['/v2/blobs/uploads/manifests/x', 'manifest', 'blobs/uploads', 'x'],
    ['/v2/tags/list/tags/list', 'tags', 'tags/list', ''],
    ['/v2/manifests/x', 'other', '', ''],
    ['/v2//manifests/x', 'other', '', ''],
    ['/v2/a/manifests/', 'other', '', ''],
    ['/v2/a/toString/x', 'other', '', ''],
    ['/v2/a/tags/other', 'other', '', ''],
    ['/v2/blobs/uploads/', 'other', '', ''],
    ['/v2/a', 'other', '', ''],
    ['/v1/a/manifests/x', 'foreign', '', ''],
    ['', 'foreign', '', ''],
  ])('%s', (path, endpoint, repository, reference) =>
    expect(routeOf(path)).toEqual({ endpoint, repository, reference }),
  );

  test('any repository and reference are found again, however deep', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}(?:\/[a-z0-9]{1,8}){0,4}$/);
    const word = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
    fc.assert(
      fc.property(name, word, (repository, reference) => {
        const route = routeOf(`/v2/${repository}/manifests/${reference}`);
        expect(route).toEqual({ endpoint: 'manifest', repository, reference });
        expect(hasValidName(route)).toBe(true);
      }),
    );
  });
});
