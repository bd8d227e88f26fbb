import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { cleanups, driverOf, get, http, listen, raw } from '../../test/lib/loopback.ts';
import { runTool, testWith } from '../../test/lib/tools.ts';

describe('failures', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  /** Answers with these words, then ends (`end`), resets (`cut`) or goes silent (`hold`). */
  const answers: [string, string, 'end' | 'cut' | 'hold', string, number][] = [
    ['closed before a reply', '', 'end', 'reset', 0],
    ['reset before a reply', '', 'cut', 'reset', 0],
    ['closed within the head', `${head}Content-`, 'end', 'reset', 0],
    [
      'fewer bytes than Content-Length',
      `${head}Content-Length: 9\r\n\r\nabc`,
      'end',
      'short-body',
      200,
    ],
    [
      'no last chunk',
      `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      'end',
      'short-body',
      200,
    ],
    [
      'cut within a chunk',
      `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nabc`,
      'end',
      'short-body',
      200,
    ],
    ['reset within a body', `${head}Content-Length: 9\r\n\r\nabc`, 'cut', 'reset', 200],
    ['no head', '', 'hold', 'stalled', 0],
    ['half a head', head, 'hold', 'stalled', 0],
    ['a body that stops', `${head}Content-Length: 9\r\n\r\nabc`, 'hold', 'stalled', 200],
    ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n', 'hold', 'bad-http', 0],
    ['a status that is none', 'HTTP/1.1 hello\r\n\r\n', 'hold', 'bad-http', 0],
    ['a head without end', `${head}X: ${'x'.repeat(200_000)}`, 'hold', 'bad-http', 0],
  ];

  test.each(answers)('%s', async (_what, words, ending, failure, status) => {
    const host = await raw((socket) => {
      socket.write(words, () => {
        if (ending === 'end') socket.end();
        // A reset must not overtake what was written.
        if (ending === 'cut') setTimeout(() => socket.resetAndDestroy(), 50);
      });
      if (words === '' && ending === 'cut') socket.resetAndDestroy();
    });
    const reply = await driverOf({ timeoutMs: 400 }).perform(get(`http://${host}/`));
    expect(reply).toMatchObject({ failure, status, digest: '' });
    expect(reply.failureMessage).not.toBe('');
    // Not in the words of the library.
    if (failure === 'stalled') expect(reply.failureMessage).toContain('time limit');
  });

  test('nothing listens', async () => {
    const server = createNetServer();
    const host = await listen(server);
    server.close();
    const reply = await driverOf().perform(get(`http://${host}/`));
    expect(reply).toMatchObject({ failure: 'refused', status: 0, remoteAddress: '' });
  });

  test.each(['http://no-such-host.invalid/', 'http://1.2.3.4.5/', 'http://a%zz/'])(
    'no such host: %s',
    async (url) => {
      expect(await driverOf().perform(get(url))).toMatchObject({ failure: 'dns', status: 0 });
    },
  );

  test('a body that drips for ever is ended', async () => {
    const host = await http((_request, reply) => {
      const timer = setInterval(() => reply.write('x'), 20);
      reply.on('close', () => clearInterval(timer));
    });
    const reply = await driverOf({ timeoutMs: 100 }).perform(get(`http://${host}/`));
    expect(reply).toMatchObject({ failure: 'stalled', status: 200 });
    expect(reply.bytes).toBeGreaterThan(0);
  });

  test('a body longer than asked for is ended, one of the very length is not', async () => {
    const host = await http((_request, reply) => reply.end('x'.repeat(1000)));
    const driver = driverOf();
    const long = await driver.perform(get(`http://${host}/`, { bodyBytesMax: 999 }));
    expect(long).toMatchObject({ failure: 'long-body', status: 200, digest: '' });
    expect(long.text.length).toBeLessThanOrEqual(999);
    const whole = await driver.perform(get(`http://${host}/`, { bodyBytesMax: 1000 }));
    expect(whole).toMatchObject({ failure: '', bytes: 1000 });
  });

  test('an endless body takes no memory once it is too long', async () => {
    const host = await http((_request, reply) => {
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (!reply.destroyed && reply.write(chunk));
      };
      reply.on('drain', more);
      more();
    });
    const reply = await driverOf().perform(get(`http://${host}/`, { bodyBytesMax: 200_000 }));
    expect(reply.failure).toBe('long-body');
    expect(reply.bytes).toBeLessThan(400_000);
  });

  test.each([
    ['a header with a line break', { headers: [['X', 'a\r\nb']] as const }],
    ['a path that HTTP cannot carry', { url: 'http://127.0.0.1:1/\u{1f600}' }],
  ])('%s fails and does not throw', async (_what, changes) => {
    const reply = await driverOf().perform(get('http://127.0.0.1:1/', changes));
    expect(reply).toMatchObject({ failure: 'bad-http', status: 0 });
  });

  test('a driver that was closed', async () => {
    const driver = driverOf();
    await driver.close();
    expect((await driver.perform(get('http://127.0.0.1:1/'))).failure).toBe('interrupted');
  });
});

describe('of what nobody asked for as text', () => {
  const long = 'é'.repeat(2000);
  test.each([
    ['an error', 403, 'application/octet-stream', 'digest', 'AccessDenied', 'AccessDenied'],
    ['a long error', 500, '', 'none', long, long.slice(0, 512)],
    ['a page', 200, 'text/html; charset=utf-8', 'digest', '<html>', '<html>'],
    ['XML', 200, 'application/xml', 'digest', '<a/>', '<a/>'],
    ['JSON of some kind', 200, 'application/problem+json; x=y', 'none', '{}', '{}'],
    ['a blob', 200, 'application/octet-stream', 'digest', 'blob', ''],
    ['a layer', 200, 'application/vnd.oci.image.layer.v1.tar+gzip', 'digest', 'blob', ''],
    ['of no type', 200, '', 'digest', 'blob', ''],
    ['as text, to its end', 200, 'text/plain', 'text', long, long],
  ] as const)('%s: the beginning is kept', async (_what, status, type, want, sent, kept) => {
    const host = await http((_request, reply) => {
      reply.writeHead(status, type === '' ? {} : { 'Content-Type': type }).end(sent);
    });
    const reply = await driverOf().perform(get(`http://${host}/`, { want }));
    expect(reply).toMatchObject({ text: kept, bytes: Buffer.byteLength(sent), failure: '' });
  });
});

describe('TLS', () => {
  interface Pair {
    readonly key: string;
    readonly cert: string;
  }

  /** A self-signed certificate of 127.0.0.1. */
  async function certificate(): Promise<Pair> {
    const folder = await mkdtemp(join(tmpdir(), 'pullproof-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = await runTool('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=test'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ]);
    expect(made.code, made.output).toBe(0);
    return { key: await readFile(key, 'utf8'), cert: await readFile(cert, 'utf8') };
  }

  function https(pair: Pair, host?: string): Promise<string> {
    const server = createTlsServer(pair, (_request, reply) => reply.end('secure'));
    server.on('tlsClientError', () => undefined);
    cleanups.push(() => server.closeAllConnections());
    return listen(server, host);
  }

  test('to a port that speaks plain HTTP', async () => {
    const host = await http((_request, reply) => reply.end());
    expect((await driverOf().perform(get(`https://${host}/`))).failure).toBe('bad-http');
  });

  testWith('openssl')('plain HTTP to a port that speaks TLS', async () => {
    const host = await https(await certificate());
    const reply = await driverOf({ timeoutMs: 1000 }).perform(get(`http://${host}/`));
    expect(reply.status).toBe(0);
    expect(['bad-http', 'reset']).toContain(reply.failure);
  });

  testWith('openssl')('a certificate is accepted when trusted or asked for', async () => {
    const pair = await certificate();
    const url = `https://${await https(pair)}/`;
    expect(await driverOf().perform(get(url))).toMatchObject({ failure: 'tls', status: 0 });
    for (const options of [{ insecure: true }, { ca: [pair.cert] }]) {
      const reply = await driverOf(options).perform(get(url));
      expect(reply).toMatchObject({ failure: '', text: 'secure' });
      expect(reply.timings.tlsMs).toBeGreaterThan(0);
      expect(reply.timings.tlsMs).toBeLessThanOrEqual(reply.timings.totalMs);
    }
  });

  testWith('openssl')('a certificate of another host is refused', async () => {
    const pair = await certificate();
    const url = `https://${await https(pair, '127.0.0.2')}/`;
    expect((await driverOf({ ca: [pair.cert] }).perform(get(url))).failure).toBe('tls');
  });

  testWith('openssl')('a given CA is trusted besides the usual ones', async () => {
    const [own, usual] = await Promise.all([certificate(), certificate()]);
    const url = `https://${await https(usual)}/`;
    const before = getCACertificates('default');
    cleanups.push(() => setDefaultCACertificates(before));
    setDefaultCACertificates([...before, usual.cert]);
    expect((await driverOf({ ca: [own.cert] }).perform(get(url))).failure).toBe('');
  });
});
