// Tokens for other registries: their form, who can verify them, and the folder of the key.
import { verify, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { basicHeader, Clock, TestClient } from '../../test/lib/test-client.ts';
import { startMock } from '../server.ts';
import { JwtMint } from './jwt.ts';
import { makeTokenKeys, openTokenKeys } from './token-keys.ts';
import { type Claims, TokenMint } from './tokens.ts';

const root = mkdtempSync(join(tmpdir(), 'pullproof-test-'));
afterAll(() => rmSync(root, { recursive: true }));
const folder = () => mkdtempSync(join(root, 'keys-'));

const tokenKeys = makeTokenKeys();
const query = 'service=registry.test&scope=repository:demo/app:pull,push';

async function tokenOf(client: TestClient, words = query, headers = {}): Promise<string> {
  const reply = (await (await client.token(words, headers)).json()) as { token: string };
  return reply.token;
}

function asking(client: TestClient, token: string, path = '/v2/demo/app/manifests/latest') {
  const headers = { authorization: `Bearer ${token}` };
  return client.fetch(client.registry.origins.registry + path, { headers });
}

const decode = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());

describe('a token', () => {
  test('is a JWT of the form of jwt.md, signed by the key of the certificate that it carries', async () => {
    const clock = new Clock();
    const client = new TestClient({ tokenKeys, now: clock.now, tokenTtlSeconds: 90 });
    const { username, password } = client.registry;
    const token = await tokenOf(client, query, { authorization: basicHeader(username, password) });
    const [header, payload, signature = '', ...rest] = token.split('.');
    expect(rest).toEqual([]);
    const { x5c, ...plain } = decode(header);
    expect(plain).toEqual({ typ: 'JWT', alg: 'ES256' });
    const certificate = new X509Certificate(Buffer.from(x5c[0], 'base64'));
    expect(certificate.toString()).toBe(tokenKeys.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const seconds = clock.ms / 1000;
    const { jti, ...claims } = decode(payload);
    expect(claims).toEqual({
      iss: 'pullproof',
      sub: username,
      aud: 'registry.test',
      exp: seconds + 90,
      nbf: seconds,
      iat: seconds,
      access: [{ type: 'repository', name: 'demo/app', actions: ['pull', 'push'] }],
    });
    expect(jti).not.toBe('');
    const key = { key: certificate.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    const signed = Buffer.from(`${header}.${payload}`);
    expect(verify('sha256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test('names nobody for anyone, and never comes twice', async () => {
    const client = new TestClient({ tokenKeys });
    const [first, second] = [await tokenOf(client), await tokenOf(client)];
    expect(decode(first.split('.')[1])).toMatchObject({ sub: '', access: [{ actions: ['pull'] }] });
    expect(first).not.toBe(second);
  });

  test('opens the mock until its time is over', async () => {
    const clock = new Clock();
    const client = new TestClient({ tokenKeys, now: clock.now, tokenTtlSeconds: 90 });
    const token = await tokenOf(client);
    clock.forward(89);
    expect((await asking(client, token)).status).toBe(200);
    clock.forward(1);
    expect((await asking(client, token)).status).toBe(401);
  });

  test('of another key, of another kind or with one letter changed is refused', async () => {
    const client = new TestClient({ tokenKeys });
    const good = await tokenOf(client);
    const [header = '', payload = ''] = good.split('.');
    const stranger = await tokenOf(new TestClient({ tokenKeys: makeTokenKeys() }));
    const opaque = await tokenOf(new TestClient({ seed: 2 }));
    const unsigned = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
    const end = stranger.slice(stranger.lastIndexOf('.'));
    const wider = Buffer.from(JSON.stringify({ ...decode(payload), sub: 'demo' }));
    const middle = good.length - 40;
    const changed = `${good.slice(0, middle)}${good[middle] === 'A' ? 'B' : 'A'}${good.slice(middle + 1)}`;
    for (const token of [
      ...[stranger, opaque, changed, `${good}.x`, `${unsigned}.${payload}.`],
      ...[`${header}.${payload}.`, `${header}.${payload}${end}`],
      `${header}.${wider.toString('base64url')}.${good.split('.')[2]}`,
    ]) {
      expect((await asking(client, token)).status, token).toBe(401);
    }
  });

  test('is read back as it was issued, and no other text is', () => {
    const opaque = new TokenMint(Buffer.from('key'), () => 0);
    const mint = new JwtMint(tokenKeys, opaque, () => 0);
    const kinds = fc.constantFrom<Claims['kind']>('access', 'refresh');
    fc.assert(
      fc.property(
        kinds,
        fc.string(),
        fc.string(),
        fc.string(),
        (kind, subject, audience, noise) => {
          const claims: Claims = { kind, subject, audience, access: [], expiresAt: 1000 };
          expect(mint.read(mint.issue(claims))).toEqual(claims);
          expect(mint.read(noise)).toBeUndefined();
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('the folder of the key', () => {
  test('is filled once, the key for its owner alone', () => {
    const dir = join(folder(), 'new');
    const made = openTokenKeys(dir);
    expect(openTokenKeys(dir)).toEqual(made);
    expect(statSync(join(dir, 'token.key')).mode & 0o077).toBe(0);
    const { validToDate } = new X509Certificate(readFileSync(join(dir, 'token.crt')));
    expect(validToDate.getTime() - Date.now()).toBeGreaterThan(365 * 24 * 3600 * 1000);
  });

  test.each([
    ['token-keys-incomplete', { 'token.key': tokenKeys.key }],
    ['token-keys-incomplete', { 'token.crt': tokenKeys.certificate }],
    ['token-keys-unfit', { 'token.key': 'x', 'token.crt': tokenKeys.certificate }],
    ['token-keys-unfit', { 'token.key': tokenKeys.key, 'token.crt': 'x' }],
    ['token-keys-unfit', { 'token.key': makeTokenKeys().key, 'token.crt': tokenKeys.certificate }],
  ])('%s, exit 2', (code, files) => {
    const dir = folder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
    expect(() => openTokenKeys(dir)).toThrow(expect.objectContaining({ code, exitCode: 2 }));
  });

  test('that is a file cannot be used', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const refusal = expect.objectContaining({ code: 'token-keys-unusable', exitCode: 2 });
    expect(() => openTokenKeys(file)).toThrow(refusal);
  });

  test('is told by the mock, and all its processes sign by it', async () => {
    const tokenKeysDir = folder();
    const mock = await startMock({ tokenKeysDir, workers: 2 });
    try {
      const { issuer, certificate = '' } = mock.tokenTrust ?? {};
      expect(issuer).toBe('pullproof');
      const { raw } = new X509Certificate(readFileSync(certificate));
      for (let time = 0; time < 4; time++) {
        // Each on a connection of its own, and so with the workers by turns.
        const headers = { connection: 'close' };
        const words = `service=${new URL(mock.registry).host}&scope=repository:demo/app:pull`;
        const reply = await fetch(`${mock.token}?${words}`, { headers });
        const { token } = (await reply.json()) as { token: string };
        expect(decode(token.split('.')[0]).x5c).toEqual([raw.toString('base64')]);
        const authorization = `Bearer ${token}`;
        const asked = await fetch(`${mock.registry}/v2/demo/app/manifests/latest`, {
          headers: { ...headers, authorization },
        });
        expect(asked.status).toBe(200);
      }
    } finally {
      await mock.close();
    }
  });
});
