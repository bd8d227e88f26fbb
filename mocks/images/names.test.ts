import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/lib/user-error.ts';
import { nameOfImage } from './names.ts';

describe('names', () => {
  const naming = { source: '/some/where/My_Image.tar.gz', repository: undefined };

  test.each([
    ['team/app:1', 'team/app', '1'],
    ['app:1', 'app', '1'],
    ['1.0', 'my-image', '1.0'],
    ['', 'my-image', 'latest'],
    ['localhost/app', 'app', 'latest'],
    ['localhost:5000/a/b:x', 'a/b', 'x'],
    ['docker.io/library/busybox:latest', 'library/busybox', 'latest'],
    [`team/app@sha256:${'a'.repeat(64)}`, 'team/app', undefined],
  ])('%s', (text, repository, tag) => {
    expect(nameOfImage(text, naming)).toEqual({ repository, tag });
    const chosen = nameOfImage(text, { ...naming, repository: 'my/own' });
    expect(chosen).toEqual({ repository: 'my/own', tag });
  });

  test('any text is a name that a registry may have, or refused', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, source) => {
        try {
          const { repository } = nameOfImage(text, { source, repository: undefined });
          expect(repository).toMatch(/^[a-z0-9]/);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
    );
  });
});
