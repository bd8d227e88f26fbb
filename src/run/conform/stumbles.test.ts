import { describe, expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import type { HttpReply, TransportFailure } from '../../protocol/talk.ts';
import { answerOf, isStumble, kindOf, noted, StumbleLog } from './stumbles.ts';

const request = requestOf({ url: 'http://tiny.test/v2/a/b/manifests/latest', phase: 'manifest' });
const replied = (status: number, failure: '' | TransportFailure = '') => ({
  request,
  reply: { status, failure } as HttpReply,
});

test.each([
  [500, '', true],
  [503, '', true],
  [0, 'reset', true],
  [200, 'short-body', true],
  [0, 'stalled', true],
  [501, '', false],
  [404, '', false],
  [429, '', false],
  [200, '', false],
  [0, 'dns', false],
  [0, 'tls', false],
  [200, 'long-body', false],
] as const)('%i %s: a server that failed by itself, %s', (status, failure, expected) => {
  expect(isStumble(replied(status, failure))).toBe(expected);
});

describe('requests of one kind', () => {
  test.each([
    ['/v2/', '/v2/'],
    ['/v2/a/manifests/v1', '/v2/<name>/manifests/<reference>'],
    ['/v2/a/b/c/blobs/sha256:00', '/v2/<name>/blobs/<digest>'],
    ['/v2/a/blobs/uploads/', '/v2/<name>/blobs/uploads/'],
    ['/v2/a/blobs/uploads/00-11?_state=x', '/v2/<name>/blobs/uploads/<session>'],
    ['/v2/a/tags/list?n=1', '/v2/<name>/tags/list'],
    ['/v2/a/referrers/sha256:00?artifactType=x', '/v2/<name>/referrers/<digest>'],
  ])('%s', (path, kind) => {
    expect(kindOf({ ...request, url: `https://tiny.test${path}` })).toBe(`GET ${kind}`);
  });

  test('what a signed URL holds is not among them', () => {
    const url = 'https://cdn.test/secret/path?Signature=secret';
    expect(kindOf({ ...request, url, hop: 'edge' })).not.toContain('secret');
  });
});

test('each kind is told once, with its count and where it came, secrets taken out', () => {
  const log = new StumbleLog((text) => text.replace('<reference>', '***'));
  log.add(noted(replied(500)), 'one');
  log.add(noted(replied(0, 'reset')), 'two');
  log.add(noted(replied(500)), 'two');
  log.add(noted(replied(500)), 'two');
  const party = 'the registry';
  expect(log.summary()).toMatchObject([
    { kind: 'server-error', party, answer: 'status 500', count: 3, checks: ['one', 'two'] },
    { kind: 'connection', count: 1, checks: ['two'] },
  ]);
  expect(log.summary()[0]?.request).toContain('***');
});

test('many kinds and many checks stay within bounds', () => {
  const log = new StumbleLog((text) => text);
  for (let each = 0; each < 1000; each++) {
    const url = `http://tiny.test/odd/${each}`;
    log.add(noted({ ...replied(500), request: { ...request, url } }), `check-${each}`);
    log.add(noted(replied(500)), `check-${each}`);
  }
  expect(log.summary().length).toBeLessThanOrEqual(100);
  expect(log.summary().every(({ checks }) => checks.length <= 50)).toBe(true);
  expect(log.summary()[0]?.count).toBe(1000);
});

test('a body that breaks off is told with its status', () => {
  expect(answerOf(replied(200, 'short-body'))).toBe('status 200, then a body that breaks off');
});
