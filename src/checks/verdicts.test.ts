// What the mock has no fault for: registries that are right in unusual ways, and rare ways to be wrong.
import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../../reports/results.ts';
import { check, type Tiny, withHeaders } from '../../test/lib/tiny-registry.ts';

const edge = 'https://edge.test';
const bearer = 'Bearer realm="https://auth.test/token",service="tiny",scope="repository:tiny:pull"';

/** `id: verdict` of whatever is neither passed nor unsupported. */
function unhappy(results: ReadonlyMap<string, CheckResult>): Record<string, string> {
  const bad = [...results].filter(([, { verdict }]) => !['pass', 'unsupported'].includes(verdict));
  return Object.fromEntries(bad.map(([id, { verdict }]) => [id, verdict]));
}

async function verdict(tiny: Tiny, id: string, run?: object): Promise<string | undefined> {
  return (await check(tiny, [id], run)).get(id)?.verdict;
}

/** Blobs answered by a redirect to the edge; `registry` and `atEdge` change the two replies. */
function redirecting(
  options: {
    location?: (path: string) => string;
    status?: number;
    registry?: Record<string, string | null>;
    atEdge?: Record<string, string | null>;
  } = {},
): Tiny {
  const { location = (path) => `${edge}/v2/${path}`, status = 307 } = options;
  return {
    answer(path, request, sound) {
      if (!path.startsWith('tiny/blobs/') || sound.status === 404) return undefined;
      if (new URL(request.url).host === 'edge.test')
        return withHeaders(sound, options.atEdge ?? {});
      const digest = sound.headers.get('Docker-Content-Digest') ?? '';
      const headers = { Location: location(path), 'Docker-Content-Digest': digest };
      return withHeaders(new Response('', { status, headers }), options.registry ?? {});
    },
  };
}

/** Changes the headers of replies whose path holds `part`, where they are 200. */
function bent(part: string, changes: Record<string, string | null>): Tiny {
  return {
    answer: (path, _, sound) =>
      path.includes(part) && sound.status === 200 ? withHeaders(sound, changes) : undefined,
  };
}

/** 4xx replies with this body. */
function refusing(body: string, type: string): Tiny {
  return {
    answer: (_path, _request, { status }) =>
      status < 400
        ? undefined
        : new Response(body, { status, headers: type === '' ? {} : { 'Content-Type': type } }),
  };
}

/** A registry that wants a token; `token` answers the token server's requests. */
function guarded(token: (request: Request) => Response, challenge = bearer): Tiny {
  return {
    answer(_, request, sound) {
      if (request.url.startsWith('https://auth.test/')) return token(request);
      if (request.headers.get('authorization') === 'Bearer good') return sound;
      return unauthorized(challenge);
    },
  };
}

const unauthorized = (challenge: string) =>
  new Response('', { status: 401, headers: { 'WWW-Authenticate': challenge } });
const json = (value: unknown) => Response.json(value);

describe('a registry that is right', () => {
  test.each<[string, Tiny]>([
    ['by plain means', {}],
    ['with sha512 alone', { algorithm: 'sha512' }],
    ['with sha512 in the digest headers only', { headerAlgorithm: 'sha512' }],
    ['with an index', { missingChildren: 0 }],
    ['with an empty JSON config', { config: '{}' }],
    ['with no layers', { layers: [] }],
    ['with a foreign layer', { layers: [{ mediaType: 'x' }, foreign()] }],
    ['with redirects', redirecting()],
    ['with the digest on the redirect only', redirecting({ atEdge: noDigest() })],
    ['with the digest on the target only', redirecting({ registry: noDigest() })],
    ['with chunked blobs', chunked()],
    ['with XML errors', refusing('<Error/>', 'application/xml')],
    ['with empty errors', refusing('', 'application/json')],
    ['with a token server', guarded(() => json({ token: 'good' }))],
    ['with access_token alone', guarded(() => json({ access_token: 'good', expires_in: 60 }))],
  ])('%s passes', async (_, tiny) => {
    expect(unhappy(await check(tiny))).toEqual({});
  });

  test('with a sparse index is told which images cannot run, no more', async () => {
    expect(unhappy(await check({ missingChildren: 2 }))).toEqual({ 'index-complete': 'warn' });
  });
});

function foreign() {
  return { mediaType: 'x.foreign.y', missing: true };
}

function noDigest() {
  return { 'Docker-Content-Digest': null };
}

function chunked(): Tiny {
  return {
    answer: (path, { method }, sound) =>
      path.includes('blobs') && method === 'GET'
        ? withHeaders(sound, { 'Content-Length': null })
        : undefined,
  };
}

describe('digest headers', () => {
  const wrong = `sha256:${'0'.repeat(64)}`;

  test.each<[string, Tiny, string]>([
    [
      'wrong on the redirect',
      redirecting({ registry: { 'Docker-Content-Digest': wrong } }),
      'fail',
    ],
    ['wrong on the target', redirecting({ atEdge: { 'Docker-Content-Digest': wrong } }), 'fail'],
    [
      'wrong in another algorithm',
      bent('blobs', { 'Docker-Content-Digest': `sha512:${'0'.repeat(128)}` }),
      'fail',
    ],
    ['no digest at all', bent('blobs', { 'Docker-Content-Digest': 'latest' }), 'fail'],
    [
      'of an algorithm that nobody here computes',
      bent('blobs', { 'Docker-Content-Digest': `blake3:${'0'.repeat(64)}` }),
      'pass',
    ],
  ])('%s', async (_, tiny, expected) => {
    expect(await verdict(tiny, 'blob-digest-header')).toBe(expected);
    expect(await verdict(tiny, 'blob-head-digest')).toBe(expected);
  });
});

describe('digest headers of manifests', () => {
  const twice: Tiny = {
    answer(path, _, sound) {
      if (!path.includes('manifests') || sound.status !== 200) return undefined;
      const digest = sound.headers.get('Docker-Content-Digest') ?? '';
      return withHeaders(sound, { 'Docker-Content-Digest': `${digest}, ${digest}` });
    },
  };

  test('twice the same is that, as a proxy adds it again', async () => {
    expect(await verdict(twice, 'manifest-digest-header')).toBe('pass');
    expect(await verdict(twice, 'manifest-accept-digest')).toBe('pass');
  });
});

describe('error bodies', () => {
  test.each([
    ['JSON under another name', '{"error":"no"}', 'text/plain', 'fail'],
    ['JSON by its header, not by itself', '<html>', 'application/json', 'fail'],
    ['a problem document', '{"title":"no"}', 'application/problem+json', 'fail'],
    ['an empty list', '{"errors":[]}', 'application/json', 'fail'],
    ['a number, which is text', '404', 'text/plain', 'pass'],
    ['the right shape', '{"errors":[{"code":"DENIED"}]}', 'application/json', 'pass'],
  ])('%s', async (_, body, type, expected) => {
    expect(await verdict(refusing(body, type), 'error-shape')).toBe(expected);
  });

  test.each([
    ['of the table', 'MANIFEST_UNKNOWN', 'pass'],
    ['of schema 1', 'TAG_INVALID', 'pass'],
    ['of nobody', 'NOT_FOUND', 'fail'],
  ])('with a code %s', async (_, code, expected) => {
    const tiny = refusing(JSON.stringify({ errors: [{ code }] }), 'application/json');
    expect(await verdict(tiny, 'error-code')).toBe(expected);
  });
});

describe('an unknown repository', () => {
  const unknown = (reply: () => Response): Tiny => ({
    answer: (path) => (path.startsWith('pullproof-absent') ? reply() : undefined),
  });

  test.each<[string, Tiny, string]>([
    ['404', {}, 'pass'],
    ['200', unknown(() => new Response('{}')), 'fail'],
    ['500', unknown(() => new Response('', { status: 500 })), 'fail'],
    ['403 without any authentication', unknown(() => new Response('', { status: 403 })), 'fail'],
    ['401 without a challenge', unknown(() => new Response('', { status: 401 })), 'fail'],
    ['401 once a token is there', guarded(() => json({ token: 'good' })), 'pass'],
    ['401 for ever', guarded(scoped), 'unsupported'],
    ['no token', guarded((request) => scoped(request, 403)), 'unsupported'],
  ])('%s', async (_, tiny, expected) => {
    expect(await verdict(tiny, 'repository-unknown')).toBe(expected);
  });

  /** A token for the repository that exists; for others a useless one, or this status. */
  function scoped(request: Request, status = 200): Response {
    if (request.url.includes('scope=repository%3Atiny%3A')) return json({ token: 'good' });
    return status === 200 ? json({ token: 'useless' }) : new Response('', { status });
  }
});

describe('ranges', () => {
  const answering = (range: string, reply: (sound: Response) => Response): Tiny => ({
    answer: (_, request, sound) =>
      request.headers.get('range') === range ? reply(sound) : undefined,
  });
  const text = '{"os":"linux"}';

  test('a range of everything may be answered whole', async () => {
    const tiny = answering('bytes=-113', () => new Response(text));
    expect(await verdict({ ...tiny, config: text }, 'blob-range-suffix')).toBe('pass');
  });

  test.each([
    ['no Content-Range', null],
    ['another part', 'bytes 1-7/14'],
    ['another size', 'bytes 7-13/15'],
    ['more than there is', 'bytes 7-14/*'],
    ['another unit', 'chars 7-13/14'],
  ])('206 with %s breaks a resumed download', async (_, value) => {
    const tiny = answering('bytes=7-', (sound) => withHeaders(sound, { 'Content-Range': value }));
    const results = await check({ ...tiny, config: text });
    expect(results.get('blob-range-open')?.verdict).toBe('warn');
    expect(results.get('blob-range-truth')?.verdict).toBe('fail');
  });

  test('a config that is no text is not compared', async () => {
    const tiny: Tiny = {
      answer: (path, { method }, { headers }) =>
        path.includes('blobs/') && method === 'GET' && headers.get('content-length') === '14'
          ? new Response(Uint8Array.from({ length: 14 }, () => 0xff))
          : undefined,
    };
    expect(await verdict({ ...tiny, config: text }, 'blob-range-open')).toBe('unsupported');
  });
});

describe('redirects', () => {
  const policies = { required: 'pass', allowed: 'pass', forbidden: 'warn' };

  test.each(Object.entries(policies))('under the policy %s', async (redirectPolicy, expected) => {
    expect(await verdict(redirecting(), 'redirect-policy', { redirectPolicy })).toBe(expected);
    const direct = redirectPolicy === 'required' ? 'warn' : 'pass';
    expect(await verdict({}, 'redirect-policy', { redirectPolicy })).toBe(direct);
  });

  test.each<[string, Tiny, string]>([
    ['relative', redirecting({ location: (path) => `//edge.test/v2/${path}` }), 'pass'],
    ['with a password', redirecting({ location: () => 'https://a:b@edge.test/' }), 'warn'],
    ['to nowhere', redirecting({ registry: { Location: null } }), 'warn'],
    ['to no host', redirecting({ location: () => 'https:///path' }), 'warn'],
    ['of a kind that is none', redirecting({ status: 300 }), 'warn'],
    ['that never ends', redirecting({ location: (path) => `/v2/${path}` }), 'warn'],
  ])('%s', async (_, tiny, expected) => {
    expect(await verdict(tiny, 'redirect-location')).toBe(expected);
  });

  const at = Date.UTC(2026, 0, 1) / 1000;
  test.each([
    ['no end', '', {}, 'unsupported'],
    ['a minute', `?Expires=${at + 60}`, {}, 'pass'],
    ['a moment', `?Expires=${at + 5}`, {}, 'warn'],
    ['the past', `?Expires=${at - 5}`, {}, 'warn'],
    ['S3', '?X-Amz-Date=20260101T000000Z&X-Amz-Expires=20', {}, 'warn'],
    ['by the clock of the registry', `?Expires=${at + 60}`, { Date: date(at + 50) }, 'warn'],
    ['kept too long', `?Expires=${at + 60}`, { 'Cache-Control': 'max-age=3600' }, 'warn'],
    ['kept by shared caches', `?Expires=${at + 60}`, { 'Cache-Control': 's-maxage=61' }, 'warn'],
    ['kept by no one', `?Expires=${at + 60}`, { 'Cache-Control': 'no-store, max-age=99' }, 'pass'],
  ])('that end: %s', async (_, query, registry, expected) => {
    const tiny = redirecting({ location: (path) => `${edge}/v2/${path}${query}`, registry });
    expect(await verdict(tiny, 'redirect-lifetime', { now: () => at * 1000 })).toBe(expected);
  });

  function date(seconds: number): string {
    return new Date(seconds * 1000).toUTCString();
  }
});

describe('authentication', () => {
  test.each([
    ['good', { token: 'good' }, 'pass'],
    ['equal twice', { token: 'good', access_token: 'good' }, 'pass'],
    ['two kinds', { token: 'good', access_token: 'other' }, 'warn'],
    ['a lifetime in text', { token: 'good', expires_in: '300' }, 'warn'],
    ['half a second', { token: 'good', expires_in: 60.5 }, 'warn'],
    ['a number', { token: 7 }, 'warn'],
    ['a line break', { token: 'good\nX-Evil: 1' }, 'warn'],
    ['a list', [], 'warn'],
    ['a time', { token: 'good', issued_at: '2026-01-02T03:04:05.678Z' }, 'pass'],
    ['a time that is none', { token: 'good', issued_at: 'now' }, 'warn'],
    ['a time as number', { token: 'good', issued_at: 1_767_323_045 }, 'warn'],
  ])('token reply: %s', async (_, body, expected) => {
    expect(
      await verdict(
        guarded(() => json(body)),
        'token-reply',
      ),
    ).toBe(expected);
  });

  test.each([
    ['Basic', 'Basic realm="tiny"', 'pass'],
    ['Bearer behind another scheme', `Negotiate, ${bearer}`, 'pass'],
    ['an unknown scheme', 'Digest realm="tiny"', 'warn'],
    ['no realm', 'Bearer service="tiny"', 'warn'],
    ['a cloud’s own address', 'Bearer realm="http://169.254.169.254/token"', 'warn'],
    ['no URL', 'Bearer realm="auth"', 'warn'],
    ['a path', 'Bearer realm="/auth"', 'warn'],
    ['a file', 'Bearer realm="file:///token"', 'warn'],
  ])('challenge: %s', async (_, challenge, expected) => {
    const tiny = guarded(() => json({ token: 'good' }), challenge);
    expect(await verdict(tiny, 'token-challenge')).toBe(expected);
  });

  test('an https registry may not send its clients to http', async () => {
    const challenge = 'Bearer realm="http://auth.test/token"';
    const tiny = guarded(() => json({ token: 'good' }), challenge);
    const run = { registryUrl: 'https://tiny.test' };
    expect(await verdict(tiny, 'token-challenge', run)).toBe('warn');
  });

  test.each([
    ['the repository', 'repository:tiny:pull', 'pass'],
    ['more than asked', 'repository:tiny:pull,push', 'pass'],
    ['all actions', 'repository:tiny:*', 'pass'],
    ['a class', 'repository(plugin):tiny:pull', 'pass'],
    ['one of several', 'registry:catalog:* repository:tiny:pull', 'pass'],
    ['another repository', 'repository:other:pull', 'warn'],
    ['pushing only', 'repository:tiny:push', 'warn'],
  ])('scope: %s', async (_, scope, expected) => {
    const challenge = `Bearer realm="https://auth.test/token",scope="${scope}"`;
    const tiny = guarded(() => json({ token: 'good' }), challenge);
    expect(await verdict(tiny, 'token-scope')).toBe(expected);
  });

  test('a registry that wants a password, when none was given, is not judged by its ping', async () => {
    const tiny = guarded(() => json({}), 'Basic realm="tiny"');
    expect(await verdict(tiny, 'ping')).toBe('unsupported');
  });
});

test('a firewall that refuses the ping, and asks for nothing, is no registry that wants a password', async () => {
  const page = { status: 403, headers: { 'Content-Type': 'text/html' } };
  const tiny: Tiny = {
    answer: (path) => (path === '' ? new Response('<html>', page) : undefined),
  };
  expect(await verdict(tiny, 'ping')).toBe('fail');
});

describe('words name the party at fault', () => {
  const one = async (tiny: Tiny, id: string) => (await check(tiny, [id])).get(id);

  test('an empty GET is no wrong digest header', async () => {
    const tiny: Tiny = {
      answer: (path, { method }, sound) =>
        path.startsWith('tiny/manifests/') && method === 'GET' && sound.status === 200
          ? new Response(new Uint8Array(0), {
              headers: [...sound.headers].filter(([name]) => name !== 'content-length'),
            })
          : undefined,
    };
    const result = await one(tiny, 'manifest-by-tag');
    expect(result?.actual).toContain('empty');
    const { actual, verdict: said } = (await one(tiny, 'manifest-head-digest')) ?? {};
    expect(said).toBe('void');
    expect(actual).not.toContain('sha256:e3b0c442');
  });

  test('HEAD of a blob that fails is told as that, not as HEAD of a manifest', async () => {
    const tiny: Tiny = {
      answer: (path, { method }) =>
        path.includes('/blobs/') && method === 'HEAD'
          ? new Response(null, { status: 404 })
          : undefined,
    };
    const result = await one(tiny, 'head-encoding');
    expect(result?.verdict).toBe('void');
    expect(result?.actual).toContain('blob-head');
    expect(result?.actual).not.toContain('manifest-head');
  });

  test('what the target of a redirect answers is told as its answer', async () => {
    const tiny = redirecting();
    const denied: Tiny = {
      answer: (path, request, sound) =>
        new URL(request.url).host === 'edge.test'
          ? new Response('', { status: 403 })
          : tiny.answer?.(path, request, sound),
    };
    expect((await one(denied, 'blob-config'))?.actual).toContain('edge.test');
  });

  test('a list that is cut without a Link is no missing tag', async () => {
    const list = (...tags: readonly string[]) => json({ name: 'tiny', tags });
    const tiny: Tiny = {
      answer: (path, { url }) => {
        if (path !== 'tiny/tags/list') return undefined;
        return url.includes('last=b') ? list('latest') : list('a', 'b');
      },
    };
    const result = await one(tiny, 'tags-read');
    expect(result?.verdict).toBe('fail');
    expect(result?.expected).toContain('Link');
    expect(result?.actual).toContain('no Link');
  });

  test('several ranges of a blob that is there: 404 is a failure, 416 is not offered', async () => {
    const several = (status: number): Tiny => ({
      answer: (_, request) =>
        request.headers.get('range')?.includes(',') ? new Response('', { status }) : undefined,
    });
    expect((await one(several(404), 'blob-range-several'))?.verdict).toBe('fail');
    expect((await one(several(500), 'blob-range-several'))?.verdict).toBe('fail');
    expect((await one(several(416), 'blob-range-several'))?.verdict).toBe('unsupported');
  });
});
