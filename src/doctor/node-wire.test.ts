import { createServer as createPlain } from 'node:http';
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { makeTls } from '../../mocks/http/tls.ts';
import { startDns } from '../../test/lib/dns-server.ts';
import { startProxy } from '../../test/lib/proxy.ts';
import type { Trust } from '../access/route.ts';
import { NodeWire } from './node-wire.ts';
import { sampleRequest } from './probes/probe.ts';
import type { Way } from './wire.ts';

const closing: (() => void)[] = [];
afterAll(() => {
  for (const close of closing) close();
});

/** No store of this machine has the roots of these tests. */
const wire = new NodeWire({ variables: {} });
afterAll(() => wire.close());

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A TLS server that answers every request by `ok`. */
function servingTls(tls: { readonly cert: string; readonly key: string }): Promise<number> {
  const server = createTls(
    { cert: tls.cert, key: tls.key, ALPNProtocols: ['http/1.1'] },
    (socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    },
  );
  server.on('tlsClientError', () => undefined);
  return listening(server);
}

const written = { in: '/etc/containers/certs.d/h/ca.crt', line: 0 };
const trusting = (...pems: string[]): Trust => ({
  ca: pems.map((pem) => ({ pem, written })),
  looked: [],
  problems: [],
});
const wayOf = (change: Partial<Way> = {}): Way => ({
  proxy: {},
  trust: trusting(),
  timeoutMs: 5000,
  ...change,
});

test('a chain is shown as served, and judged by who trusts it', async () => {
  const tls = makeTls(['localhost', '127.0.0.1']);
  const port = await servingTls(tls);
  const greet = (way: Way, host = 'localhost') => wire.handshake({ host, port, way });

  const alone = await greet(wayOf());
  expect(alone).toMatchObject({ failure: '', problem: 'unknown-ca', trustedBy: [] });
  expect(alone.chain.map(({ subject }) => subject)).toEqual(['CN=pullproof mock']);
  expect(alone.chain[0]?.names).toEqual(['localhost', '127.0.0.1']);
  const trusted = await greet(wayOf({ trust: trusting(tls.ca) }), '127.0.0.1');
  expect(trusted).toMatchObject({ problem: '', trustedBy: ['certs.d'], version: 'TLSv1.3' });
  const inside = await servingTls({ ...tls, cert: tls.cert + tls.ca });
  const both = await wire.handshake({ host: 'localhost', port: inside, way: wayOf() });
  expect(both.chain.map(({ isCa }) => isCa)).toEqual([false, true]);
});

test.each([
  ['wrong-name', ['other.test'], 30],
  ['expired', ['localhost'], 0.5],
] as const)('%s is told, in the handshake and in the request', async (problem, names, days) => {
  const tls = makeTls(names, days);
  const port = await servingTls(tls);
  const way = wayOf({ trust: trusting(tls.ca) });
  expect(await wire.handshake({ host: 'localhost', port, way })).toMatchObject({ problem });
  const reply = await wire.exchange(sampleRequest(`https://localhost:${port}/v2/`), way);
  expect(reply).toMatchObject({ status: 0, failure: 'tls', reason: problem });
});

test('requests trust what the way trusts, and nothing where they need not', async () => {
  const tls = makeTls(['localhost']);
  const port = await servingTls(tls);
  const request = sampleRequest(`https://localhost:${port}/v2/`);
  const replies = await Promise.all([
    wire.exchange(request, wayOf()),
    wire.exchange(request, wayOf({ trust: trusting(tls.ca) })),
    wire.exchange(request, wayOf({ trust: { ...trusting(), unverified: written } })),
  ]);
  expect(replies.map(({ status, reason }) => [status, reason])).toEqual([
    [0, 'unknown-ca'],
    [200, undefined],
    [200, undefined],
  ]);
});

test('what does not speak TLS, hangs up or is silent', async () => {
  const plain = await listening(createPlain((_, reply) => reply.end('hello')));
  const silent = await listening(createTcp((socket) => void socket.on('error', () => undefined)));
  const rude = await listening(createTcp((socket) => void socket.destroy()));
  const greet = (port: number, timeoutMs = 5000) =>
    wire.handshake({ host: '127.0.0.1', port, way: wayOf({ timeoutMs }) });
  expect(await greet(plain)).toMatchObject({
    failure: 'bad-http',
    reason: 'http-to-https-client',
  });
  expect(await greet(silent, 200)).toMatchObject({ failure: 'stalled', reason: 'no-head' });
  expect(await greet(rude)).toMatchObject({ failure: 'tls', reason: 'cut' });
});

test('a port is dialled by address', async () => {
  const port = await listening(createTcp((socket) => void socket.destroy()));
  expect(await wire.dial('127.0.0.1', port, 5000)).toMatchObject({ failure: '', family: 4 });
  expect(await wire.dial('127.0.0.1', 1, 5000)).toMatchObject({ failure: 'refused' });
});

test('a handshake goes through the proxy, and says what the proxy says', async () => {
  const tls = makeTls(['registry.test']);
  const port = await servingTls(tls);
  const proxy = await startProxy({ port, forbids: 'cdn.test' });
  closing.push(proxy.close);
  const by = { scheme: 'http', host: '127.0.0.1', port: proxy.port, username: '', password: '' };
  const way = wayOf({ proxy: { proxy: by }, trust: trusting(tls.ca) });
  const greet = (host: string) => wire.handshake({ host, port: 443, way });
  expect(await greet('registry.test')).toMatchObject({ problem: '', trustedBy: ['certs.d'] });
  expect(await greet('cdn.test')).toMatchObject({ failure: 'proxy', reason: 'proxy-refused' });
  expect(proxy.asked).toEqual(['CONNECT registry.test:443', 'CONNECT cdn.test:443']);
});

test('of a long body no more is read than is wanted', async () => {
  const server = createPlain((_, reply) => {
    reply.writeHead(200, { 'Content-Length': 1_000_000_000 });
    const more = () => {
      while (reply.write(Buffer.alloc(65_536))) if (reply.destroyed) return;
      reply.once('drain', more);
    };
    more();
  });
  const port = await listening(server);
  const request = sampleRequest(`http://127.0.0.1:${port}/`);
  const reply = await wire.exchange(request, wayOf(), { bytesMax: 1000 });
  expect(reply).toMatchObject({ status: 200, failure: '', bytes: 1000, digest: '' });
});

test('families are looked up apart, by the resolver that is named, and why there is nothing', async () => {
  const dns = await startDns(
    {
      'both.test': ['192.0.2.1', '2001:db8::1'],
      'four.test': ['192.0.2.4'],
      'bad.test': 'servfail',
      'mute.test': 'silent',
    },
    0,
  );
  closing.push(dns.close);
  const own = new NodeWire({ resolvers: [dns.address] });
  closing.push(() => void own.close());
  const found = async (host: string) => {
    const both = await Promise.all([own.lookup(host, 4, 1000), own.lookup(host, 6, 1000)]);
    return both.map(({ addresses, failure }) => failure || addresses.join(' '));
  };
  expect(await found('both.test')).toEqual(['192.0.2.1', '2001:db8::1']);
  expect(await found('four.test')).toEqual(['192.0.2.4', 'empty']);
  expect(await found('bad.test')).toEqual(['servfail', 'servfail']);
  expect(await found('mute.test')).toEqual(['no-answer', 'no-answer']);
  expect(await found('none.test')).toEqual(['nxdomain', 'nxdomain']);
  expect((await own.lookup('four.test', 4, 1000)).resolver).toBe(dns.address);
});

test('the hosts file counts as the system counts it', async () => {
  expect(await wire.lookup('localhost', 4, 1000)).toMatchObject({
    addresses: expect.arrayContaining(['127.0.0.1']),
    resolver: '/etc/hosts',
  });
});
