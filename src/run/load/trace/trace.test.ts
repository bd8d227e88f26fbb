// Recorded requests of every format, and which of them can be made again.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTraceText } from './formats.ts';
import { replayable, requestsFor } from './replayable.ts';
import { readTrace } from './trace.ts';

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
  const found = replayable(trace, speed);
  const { skipped } = found;
  const requests = requestsFor(found, setUp);
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

describe('access logs as JSON', () => {
  const blob = `/v2/a/b/blobs/${digest('d')}`;
  const times = [0, 2000].map((ms) => Date.UTC(2026, 10, 21, 13) + ms);
  const forms: Readonly<Record<string, (ms: number, path: string) => object>> = {
    'nginx, its own names': (ms, path) => ({
      time_iso8601: new Date(ms).toISOString().replace('.000Z', '+00:00'),
      remote_addr: '10.0.0.1',
      request: `GET ${path} HTTP/1.1`,
      status: '200',
      body_bytes_sent: '512',
      request_time: '0.004',
    }),
    'nginx, in parts': (ms, path) => ({
      ...{ msec: `${ms / 1000}.000`, request_method: 'GET', request_uri: path, uri: '/rewritten' },
      ...{ status: '200', bytes_sent: '512', request_time: '0.004' },
    }),
    'nginx, local time': (ms, path) => ({
      '@timestamp': `21/Nov/2026:14:00:0${(ms / 1000) % 10} +0100`,
      ...{ method: 'GET', url: `https://r.example${path}`, status: 200 },
    }),
    Caddy: (ms, path) => ({
      ...{ level: 'info', ts: ms / 1000, logger: 'http.log.access.log0', msg: 'handled request' },
      request: { remote_ip: '10.0.0.1', method: 'GET', host: 'r.example', uri: path, headers: {} },
      ...{ bytes_read: 0, duration: 0.004, size: 512, status: 200 },
    }),
    Envoy: (ms, path) => ({
      ...{ start_time: new Date(ms).toISOString(), method: 'GET', path, protocol: 'HTTP/1.1' },
      ...{ response_code: 200, response_flags: '-', bytes_received: 0, bytes_sent: 512 },
      ...{ duration: 4, authority: 'r.example', upstream_host: '10.0.0.2:5000' },
    }),
    Traefik: (ms, path) => ({
      ...{ StartUTC: new Date(ms).toISOString(), time: '2030-01-01T00:00:00Z', level: 'info' },
      ...{ RequestMethod: 'GET', RequestPath: path, RequestHost: 'r.example', msg: '' },
      ...{ DownstreamStatus: 200, OriginStatus: 200, DownstreamContentSize: 512, Duration: 4e6 },
    }),
    distribution: (ms, path) => ({
      ...{ 'http.request.method': 'GET', 'http.request.uri': path, 'http.response.status': 200 },
      ...{ 'http.response.written': 512, time: new Date(ms).toISOString(), level: 'info' },
    }),
    'Google Cloud': (ms, path) => ({
      httpRequest: { requestMethod: 'GET', requestUrl: `https://r.example${path}`, status: 200 },
      timestamp: new Date(ms).toISOString(),
    }),
    "Elastic's schema": (ms, path) => ({
      '@timestamp': new Date(ms).toISOString(),
      http: { request: { method: 'GET' }, response: { status_code: 200, body: { bytes: 512 } } },
      url: { path },
    }),
    "Docker's log of a combined one": (ms, path) => ({
      log: `- - - [21/Nov/2026:13:00:0${(ms / 1000) % 10} +0000] "GET ${path} HTTP/1.1" 200 512\n`,
      ...{ stream: 'stdout', time: '2030-01-01T00:00:00Z' },
    }),
  };

  test.each(Object.entries(forms))('%s', (_name, form) => {
    const paths = ['/v2/a/b/manifests/1?ns=x', blob];
    const noise = { level: 'info', time: '2026-11-21T13:00:01Z', msg: 'listening on :5000' };
    const lines = [...paths.map((path, at) => form(times[at] ?? 0, path)), noise];
    const { format, requests, counted } = read(lines.map((one) => JSON.stringify(one)).join('\n'));
    expect(format).toBe('access-log');
    expect(requests).toEqual([
      { atMs: 0, method: 'GET', what: 'manifests', repository: 'a/b', reference: '1' },
      { atMs: 2000, method: 'GET', what: 'blobs', repository: 'a/b', reference: digest('d') },
    ]);
    expect(counted).toBe(1);
  });

  test('what is logged when it comes and when it is answered is one request', () => {
    const asked = { 'http.request.method': 'GET', 'http.request.uri': '/v2/a/tags/list' };
    const time = '2026-11-21T13:00:00.5Z';
    const lines = [
      { ...asked, time, msg: 'authorized request' },
      { ...asked, time },
    ];
    const answered = { ...lines[1], 'http.response.status': 200 };
    const text = [lines[0], answered].map((one) => JSON.stringify(one)).join('\n');
    expect(read(text).requests).toHaveLength(1);
  });
});

test("Envoy's own text", () => {
  const line = (second: string, path: string) =>
    `[2026-11-21T13:00:${second}Z] "GET ${path} HTTP/1.1" 404 - 0 162 3 2 "10.0.0.1" "containerd/2" "id" "r.example" "10.0.0.2:5000"`;
  const text = [line('00.250', '/v2/a/manifests/1'), line('01.000', '/v2/a/tags/list')].join('\n');
  const { format, requests } = read(text);
  expect(format).toBe('access-log');
  expect(requests.map(({ atMs, status }) => [atMs, status])).toEqual([
    [0, 404],
    [750, 404],
  ]);
});

test('a refusal is kept with its status; a 401 that was a challenge is not', () => {
  const line = (path: string, status: number) =>
    `h - u [21/Nov/2026:13:00:00 +0000] "GET /v2/a/${path} HTTP/1.1" ${status} 10`;
  const { requests, counted } = read(
    [
      ...[line('manifests/1', 401), line('manifests/1', 200), line('manifests/gone', 404)],
      ...[line('manifests/secret', 401), line('tags/list', 429), line('manifests/2', 304)],
    ].join('\n'),
  );
  expect(requests.map(({ reference, status }) => [reference, status])).toEqual([
    ['1', undefined],
    ['gone', 404],
    ['secret', 401],
    ['', 429],
    ['2', undefined],
  ]);
  expect(counted).toBe(1);
});

describe('a file is looked at before anybody is asked', () => {
  const file = (text: string) => {
    const path = join(mkdtempSync(join(tmpdir(), 'pullproof-trace-')), 'trace');
    writeFileSync(path, text);
    return path;
  };

  test.each([
    ['nothing', '', 'trace-empty'],
    ['blanks', ' \n\n', 'trace-empty'],
    ['no format', 'hello\n', 'trace-unreadable'],
    ['an empty list', '[]', 'trace-unreadable'],
    [
      'nothing to replay',
      'h - u [21/Nov/2026:13:00:00 +0000] "POST /v2/a/blobs/uploads/ HTTP/1.1" 202 0\n',
      'trace-unreadable',
    ],
  ])('%s: exit 2', async (_what, text, code) => {
    await expect(readTrace({ file: file(text), speed: 1 })).rejects.toMatchObject({
      ...{ code, exitCode: 2 },
    });
  });
});

test('whatever a file holds, it is read or it is none', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const trace = readTraceText(text);
      if (trace !== undefined) requestsFor(replayable(trace, 1), setUp);
    }),
  );
});

test('a byte order mark, UTF-16 and a path alone as `request` are read; what is packed is called so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pullproof-trace-'));
  const line = '10.0.0.1 - - [21/Nov/2026:13:00:00 +0000] "GET /v2/a/b/manifests/1 HTTP/1.1" 200 5';
  const json = { time: '21/Nov/2026:13:00:00 +0000', request: '/v2/a/b/manifests/1' };
  const contents = {
    bom: Buffer.from(`\ufeff${line}\r\n`),
    utf16: Buffer.from(`\ufeff${line}\n`, 'utf16le'),
    apache: Buffer.from(JSON.stringify({ ...json, method: 'GET', status: '200' })),
  };
  for (const [name, bytes] of Object.entries(contents)) {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const { told } = await readTrace({ file, speed: 1 });
    expect(told.requests, name).toBe(1);
  }
  const packed = join(folder, 'access.log.1.gz');
  writeFileSync(packed, gzipSync(line));
  await expect(readTrace({ file: packed, speed: 1 })).rejects.toThrow('gunzip');
});
