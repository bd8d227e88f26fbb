import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RequestWords, requestOf } from '../../test/lib/request.ts';
import { Redactor } from './redact.ts';
import { makeReply } from './reply.ts';

const secret = 'S3cr3tValue-0123456789';

describe('by place', () => {
  test.each([
    ['CloudFront', `https://cdn/b?Expires=1&Policy=${secret}&Signature=${secret}&Key-Pair-Id=K`],
    ['S3', `https://s3/b?X-Amz-Credential=${secret}&X-Amz-Signature=${secret}`],
    ['S3 session', `https://s3/b?X-Amz-Date=1&X-Amz-Security-Token=${secret}`],
    ['S3, old form', `https://s3/b?AWSAccessKeyId=A&Signature=${secret}`],
    ['GCS', `https://gcs/b?X-Goog-Credential=${secret}&X-Goog-Signature=${secret}`],
    ['Azure', `https://blob/b?sv=2020&sp=r&sig=${secret}`],
    ['Cloudflare', `https://cf/b?verify=${secret}`],
    ['Alibaba', `https://oss/b?x-oss-signature=${secret}&security-token=${secret}`],
    ['Akamai', `https://ak/b?__token__=${secret}&hdnts=${secret}`],
    ['an upload state', `/v2/x/blobs/uploads/1?_state=${secret}`],
    ['a URL in JSON by Go', `{"url":"https://cdn/b?Expires=1\\u0026Signature=${secret}"}`],
    ['a URL in HTML', `<a href="https://cdn/b?Expires=1&amp;Signature=${secret}">`],
    ['a URL in a URL', `https://login?to=https%3A%2F%2Fcdn%2Fb%3Fa%3D1%26Signature%3D${secret}`],
    ['a form', `grant_type=password&username=u&password=${secret}`],
    ['a form that begins with it', `password=${secret}&username=u`],
    ['a refresh token', `grant_type=refresh_token&refresh_token=${secret}`],
    ['a client secret', `client_secret=${secret}`],
    ['words', `could not log in: password=${secret}`],
    ['userinfo', `https://user:${secret}@host/path`],
    ['userinfo with @', `https://user:p@${secret}@host/path`],
    ['a token reply', `{"token":"${secret}","expires_in":300}`],
    ['a token reply with space', `{ "access_token" :\n "${secret}" }`],
    ['a token reply cut off', `{"refresh_token":"${secret}`],
    ['an auth file', `{"auths":{"h":{"auth":"${secret}","identitytoken":"${secret}"}}}`],
    ['JSON in JSON', JSON.stringify({ body: JSON.stringify({ token: secret }) })],
  ])('%s', (_what, text) => {
    expect(new Redactor().text(text)).not.toContain(secret);
  });

  test('quotes inside a JSON string do not end it', () => {
    const text = JSON.stringify({ token: `a"${secret}` });
    expect(new Redactor().text(text)).not.toContain(secret);
  });

  test.each([
    ['Authorization', `Bearer ${secret}`, 'Bearer <redacted>'],
    ['authorization', `Basic ${secret}`, 'Basic <redacted>'],
    ['Authorization', secret, '<redacted>'],
    ['Proxy-Authorization', `Basic ${secret}`, 'Basic <redacted>'],
    ['Cookie', `${secret} b`, '<redacted>'],
    ['Set-Cookie', `id=${secret}; Secure`, '<redacted>'],
    ['X-Amz-Security-Token', secret, '<redacted>'],
    ['X-Registry-Auth', secret, '<redacted>'],
    ['Location', `https://cdn/b?sig=${secret}&se=1`, 'https://cdn/b?sig=<redacted>&se=1'],
  ])('the header %s', (name, value, shown) => {
    expect(new Redactor().header(name, value)).toBe(shown);
  });

  test.each([
    'https://registry.example/v2/app/manifests/latest?n=10&last=b',
    'Bearer realm="https://auth.example/token",service="registry",scope="repository:a:pull"',
    '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}',
    'registry.example/app@sha256:0000',
    'https://registry.example/v2/app@sha256:0000',
  ])('leaves %s', (text) => {
    expect(new Redactor().text(text)).toBe(text);
  });

  test('a long body of one string is no burden', () => {
    const body = `{"token":"${'a'.repeat(4 * 1024 * 1024)}"}`;
    expect(new Redactor().text(body).length).toBeLessThan(100);
  });
});

function replyWith(text: string, location?: string) {
  return makeReply({
    status: 200,
    headerLines: location === undefined ? [] : [['Location', location]],
    text,
    bytes: text.length,
    digest: '',
    failure: '',
    failureMessage: '',
    remoteAddress: '',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  });
}

describe('by value', () => {
  const basic = Buffer.from(`user:${secret}`).toString('base64');
  const learned: [string, RequestWords, ReturnType<typeof replyWith>?][] = [
    ['a bearer token', { headers: [['Authorization', `Bearer ${secret}`]] }],
    ['the password of Basic', { headers: [['authorization', `Basic ${basic}`]] }],
    ['a signature that was sent', { url: `https://cdn/b?X-Amz-Signature=${secret}` }],
    ['a password that was sent', { body: `username=u&password=${secret}` }],
    ['a signature that came', {}, replyWith('', `https://cdn/b?sig=${secret}`)],
    ['a token that came', { phase: 'token' }, replyWith(JSON.stringify({ access_token: secret }))],
  ];
  test.each(learned)('%s', (_what, changes, reply) => {
    const redactor = new Redactor();
    redactor.learn(requestOf(changes), reply);
    expect(redactor.text(`the server says ${secret}`)).toBe('the server says <redacted>');
    expect(redactor.header('X-Request', `${secret}!`)).toBe('<redacted>!');
  });

  test('the pair of Basic, as it was sent', () => {
    const redactor = new Redactor();
    redactor.learn(requestOf({ headers: [['Authorization', `Basic ${basic}`]] }));
    expect(redactor.text(`you sent ${basic}`)).not.toContain(basic);
  });

  test('a secret that begins with another one is blotted out whole', () => {
    const redactor = new Redactor();
    redactor.add('abcdef');
    redactor.add('abcdef-and-more');
    expect(redactor.text('x abcdef-and-more y')).toBe('x <redacted> y');
  });

  test('short values are left, they would blot out ordinary text', () => {
    const redactor = new Redactor();
    redactor.add('pull');
    expect(redactor.text('repository:app:pull')).toBe('repository:app:pull');
  });

  test('what the XML of a bucket says of signatures, keys and tokens', () => {
    const body =
      '<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId>' +
      '<SignatureProvided>c0ffee11</SignatureProvided><Token-0>FwoGZXIvYXdz</Token-0>' +
      '<Resource>Signature=c0ffee22</Resource></Error>';
    const shown = new Redactor().text(body);
    for (const value of ['AKIAIOSFODNN7EXAMPLE', 'c0ffee11', 'FwoGZXIvYXdz', 'c0ffee22']) {
      expect(shown).not.toContain(value);
    }
    expect(shown).toContain('<Code>SignatureDoesNotMatch</Code>');
  });

  test('the secret in use outlives any number of others', () => {
    const redactor = new Redactor();
    for (let i = 0; i < 1000; i++) {
      redactor.add(`another-secret-${i}`);
      redactor.add(secret);
    }
    expect(redactor.text(secret)).toBe('<redacted>');
  });

  test('wherever a known secret stands, however it is encoded, it never comes out', () => {
    // No piece of the placeholder, or its very mark would be taken for the secret.
    const secrets = fc
      .string({ minLength: 6, maxLength: 40 })
      .filter((text) => !'<redacted>'.includes(text) && !text.includes('<redacted>'));
    const around = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(secrets, around, around, (value, before, after) => {
        const redactor = new Redactor();
        redactor.add(value);
        const clear = redactor.text(before + value + after);
        // What is around may hold or make up the secret once more; replacing leaves none.
        expect(clear.replaceAll('<redacted>', '\n')).not.toContain(value);
        const url = redactor.text(`https://h/?q=${encodeURIComponent(value)}`);
        expect(url).not.toContain(encodeURIComponent(value));
        const json = redactor.text(JSON.stringify({ said: value }));
        expect(json).toBe('{"said":"<redacted>"}');
      }),
    );
  });
});
