import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../../test/lib/converse.ts';
import { profiles } from '../../profiles/index.ts';
import { PullFailure } from '../failure.ts';
import { mediaTypes } from '../grammar/media-type.ts';
import type { HttpRequest } from '../talk.ts';
import { type PullOptions, pull } from './pull.ts';

const sha = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const describeBlob = (text: string, mediaType: string) => ({
  mediaType,
  digest: sha(text),
  size: text.length,
});

const config = '{"os":"linux","architecture":"amd64"}';
const layers = ['layer one', 'layer two'];
const manifest = JSON.stringify({
  schemaVersion: 2,
  config: describeBlob(config, mediaTypes.ociConfig),
  layers: layers.map((layer) => describeBlob(layer, mediaTypes.ociLayerGzip)),
});
const index = JSON.stringify({
  schemaVersion: 2,
  manifests: [
    {
      ...describeBlob('other', mediaTypes.ociManifest),
      platform: { os: 'linux', architecture: 's390x' },
    },
    {
      ...describeBlob(manifest, mediaTypes.ociManifest),
      platform: { os: 'linux', architecture: 'amd64' },
    },
  ],
});
const blobs = new Map([config, ...layers].map((text) => [sha(text), text]));

/** A registry on registry.test whose blobs lie on cdn.test; changed by `change`. */
function registry(change: (request: HttpRequest) => Answer | undefined = () => undefined) {
  return (request: HttpRequest): Answer => {
    const changed = change(request);
    if (changed !== undefined) return changed;
    const { url } = request;
    if (url.startsWith('https://auth.test/token?'))
      return { body: '{"token":"t0","expires_in":300}' };
    if (url.startsWith('https://cdn.test/')) {
      return { body: blobs.get(url.split('/').pop()?.split('?')[0] ?? '') ?? '' };
    }
    if (header(request, 'Authorization') !== 'Bearer t0') {
      const challenge = 'Bearer realm="https://auth.test/token",service="s"';
      return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    }
    if (url.endsWith('/v2/')) return { body: '{}' };
    const name = url.split('/').pop() ?? '';
    if (url.includes('/blobs/')) {
      return {
        status: 307,
        headers: { Location: `https://cdn.test/b/${name}?Signature=x` },
      };
    }
    const isChild = name === sha(manifest);
    const known = isChild || name === 'v1' || name === sha(index);
    if (!known) return { status: 404, body: '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}' };
    const body = isChild ? manifest : index;
    const headers = {
      'Content-Type': isChild ? mediaTypes.ociManifest : mediaTypes.ociIndex,
      'Docker-Content-Digest': sha(body),
    };
    return { headers, body: request.ask.method === 'HEAD' ? '' : body };
  };
}

function options(client: string, more: Partial<PullOptions> = {}): PullOptions {
  const profile = profiles[client];
  if (profile === undefined) throw new Error(client);
  return {
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference: 'v1',
    platform: { os: 'linux', architecture: 'amd64' },
    client: profile,
    verification: 'all',
    ...more,
  };
}

function failureOf(run: () => unknown): PullFailure {
  try {
    run();
  } catch (error) {
    if (error instanceof PullFailure) return error;
    throw error;
  }
  throw new Error('nothing failed');
}

describe.each(['podman', 'containerd'])('a pull as %s', (client) => {
  test('verifies config and layers of the right platform', () => {
    const result = converse(pull(options(client)), registry());
    const bytes = config.length + layers.join('').length;
    expect(result).toEqual({
      digest: sha(manifest),
      resolvedTo: 'index',
      blobs: 3,
      bytes,
      verifiedBytes: bytes,
    });
  });

  test('never shows its token to another host', () => {
    const asked: HttpRequest[] = [];
    converse(pull(options(client)), registry(), asked);
    const edge = asked.filter((request) => request.hop === 'edge');
    expect(edge).toHaveLength(3);
    for (const request of edge) expect(header(request, 'Authorization')).toBeUndefined();
  });

  test('sends credentials to the token server alone', () => {
    const asked: HttpRequest[] = [];
    const credentials = { username: 'ann', password: 'pass word' };
    converse(pull(options(client, { credentials })), tokenForm(registry()), asked);
    const secret = /cGFz|pass\+word|YW5u/;
    const leaked = asked.filter(
      (request) => request.hop !== 'token' && secret.test(JSON.stringify(request)),
    );
    expect(leaked).toEqual([]);
    expect(asked.some((request) => secret.test(JSON.stringify(request)))).toBe(true);
  });

  test.each<[string, string, (request: HttpRequest) => Answer | undefined]>([
    ['wrong bytes', 'wrong-digest', atEdge({ body: 'layer 0ne' }, sha('layer one'))],
    ['a short layer', 'short-body', atEdge({ body: 'lay' }, sha('layer one'))],
    ['an edge that wants credentials', 'redirect-credentials', atEdge({ status: 401 })],
    ['an edge that refuses the signature', 'redirect-denied', atEdge({ status: 403 })],
    ['an unreachable edge', 'dial-timeout', atEdge({ failure: 'dial-timeout' })],
    ['a missing blob', 'blob-unknown', atEdge({ status: 404 })],
    ['a rate limit', 'rate-limited', atPath('/manifests/', { status: 429 })],
    ['a broken server', 'server-error', atPath('/manifests/', { status: 502 })],
    ['a refusal', 'denied', atPath('/manifests/', { status: 403 })],
    ['a missing tag', 'manifest-unknown', atPath('/manifests/', { status: 404 })],
    ['a page instead of a manifest', 'bad-manifest', atPath('/manifests/v1', { body: '<html>' })],
    ['no token in the reply', 'bad-token', atPath('/token', { body: '{}' })],
    ['a refused token', 'unauthorized', atPath('/token', { status: 401 })],
    ['a redirect to a file', 'redirect-invalid', redirectTo('file:///etc/passwd')],
    [
      'a redirect in a circle',
      'redirect-loop',
      redirectTo('https://registry.test/v2/team/app/blobs/x'),
    ],
  ])('%s fails as %s', (_what, kind, change) => {
    // containerd asks by HEAD first; that one shall work, so that the change meets the GET.
    const spared = (request: HttpRequest) =>
      request.ask.method === 'HEAD' && kind === 'bad-manifest' ? undefined : change(request);
    const withDigest = client === 'containerd' && kind === 'bad-manifest' ? 'wrong-digest' : kind;
    const failure = failureOf(() => converse(pull(options(client)), registry(digestAware(spared))));
    expect(failure.class).toBe(withDigest);
    expect(failure.message).not.toContain('Signature');
  });

  test('an image without the platform fails as platform-missing', () => {
    const platform = { os: 'linux', architecture: 'riscv64' };
    const failure = failureOf(() => converse(pull(options(client, { platform })), registry()));
    expect(failure.class).toBe('platform-missing');
    expect(failure.message).toContain('linux/riscv64');
  });
});

/** For containerd's GET by the index digest, the change for the tag applies too. */
function digestAware(change: (request: HttpRequest) => Answer | undefined) {
  return (request: HttpRequest) =>
    change(
      request.url.endsWith(sha(index))
        ? { ...request, url: request.url.replace(sha(index), 'v1') }
        : request,
    );
}

function atEdge(answer: Answer, digest = '') {
  return (request: HttpRequest) =>
    request.hop === 'edge' && request.url.includes(digest) ? answer : undefined;
}

function atPath(part: string, answer: Answer) {
  return (request: HttpRequest) => {
    const authorized = part === '/token' || header(request, 'Authorization') !== undefined;
    return authorized && request.url.includes(part) ? answer : undefined;
  };
}

function redirectTo(location: string) {
  return (request: HttpRequest) =>
    request.url.includes('/blobs/') ? { status: 302, headers: { Location: location } } : undefined;
}

/** The POST form of the token endpoint, for clients that use it. */
function tokenForm(inner: (request: HttpRequest) => Answer) {
  return (request: HttpRequest): Answer =>
    request.url === 'https://auth.test/token' && request.ask.method === 'POST'
      ? { body: '{"access_token":"t0"}' }
      : inner(request);
}

test('a relative redirect stays with the registry and keeps the token; once dropped it stays dropped', () => {
  const asked: HttpRequest[] = [];
  const answer = registry((request) => {
    if (request.url.includes('/blobs/')) return { status: 302, headers: { Location: '/second' } };
    if (request.url === 'https://registry.test/second') {
      return { status: 302, headers: { Location: 'https://other.test:8443/third' } };
    }
    if (request.url.startsWith('https://other.test:8443/')) {
      return { status: 302, headers: { Location: 'https://registry.test/back' } };
    }
    return request.url === 'https://registry.test/back' ? { body: config } : undefined;
  });
  failureOf(() => converse(pull(options('podman')), answer, asked));
  const requests = asked.filter((request) => request.ask.phase === 'config');
  expect(requests.map((request) => header(request, 'Authorization'))).toEqual([
    'Bearer t0',
    'Bearer t0',
    undefined,
    undefined,
  ]);
});

test('a 401 where a redirect within the registry leads is answered with a token, on the default port too', () => {
  const answer = registry(({ url }) =>
    url.endsWith('/manifests/v1') ? { status: 307, headers: { Location: '/moved/v1' } } : undefined,
  );
  for (const client of ['containerd', 'oras', 'regclient']) {
    expect(converse(pull(options(client)), answer).digest, client).toMatch(/^sha256:/);
  }
});

test('podman pings first, containerd asks by HEAD and answers its 401', () => {
  const lines = (client: string) => {
    const asked: HttpRequest[] = [];
    converse(pull(options(client)), registry(), asked);
    return asked.slice(0, 4).map(({ ask, url }) => `${ask.method} ${url.replace(/\?.*/, '')}`);
  };
  expect(lines('podman')).toEqual([
    'GET https://registry.test/v2/',
    'GET https://auth.test/token',
    'GET https://registry.test/v2/team/app/manifests/v1',
    `GET https://registry.test/v2/team/app/manifests/${sha(manifest)}`,
  ]);
  expect(lines('containerd')).toEqual([
    'HEAD https://registry.test/v2/team/app/manifests/v1',
    'GET https://auth.test/token',
    'HEAD https://registry.test/v2/team/app/manifests/v1',
    `GET https://registry.test/v2/team/app/manifests/${sha(index)}`,
  ]);
});

describe('oras', () => {
  const artifact = manifest.replace(mediaTypes.ociConfig, 'application/vnd.test.config.v1+json');
  const single = (body: string) => (request: HttpRequest) =>
    request.url.includes('/manifests/') && header(request, 'Authorization') !== undefined
      ? { headers: { 'Content-Type': mediaTypes.ociManifest }, body }
      : undefined;

  test.each([
    ['an image in no index', single(manifest), ['config', 'config', 'layer', 'layer']],
    ['an artifact', single(artifact), ['config', 'layer', 'layer']],
    ['an image in an index', () => undefined, ['config', 'layer', 'layer']],
  ])('reads the config of %s as often as it needs', (_what, change, phases) => {
    const asked: HttpRequest[] = [];
    const { blobs: count } = converse(pull(options('oras')), registry(change), asked);
    const atEdges = asked.filter(({ hop }) => hop === 'edge').map(({ ask }) => ask.phase);
    expect(atEdges.sort()).toEqual(phases);
    expect(count).toBe(3);
  });
});
