import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../lib/user-error.ts';
import {
  formatReference,
  isRegistry,
  isRepository,
  isTag,
  parseReference,
  type Reference,
} from './reference.ts';

const hex = 'a'.repeat(64);
const digest = `sha256:${hex}`;

function problemOf(text: string): UserError | undefined {
  try {
    parseReference(text);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) {
      return error;
    }
    throw error;
  }
}

const component = fc
  .array(fc.stringMatching(/^[a-z0-9]{1,5}$/), { minLength: 1, maxLength: 3 })
  .chain((words) => fc.constantFrom('.', '_', '__', '-', '---').map((dot) => words.join(dot)));
const registry = fc.oneof(
  fc.constantFrom('localhost', 'localhost:5000', 'Registry', '127.0.0.1:80', '[::1]:5000', '[::1]'),
  fc.domain(),
  fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65_535 })).map((pair) => pair.join(':')),
);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/);
const reference: fc.Arbitrary<Reference> = fc
  .tuple(registry, fc.array(component, { minLength: 1, maxLength: 4 }), tag, fc.nat(2))
  .map(([host, path, name, which]) => ({
    registry: host,
    repository: path.join('/'),
    ...(which === 1 ? {} : { tag: name }),
    ...(which === 0 ? {} : { digest: digest }),
  }));

describe('parseReference', () => {
  test('reads back every complete reference', () => {
    fc.assert(
      fc.property(reference, (parts) => {
        expect(parseReference(formatReference(parts))).toEqual(parts);
      }),
    );
  });

  test('gives valid parts or a UserError, and completing twice changes nothing', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'a',
        'B',
        '0',
        '.',
        '_',
        '-',
        '/',
        ':',
        '@',
        'localhost',
        'docker.io',
        digest,
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.string(), pieces), (given) => {
        const text = Array.isArray(given) ? given.join('') : given;
        const problem = problemOf(text);
        if (problem !== undefined) {
          expect(problem).toMatchObject({ code: 'reference-invalid', exitCode: 2 });
          expect(problem.hint).not.toBe('');
          return;
        }
        const parts = parseReference(text);
        expect(isRegistry(parts.registry) && isRepository(parts.repository)).toBe(true);
        expect(isTag(parts.tag ?? 'x')).toBe(true);
        expect(parseReference(formatReference(parts))).toEqual(parts);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1'],
    ['team/app', 'docker.io/team/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/a/b', 'docker.io/a/b:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['localhost:5000', 'docker.io/library/localhost:5000'],
    ['host/app', 'docker.io/host/app:latest'],
    ['HOST/app', 'HOST/app:latest'],
    ['host.x/app', 'host.x/app:latest'],
    ['host:1/app', 'host:1/app:latest'],
    ['[2001:db8::1]/app', '[2001:db8::1]/app:latest'],
    ['[2001:db8::1]:5000/a/b:c', '[2001:db8::1]:5000/a/b:c'],
    [`a.b/c@${digest}`, `a.b/c@${digest}`],
    [`a.b/c:d@${digest}`, `a.b/c:d@${digest}`],
    [`a.b/${hex}`, `a.b/${hex}:latest`],
    [`${hex}:x`, `docker.io/library/${hex}:x`],
    ['a/b-.c'.replace('-.', '--'), 'docker.io/a/b--c:latest'],
    [`a.b/${'c'.repeat(255)}`, `a.b/${'c'.repeat(255)}:latest`],
  ])('%s', (text, complete) => {
    expect(formatReference(parseReference(text))).toBe(complete);
  });

  test.each([
    ['', 'empty'],
    ['http://a.b/c', 'scheme'],
    ['https://a.b/c:d', 'scheme'],
    ['docker://a.b/c', 'scheme'],
    [hex, 'image ID'],
    ['a.b/', 'no repository'],
    ['docker.io/', 'no repository'],
    [':tag', 'no repository'],
    ['/a', 'repository'],
    ['a.b/c/', 'repository'],
    ['a.b//c', 'repository'],
    ['a.b/App', 'lower case'],
    ['Busybox', 'lower case'],
    ['a.b/c___d', 'repository'],
    ['a.b/c..d', 'repository'],
    ['a.b/-c', 'repository'],
    ['a.b/c d', 'repository'],
    ['a.b/c\n', 'repository'],
    ['a.b/c?d', 'repository'],
    ['-a.b/c', 'registry'],
    ['a..b/c', 'registry'],
    ['a_b.c/d', 'registry'],
    ['a.b:/c', 'registry'],
    ['a.b:65536/c', 'registry'],
    ['a.b:123456/c', 'registry'],
    ['[::1%25eth0]/c', 'registry'],
    ['u:p@a.b/c', 'digest'],
    ['a.b/c:', 'tag'],
    ['a.b/c:.d', 'tag'],
    [`a.b/c:${'d'.repeat(129)}`, 'tag'],
    ['a.b/c@', 'digest'],
    ['a.b/c@sha256:abc', 'digest'],
    [`a.b/c@SHA256:${hex}`, 'digest'],
    [`a.b/c@${digest}@${digest}`, 'digest'],
    [`a.b/${'c'.repeat(256)}`, '255'],
    ['a'.repeat(2_000), '1024'],
  ])('refuses %j: %s', (text, about) => {
    expect(problemOf(text)?.message).toContain(about);
  });

  test('control characters of the input do not reach the terminal', () => {
    const problem = problemOf('a.b/c\u001b[31m\u0007');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(`${problem?.message}${problem?.hint}`).not.toMatch(/[\u0000-\u001f]/);
  });
});
