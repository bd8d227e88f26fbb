// Recorded requests of every format, and which of them can be made again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTraceText } from './formats.ts';
import { replayable } from './trace.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const setUp = {
  images: [{ registryUrl: 'http://h', repository: 'own/app', reference: '1.0' }],
  blobs: [
    [
      { mediaType: 'x', digest: digest('a'), size: 100 },
      { mediaType: 'x', digest: digest('b'), size: 5000 },
    ],
  ],
};

function read(text: string, speed = 1) {
  const trace = readTraceText(text);
  if (trace === undefined) throw new Error('no trace');
  const { requests, skipped } = replayable(trace, setUp, speed);
  const counted = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  return { format: trace.format, requests, counted };
}

test('a log of the mock: pings, tokens, the CDN, challenges and uploads are counted, not replayed', () => {
  const line = (second: number, role: string, method: string, path: string, status = 200) =>
    JSON.stringify({ time: `2026-11-21T13:00:0${second}.500Z`, role, method, path, status });
  const text = [
    line(0, 'registry', 'GET', '/v2/', 401),
    line(0, 'token', 'GET', '/token'),
    line(1, 'registry', 'HEAD', '/v2/demo/app/manifests/latest'),
    line(3, 'registry', 'GET', `/v2/demo/app/blobs/${digest('c')}`, 307),
    line(3, 'cdn', 'GET', '/blob'),
    line(4, 'registry', 'GET', '/v2/demo/app/manifests/latest', 401),
    line(4, 'registry', 'POST', '/v2/demo/app/blobs/uploads/', 202),
    line(5, 'registry', 'GET', '/v2/demo/app/tags/list'),
    '{cut off',
  ].join('\n');
  const { format, requests, counted } = read(text, 2);
  expect(format).toBe('mock-log');
  expect(requests).toEqual([
    { atMs: 0, method: 'HEAD', what: 'manifests', repository: 'demo/app', reference: 'latest' },
    { atMs: 1000, method: 'GET', what: 'blobs', repository: 'demo/app', reference: digest('c') },
    { atMs: 2000, method: 'GET', what: 'tags', repository: 'demo/app', reference: '' },
  ]);
  expect(counted).toBe(6);
});

test('an access log of nginx or distribution; what shares a second is spread over it', () => {
  const line = (time: string, request: string) =>
    `10.0.0.1 - ci [${time} +0100] "${request}" 200 512 "-" "containerd/v2.4.2"`;
  const text = [
    line('21/Nov/2026:13:00:00', 'GET /v2/a/b/manifests/1 HTTP/1.1'),
    line('21/Nov/2026:13:00:00', 'GET /v2/a/b/manifests/2?ns=x HTTP/1.1'),
    line('21/Nov/2026:13:00:02', 'GET /healthz HTTP/1.1'),
    line('21/Nov/2026:13:00:02', `GET /v2/a/b/blobs/${digest('d')} HTTP/1.1`),
  ].join('\n');
  const { format, requests, counted } = read(text);
  expect(format).toBe('access-log');
  expect(requests.map(({ atMs, reference }) => [atMs, reference])).toEqual([
    [0, '1'],
    [500, '2'],
    [2500, digest('d')],
  ]);
  expect(counted).toBe(1);
});

test('a HAR file', () => {
  const entry = (url: string, second: number) => ({
    startedDateTime: `2026-11-21T13:00:0${second}Z`,
    request: { method: 'GET', url },
    response: { status: 200, bodySize: 10 },
  });
  const entries = [
    entry('https://r.example/v2/a/manifests/1?x=y', 1),
    entry('https://cdn.example/s3/blob?Signature=abc', 2),
  ];
  const { format, requests, counted } = read(JSON.stringify({ log: { version: '1.2', entries } }));
  expect(format).toBe('har');
  expect(requests).toMatchObject([{ atMs: 0, repository: 'a', reference: '1' }]);
  expect(counted).toBe(1);
});

test('both forms of the IBM traces; blobs become those that are nearest in size', () => {
  const player = [
    { delay: 2.5, uri: 'v2/u/r/blobs/x1', size: 120, method: 'GET', duration: 1, client: 'c' },
    { delay: 2, uri: 'v2/u/r/manifests/m1', size: 1, method: 'GET', duration: 1, client: 'c' },
    { delay: 3, uri: 'v2/u/r/blobs/x2', size: 90_000, method: 'GET', duration: 1, client: 'c' },
    { delay: 3, uri: 'v2/u/r/blobs/x2', size: 90_000, method: 'PUT', duration: 1, client: 'c' },
  ];
  const published = player.map(({ delay, uri, size, method }) => ({
    timestamp: new Date(delay * 1000).toISOString(),
    'http.request.uri': uri,
    'http.request.method': method,
    'http.response.written': size,
    'http.response.status': 200,
  }));
  for (const entries of [player, published]) {
    const { format, requests, counted } = read(JSON.stringify(entries));
    expect(format).toBe('registry-trace');
    expect(
      requests.map(({ atMs, repository, reference }) => [atMs, repository, reference]),
    ).toEqual([
      [0, 'own/app', '1.0'],
      [500, 'own/app', digest('a')],
      [1000, 'own/app', digest('b')],
    ]);
    expect(counted).toBe(1);
  }
});

test('whatever a file holds, it is read or it is none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const trace = readTraceText(text);
      if (trace !== undefined) replayable(trace, setUp, 1);
    }),
  );
});
