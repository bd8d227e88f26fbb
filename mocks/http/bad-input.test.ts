// What no client should send, over real sockets: each gets a status that says what is wrong, with the spec's
// errors in JSON, soon, and the mock goes on. In process, ../registry/fuzz.test.ts.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorCodes, parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { type RunningMock, startMock } from '../server.ts';
import { digestOf } from '../store.ts';

const path = '/v2/demo/app/manifests/latest';
const start = `GET ${path} HTTP/1.1\r\nHost: a\r\n`;
const push = 'PUT /v2/a/manifests/b HTTP/1.1\r\nHost: a\r\n';
const end = 'Connection: close\r\n\r\n';
const digest = digestOf(Buffer.from('never sent'));

interface Case {
  readonly name: string;
  readonly status: number;
  readonly bytes: string;
}

/** Sent in Latin-1. */
const cases: readonly Case[] = [
  { name: 'a line that is no request', status: 400, bytes: 'hello\r\n\r\n' },
  { name: 'TLS', status: 400, bytes: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' },
  { name: 'HTTP/2 without TLS', status: 400, bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
  { name: 'another version', status: 400, bytes: `GET ${path} HTTP/3.0\r\nHost: a\r\n\r\n` },
  { name: 'no version', status: 400, bytes: `GET ${path}\r\n\r\n` },
  { name: 'an unknown method', status: 400, bytes: `FOO ${path} HTTP/1.1\r\nHost: a\r\n\r\n` },
  {
    name: 'a method that means nothing here',
    status: 405,
    bytes: `TRACE ${path} HTTP/1.1\r\nHost: a\r\n${end}`,
  },
  { name: 'CONNECT', status: 405, bytes: 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n' },
  { name: 'a target without its slash', status: 400, bytes: 'GET v2/ HTTP/1.1\r\nHost: a\r\n\r\n' },
  {
    name: 'a control in the target',
    status: 400,
    bytes: 'GET /v2/\x01 HTTP/1.1\r\nHost: a\r\n\r\n',
  },
  { name: 'the target *', status: 404, bytes: `OPTIONS * HTTP/1.1\r\nHost: a\r\n${end}` },
  {
    name: 'a broken absolute target',
    status: 404,
    bytes: `GET http://[bad HTTP/1.1\r\nHost: a\r\n${end}`,
  },
  {
    name: 'a target of 9,000 characters',
    status: 414,
    bytes: `GET /v2/${'x'.repeat(9_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  },
  {
    name: 'a target of 60,000 characters',
    status: 414,
    bytes: `GET /v2/${'x'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  },
  { name: 'no Host', status: 400, bytes: `GET ${path} HTTP/1.1\r\n\r\n` },
  { name: 'two Hosts', status: 400, bytes: `${start}Host: b\r\n\r\n` },
  {
    name: 'a Host that is none',
    status: 400,
    bytes: `GET ${path} HTTP/1.1\r\nHost: a b/<>\r\n\r\n`,
  },
  {
    name: 'a header of 40,000 characters',
    status: 431,
    bytes: `${start}X: ${'x'.repeat(40_000)}\r\n\r\n`,
  },
  { name: 'very many headers', status: 431, bytes: `${start}${'a: b\r\n'.repeat(10_000)}\r\n` },
  {
    name: 'more headers than we take',
    status: 431,
    bytes: `${start}${'a: b\r\n'.repeat(250)}\r\n`,
  },
  { name: 'a NUL in a header', status: 400, bytes: `${start}X: \x00\r\n\r\n` },
  { name: 'a folded header', status: 400, bytes: `${start}X: a\r\n b\r\n\r\n` },
  { name: 'a blank before the colon', status: 400, bytes: `${start}X : a\r\n\r\n` },
  { name: 'bare line feeds', status: 400, bytes: start.replaceAll('\r', '') },
  {
    name: 'an expectation that nobody knows',
    status: 417,
    bytes: `${start}Expect: magic\r\n${end}`,
  },
  {
    name: 'a chunk without a size',
    status: 400,
    bytes: `${push}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`,
  },
  {
    name: 'a chunk that is longer than it says',
    status: 400,
    bytes: `${push}Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n`,
  },
  {
    name: 'a length beside chunks',
    status: 400,
    bytes: `${push}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  },
  {
    name: 'two lengths',
    status: 400,
    bytes: `${push}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`,
  },
  { name: 'a negative length', status: 400, bytes: `${push}Content-Length: -5\r\n\r\n` },
  { name: 'a length that is no number', status: 400, bytes: `${push}Content-Length: 0x5\r\n\r\n` },
  {
    name: 'a transfer coding that is not chunked',
    status: 400,
    bytes: `${push}Transfer-Encoding: gzip\r\n\r\n`,
  },
  { name: 'a head that does not end', status: 408, bytes: `${start}X-Slow: 1\r\n` },
  {
    name: 'a short body that does not come',
    status: 408,
    bytes: `${push}Content-Length: 5\r\n\r\nab`,
  },
  {
    name: 'a chunked body that does not end',
    status: 408,
    bytes: `${push}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n`,
  },
  {
    name: 'a long blob that does not come',
    status: 408,
    bytes: `POST /v2/team/slow/blobs/uploads/?digest=${digest} HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\nab`,
  },
];

describe.each([1, 2])('%i workers', (workers) => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock({ auth: 'none', workers, headMs: 150, bodyIdleMs: 150 });
  });
  afterAll(() => mock.close());

  const open = async (origin = mock.registry): Promise<Socket> => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    // A mock that ends the connection while we write may reset it.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };

  /** All that comes until the mock ends the connection. */
  async function answerTo(bytes: string, origin?: string): Promise<string> {
    const socket = await open(origin);
    socket.write(Buffer.from(bytes, 'latin1'));
    return await text(socket).catch((error: Error) => `!${error.message}`);
  }

  /** The last reply in it. */
  function replyIn(answer: string): { status: number; codes: readonly string[] } {
    const last = answer.slice(answer.lastIndexOf('HTTP/1.1 '));
    const [head = '', rest = ''] = last.split('\r\n\r\n', 2);
    expect(head).toMatch(/^content-type: application\/json$/im);
    const body = /^transfer-encoding: chunked$/im.test(head) ? (rest.split('\r\n')[1] ?? '') : rest;
    const { errors, wellFormed } = parseErrorBody(body);
    expect(wellFormed).toBe(true);
    return { status: Number(head.slice(9, 12)), codes: errors.map(({ code }) => code) };
  }

  test.each(cases)('$name: $status', async ({ status, bytes }) => {
    const { codes, ...reply } = replyIn(await answerTo(bytes));
    expect(reply.status).toBe(status);
    expect(codes).toHaveLength(1);
    for (const code of codes) expect([...errorCodes.keys()]).toContain(code);
  });

  test('the CDN says what is wrong, too', async () => {
    expect(replyIn(await answerTo('hello\r\n\r\n', mock.cdn)).status).toBe(400);
    expect(replyIn(await answerTo(start, mock.cdn)).status).toBe(408);
  });

  test.each([
    ['HTTP/1.0', `GET ${path} HTTP/1.0\r\n\r\n`],
    ['an absolute target', `GET http://elsewhere.test${path} HTTP/1.1\r\nHost: a\r\n${end}`],
    ['empty lines before', `\r\n\r\n${start}${end}`],
    ['a GET with a body', `${start}Content-Length: 3\r\n${end}abc`],
    ['an upgrade to another protocol', `${start}Upgrade: websocket\r\n${end}`],
  ])('%s is served', async (_name, bytes) => {
    expect(await answerTo(bytes)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('the challenge to an absolute target names its host', async () => {
    const closed = await startMock({ workers });
    try {
      const bytes = `GET http://elsewhere.test:99/v2/ HTTP/1.1\r\nHost: a\r\n${end}`;
      expect(await answerTo(bytes, closed.registry)).toContain('realm="http://elsewhere.test:99/');
    } finally {
      await closed.close();
    }
  });

  test('requests in a row are answered in order, also before one that is broken', async () => {
    const paths = ['/v2/', '/v2/demo/app/tags/list', '/v2/demo/nothing/tags/list', path];
    const bytes = paths.map((one) => `GET ${one} HTTP/1.1\r\nHost: a\r\n\r\n`).join('');
    const answer = await answerTo(`${bytes}rubbish\r\n\r\n`);
    const statuses = [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) =>
      Number(status),
    );
    expect(statuses).toEqual([200, 200, 404, 200, 400]);
  });

  test.each([
    [414, `GET /v2/${'x'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    [431, `${start}X: ${'x'.repeat(60_000)}\r\n\r\n`],
  ])('%i also of a line that comes in two packets', async (status, bytes) => {
    const socket = await open();
    const answer = text(socket).catch(() => '');
    socket.write(bytes.slice(0, 20_000));
    await sleep(50);
    socket.write(bytes.slice(20_000));
    expect(replyIn(await answer).status).toBe(status);
  });

  test('heads that come byte by byte are waited for only so long', async () => {
    const socket = await open();
    const answer = text(socket);
    for (const byte of start.slice(0, 60)) {
      if (socket.destroyed || !socket.writable) break;
      socket.write(byte);
      await sleep(10);
    }
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('of an upload that is cut at any byte nothing is seen', async () => {
    const body = Buffer.from('cut somewhere');
    const url = `/v2/team/cut/blobs/uploads/?digest=${digestOf(body)}`;
    const head = `POST ${url} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head), body]);
    for (let bytes = head.length - 10; bytes < whole.length; bytes++) {
      const socket = await open();
      await new Promise<void>((resolve) => {
        socket.write(whole.subarray(0, bytes), () => resolve());
      });
      socket.destroy();
    }
    const tags = await fetch(`${mock.registry}/v2/team/cut/tags/list`);
    expect(tags.status).toBe(404);
    const pushed = await fetch(mock.registry + url, { method: 'POST', body });
    expect(pushed.status).toBe(201);
  });

  test('whatever comes, there is an answer that is no 5xx, and the mock goes on', async () => {
    const piece = fc.oneof(
      fc.constantFrom('GET ', 'PUT ', '/v2/', ' HTTP/1.1', '\r\n', '\r\n\r\n', 'Host: a', path),
      fc.constantFrom('Content-Length: 3', 'Transfer-Encoding: chunked', 'Expect: 100-continue'),
      fc.constantFrom('POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: a\r\n', `${start}\r\n`, push),
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const socket = await open();
        socket.end(Buffer.from(pieces.join(''), 'latin1'));
        const answer = await text(socket).catch(() => '');
        for (const [, status] of answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
          expect(Number(status)).toBeLessThan(500);
        }
      }),
      { numRuns: 300 },
    );
    expect((await fetch(mock.registry + path)).status).toBe(200);
  });
});

test('over TLS, plain HTTP ends the connection and nothing else', async () => {
  const mock = await startMock({ auth: 'none', tls: true });
  try {
    const { hostname, port } = new URL(mock.registry);
    for (const bytes of [start, '\x16\x03\x01\xff\xff', 'hello']) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.end(bytes);
      await text(socket).catch(() => '');
    }
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.destroy();
  } finally {
    await mock.close();
  }
});
