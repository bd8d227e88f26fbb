import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect as connect2, createServer as createServer2 } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Call, shortBytesMax } from '../call.ts';
import type { Incoming } from './incoming.ts';
import { headOf, readCall } from './receive.ts';

const closing: (() => unknown)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

interface Heard {
  readonly calls: Call[];
  readonly port: number;
  /** Resolves when the server has done with this many requests, heard or not. */
  over(requests: number): Promise<void>;
}

const bytesMax = shortBytesMax + 1000;

async function listen(version: 1 | 2): Promise<Heard> {
  const calls: Call[] = [];
  let done = 0;
  let wake: () => void = () => undefined;
  const mock = { planFor: () => ({ holdBytesMax: bytesMax }) };
  const server = (version === 1 ? createServer() : createServer2()) as Server;
  server.on('request', (req: Incoming, res) => {
    readCall(req, headOf(req, 'registry', 'http://own', 7), mock).then((call) => {
      if (call === undefined) return;
      calls.push(call);
      res.end();
    });
    req.once('close', () => {
      done++;
      wake();
    });
  });
  closing.push(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const over = async (requests: number) => {
    while (done < requests) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { calls, over, port: (server.address() as AddressInfo).port };
}

describe('over HTTP/1.1', () => {
  const send = async ({ port }: Heard, text: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.end(text);
    socket.resume();
    await once(socket, 'close');
  };

  test('a call has what the request line, the headers and the body say', async () => {
    const heard = await listen(1);
    const body = 'grant_type=password';
    const lines = ['POST /token?a=%2F HTTP/1.1', 'Host: here:1', 'X-A: 1', 'x-a: 2'];
    await send(heard, [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    const [call] = heard.calls;
    expect(call).toMatchObject({
      hop: 'registry',
      method: 'POST',
      path: '/token',
      query: 'a=%2F',
      origin: 'http://here:1',
      form: body,
      connection: 7,
    });
    expect(call?.header('x-a')).toBe('1, 2');
    expect(Buffer.from(call?.body ?? []).toString()).toBe(body);
  });

  test.each([0, 1, shortBytesMax, shortBytesMax + 1, bytesMax, bytesMax + 1, 3 * bytesMax])(
    'a body of %i bytes is held as far as planned',
    async (bytes) => {
      const heard = await listen(1);
      const head = `PUT /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n`;
      await send(heard, `${head}Connection: close\r\n\r\n${'x'.repeat(bytes)}`);
      const [call] = heard.calls;
      if (bytes <= bytesMax) expect(call?.body.length).toBe(bytes);
      else expect(call?.body.length).toBeGreaterThan(bytesMax);
    },
  );

  test.each(['Content-Length: 10\r\n\r\nabc', 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'])(
    'a body that is cut is not heard of: %j',
    async (rest) => {
      const heard = await listen(1);
      await send(heard, `PATCH /v2/ HTTP/1.1\r\nHost: a\r\n${rest}`);
      await heard.over(1);
      expect(heard.calls).toEqual([]);
    },
  );
});

describe('over HTTP/2', () => {
  test('a body that is whole is heard of, one that is cut is not', async () => {
    const heard = await listen(2);
    const session = connect2(`http://127.0.0.1:${heard.port}`);
    closing.push(() => session.destroy());
    const request = () => session.request({ ':method': 'PATCH', ':path': '/v2/' });
    const cut = request();
    cut.on('error', () => undefined);
    cut.write('abc');
    await once(session, 'remoteSettings');
    // The server has the bytes when it has answered a ping that was sent after them.
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    cut.destroy();
    await heard.over(1);
    expect(heard.calls).toEqual([]);
    const whole = request();
    whole.end('abcdef');
    whole.resume();
    await once(whole, 'close');
    expect(heard.calls.map(({ body }) => body.length)).toEqual([6]);
    expect(heard.calls[0]?.origin).toBe(`http://127.0.0.1:${heard.port}`);
  });
});
