import { expect, test } from 'vitest';
import { readTold } from './told.ts';

const line = (event: string, kind: string, message: string, more: object = {}) =>
  JSON.stringify({ level: 'error', msg: JSON.stringify({ [event]: kind, message, ...more }) });

test('what is told is the first of each kind in the log of k6', () => {
  const at = (host: string) => ({ hop: 'edge', host, status: '503', phase: 'layer' });
  const log = [
    line('pullFailure', 'server-error', 'one', at('a')),
    line('pullFailure', 'server-error', 'two', at('a')),
    line('pullFailure', 'server-error', 'three', at('b')),
    line('pullRetried', 'reset', 'four', { reason: 'eof' }),
    line('pushFailure', 'dns', 'five'),
    'no JSON',
    '{"level":"warning","msg":"Request Failed"}',
    '{"msg":7}',
    line('pullFailure', 'reset', 'cut off').slice(0, 30),
  ].join('\n');
  const { pullFailure, pullRetried, pushFailure } = readTold(log);
  const where = { class: 'server-error', hop: 'edge', status: 503 };
  expect(pullFailure.of({ ...where, host: 'a' })?.message).toBe('one');
  expect(pullFailure.of({ ...where, host: 'b' })?.message).toBe('three');
  expect(pullFailure.of({ ...where, host: 'c' })).toBeUndefined();
  // By stock k6 failures are known by their class alone.
  expect(pullFailure.of({ class: 'server-error' })?.message).toBe('one');
  expect(pullRetried.of({ class: 'reset', reason: 'eof' })?.message).toBe('four');
  expect(pushFailure.of({ class: 'dns' })?.message).toBe('five');
  expect(pullFailure.of({ class: 'reset' })).toBeUndefined();
});

test('evidence is taken as far as it has the right form', () => {
  const evidence = {
    ...{ method: 'GET', url: 7, body: 'x'.repeat(5000), bytes: 'many', bytesExpected: -1 },
    ...{ resumed: { from: 10, words: 'EOF' }, challenged: 'no', reference: 'latest' },
  };
  const told = readTold(line('pullFailure', 'tls', 'm', { evidence })).pullFailure;
  const read = told.of({ class: 'tls' })?.evidence;
  expect(read).toMatchObject({
    method: 'GET',
    url: '',
    address: '',
    bytes: 0,
    reference: 'latest',
  });
  expect(read?.resumed).toEqual({ from: 10, words: 'EOF' });
  expect(read?.body.length).toBeLessThan(5000);
  expect(read).not.toHaveProperty('bytesExpected');
  expect(read).not.toHaveProperty('challenged');
});
