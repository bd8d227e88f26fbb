// Which exchange is shown first, by shapes that real registries brought.
import { expect, test } from 'vitest';
import { conformSample } from '../test/lib/sample-results.ts';
import { decidingExchange } from './deciding.ts';
import type { CheckResult, Exchange } from './results.ts';

const [sample] = conformSample.checks as [CheckResult];
const [any] = sample.evidence as [Exchange];

type Brief = readonly [method: string, status: number, more?: Partial<Exchange['reply']>];

/** The place of the deciding one in the list. */
function decides(words: Partial<CheckResult>, list: readonly Brief[]): number {
  const evidence = list.map(
    ([method, status, more]): Exchange => ({
      ...any,
      request: { method, url: 'http://a.example/v2/x/blobs/uploads/', headers: [] },
      reply: { status, headers: [], bytes: 0, ...more },
    }),
  );
  const said = { requirement: '', expected: '', actual: '', ...words };
  const found = decidingExchange({ ...sample, ...said, evidence });
  return found === undefined ? -1 : evidence.indexOf(found);
}

test.each([
  ['nothing was asked', {}, [], -1],
  [
    'nothing tells: the last',
    { actual: 'two pages alike' },
    [
      ['GET', 200],
      ['GET', 200],
    ],
    1,
  ],
  [
    'a status is named',
    { actual: 'status 400' },
    [
      ['POST', 400],
      ['PUT', 201],
      ['GET', 200],
    ],
    0,
  ],
  [
    'what is taken away at the end is not meant',
    { actual: 'status 202' },
    [
      ['POST', 202],
      ['PATCH', 202],
      ['DELETE', 202],
    ],
    1,
  ],
  [
    'unless it is',
    { requirement: 'DELETE of an upload is answered 204.', actual: 'status 202' },
    [
      ['POST', 202],
      ['DELETE', 202],
    ],
    1,
  ],
  [
    'a failure is named',
    { actual: 'reset: other side closed, 5 times' },
    [
      ['GET', 0, { failure: 'reset' }],
      ['GET', 200],
    ],
    0,
  ],
  [
    'a header is quoted',
    { actual: '"http://a.example/up/1"' },
    [
      ['POST', 202, { headers: [['Location', 'http://a.example/up/1']] }],
      ['GET', 202],
    ],
    0,
  ],
  [
    'a code stands in the body',
    { actual: '400 BLOB_UPLOAD_INVALID' },
    [
      ['PUT', 400, { body: '{"code":"BLOB_UPLOAD_INVALID"}' }],
      ['PUT', 400],
    ],
    0,
  ],
  [
    'a redirect: who answered',
    { actual: 'status 200' },
    [
      ['GET', 307],
      ['GET', 200],
    ],
    1,
  ],
  [
    'the method is named',
    { requirement: 'By HEAD', actual: '404' },
    [
      ['HEAD', 404],
      ['GET', 404],
    ],
    0,
  ],
] satisfies [string, Partial<CheckResult>, Brief[], number][])('%s', (_, words, list, place) => {
  expect(decides(words, list)).toBe(place);
});
