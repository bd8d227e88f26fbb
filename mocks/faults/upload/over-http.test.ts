// Faults of pushing on sockets: where the version of HTTP matters, and where bodies are too long to be held.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import {
  content,
  contentDigest,
  otherDigest,
  repository,
  uploads,
} from '../../../test/lib/push-deviations.ts';
import { shortBytesMax } from '../../call.ts';
import { type RunningMock, startMock } from '../../server.ts';
import { digestOf } from '../../store.ts';

const running: RunningMock[] = [];
afterEach(() => Promise.all(running.splice(0).map((mock) => mock.close())));

async function start(fault: string, tls = false): Promise<RunningMock> {
  const mock = await startMock({ auth: 'none', redirect: 'none', tls, faults: [fault] });
  running.push(mock);
  return mock;
}

test('a stream of unknown length is reset, and the connection goes on', async () => {
  const mock = await start('upload-stream-reset', true);
  const session = connect(mock.registry, { ca: readFileSync(mock.ca ?? '') });
  const ask = (headers: Record<string, string>, body?: Buffer) => {
    const stream = session.request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return stream;
  };
  const begun = ask({ ':method': 'POST', ':path': uploads, 'content-length': '0' });
  const [{ location }] = await once(begun.resume(), 'response');
  const patch = { ':method': 'PATCH', ':path': String(location) };
  const lost = ask(patch, content);
  await expect(once(lost.resume(), 'response')).rejects.toMatchObject({
    code: 'ERR_HTTP2_STREAM_ERROR',
  });
  const sent = ask({ ...patch, 'content-length': String(content.length) }, content);
  const [{ ':status': status, range }] = await once(sent.resume(), 'response');
  expect([status, range]).toEqual([202, `0-${content.length - 1}`]);
  const done = new Promise((resolve) => session.close(() => resolve('closed')));
  expect(await done).toBe('closed');
});

test('over HTTP/1.1 a body in chunks is welcome', async () => {
  const mock = await start('upload-stream-reset');
  const begun = await fetch(mock.registry + uploads, { method: 'POST' });
  const url = mock.registry + begun.headers.get('location');
  const sending = request(url, { method: 'PATCH', headers: { 'transfer-encoding': 'chunked' } });
  sending.end(content);
  const [reply] = await once(sending, 'response');
  expect([reply.statusCode, await text(reply)]).toEqual([202, '']);
  const { status } = await fetch(`${url}?digest=${contentDigest}`, { method: 'PUT' });
  expect(status).toBe(201);
});

test.each([[[]], [[content]], [[Buffer.alloc(shortBytesMax + 1, 'c'), content]]])(
  'a long blob can be stored under another digest too, after other chunks (%#)',
  async (chunks) => {
    const mock = await start('upload-digest-unchecked');
    const begun = await fetch(mock.registry + uploads, { method: 'POST' });
    const url = mock.registry + begun.headers.get('location');
    for (const body of chunks) {
      expect((await fetch(url, { method: 'PATCH', body })).status).toBe(202);
    }
    const last = Buffer.alloc(shortBytesMax + 7, 'x');
    const put = { method: 'PUT', body: last };
    expect((await fetch(`${url}?digest=${otherDigest}`, put)).status).toBe(201);
    const blob = await fetch(`${mock.registry}/v2/${repository}/blobs/${otherDigest}`);
    const bytes = Buffer.from(await blob.arrayBuffer());
    expect(digestOf(bytes)).toBe(digestOf(Buffer.concat([...chunks, last])));
    expect(blob.headers.get('docker-content-digest')).toBe(otherDigest);
  },
);

test('a long chunk that is not the next is refused as ever: it has not been read', async () => {
  const mock = await start('upload-chunk-order-ignored');
  const begun = await fetch(mock.registry + uploads, { method: 'POST' });
  const url = mock.registry + begun.headers.get('location');
  const body = Buffer.alloc(shortBytesMax + 1);
  const headers = { 'content-range': `5-${body.length + 4}` };
  const reply = await fetch(url, { method: 'PATCH', body, headers }).catch(() => undefined);
  // The connection may be closed while the client still sends.
  expect([416, undefined]).toContain(reply?.status);
  expect((await fetch(url)).headers.get('range')).toBe('0-0');
});
