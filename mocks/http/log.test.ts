import { mkdtempSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDateTime } from '../../src/lib/rfc3339.ts';
import { basicHeader } from '../../test/lib/test-client.ts';
import { type ServerOptions, startMock } from '../server.ts';
import type { LogEntry } from './log.ts';

/** A token request with credentials, a manifest, a redirect and a blob; what was logged of them. */
async function pull(options: ServerOptions): Promise<{ text: string; entries: LogEntry[] }> {
  const log = join(mkdtempSync(join(tmpdir(), 'pullproof-test-')), 'log.ndjson');
  const mock = await startMock({ ...options, log });
  const { host } = new URL(mock.registry);
  const scope = 'repository:demo/single:pull';
  const tokenReply = await fetch(`${mock.token}?service=${host}&scope=${scope}`, {
    headers: { authorization: basicHeader(mock.username, mock.password) },
  });
  const { token } = (await tokenReply.json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const base = `${mock.registry}/v2/demo/single`;
  const manifest = await fetch(`${base}/manifests/1.0`, { headers });
  const { config } = (await manifest.json()) as { config: { digest: string } };
  const blob = await fetch(`${base}/blobs/${config.digest}`, { headers });
  // A faulty mock may cut it.
  await blob.arrayBuffer().catch(() => undefined);
  await new Promise<void>((resolve) => {
    const odd = ['X-Odd', '1', 'x-odd', '2', 'HOST', host];
    get(`${mock.registry}/v2/`, { headers: odd as never, agent: false }, (reply) => {
      reply.resume();
      reply.once('end', resolve);
    });
  });
  await mock.close();
  const text = readFileSync(log, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return {
    text,
    entries: text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
}

test('a line per request says who asked for what, and what was sent', async () => {
  const { entries } = await pull({});
  expect(entries.map(({ role, method, status }) => `${role} ${method} ${status}`)).toEqual([
    'token GET 200',
    'registry GET 200',
    'registry GET 302',
    'edge GET 200',
    'registry GET 401',
  ]);
  const [token, manifest, redirect, blob, ping] = entries;
  expect(manifest?.path).toBe('/v2/demo/single/manifests/1.0');
  expect(token?.query).toContain('scope=repository:demo/single:pull');
  expect(redirect?.bodyBytes).toBe(0);
  expect(blob?.bodyBytes).toBeGreaterThan(100);
  expect(blob?.connection).not.toBe(redirect?.connection);
  expect(parseDateTime(ping?.time ?? '')).toBeGreaterThan(0);
  const names = ping?.headers.map(([name, value]) => `${name}=${value}`) ?? [];
  expect(names.slice(0, 2)).toEqual(['X-Odd=1', 'x-odd=2']);
  expect(names[2]).toMatch(/^HOST=/);
});

test.each(['cloudfront', 's3'] as const)(
  'secrets stay out unless wanted (%s)',
  async (cdnStyle) => {
    const secrets = async (logSecrets: boolean) => {
      const { text, entries } = await pull({ logSecrets, cdnStyle, password: 'open-sesame' });
      const edge = entries.find(({ role }) => role === 'edge');
      const signature = /(?:^|&)(?:X-Amz-)?Signature=([^&]*)/.exec(edge?.query ?? '')?.[1];
      const credentials = Buffer.from('demo:open-sesame').toString('base64');
      return [text.includes(credentials), / ey[\w-]{40,}/.test(text), signature === 'redacted'];
    };
    expect(await secrets(false)).toEqual([false, false, true]);
    expect(await secrets(true)).toEqual([true, true, false]);
  },
);

test('secrets stay out whatever header they are sent in', async () => {
  const log = join(mkdtempSync(join(tmpdir(), 'pullproof-test-')), 'log.ndjson');
  const mock = await startMock({ log });
  const names = ['X-Registry-Auth', 'X-Api-Key', 'PRIVATE-TOKEN', 'Cookie', 'Proxy-Authorization'];
  const headers = Object.fromEntries(names.map((name) => [name, 'open-sesame']));
  await fetch(`${mock.registry}/v2/?client_secret=open-sesame`, { headers });
  await mock.close();
  const text = readFileSync(log, 'utf8');
  expect(text).not.toContain('open-sesame');
  for (const name of names) expect(text.toLowerCase()).toContain(`"${name.toLowerCase()}"`);
});

test('bytes of a body that is cut are counted as sent', async () => {
  const bytesOf = async (options: ServerOptions) =>
    (await pull(options)).entries.find(({ role }) => role === 'edge')?.bodyBytes ?? 0;
  expect(await bytesOf({ faults: ['blob-body-cut'] })).toBe((await bytesOf({})) >> 1);
});

test('a request that the end of the mock cuts off is logged too', async () => {
  const log = join(mkdtempSync(join(tmpdir(), 'pullproof-test-')), 'log.ndjson');
  const latency = { registry: { ms: 60_000, jitterMs: 0 } };
  const mock = await startMock({ log, latency });
  const cut = fetch(`${mock.registry}/v2/`);
  const { host } = new URL(mock.registry);
  // Answered later than the other was received.
  await (await fetch(`${mock.token}?service=${host}`)).arrayBuffer();
  await Promise.all([expect(cut).rejects.toThrow(), mock.close()]);
  const roles = readFileSync(log, 'utf8').trimEnd().split('\n');
  expect(roles.map((line) => JSON.parse(line).role).sort()).toEqual(['registry', 'token']);
});

test('a log that cannot be written is said so', async () => {
  const failing = startMock({ log: '/nonexistent/folder/log' });
  await expect(failing).rejects.toMatchObject({ code: 'log-unwritable', exitCode: 2 });
});
