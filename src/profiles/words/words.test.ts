import { describe, expect, test } from 'vitest';
import type { FailureEvidence } from '../../protocol/failure-evidence.ts';
import { failureClasses } from '../../protocol/failure-hints.ts';
import { profiles } from '../index.ts';
import { type Met, type Pulled, wordsOf } from './index.ts';

const image: Pulled = {
  registry: 'registry.test',
  registryUrl: 'https://registry.test',
  repository: 'team/app',
  reference: '1.0',
  resolvesTo: 'index',
};
const digest = `sha256:${'a'.repeat(64)}`;
const url = 'https://cdn.test/blob';

function met(change: Partial<Met>, evidence: Partial<FailureEvidence> = {}): Met {
  const shown = { method: 'GET', url, words: '', contentType: '', body: '', bytes: 0, address: '' };
  return {
    class: 'server-error',
    phase: 'layer',
    hop: 'edge',
    host: 'cdn.test',
    status: 0,
    ...change,
    evidence: { ...shown, reference: digest, ...evidence },
  };
}

/** Nobody has read yet what these say. */
const silent: readonly string[] = [];
const all = Object.keys(profiles).filter((name) => !silent.includes(name));

describe.each(all)('%s', (name) => {
  test.each([
    ['dns', { class: 'dns' }, { words: 'dial tcp: lookup cdn.test: no such host' }],
    [
      'refused',
      { class: 'refused' },
      { words: 'dial tcp 1.2.3.4:443: connect: connection refused' },
    ],
    ['tls', { class: 'tls', reason: 'unknown-ca' }, { words: 'x509: signed by unknown authority' }],
    ['reset', { class: 'reset' }, { words: 'read tcp: connection reset by peer' }],
    ['denied by the CDN', { class: 'redirect-denied', status: 403 }, { body: '<Error/>' }],
    ['server error', { status: 503 }, {}],
    ['wrong digest', { class: 'wrong-digest', status: 200 }, { digest }],
    [
      'cut body',
      { class: 'short-body', status: 200 },
      { words: 'unexpected EOF', bytesExpected: 9 },
    ],
    [
      'unknown tag',
      { class: 'manifest-unknown', status: 404, phase: 'index', hop: 'registry' },
      {
        reference: '1.0',
        body: '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}',
      },
    ],
    ['no platform', { class: 'platform-missing', status: 200, phase: 'index' }, {}],
  ])('has words for: %s', (_, change, evidence) => {
    const words = wordsOf(name, image, met(change, evidence));
    expect(words ?? '').toMatch(/\w{3}/);
    expect(words).not.toMatch(/undefined|NaN|\[object/);
  });

  test('throws for nothing that can be met', () => {
    for (const kind of failureClasses) {
      for (const phase of ['ping', 'token', 'index', 'manifest', 'config', 'layer', 'other']) {
        for (const status of [0, 200, 206, 307, 401, 403, 404, 416, 429, 500]) {
          const hop = phase === 'token' ? 'token' : 'registry';
          const words = wordsOf(name, image, met({ class: kind, phase, status, hop }));
          expect(words ?? '').not.toMatch(/undefined/);
        }
      }
    }
  });
});

test.each([
  [
    'containerd',
    `failed to copy: httpReadSeeker: failed open: unexpected status from GET request to ${url}: 403 Forbidden`,
  ],
  [
    'podman',
    `copying system image from manifest list: reading blob ${digest}: fetching blob: StatusCode: 403, ""`,
  ],
  ['crane', `saving tarball <file>: GET ${url}: unexpected status code 403 Forbidden`],
  [
    'oras',
    `failed to perform "Fetch" on source: GET "${url}": response status code 403: Forbidden`,
  ],
  ['docker', 'error parsing HTTP 403 response body: unexpected end of JSON input: ""'],
])('%s names the status that it met, and where', (client, words) => {
  expect(wordsOf(client, image, met({ class: 'redirect-denied', status: 403 }))).toBe(words);
});

test("Go's own words are passed on, and stood in for where another driver met it", () => {
  const words = 'dial tcp 10.0.0.1:443: i/o timeout';
  const known = met({ class: 'dial-timeout' }, { words });
  expect(wordsOf('crane', image, known)).toContain(`Get "${url}": ${words}`);
  const other = met({ class: 'dns', reason: 'servfail' }, { words: 'queryA ESERVFAIL cdn.test' });
  expect(wordsOf('crane', image, other)).toContain('lookup cdn.test: server misbehaving');
});

test.each([
  ['ssl/tls alert handshake failure', 'protocol', 'handshake failure'],
  ['tlsv1 alert protocol version', 'protocol', 'protocol version not supported'],
  ['tlsv1 unrecognized name', 'wrong-name', 'unrecognized name'],
  ['tlsv13 alert certificate required', 'client-certificate', 'certificate required'],
] as const)('an alert as crypto/tls calls it: %s', (words, reason, alert) => {
  const said = wordsOf('skopeo', image, met({ class: 'tls', reason }, { words }));
  expect(said).toContain(`remote error: tls: ${alert}`);
});

test('nobody speaks for a client that does not exist, or is silent', () => {
  for (const name of ['no-such-client', ...silent]) {
    expect(wordsOf(name, image, met({ status: 500 })), name).toBeUndefined();
  }
});

test.each(all)('%s does not call a whole document broken off', (name) => {
  const said = (body: string) =>
    wordsOf(name, image, met({ class: 'bad-manifest', phase: 'manifest', status: 200 }, { body }));
  expect(said('{"schemaVersion":2}') ?? '').not.toContain('unexpected end of JSON');
});
