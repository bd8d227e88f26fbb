import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestClient } from '../../test/lib/test-client.ts';
import { policyOf, warningValue } from './policy.ts';

describe('warnings', () => {
  test('come with every reply of the registry, errors too, and not from the CDN', async () => {
    const warnings = ['This registry is "old".', 'Back\\slash.'];
    const client = new TestClient({ auth: 'none', warnings });
    const expected = '299 - "This registry is \\"old\\".", 299 - "Back\\\\slash."';
    for (const path of ['/v2/', '/v2/demo/app/manifests/latest', '/v2/no/where/tags/list', '/x']) {
      expect((await client.ask(path)).headers.get('warning')).toBe(expected);
    }
    const layer = client.registry.images[0]?.platforms[0]?.layers[0]?.digest ?? '';
    expect((await client.blob(layer)).headers.has('warning')).toBe(false);
    const silent = new TestClient({ auth: 'none' });
    expect((await silent.ask('/v2/')).headers.has('warning')).toBe(false);
  });

  test.each([
    ['more than 4,096 bytes', ['x'.repeat(4_000), 'y'.repeat(200)]],
    ['line ends', ['a\r\nSet-Cookie: b']],
    ['letters that no header holds', ['ü']],
  ])('with %s are refused', (_, warnings) => {
    expect(() => policyOf({ warnings })).toThrow(/warnings/);
  });

  test('any printable text is one quoted string', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,40}$/), (text) => {
        const [, quoted = ''] = /^299 - "((?:[^"\\]|\\.)*)"$/.exec(warningValue(text)) ?? [];
        expect(quoted.replace(/\\(.)/g, '$1')).toBe(text);
      }),
    );
  });
});

test('what is not given has a default, and what is no part of a policy is left out', () => {
  const policy = policyOf({ sparse: undefined, uploadsMax: 3, ...{ seed: 7 } });
  expect(policy.sparse).toBe('refuse');
  expect(policy.uploadsMax).toBe(3);
  expect(policy).not.toHaveProperty('seed');
});
