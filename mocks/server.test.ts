import { once } from 'node:events';
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../src/lib/user-error.ts';
import { type RunningMock, type ServerOptions, startMock } from './server.ts';
import { digestOf } from './store.ts';

const running: RunningMock[] = [];
afterAll(() => Promise.all(running.map((mock) => mock.close())));

async function start(options: ServerOptions = {}): Promise<RunningMock> {
  const mock = await startMock(options);
  running.push(mock);
  return mock;
}

async function tokenFor(mock: RunningMock): Promise<string> {
  const service = new URL(mock.registry).host;
  const query = `service=${service}&scope=repository:demo/app:pull`;
  const reply = await fetch(`${mock.token}?${query}`);
  return ((await reply.json()) as { token: string }).token;
}

interface Descriptors {
  manifests: { digest: string }[];
  layers: { digest: string; size: number }[];
}

/** The largest layer of demo/app for the first platform, and where the registry redirects to. */
async function largeLayer(mock: RunningMock): Promise<{ digest: string; url: string }> {
  const headers = { authorization: `Bearer ${await tokenFor(mock)}` };
  const repository = `${mock.registry}/v2/demo/app`;
  const read = async (reference: string) => {
    const reply = await fetch(`${repository}/manifests/${reference}`, { headers });
    return (await reply.json()) as Descriptors;
  };
  const index = await read('latest');
  const digest = (await read(index.manifests[0]?.digest ?? '')).layers[2]?.digest ?? '';
  const init = { headers, redirect: 'manual' } as const;
  const blob = await fetch(`${repository}/blobs/${digest}`, init);
  return { digest, url: blob.headers.get('location') ?? '' };
}

describe('a sound mock', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await start();
  });

  test('says where it listens and what can be pulled', () => {
    const host = new URL(mock.registry).host;
    expect(host.startsWith('127.0.0.1:')).toBe(true);
    expect(new URL(mock.cdn).hostname).toBe('127.0.0.2');
    expect(mock.token).toBe(`${mock.registry}/token`);
    expect(mock.images).toEqual([
      `${host}/demo/app:latest`,
      `${host}/demo/single:1.0`,
      `${host}/demo/legacy:1.0`,
    ]);
  });

  test('serves an image from token to layer, the layer from the CDN', async () => {
    const { digest, url } = await largeLayer(mock);
    expect(new URL(url).origin).toBe(mock.cdn);
    const reply = await fetch(url);
    expect(digestOf(new Uint8Array(await reply.arrayBuffer()))).toBe(digest);
  });

  test('answers the token form', async () => {
    const body = new URLSearchParams({
      grant_type: 'password',
      service: new URL(mock.registry).host,
      client_id: 'test',
      username: mock.username,
      password: mock.password,
      scope: 'repository:demo/app:pull',
    });
    const reply = await fetch(mock.token, { method: 'POST', body });
    const { access_token } = (await reply.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    const top = await fetch(`${mock.registry}/v2/demo/app/manifests/latest`, { headers });
    expect(top.status).toBe(200);
  });

  test('names itself as the client does', async () => {
    const { port } = new URL(mock.registry);
    const options = { headers: { host: `registry.local:${port}` } };
    const [reply] = (await once(get(`${mock.registry}/v2/`, options), 'response')) as [
      IncomingMessage,
    ];
    reply.resume();
    const realm = `http://registry.local:${port}/token`;
    expect(reply.headers['www-authenticate']).toContain(`realm="${realm}"`);
  });

  test('keeps one connection through GET, HEAD and refused uploads', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (method: string, path: string, body = '') => {
      const authorization = `Bearer ${await tokenFor(mock)}`;
      const req = request(mock.registry + path, { agent, method, headers: { authorization } });
      req.end(body);
      const [reply] = (await once(req, 'response')) as [IncomingMessage];
      const { socket } = reply;
      return { reply, body: await text(reply), socket };
    };
    const first = await ask('GET', '/v2/demo/app/manifests/latest');
    const second = await ask('HEAD', '/v2/demo/app/manifests/latest');
    const third = await ask('PATCH', '/v2/demo/app/blobs/uploads/1', 'x'.repeat(100_000));
    const fourth = await ask('GET', '/v2/');
    expect(second.body).toBe('');
    expect(second.reply.headers['content-length']).toBe(String(first.body.length));
    expect([first, second, third, fourth].map(({ reply }) => reply.statusCode)).toEqual([
      200, 200, 401, 200,
    ]);
    for (const { socket } of [second, third, fourth]) expect(socket).toBe(first.socket);
    agent.destroy();
  });

  test('survives clients that go away in mid-reply or in mid-request', async () => {
    const { url } = await largeLayer(mock);
    for (let time = 0; time < 5; time++) {
      const [reply] = (await once(get(url), 'response')) as [IncomingMessage];
      reply.once('error', () => undefined);
      reply.destroy();
      const { hostname, port } = new URL(mock.token);
      const socket = connect(Number(port), hostname);
      socket.write('POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
      await once(socket, 'connect');
      socket.destroy();
    }
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${mock.registry}/v2/`)).status).toBe(401);
  });
});

describe('on the wire', () => {
  async function ending(fault: string): Promise<[number, number, string]> {
    const mock = await start({ faults: [fault], stallMs: 20 });
    const { url } = await largeLayer(mock);
    const asked = get(url, { agent: false });
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    // Node tells the request as well as the reply.
    asked.on('error', () => undefined);
    let bytes = 0;
    reply.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    const [error] = (await once(reply, 'error').catch((thrown) => [thrown])) as [Error];
    return [bytes, Number(reply.headers['content-length']), error.message];
  }

  test.each([
    ['blob-body-empty', 0],
    ['blob-body-cut', 0.5],
    ['blob-body-reset', 0.5],
    ['blob-body-stalled', 0.5],
  ])('%s ends the connection after that part of the body', async (fault, part) => {
    const [bytes, announced, message] = await ending(fault);
    expect(announced).toBeGreaterThan(0);
    expect(bytes).toBe(Math.floor(announced * part));
    expect(message).toMatch(/aborted|ECONNRESET/);
  });

  test('a HEAD without a length leaves the connection open for the next request', async () => {
    const mock = await start({ faults: ['manifest-head-no-length'], auth: 'none' });
    const { hostname, port } = new URL(mock.registry);
    const socket = connect(Number(port), hostname);
    const head = 'HEAD /v2/demo/app/manifests/latest HTTP/1.1\r\nHost: a\r\n';
    socket.write(`${head}\r\n${head}Connection: close\r\n\r\n`);
    const replies = await text(socket);
    expect(replies.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(replies).not.toMatch(/content-length|transfer-encoding/i);
  });
});

test('a port in use is said so, and nothing is left behind', async () => {
  const first = await start();
  const port = Number(new URL(first.registry).port);
  const failing = startMock({ port });
  await expect(failing).rejects.toThrow(UserError);
  await expect(failing).rejects.toMatchObject({ code: 'cannot-listen', exitCode: 3 });
});

test('an unknown fault is refused before anything listens', async () => {
  await expect(startMock({ faults: ['nope'] })).rejects.toMatchObject({ code: 'fault-unknown' });
});

test('closing ends all connections, and the port is free again', async () => {
  const mock = await startMock();
  const agent = new Agent({ keepAlive: true });
  const [reply] = (await once(get(`${mock.registry}/v2/`, { agent }), 'response')) as [
    IncomingMessage,
  ];
  await text(reply);
  await mock.close();
  agent.destroy();
  const again = await startMock({ port: Number(new URL(mock.registry).port) });
  await again.close();
});

test.each([{}, { workers: 2 }])('on all addresses it is called by its name: %j', async (more) => {
  const mock = await start({ host: '0.0.0.0', name: '127.0.0.3', ...more });
  for (const url of [mock.registry, mock.cdn, mock.token]) {
    expect(new URL(url).hostname).toBe('127.0.0.3');
  }
  const { digest, url } = await largeLayer(mock);
  expect(new URL(url).origin).toBe(mock.cdn);
  const reply = await fetch(url);
  expect(digestOf(new Uint8Array(await reply.arrayBuffer()))).toBe(digest);
  const challenge = await fetch(`${mock.registry}/v2/`);
  expect(challenge.headers.get('www-authenticate')).toContain(`realm="${mock.registry}/`);
});

test('an address of another machine is told as such', async () => {
  const refused = startMock({ host: '192.0.2.1' });
  await expect(refused).rejects.toMatchObject({ code: 'cannot-listen', exitCode: 3 });
  await expect(refused).rejects.toMatchObject({ hint: expect.stringContaining('192.0.2.1') });
});

test('redirects name the CDN as they are told to, and it answers to that name', async () => {
  const mock = await start({ cdnName: 'cdn.registry.example' });
  const { port } = new URL(mock.cdn);
  expect(mock.cdn).toBe(`http://cdn.registry.example:${port}`);
  const { url } = await largeLayer(mock);
  expect(url.startsWith(`${mock.cdn}/`)).toBe(true);
  // As a client whose resolver knows the name.
  const { pathname, search, host: name } = new URL(url);
  const path = pathname + search;
  const asked = get({ host: '127.0.0.2', port, path, headers: { host: name } });
  const [reply] = (await once(asked, 'response')) as [IncomingMessage];
  reply.resume();
  expect(reply.statusCode).toBe(200);
});
