import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type RequestWords, requestOf } from '../../test/lib/request.ts';
import type { HttpReply } from '../protocol/talk.ts';
import { toExchange } from './evidence.ts';
import { Redactor } from './redact.ts';
import { makeReply } from './reply.ts';

const secret = 'S3cr3tValue-0123456789';

const flat: RequestWords = { url: 'https://registry.example/v2/' };
const request = requestOf(flat);

function replyOf(changes: Partial<Omit<HttpReply, 'header'>> = {}): HttpReply {
  return makeReply({
    status: 200,
    headerLines: [],
    text: '',
    bytes: 0,
    digest: '',
    failure: '',
    failureMessage: '',
    remoteAddress: '127.0.0.1:1',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 1, totalMs: 12.345 },
    ...changes,
  });
}

test('an exchange says what was asked and what came', () => {
  const exchange = toExchange(
    requestOf({ ...flat, method: 'POST', headers: [['Accept', 'a/b']], body: 'service=x' }),
    replyOf({ status: 401, headerLines: [['X', 'y']], text: 'no', bytes: 2, digest: 'sha256:1' }),
    new Redactor(),
  );
  expect(exchange).toMatchObject({
    request: { method: 'POST', url: request.url, headers: [['Accept', 'a/b']], body: 'service=x' },
    reply: { status: 401, headers: [['X', 'y']], body: 'no', bytes: 2, digest: 'sha256:1' },
    ms: 12.3,
  });
  expect(exchange.reply.failure).toBeUndefined();
});

test('no secret is in any part of it', () => {
  const redactor = new Redactor();
  const asked = requestOf({
    method: 'POST',
    url: `https://u:${secret}@registry.example/token?sig=${secret}&echo=${secret}`,
    headers: [
      ['Authorization', `Bearer ${secret}`],
      ['X-Trace', secret],
    ],
    body: `grant_type=password&password=${secret}`,
  });
  const reply = replyOf({
    headerLines: [
      ['Set-Cookie', secret],
      ['Location', `https://cdn/?Signature=${secret}`],
    ],
    text: `{"token":"${secret}","message":"${secret}"}`,
    failure: 'reset',
    failureMessage: `GET https://cdn/?Signature=${secret}: reset; ${secret}`,
  });
  redactor.learn(asked, reply);
  expect(JSON.stringify(toExchange(asked, reply, redactor))).not.toContain(secret);
});

test('a secret that a cap would cut in two leaves no piece behind', () => {
  const redactor = new Redactor();
  redactor.add(secret);
  for (let before = 4060; before < 4100; before++) {
    const text = 'x'.repeat(before) + secret;
    const exchange = toExchange(request, replyOf({ text }), redactor);
    expect(exchange.reply.body).not.toContain(secret.slice(0, 4));
  }
});

test('what a registry sends is bounded', () => {
  const long = 'x'.repeat(1_000_000);
  const exchange = toExchange(
    { ...request, body: long },
    replyOf({
      headerLines: Array.from({ length: 5000 }, () => ['X', long] as const),
      text: long,
      failure: 'bad-http',
      failureMessage: long,
    }),
    new Redactor(),
  );
  expect(exchange.reply.headers.length).toBeLessThanOrEqual(100);
  expect(JSON.stringify(exchange).length).toBeLessThan(300_000);
});

/** The words that bash makes of a line that begins with `curl`. */
function wordsOf(line: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${line}\n`;
  const output = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
  return output.split('\0').slice(0, -1);
}

test('a shell reads the curl line as it is meant, whatever it holds', () => {
  const words = fc
    .string({ unit: 'binary', maxLength: 30 })
    .filter((text) => !/[\0\ud800-\udfff]/.test(text));
  const plain = { text: (text: string) => text, header: (_name: string, value: string) => value };
  fc.assert(
    fc.property(words, words, words, (value, body, path) => {
      const url = `https://h/${path}`;
      const asked = requestOf({ method: 'POST', url, headers: [['X', value]], body });
      const { curl } = toExchange(asked, replyOf(), plain as unknown as Redactor);
      const line = wordsOf(curl);
      expect(line.slice(-1)).toEqual([url]);
      expect(line[line.indexOf('-H') + 1]).toBe(`X: ${value}`);
      expect(line[line.indexOf('--data-raw') + 1]).toBe(body);
    }),
    { numRuns: 40 },
  );
});

test('HEAD is asked as HEAD', () => {
  const { curl } = toExchange(requestOf({ method: 'HEAD' }), replyOf(), new Redactor());
  expect(wordsOf(curl)).toContain('--head');
});
