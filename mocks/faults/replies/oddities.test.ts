// Legal oddities in the bytes on a connection, which runs in process do not see.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connect2 } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../server.ts';

const running: RunningMock[] = [];
afterEach(() => Promise.all(running.splice(0).map((mock) => mock.close())));

async function start(fault: string | undefined, tls = false): Promise<RunningMock> {
  const faults = fault === undefined ? [] : [fault];
  const mock = await startMock({ auth: 'none', redirect: 'none', tls, faults });
  running.push(mock);
  return mock;
}

const path = '/v2/demo/app/tags/list';

/** All that comes back on a connection to which one request was sent. */
async function spoken(fault: string | undefined, method = 'GET'): Promise<string> {
  const { host, hostname, port } = new URL((await start(fault)).registry);
  const socket = connect(Number(port), hostname);
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return text(socket);
}

test('early-hints: 103 comes first, of HEAD too', async () => {
  for (const method of ['GET', 'HEAD']) {
    const heads = (await spoken('early-hints', method)).match(/^HTTP\/1\.1 \d+/gm);
    expect(heads).toEqual(['HTTP/1.1 103', 'HTTP/1.1 200']);
    expect(await spoken(undefined, method)).toMatch(/^HTTP\/1\.1 200/);
  }
});

test('http-old: the version is 1.0, and the body is whole', async () => {
  const [head, body = ''] = (await spoken('http-old')).split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.0 200 OK\r\n/);
  expect(JSON.parse(body)).toMatchObject({ name: 'demo/app' });
  expect((await spoken('http-old', 'HEAD')).split('\r\n\r\n')[1]).toBe('');
});

test('trailers-sent: a header line comes after the last chunk', async () => {
  expect(await spoken('trailers-sent')).toMatch(/\r\n0\r\nX-Checksum: none\r\n\r\n$/);
  expect(await spoken(undefined)).not.toContain('X-Checksum');
});

test('length-unsaid: the body comes in chunks', async () => {
  expect(await spoken('length-unsaid')).toMatch(/transfer-encoding: chunked/i);
});

test.each(['early-hints', 'http-old', 'trailers-sent', 'connection-closed', 'headers-padded'])(
  '%s is no trouble to a client, again and again',
  async (fault) => {
    const mock = await start(fault);
    for (let time = 0; time < 3; time++) {
      const reply = await fetch(mock.registry + path);
      expect(await reply.json()).toMatchObject({ name: 'demo/app' });
    }
  },
);

test('over HTTP/2 hints and trailers come as frames', async () => {
  const mock = await start('early-hints', true);
  const session = connect2(mock.registry, { ca: readFileSync(mock.ca ?? '') });
  const hinted = session.request({ ':path': path });
  const [hints] = await once(hinted, 'headers');
  expect(hints[':status']).toBe(103);
  await text(hinted);
  session.close();
  const other = await start('trailers-sent', true);
  const second = connect2(other.registry, { ca: readFileSync(other.ca ?? '') });
  const stream = second.request({ ':path': path });
  const trailers = once(stream, 'trailers');
  await text(stream);
  expect((await trailers)[0]['x-checksum']).toBe('none');
  second.close();
});
