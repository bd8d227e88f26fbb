import { describe, expect, test } from 'vitest';
import { withoutQuery, withoutSecrets } from './failure-evidence.ts';
import { base64 } from './grammar/base64.ts';
import type { HttpRequest, Phase } from './talk.ts';

const password = 'p&ss"w\\rd/+7';
const pair = `user:${password}`;

function asked(phase: Phase, authorization: string, headers: [string, string][] = []): HttpRequest {
  const ask = { method: 'GET', headers, phase } as unknown as HttpRequest['ask'];
  const url = 'https://registry.example/v2/?Signature=signed-by-them&n=all';
  return { url, ask, hop: 'registry', authorization, referer: '' };
}

describe('what a server says back of what it was shown', () => {
  const forms: [string, string][] = [
    ['as it came', base64(pair)],
    ['decoded', pair],
    ['the password alone', password],
    ['in a URL', encodeURIComponent(password)],
    ['in JSON', JSON.stringify({ said: password })],
  ];
  for (const phase of ['manifest', 'token'] as const) {
    test.each(forms)(`is left out of a reply to a ${phase} request: %s`, (_how, text) => {
      const shown = withoutSecrets(`no: ${text}`, asked(phase, `Basic ${base64(pair)}`));
      for (const [, form] of forms.slice(0, 4)) expect(shown).not.toContain(form);
      expect(shown).not.toContain(JSON.stringify(password).slice(1, -1));
      expect(shown).toMatch(/^no: .*<redacted>/);
    });
  }

  test('tokens, signatures, and lines that the configuration adds', () => {
    const request = asked('layer', 'Bearer token-of-theirs', [
      ['X-Custom-Key', 'key-of-mine'],
      ['Accept', 'everything'],
    ]);
    const said = 'token-of-theirs signed-by-them key-of-mine everything all';
    expect(withoutSecrets(said, request)).toBe('<redacted> <redacted> <redacted> everything all');
  });

  test('megabytes of one word take no time', () => {
    const begin = performance.now();
    expect(withoutSecrets('a'.repeat(2 ** 20), asked('token', ''))).toBe('<redacted>');
    expect(withoutSecrets('token"'.repeat(2 ** 17), asked('token', '')).length).toBeLessThan(
      2 ** 15,
    );
    // Where each letter is a beginning it is minutes.
    expect(performance.now() - begin).toBeLessThan(10_000);
  });

  test('short words stay: they stand in ordinary text', () => {
    expect(withoutSecrets('a user', asked('index', `Basic ${base64('a:user')}`))).toBe('a user');
  });
});

test.each([
  ['https://cdn.example/a?b=c', 'https://cdn.example/a'],
  ['https://cdn.example/a#b?c', 'https://cdn.example/a'],
  ['https://user:pass@cdn.example/a', 'https://cdn.example/a'],
  ['ftp://us@er:pa@cdn.example?b', 'ftp://cdn.example'],
  ['//user:pass@cdn.example/a', '//cdn.example/a'],
  ['/v2/a@b//c@d/manifests/latest?x', '/v2/a@b//c@d/manifests/latest'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutQuery(url)).toBe(shown);
});
