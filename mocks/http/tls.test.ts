import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { get } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../server.ts';
import { makeTls } from './tls.ts';

describe('makeTls', () => {
  const hosts = ['127.0.0.1', '127.0.0.2', '::1', 'fe80::1:2', 'localhost', 'registry.test'];
  const tls = makeTls(hosts);
  const ca = new X509Certificate(tls.ca);
  const cert = new X509Certificate(tls.cert);

  test('makes a CA that signed itself, and a server certificate that it signed', () => {
    expect([ca.ca, cert.ca]).toEqual([true, false]);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(cert.verify(ca.publicKey)).toBe(true);
    expect(cert.checkIssued(ca)).toBe(true);
    expect(cert.verify(cert.publicKey)).toBe(false);
  });

  test.each(hosts)('names %s', (host) => {
    const found = host.includes('t') ? cert.checkHost(host) : cert.checkIP(host);
    expect(found).toBe(host);
  });

  test('names nobody else, and is valid now, for a while', () => {
    expect(cert.checkHost('example.test')).toBeUndefined();
    expect(cert.checkIP('127.0.0.3')).toBeUndefined();
    expect(cert.validFromDate.getTime()).toBeLessThan(Date.now());
    expect(cert.validToDate.getTime()).toBeGreaterThan(Date.now());
  });

  test('makes other keys each time', () => {
    expect(makeTls(hosts).key).not.toBe(tls.key);
  });
});

describe('with TLS', () => {
  let mock: RunningMock;
  let ca: string;
  let session: ClientHttp2Session;
  beforeAll(async () => {
    mock = await startMock({ tls: true, auth: 'none', faults: ['blob-body-reset:repo=demo/app'] });
    ca = readFileSync(mock.ca ?? '', 'utf8');
    session = connect(mock.registry, { ca });
  });
  afterAll(async () => {
    session.close();
    await mock.close();
    expect(existsSync(mock.ca ?? '')).toBe(false);
  });

  async function over2(
    to: ClientHttp2Session,
    path: string,
    method = 'GET',
    body = '',
  ): Promise<{ head: IncomingHttpHeaders; body: Buffer }> {
    const stream = to.request({ ':path': path, ':method': method }, { endStream: body === '' });
    if (body !== '') stream.end(body);
    const head = new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
    const [bytes, first] = await Promise.all([buffer(stream), head]);
    return { head: first, body: bytes };
  }

  test('HTTP/1.1 is spoken to who asks for it, all addresses are https', async () => {
    for (const url of [mock.registry, mock.cdn, mock.token]) expect(url).toMatch(/^https:/);
    const status = await new Promise((resolve, reject) => {
      const options = { ca, ALPNProtocols: ['http/1.1'] };
      get(`${mock.registry}/v2/`, options, (reply) => {
        reply.resume();
        resolve(`${reply.httpVersion} ${reply.statusCode}`);
      }).once('error', reject);
    });
    expect(status).toBe('1.1 200');
  });

  test('HTTP/2 brings GET, HEAD and POST, and redirects to https', async () => {
    const path = '/v2/demo/single/manifests/1.0';
    const { head, body } = await over2(session, path);
    expect(head[':status']).toBe(200);
    expect(head['content-length']).toBe(String(body.length));
    const bare = await over2(session, path, 'HEAD');
    expect([bare.head['content-length'], bare.body.length]).toEqual([String(body.length), 0]);
    const upload = await over2(session, '/v2/demo/single/blobs/uploads/', 'POST', 'x');
    expect(upload.head[':status']).toBeLessThan(500);
    const { digest } = JSON.parse(body.toString()).layers[0];
    const redirect = await over2(session, `/v2/demo/single/blobs/${digest}`);
    expect(redirect.head.location?.startsWith(mock.cdn)).toBe(true);
  });

  test('a fault of the wire ends the stream with an error', async () => {
    const digestOf = async (reference: string, list: string) =>
      JSON.parse((await over2(session, `/v2/demo/app/manifests/${reference}`)).body.toString())[
        list
      ][0].digest;
    const layer = await digestOf(await digestOf('latest', 'manifests'), 'layers');
    const { head } = await over2(session, `/v2/demo/app/blobs/${layer}`);
    const edge = connect(mock.cdn, { ca });
    const url = new URL(head.location ?? '');
    await expect(over2(edge, url.pathname + url.search)).rejects.toThrow();
    edge.close();
  });

  test('no client is made to trust it', async () => {
    await expect(fetch(`${mock.registry}/v2/`)).rejects.toThrow();
  });
});
