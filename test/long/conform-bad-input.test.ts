// conform against registries that break every rule of HTTP: each check ends with a verdict, the run goes on
// and ends with a document, and memory stays bounded.
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { renderHtml } from '../../reports/html/page.ts';
import { validateResults } from '../../src/run/results-schema.ts';
import {
  type BadRegistry,
  badRegistry,
  conformBriefly,
  type Misdeed,
} from '../lib/bad-registry.ts';

/** Of the test's own process, which holds the mock, the reports and the tests besides. */
const residentBytesMax = 600e6;
const documentCharsMax = 60e6;

const open: BadRegistry[] = [];
afterEach(() => {
  for (const registry of open.splice(0)) registry.close();
});

const ok = 'HTTP/1.1 200 OK\r\n';

/** Writes as long as somebody reads. */
function flood(socket: Socket, chunk: string): void {
  const more = () => {
    while (!socket.destroyed && socket.writable) if (!socket.write(chunk)) return;
  };
  socket.on('drain', more);
  more();
}

function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed || at === text.length) clearInterval(timer);
    else socket.write(text[at++] ?? '');
  }, 100);
}

const misdeeds: readonly (readonly [name: string, misdeed: Misdeed])[] = [
  ['hangs', () => undefined],
  ['resets', (socket) => socket.resetAndDestroy()],
  [
    'drips its body',
    (socket) => {
      socket.write(`${ok}Content-Length: 5000\r\n\r\n`);
      drip(socket, 'x'.repeat(5000));
    },
  ],
  ['drips its head', (socket) => drip(socket, `${ok}X-Long: ${'x'.repeat(5000)}\r\n\r\n`)],
  [
    'sends 1 GB of JSON',
    (socket) => {
      socket.write(`${ok}Content-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n[`);
      flood(socket, '0,'.repeat(32_768));
    },
  ],
  [
    'sends 10,000 headers',
    (socket) => {
      socket.end(`${ok}${'X-Some: header\r\n'.repeat(10_000)}Content-Length: 0\r\n\r\n`);
    },
  ],
  [
    'redirects for ever',
    (socket, { url }) => {
      const next = `${url?.replace(/\?.*/, '')}?${Math.random()}`;
      socket.end(`HTTP/1.1 307 Go on\r\nLocation: ${next}\r\nContent-Length: 0\r\n\r\n`);
    },
  ],
  [
    'sends less than Content-Length says',
    (socket) => {
      socket.end(`${ok}Content-Length: 5000\r\n\r\nshort`);
    },
  ],
  [
    'sends more than Content-Length says',
    (socket) => {
      socket.end(`${ok}Content-Length: 5\r\n\r\nmuch longer than that`);
    },
  ],
  [
    'sends a body after HEAD too',
    (socket) => {
      socket.end(`${ok}Content-Length: 12\r\n\r\nnot expected`);
    },
  ],
  [
    'sends invalid UTF-8',
    (socket) => {
      socket.write(
        `${ok}Content-Type: application/json\r\nContent-Length: 6\r\nX-Odd: \xff\xfe\r\n\r\n`,
        'latin1',
      );
      socket.end(Buffer.of(0xff, 0xfe, 0x7b, 0xc0, 0x80, 0x7d));
    },
  ],
  ['speaks HTTP/0.9', (socket) => socket.end('<html>hello</html>')],
  ['speaks no HTTP at all', (socket) => socket.end(Buffer.alloc(2000, 0x16))],
];

describe.each(misdeeds)('a registry that %s', (_, misdeed) => {
  test('for its blobs: every check has a verdict, and the document can be rendered', async () => {
    const registry = await badRegistry(misdeed, ({ url = '' }) => url.includes('/blobs/'));
    open.push(registry);
    const only = ['ping', 'manifest-by-tag', 'blob-config', 'blob-head', 'pull-platform'];
    const results = await conformBriefly(registry, only);
    const verdictOf = new Map(results.checks?.map(({ id, verdict }) => [id, verdict]));
    expect(verdictOf.get('ping')).toBe('pass');
    expect(verdictOf.get('manifest-by-tag')).toBe('pass');
    expect(verdictOf.get('blob-config')).toBe('fail');
    expect([...verdictOf.values()]).not.toContain('harness-error');
    expect(results).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(validateResults(results)).toBeUndefined();
    expect(renderHtml([results])).toContain('blob-config');
    expect(process.memoryUsage.rss()).toBeLessThan(residentBytesMax);
  });

  test('for its manifests, once the run has begun', async () => {
    const registry = await badRegistry(
      misdeed,
      ({ url = '' }, count) => count > 1 && url.includes('/manifests/'),
    );
    open.push(registry);
    const results = await conformBriefly(registry, ['ping', 'manifest-by-tag', 'blob-config']);
    const verdictOf = new Map(results.checks?.map(({ id, verdict }) => [id, verdict]));
    expect(verdictOf.get('ping')).toBe('pass');
    // Of a document that is whole in its own way, other checks notice that it is none.
    expect(verdictOf.has('manifest-by-tag')).toBe(true);
    expect(verdictOf.get('blob-config')).toBe('void');
    expect(validateResults(results)).toBeUndefined();
  });
});

test('pages that never end: the checks of listing tags end all the same', async () => {
  let page = 0;
  const registry = await badRegistry(
    (socket) => {
      page++;
      const body = JSON.stringify({ name: 'team/app', tags: [`t${page}`] });
      const link = `</v2/team/app/tags/list?n=1&last=t${page}>; rel="next"`;
      const head = `${ok}Content-Type: application/json\r\nLink: ${link}\r\n`;
      socket.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    },
    ({ url = '' }) => url.includes('/tags/list'),
  );
  open.push(registry);
  const results = await conformBriefly(registry, ['ping', 'tags-*'], 'team/app');
  expect(results.checks?.length).toBeGreaterThan(3);
  expect(results.checks?.map(({ verdict }) => verdict)).not.toContain('harness-error');
  expect(results).toMatchObject({ verdict: 'fail', exitCode: 1 });
});

describe('a registry that vanishes half-way', () => {
  test.each([
    ['closes', (socket: Socket) => socket.destroy()],
    ['falls silent', () => undefined],
  ])('and %s: exit 3, with what was learned until then', async (_, misdeed) => {
    const registry = await badRegistry(misdeed, (__, count) => count > 40);
    open.push(registry);
    const results = await conformBriefly(registry, ['*']);
    expect(results).toMatchObject({ verdict: 'error', exitCode: 3 });
    expect(results.interrupted).toBeDefined();
    const verdicts = results.checks?.map(({ verdict }) => verdict) ?? [];
    expect(verdicts).toContain('pass');
    expect(verdicts).not.toContain('fail');
    expect(validateResults(results)).toBeUndefined();
  });
});

test('long headers in all replies: the evidence is bounded', async () => {
  const lines = Array.from({ length: 90 }, (_, i) => `X-${i}: ${'y'.repeat(600)}\r\n`).join('');
  const registry = await badRegistry(
    (socket) => socket.end(`HTTP/1.1 404 Nothing\r\n${lines}Content-Length: 0\r\n\r\n`),
    ({ url = '' }, count) => count > 1 && !url.includes('/uploads/'),
  );
  open.push(registry);
  const results = await conformBriefly(registry, ['manifest-*', 'upload-post-*'], 'team/app');
  expect(results.checks?.length).toBeGreaterThan(100);
  expect(JSON.stringify(results).length).toBeLessThan(documentCharsMax);
  expect(process.memoryUsage.rss()).toBeLessThan(residentBytesMax);
});
