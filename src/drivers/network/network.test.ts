// The Node driver's way through proxies, what it trusts, and why it could not connect.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { makeTls, type TlsFiles } from '../../../mocks/http/tls.ts';
import { cleanups, driverOf, get, http, listen, raw } from '../../../test/lib/loopback.ts';
import { startProxy, type TestProxy } from '../../../test/lib/proxy.ts';
import { classify } from '../failures.ts';

const portOf = (host: string) => Number(host.split(':')[1]);

async function proxyTo(to: string | { status: string }): Promise<TestProxy> {
  const proxy = await startProxy(typeof to === 'string' ? { port: portOf(to) } : to);
  cleanups.push(() => proxy.close());
  return proxy;
}

const by = (proxy: string, more = {}) =>
  driverOf({ variables: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, ...more } });

describe('plain HTTP through a proxy', () => {
  test('is asked for by the whole URL, as it is, with Host and the login of the proxy', async () => {
    const host = await http((request, reply) =>
      reply.end(`${request.headers.host} ${request.url}`),
    );
    const proxy = await proxyTo(host);
    const driver = by(`http://user:s%40cret@127.0.0.1:${proxy.port}`);
    const reply = await driver.perform(get('http://registry.example:5000/v2/%2F?x=%7e'));
    expect(reply).toMatchObject({ failure: '', text: 'registry.example:5000 /v2/%2F?x=%7e' });
    expect(reply.remoteAddress).toBe(`127.0.0.1:${proxy.port}`);
    expect(proxy.asked).toEqual(['GET http://registry.example:5000/v2/%2F?x=%7e']);
    expect(proxy.authorizations).toEqual([`Basic ${btoa('user:s@cret')}`]);
  });

  test('keeps connections, and those of NO_PROXY are made directly', async () => {
    const host = await http((_request, reply) => reply.end('x'));
    const proxy = await proxyTo(host);
    const driver = by(`127.0.0.1:${proxy.port}`, { NO_PROXY: 'direct.invalid' });
    const first = await driver.perform(get('http://a.example/'));
    const second = await driver.perform(get('http://b.example/'));
    expect(first.timings.connectMs).toBeGreaterThan(0);
    expect(second.timings.connectMs).toBe(0);
    expect((await driver.perform(get('http://direct.invalid/'))).failure).toBe('dns');
    expect((await driver.perform(get(`http://${host}/`))).failure).toBe('');
    expect(proxy.asked).toHaveLength(2);
  });

  test('407 is of the proxy', async () => {
    const proxy = await proxyTo({ status: '407 Proxy Authentication Required' });
    const reply = await by(`http://127.0.0.1:${proxy.port}`).perform(get('http://a.example/'));
    expect(reply).toMatchObject({ failure: 'proxy', reason: 'proxy-auth', status: 0 });
    const direct = await http((_request, answer) => answer.writeHead(407).end());
    const own = await driverOf().perform(get(`http://${direct}/`));
    expect(own).toMatchObject({ failure: '', status: 407 });
  });
});

describe('what a proxy can do wrong', () => {
  test.each([
    ['407', '407 Proxy Authentication Required', 'proxy-auth'],
    ['403', '403 Forbidden', 'proxy-refused'],
    ['502', '502 Bad Gateway', 'proxy-refused'],
  ])('%s to CONNECT', async (code, status, reason) => {
    const proxy = await proxyTo({ status });
    const url = `http://user:s3cret@127.0.0.1:${proxy.port}`;
    const reply = await by(url).perform(get('https://registry.example/'));
    expect(reply).toMatchObject({ failure: 'proxy', reason, status: 0 });
    expect(reply.failureMessage).toContain(code);
    expect(reply.failureMessage).not.toContain('s3cret');
    expect(proxy.asked).toEqual(['CONNECT registry.example:443']);
  });

  const closed = async () => 'http://127.0.0.1:1';
  const silent = async () => `http://${await raw(() => undefined)}`;
  const hangingUp = async () => `http://${await raw((socket) => socket.end())}`;
  const mailing = async () => `http://${await raw((socket) => socket.write('220 mail\r\n'))}`;
  test.each([
    ['is not there', closed, 'https://a.example/'],
    ['is not there for plain HTTP', closed, 'http://a.example/'],
    ['is silent', silent, 'https://a.example/'],
    ['hangs up', hangingUp, 'https://a.example/'],
    ['is none', mailing, 'https://a.example/'],
    ['has no name', async () => 'http://no-such-host.invalid', 'https://a.example/'],
    ['speaks what nobody knows', async () => 'gopher://127.0.0.1:1', 'https://a.example/'],
  ])('%s', async (_what, proxy, url) => {
    const variables = { HTTP_PROXY: await proxy(), HTTPS_PROXY: await proxy() };
    const reply = await driverOf({ timeoutMs: 500, variables }).perform(get(url));
    expect(reply).toMatchObject({ failure: 'proxy', reason: 'proxy-unreachable', status: 0 });
    expect(reply.failureMessage).toContain('proxy');
  });
});

/** Answers SOCKS 5 in turn, and leads on to `port`. */
function socksServer(port: number, answers: readonly number[][]): Promise<string> {
  return raw((socket: Socket) => {
    const [first = [], ...rest] = answers;
    socket.write(Uint8Array.from(first));
    const onData = () => {
      const next = rest.shift();
      if (next === undefined) return;
      socket.write(Uint8Array.from(next));
      if (rest.length > 0) return;
      socket.off('data', onData);
      const onward = connect(port, '127.0.0.1').on('error', () => socket.destroy());
      onward.pipe(socket).pipe(onward);
    };
    socket.on('data', onData);
  });
}

describe('SOCKS 5', () => {
  const agreed = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0];

  test('leads to plain HTTP too', async () => {
    const host = await http((request, reply) => reply.end(request.headers.host));
    const socks = await socksServer(portOf(host), [[5, 0], agreed]);
    const reply = await by(`socks5://${socks}`).perform(get('http://registry.example/'));
    expect(reply).toMatchObject({ failure: '', text: 'registry.example' });
  });

  test('with user and password', async () => {
    const host = await http((_request, reply) => reply.end('in'));
    const socks = await socksServer(portOf(host), [[5, 2], [1, 0], agreed]);
    const reply = await by(`socks5://u:p@${socks}`).perform(get('http://registry.example/'));
    expect(reply).toMatchObject({ failure: '', text: 'in' });
  });

  test.each([
    ['proxy-auth', [[5, 0xff]]],
    ['proxy-auth', [[5, 2]]],
    [
      'proxy-refused',
      [
        [5, 0],
        [5, 2, 0, 1, 0, 0, 0, 0, 0, 0],
      ],
    ],
  ])('%s', async (reason, answers) => {
    const socks = await socksServer(1, answers);
    const reply = await by(`socks5://${socks}`).perform(get('http://registry.example/'));
    expect(reply).toMatchObject({ failure: 'proxy', reason });
  });
});

describe('TLS', () => {
  async function serve(certificate: TlsFiles): Promise<string> {
    const server = createTlsServer(certificate, (_request, reply) => reply.end('secure'));
    server.on('tlsClientError', () => undefined);
    cleanups.push(() => server.closeAllConnections());
    return await listen(server);
  }

  test('through a proxy by CONNECT, with the name of the target', async () => {
    const certificate = makeTls(['registry.example']);
    const proxy = await proxyTo(await serve(certificate));
    const variables = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const driver = driverOf({ variables, ca: [certificate.ca] });
    const reply = await driver.perform(get('https://registry.example/'));
    expect(reply).toMatchObject({ failure: '', text: 'secure' });
    expect(reply.timings.tlsMs).toBeGreaterThan(0);
    const wrong = await driver.perform(get('https://other.example/'));
    expect(wrong).toMatchObject({ failure: 'tls', reason: 'wrong-name' });
  });

  test('a proxy that is spoken to over TLS', async () => {
    const certificate = makeTls(['127.0.0.1', 'registry.example']);
    const target = portOf(await serve(certificate));
    const proxy = createTlsServer(certificate);
    proxy.on('connect', (_request, socket: Socket) => {
      const onward = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      cleanups.push(() => socket.destroy());
    });
    const variables = { HTTPS_PROXY: `https://${await listen(proxy)}` };
    const url = 'https://registry.example/';
    const trusting = driverOf({ variables, ca: [certificate.ca] });
    expect(await trusting.perform(get(url))).toMatchObject({ failure: '', text: 'secure' });
    expect(await driverOf({ variables }).perform(get(url))).toMatchObject({ failure: 'proxy' });
  });

  test('trusts SSL_CERT_FILE and SSL_CERT_DIR, whatever else is in them', async () => {
    const certificate = makeTls(['127.0.0.1']);
    const url = `https://${await serve(certificate)}/`;
    const folder = await mkdtemp(join(tmpdir(), 'pullproof-trust-'));
    const file = join(folder, 'ca.crt');
    const spoilt = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await writeFile(file, `words\n${spoilt}${certificate.ca.replaceAll('\n', '\r\n')}`);
    for (const variables of [{ SSL_CERT_FILE: file }, { SSL_CERT_DIR: `/nowhere:${folder}` }]) {
      expect(await driverOf({ variables }).perform(get(url))).toMatchObject({ text: 'secure' });
    }
    const refused = await driverOf({ variables: {} }).perform(get(url));
    expect(refused).toMatchObject({ failure: 'tls', reason: 'unknown-ca' });
    expect(refused.failureMessage).not.toMatch(/node|--use/i);
    expect(await readFile(file, 'utf8')).toContain('words');
  });

  test.each([
    ['CERT_HAS_EXPIRED', 'expired'],
    ['CERT_NOT_YET_VALID', 'not-yet-valid'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown-ca'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown-ca'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'unknown-ca'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'wrong-name'],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 'wrong-name'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client-certificate'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'protocol'],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'protocol'],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'protocol'],
  ])('%s is %s', (code, reason) => {
    const error = Object.assign(new Error('words; try Node.js with --x'), { code });
    expect(classify(error, false)).toEqual({ failure: 'tls', reason, message: 'words' });
  });

  test.each([
    ['closed', (socket: Socket) => socket.end()],
    ['torn', (socket: Socket) => socket.resetAndDestroy()],
  ])('%s in the handshake', async (_what, cut) => {
    const reply = await driverOf().perform(get(`https://${await raw(cut)}/`));
    expect(reply).toMatchObject({ failure: 'tls', reason: 'cut' });
  });

  test('plain HTTP to a port that wants TLS, and the reverse', async () => {
    const plain = await http((_request, reply) => reply.end());
    const to = await driverOf().perform(get(`https://${plain}/`));
    expect(to).toMatchObject({ failure: 'bad-http', reason: 'http-to-https-client' });
    const alert = await raw((socket) => socket.end(Buffer.from([21, 3, 1, 0, 2, 2, 22])));
    const from = await driverOf().perform(get(`http://${alert}/`));
    expect(from).toMatchObject({ failure: 'bad-http', reason: 'https-to-http-client' });
  });

  test('a handshake that never ends is no dial that timed out', async () => {
    const reply = await driverOf({ timeoutMs: 300 }).perform(
      get(`https://${await raw(() => undefined)}/`),
    );
    expect(reply).toMatchObject({ failure: 'stalled', reason: 'no-head' });
  });
});

describe('HTTP/2', () => {
  const end = ({ session }: ServerHttp2Stream) => setTimeout(() => session?.destroy(), 50);
  const answers: [string, string, number, (stream: ServerHttp2Stream) => unknown][] = [
    [
      'goaway',
      'GOAWAY with a code',
      0,
      (stream) => {
        stream.session?.goaway(11, stream.id, Buffer.from('calm'));
        end(stream);
      },
    ],
    [
      'goaway',
      'GOAWAY in the body',
      200,
      (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('abc', () => stream.session?.goaway(2, stream.id));
        end(stream);
      },
    ],
    ['refused-stream', 'REFUSED_STREAM', 0, (stream) => stream.close(7)],
    ['stream', 'RST_STREAM', 0, (stream) => stream.close(2)],
  ];

  test.each(answers)('%s: %s', async (reason, _what, status, answer) => {
    const { key, cert, ca } = makeTls(['127.0.0.1']);
    const server = createSecureServer({ key, cert });
    server.on('sessionError', () => undefined);
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.on('error', () => undefined);
      answer(stream);
    });
    const url = `https://${await listen(server)}/`;
    const reply = await driverOf({ ca: [ca] }).perform(get(url));
    expect(reply).toMatchObject({ failure: 'http2', reason, status });
  });
});

test('a client certificate is shown to its host alone', async () => {
  const names: TlsFiles = makeTls(['localhost', '127.0.0.1']);
  const mine = makeTls(['client.example']);
  const asking = createTlsServer(
    { key: names.key, cert: names.cert, ca: mine.ca, requestCert: true, rejectUnauthorized: false },
    (request, reply) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      reply.end(subject === undefined ? 'nobody' : 'somebody');
    },
  );
  const host = await listen(asking);
  const driver = driverOf({ ca: [names.ca], shown: { [host]: mine } });
  expect(await driver.perform(get(`https://${host}/`))).toMatchObject({ text: 'somebody' });
  const named = host.replace('127.0.0.1', 'localhost');
  expect(await driver.perform(get(`https://${named}/`))).toMatchObject({ text: 'nobody' });
});
