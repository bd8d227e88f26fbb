// The push conversation against scripted replies: what is asked, where it goes on, and how it fails.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../../test/lib/converse.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../client.ts';
import { PullFailure } from '../failure.ts';
import { isPushPhase } from '../push-phase.ts';
import type { HttpRequest } from '../talk.ts';
import { push, type Upload } from './push.ts';

const sha = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const profile = (name: string) => profiles[name] as ClientProfile;

function uploadOf(text: string, chunkBytes?: number): Upload {
  const part = (from: number, to: number) => text.slice(from, to);
  return { digest: sha(text), size: text.length, part, chunkBytes };
}

const manifest = {
  text: '{"schemaVersion":2}',
  digest: sha('{"schemaVersion":2}'),
  mediaType: 'x/m',
};

function optionsOf(layers: readonly Upload[], client = 'containerd') {
  return {
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    tag: 't1',
    client: profile(client),
    credentials: { username: 'u', password: 'p' },
    layers,
    config: uploadOf('{}'),
    manifest,
  };
}

/** A registry that wants tokens and keeps what it gets; changed by `change`. */
function registry(change: (request: HttpRequest) => Answer | undefined = () => undefined) {
  const uploads = new Map<string, string>();
  const stored = new Map<string, string>();
  let opened = 0;
  const answer = (request: HttpRequest): Answer => {
    const { url, ask, body = '' } = request;
    if (url.startsWith('https://auth.test/token')) return { body: '{"token":"t0"}' };
    if (
      url.startsWith('https://registry.test/') &&
      header(request, 'Authorization') !== 'Bearer t0'
    ) {
      const challenge = 'Bearer realm="https://auth.test/token",service="s"';
      return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    }
    const changed = change(request);
    if (changed !== undefined) return changed;
    if (url.endsWith('/v2/')) return { body: '{}' };
    const [path = '', query = ''] = url.split('?');
    switch (ask.method) {
      case 'HEAD':
        return { status: stored.has(path.split('/').pop() ?? '') ? 200 : 404 };
      case 'POST':
        opened++;
        uploads.set(`u${opened}`, '');
        return { status: 202, headers: { Location: `/v2/team/app/blobs/uploads/u${opened}?s=1` } };
      case 'PATCH': {
        const id = path.split('/').pop() ?? '';
        const so = uploads.get(id) ?? '';
        if (header(request, 'Content-Range')?.startsWith(`${so.length}-`) !== true) {
          return { status: 416 };
        }
        uploads.set(id, so + String(body));
        const step = Number(new URLSearchParams(query).get('s')) + 1;
        return {
          status: 202,
          headers: { Location: `https://registry.test${new URL(url).pathname}?s=${step}` },
        };
      }
      default: {
        if (url.includes('/manifests/')) return { status: 201 };
        const digest = new URLSearchParams(query).get('digest') ?? '';
        const whole = (uploads.get(path.split('/').pop() ?? '') ?? '') + String(body);
        if (sha(whole) !== digest) return { status: 400, body: 'digest' };
        stored.set(digest, whole);
        return { status: 201, headers: { 'Docker-Content-Digest': digest } };
      }
    }
  };
  return { answer, stored };
}

const line = ({ ask, url }: HttpRequest) =>
  `${ask.method} ${url.replace('https://registry.test/v2/', '').replace(/sha256(:|%3A)\w+/, 'D')}`;

function failureOf(change: (request: HttpRequest) => Answer | undefined, chunkBytes?: number) {
  try {
    converse(push(optionsOf([uploadOf('layer', chunkBytes)])), registry(change).answer);
  } catch (error) {
    if (error instanceof PullFailure) return error.class;
    throw error;
  }
  return undefined;
}

test('a blob goes in one PUT, then config and manifest', () => {
  const asked: HttpRequest[] = [];
  const { answer, stored } = registry();
  const result = converse(push(optionsOf([uploadOf('layer')])), answer, asked);
  expect(result).toEqual({ bytes: 'layer{}'.length, known: 0 });
  expect([...stored.values()]).toEqual(['layer', '{}']);
  const own = asked.filter(({ ask }) => ask.phase !== 'push-token').map(line);
  expect(own).toEqual([
    'HEAD team/app/blobs/D',
    'HEAD team/app/blobs/D',
    'POST team/app/blobs/uploads/',
    'PUT team/app/blobs/uploads/u1?s=1&digest=D',
    'HEAD team/app/blobs/D',
    'POST team/app/blobs/uploads/',
    'PUT team/app/blobs/uploads/u2?s=1&digest=D',
    'PUT team/app/manifests/t1',
  ]);
  expect(header(asked.at(-1), 'Content-Type')).toBe('x/m');
});

test('chunks follow each Location, and say where they stand', () => {
  const asked: HttpRequest[] = [];
  const { answer, stored } = registry();
  converse(push(optionsOf([uploadOf('0123456789', 4)])), answer, asked);
  expect(stored.get(sha('0123456789'))).toBe('0123456789');
  const patches = asked.filter(({ ask }) => ask.method === 'PATCH');
  expect(patches.map((one) => header(one, 'Content-Range'))).toEqual(['0-3', '4-7', '8-9']);
  expect(patches.map(({ url }) => url.split('?')[1])).toEqual(['s=1', 's=2', 's=3']);
  expect(asked.find(({ url }) => url.includes('digest='))?.body).toBeUndefined();
});

test('a registry that wants larger chunks gets them', () => {
  const asked: HttpRequest[] = [];
  const { answer } = registry();
  const least = (request: HttpRequest): Answer => {
    const given = answer(request);
    if (request.ask.method !== 'POST') return given;
    return { ...given, headers: { ...given.headers, 'OCI-Chunk-Min-Length': '6' } };
  };
  converse(push(optionsOf([uploadOf('0123456789', 2)])), least, asked);
  const patches = asked.filter(({ ask }) => ask.method === 'PATCH');
  expect(patches.map((one) => header(one, 'Content-Range'))).toEqual(['0-5', '6-9']);
});

test('what the registry has is not sent again', () => {
  const { answer, stored } = registry();
  stored.set(sha('layer'), 'layer');
  const result = converse(push(optionsOf([uploadOf('layer'), uploadOf('new')])), answer);
  expect(result).toEqual({ bytes: 'new{}'.length, known: 1 });
});

test.each(['podman', 'containerd', 'crane', 'docker'])(
  '%s asks for the right to push',
  (client) => {
    const asked: HttpRequest[] = [];
    converse(push(optionsOf([uploadOf('layer')], client)), registry().answer, asked);
    const tokens = asked.filter(({ hop }) => hop === 'token');
    expect(tokens.length).toBeGreaterThan(0);
    for (const { url, body } of tokens) {
      const said = decodeURIComponent(`${url} ${String(body ?? '')}`);
      expect(said).toContain('repository:team/app:pull,push');
    }
    // No figure of a pull gets anything of this.
    expect(asked.filter(({ ask }) => !isPushPhase(ask.phase))).toEqual([]);
  },
);

test('uploads to another host get no credentials', () => {
  const asked: HttpRequest[] = [];
  const elsewhere = (request: HttpRequest): Answer | undefined => {
    if (request.url.startsWith('https://storage.test/')) return { status: 201 };
    if (request.ask.method !== 'POST') return undefined;
    return { status: 202, headers: { Location: 'https://storage.test/u?sig=x' } };
  };
  converse(push(optionsOf([uploadOf('layer')])), registry(elsewhere).answer, asked);
  const there = asked.filter(({ url }) => url.startsWith('https://storage.test/'));
  expect(there).toHaveLength(2);
  for (const request of there) {
    expect(request.hop).toBe('edge');
    expect(header(request, 'Authorization')).toBeUndefined();
  }
});

describe('failures', () => {
  const on =
    (method: string, answer: Answer) =>
    ({ ask }: HttpRequest) =>
      ask.method === method ? answer : undefined;
  test.each([
    ['denied', on('POST', { status: 403 })],
    ['read-only', on('POST', { status: 405 })],
    ['too-large', on('PUT', { status: 413 })],
    ['upload-invalid', on('PUT', { status: 400 })],
    ['upload-unknown', on('PUT', { status: 404 })],
    ['server-error', on('PUT', { status: 503 })],
    ['rate-limited', on('POST', { status: 429 })],
    ['reset', on('PUT', { failure: 'reset' })],
    ['redirect-invalid', on('POST', { status: 202 })],
    [
      'redirect-invalid',
      on('POST', { status: 202, headers: { Location: 'http://169.254.169.254/' } }),
    ],
    [
      'wrong-digest',
      on('PUT', { status: 201, headers: { 'Docker-Content-Digest': sha('other') } }),
    ],
    ['unexpected-status', on('HEAD', { status: 418 })],
  ])('%s', (kind, change) => {
    expect(failureOf(change)).toBe(kind);
  });

  test('of chunks and manifests', () => {
    expect(failureOf(on('PATCH', { status: 416 }), 2)).toBe('upload-invalid');
    expect(failureOf(on('PATCH', { status: 404 }), 2)).toBe('upload-unknown');
    const manifests = (status: number) => (request: HttpRequest) =>
      request.url.includes('/manifests/') ? { status } : undefined;
    expect(failureOf(manifests(400))).toBe('manifest-invalid');
    expect(failureOf(manifests(404))).toBe('manifest-invalid');
    expect(failureOf(manifests(500))).toBe('server-error');
  });

  test('a token that ended is fetched anew, once', () => {
    const asked: HttpRequest[] = [];
    let refusals = 1;
    const ends = (request: HttpRequest): Answer | undefined => {
      if (request.ask.method !== 'POST' || request.hop === 'token' || refusals-- < 1)
        return undefined;
      const challenge = 'Bearer realm="https://auth.test/token",service="s"';
      return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    };
    converse(push(optionsOf([uploadOf('layer')], 'podman')), registry(ends).answer, asked);
    expect(asked.filter(({ ask }) => ask.phase === 'push-token')).toHaveLength(2);
  });
});
