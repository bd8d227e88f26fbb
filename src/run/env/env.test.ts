// Nothing secret gets into what is copied into bug reports, and nothing that hangs holds it up.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ourSchema } from '../../../test/lib/our-schema.ts';
import { placesOfK6 } from '../load/k6/find.ts';
import { readEnvironment, withoutUserinfo } from './env.ts';

test('of a proxy, user and password are taken away, in each way to write them', () => {
  const secret = fc.stringMatching(/^s3cr[a-z0-9:/@%#]{0,20}$/);
  fc.assert(
    fc.property(secret, fc.constantFrom('http://', 'socks5://', ''), (word, scheme) => {
      const shown = withoutUserinfo(`${scheme}user:${word}@proxy.example:3128`);
      expect(shown).toBe(`${scheme}***@proxy.example:3128`);
    }),
  );
  const list = withoutUserinfo('http://a:s3cr@one.example,http://b:s3cr@two.example');
  expect(list).not.toContain('s3cr');
  expect(withoutUserinfo('http://proxy.example:3128')).toBe('http://proxy.example:3128');
});

test('variables are told without secrets, and a k6 that is none with its reason', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-env-'));
  const notK6 = join(folder, 'k6');
  writeFileSync(notK6, '#!/bin/sh\necho something else\n');
  chmodSync(notK6, 0o755);
  const variables = {
    HTTPS_PROXY: 'http://me:hunter2@proxy.example:1',
    PULLPROOF_K6: notK6,
    XDG_CACHE_HOME: folder,
    PATH: folder,
  };
  // Looked for beforehand: on a busy machine that takes longer than what is told may.
  const places = await placesOfK6(variables, 30);
  const environment = await readEnvironment(variables, async () => places, 'runs');
  expect(ourSchema('environment.schema.json').errorsOf(environment)).toEqual([]);
  expect(JSON.stringify(environment)).not.toContain('hunter2');
  expect(environment.variables.HTTPS_PROXY).toBe('http://***@proxy.example:1');
  expect(environment.k6[0]).toMatchObject({ place: 'PULLPROOF_K6', path: notK6 });
  expect(environment.k6[0]?.problem).toBeDefined();
});

test('caches are counted whole, and what never answers is told in place of waiting for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-env-'));
  mkdirSync(join(folder, 'pullproof/inner'), { recursive: true });
  writeFileSync(join(folder, 'pullproof/inner/a'), 'x'.repeat(1000));
  writeFileSync(join(folder, 'pullproof/b'), 'x'.repeat(24));
  const never = () => new Promise<never>(() => undefined);
  const variables = { XDG_CACHE_HOME: folder, PATH: folder };
  const environment = await readEnvironment(variables, never, join(folder, 'runs'), 4);
  expect(environment.caches).toEqual([
    { path: join(folder, 'pullproof'), bytes: 1024, cut: false },
  ]);
  expect(environment.results).toEqual({ path: join(folder, 'runs'), exists: false });
  expect(environment.k6.every(({ problem }) => problem !== undefined)).toBe(true);
  expect(ourSchema('environment.schema.json').errorsOf(environment)).toEqual([]);
});
