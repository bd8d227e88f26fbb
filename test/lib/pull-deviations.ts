// For the tests of faults that show when something is pulled: where to look, and what is seen there with
// each of them and never without.
import { expect } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { digestOf } from '../../mocks/store.ts';
import { parseDateTime } from '../../src/lib/rfc3339.ts';
import { parseChallenges } from '../../src/protocol/grammar/challenge.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { type Ask, Clock, type TestClient } from './test-client.ts';

const { images, store } = createRegistry();
const [app] = images;
const [amd64] = app?.platforms ?? [];
const config = amd64?.config.digest ?? '';
const [first, , large] = amd64?.layers ?? [];
export const small = first;
export const largeDigest = large?.digest ?? '';
export const largeSize = large?.size ?? 0;
export const top = '/v2/demo/app/manifests/latest';
const byDigest = `/v2/demo/app/manifests/${app?.digest}`;
const absent = digestOf(Buffer.from('nobody has this'));
const otherDigest = digestOf(Buffer.from('something else'));
export const configPath = `/v2/demo/app/blobs/${config}`;
const topSize = store.manifest('demo/app', 'latest')?.bytes.length ?? 0;
export const head: Ask = { method: 'HEAD' };

/** What is looked at; runs against the faulty mock and the sound one. */
type Look = (client: TestClient) => Promise<unknown>;

const status =
  (path: string, ask: Ask = {}): Look =>
  async (client) =>
    (await client.ask(path, ask)).status;

export const header =
  (name: string, path: string, ask: Ask = {}): Look =>
  async (client) =>
    (await client.ask(path, ask)).headers.get(name);

const blobStatus =
  (digest: string, ask: Ask = {}): Look =>
  async (client) =>
    (await client.blob(digest, ask)).status;

const blobHeader =
  (name: string, digest: string, ask: Ask = {}): Look =>
  async (client) =>
    (await client.blob(digest, ask)).headers.get(name);

/** Bytes in proportion to what there should be, and whether they are the right ones. */
export const content =
  (digest: string, size: number): Look =>
  async (client) => {
    const bytes = Buffer.from(await (await client.blob(digest)).arrayBuffer());
    return [bytes.length / size, digestOf(bytes) === digest];
  };

export const range =
  (value: string): Look =>
  async (client) => {
    const reply = await client.blob(largeDigest, { headers: { range: value } });
    return [reply.status, (await reply.arrayBuffer()).byteLength];
  };

/** A blob of its own, made of nine bytes, or the part of it that is asked for: its status and length. */
const stored =
  (put: (bytes: Uint8Array, client: TestClient) => string, part?: string): Look =>
  async (client) => {
    const digest = put(Buffer.from('nine byte'), client);
    const ask = part === undefined ? {} : { headers: { range: part } };
    const reply = await client.blob(digest, ask);
    const isFound = reply.status < 300;
    return [reply.status, isFound ? (await reply.arrayBuffer()).byteLength : 0];
  };

const suffix: Look = async (client) => {
  const all = Buffer.from(await (await client.blob(largeDigest)).arrayBuffer());
  const reply = await client.blob(largeDigest, { headers: { range: 'bytes=-9' } });
  return Buffer.from(await reply.arrayBuffer()).equals(all.subarray(0, 9));
};

const tokenField =
  (name: string): Look =>
  async (client) => {
    const reply = await client.token('service=registry.test&scope=repository:demo/app:pull');
    return ((await reply.json()) as Record<string, unknown>)[name];
  };

const tokenStatuses: Look = async (client) => {
  const statuses: number[] = [];
  for (let time = 0; time < 3; time++) {
    statuses.push((await client.token('service=registry.test')).status);
  }
  return statuses;
};

const challengeParam =
  (name: string): Look =>
  async (client) => {
    const value = await header('www-authenticate', top, { anonymous: true })(client);
    return parseChallenges(String(value))[0]?.params[name];
  };

/** How a body ends: with how much of it, or with an error. */
const ending: Look = async (client) => {
  const reply = await client.blob(largeDigest);
  expect(reply.headers.get('content-length')).toBe(String(largeSize));
  let bytes = 0;
  try {
    for await (const chunk of reply.body ?? []) bytes += chunk.length;
    return [bytes, 'ended'];
  } catch {
    return [bytes, 'broke'];
  }
};

/** The sizes of the first pieces of a body. */
const pieces: Look = async (client) => {
  const sizes: number[] = [];
  for await (const chunk of (await client.blob(largeDigest)).body ?? []) {
    sizes.push(chunk.length);
    if (sizes.length === 3) break;
  }
  return sizes;
};

const announced: Look = async (client) =>
  Number((await client.blob(largeDigest)).headers.get('content-length'));

/** How many bytes come before a body breaks, and of what. */
const broken: Look = async (client) => {
  let bytes = 0;
  try {
    for await (const chunk of (await client.blob(largeDigest)).body ?? []) bytes += chunk.length;
    return [bytes];
  } catch (error) {
    return [bytes, (error as NodeJS.ErrnoException).code];
  }
};

const secondsToLive: Look = async (client) => {
  const location = await header('location', configPath)(client);
  const expires = new URL(String(location)).searchParams.get('Expires');
  return Number(expires) - new Clock().ms / 1000;
};

const locationPart =
  (part: 'host' | 'protocol'): Look =>
  async (client) =>
    new URL(String(await header('location', configPath)(client)))[part];

const half = largeSize >> 1;
const badToken: Ask = { anonymous: true, headers: { authorization: 'Bearer nonsense' } };
const jsonOf =
  (path: string): Look =>
  async (client) =>
    JSON.parse(await (await client.ask(path)).text());

const takesGzip: Ask = { headers: { 'accept-encoding': 'gzip' } };
const takesNothing: Ask = { headers: { 'accept-encoding': 'identity' } };

/** How a manifest is marked, whether it is packed, and whether the header has its own digest. */
const packing =
  (ask: Ask): Look =>
  async (client) => {
    const reply = await client.ask(top, ask);
    const bytes = Buffer.from(await reply.arrayBuffer());
    const claim = reply.headers.get('docker-content-digest');
    return [reply.headers.get('content-encoding'), bytes[0] === 0x1f, claim === app?.digest];
  };

const tokenAgeDays: Look = async (client) => {
  const issued = parseDateTime(String(await tokenField('issued_at')(client))) ?? Number.NaN;
  return (new Clock().ms - issued) / (24 * 60 * 60 * 1000);
};

const capitals = (path: string) => path.replace(/[0-9a-f]+$/, (hex) => hex.toUpperCase());

/** Fault, where to look, what is seen there with the fault, and never without. */
export const deviations: readonly (readonly [id: string, look: Look, seen: unknown])[] = [
  ['manifest-head-no-length', header('content-length', top, head), null],
  ['manifest-head-zero-length', header('content-length', top, head), '0'],
  ['manifest-head-off-length', header('content-length', top, head), `${topSize + 7}`],
  ['manifest-head-no-type', header('content-type', top, head), null],
  ['manifest-head-refused', status(top, head), 405],
  ['blob-head-no-length', blobHeader('content-length', config, head), null],
  ['blob-head-zero-length', blobHeader('content-length', config, head), '0'],
  ['blob-head-empty-length', blobHeader('content-length', config, head), ''],
  ['blob-head-off-length', blobHeader('content-length', largeDigest, head), `${largeSize + 7}`],
  ['manifest-get-no-digest', header('docker-content-digest', top), null],
  ['manifest-head-no-digest', header('docker-content-digest', top, head), null],
  ['manifest-get-other-digest', header('docker-content-digest', top), otherDigest],
  ['manifest-head-other-digest', header('docker-content-digest', top, head), otherDigest],
  ['blob-no-digest', header('docker-content-digest', configPath), null],
  ['blob-get-no-digest', header('docker-content-digest', configPath), null],
  ['blob-head-no-digest', header('docker-content-digest', configPath, head), null],
  ['blob-other-digest', header('docker-content-digest', configPath), otherDigest],
  ['manifest-plain-json', header('content-type', top), 'application/json'],
  ['manifest-get-no-type', header('content-type', top), null],
  ['manifest-type-swapped', header('content-type', top), mediaTypes.ociManifest],
  ['manifest-type-charset', header('content-type', top), `${app?.mediaType}; charset=utf-8`],
  [
    'manifest-reindented',
    async (client) =>
      digestOf(Buffer.from(await (await client.ask(byDigest)).arrayBuffer())) === app?.digest,
    false,
  ],
  ['blob-flipped-byte', content(largeDigest, largeSize), [1, false]],
  ['blob-reply-flipped', content(largeDigest, largeSize), [1, false]],
  ['layer-doubled', content(largeDigest, largeSize), [2, false]],
  ['layer-lost', blobStatus(largeDigest), 404],
  ['config-replaced', content(config, amd64?.config.size ?? 0), [1, false]],
  ['digest-unreachable', status(byDigest), 404],
  ['tag-unreachable', status(top), 404],
  ['tag-page', async (client) => (await (await client.ask(top)).text()).slice(0, 9), '<!doctype'],
  [
    'index-child-lost',
    status(`/v2/demo/app/manifests/${app?.platforms.at(-1)?.manifest.digest}`),
    404,
  ],
  [
    'manifest-as-blob',
    header('content-type', `/v2/demo/app/blobs/${app?.digest}`),
    'application/octet-stream',
  ],
  ['accept-crash', status(top, { headers: { accept: 'text/html' } }), 500],
  ['unknown-tag-empty', status('/v2/demo/app/manifests/none'), 200],
  ['unknown-digest-crash', status(`/v2/demo/app/manifests/${absent}`), 500],
  ['unknown-repository-crash', status('/v2/demo/none/manifests/latest'), 500],
  ['unknown-blob-crash', status(`/v2/demo/app/blobs/${absent}`), 500],
  ['storage-failure-unknown', blobStatus(config), 404],
  ['unknown-manifest-head-ok', status(`/v2/demo/app/manifests/${absent}`, head), 200],
  ['unknown-blob-head-ok', status(`/v2/demo/app/blobs/${absent}`, head), 200],
  [
    'error-shape-foreign',
    jsonOf('/v2/demo/app/manifests/none'),
    { status: 'error', message: 'not found' },
  ],
  [
    'error-code-invented',
    jsonOf('/v2/demo/app/manifests/none'),
    { errors: [{ code: 'NO_LUCK_TODAY', message: 'try another day' }] },
  ],
  ['error-plain-text', header('content-type', '/v2/demo/app/manifests/none'), 'text/plain'],
  ['ping-missing', status('/v2/', { anonymous: true }), 404],
  ['ping-head-refused', status('/v2/', { ...head, anonymous: true }), 405],
  ['range-ignored', range('bytes=2-5'), [200, largeSize]],
  [
    'range-sha512-ignored',
    stored(
      (bytes, client) => client.registry.store.putBlob('demo/app', bytes, 'sha512'),
      'bytes=2-',
    ),
    [200, 9],
  ],
  ['range-open-refused', range('bytes=2-'), [416, 0]],
  ['range-closed-short', range('bytes=2-5'), [206, 3]],
  ['range-suffix-from-start', suffix, true],
  ['range-past-end-whole', range(`bytes=${largeSize}-`), [200, largeSize]],
  ['range-past-end-partial', range(`bytes=${largeSize}-`), [206, 0]],
  [
    'range-past-end-inverted',
    blobHeader('content-range', largeDigest, { headers: { range: `bytes=${largeSize}-` } }),
    `bytes ${largeSize}-${largeSize - 1}/${largeSize}`,
  ],
  ['range-past-end-refused', range(`bytes=2-${largeSize}`), [416, 0]],
  ['range-first-byte-whole', range('bytes=0-0'), [200, largeSize]],
  ['range-suffix-long-refused', range(`bytes=-${largeSize + 1}`), [416, 0]],
  ['range-ignored-cold', range('bytes=2-5'), [200, largeSize]],
  [
    'range-refusal-cut',
    blobHeader('content-length', largeDigest, { headers: { range: `bytes=${largeSize}-` } }),
    `${largeSize}`,
  ],
  ['range-unannounced', blobHeader('accept-ranges', config), null],
  ['challenge-missing', status(top, { anonymous: true }), 404],
  ['challenge-garbled', header('www-authenticate', top, { anonymous: true }), 'please log in'],
  ['scope-wildcard', challengeParam('scope'), '*'],
  ['token-absent', tokenField('token'), undefined],
  ['token-brief', tokenField('expires_in'), 1],
  ['token-lifetime-nanoseconds', tokenField('expires_in'), 300e9],
  ['token-lifetime-unsaid', tokenField('expires_in'), undefined],
  ['token-once', tokenStatuses, [200, 401, 401]],
  ['bad-token-denied', status(top, badToken), 403],
  ['bad-token-unknown', status(top, badToken), 404],
  ['token-unavailable', tokenStatuses, [503, 503, 503]],
  ['realm-link-local', challengeParam('realm'), 'https://169.254.169.254/token'],
  ['realm-downgrade', challengeParam('realm'), 'http://auth.test/token'],
  ['storage-failure-unauthorized', blobStatus(config), 401],
  ['redirect-off', status(configPath), 200],
  ['redirect-307', status(configPath), 307],
  [
    'redirect-relative',
    async (client) => String(await header('location', configPath)(client)).startsWith('/'),
    true,
  ],
  ['redirect-loop', header('location', configPath), `https://registry.test${configPath}`],
  ['redirect-ping-pong', blobStatus(config), 302],
  [
    'redirect-second-hop',
    async (client) => {
      const location = String(await header('location', configPath)(client));
      const second = (await client.fetch(location)).headers.get('location') ?? location;
      return [second !== location, new URL(second).host, (await client.fetch(second)).status];
    },
    [true, 'cdn.test', 200],
  ],
  ['redirect-nowhere', header('location', configPath), null],
  ['redirect-unlisted-host', locationPart('host'), 'edge-2.invalid'],
  ['redirect-link-local', locationPart('host'), '169.254.169.254'],
  ['redirect-cacheable', header('cache-control', configPath), 'public, max-age=86400'],
  ['redirect-to-file', header('location', configPath), 'file:///etc/hostname'],
  ['redirect-downgrade', locationPart('protocol'), 'http:'],
  ['signed-url-expired', secondsToLive, -60],
  ['signed-url-brief', secondsToLive, 2],
  ['edge-bad-signature', blobStatus(config), 403],
  ['edge-demands-auth', blobStatus(config), 401],
  ['edge-no-head', blobStatus(config, head), 403],
  ['edge-no-range', range('bytes=2-5'), [200, largeSize]],
  ['edge-large-refused', blobStatus(largeDigest), 503],
  ['blob-body-empty', ending, [0, 'ended']],
  ['blob-body-cut', ending, [half, 'ended']],
  ['blob-body-reset', ending, [half, 'broke']],
  ['blob-body-stalled', ending, [half, 'broke']],
  ['blob-body-dripped', pieces, [half, 1, 1]],
  [
    'blob-first-byte-late',
    async (client) => {
      const silence = new Promise((resolve) => setImmediate(resolve, 'silence'));
      return Promise.race([client.blob(config).then(({ status }) => status), silence]);
    },
    'silence',
  ],
  ['blob-length-larger', announced, largeSize + 7],
  ['blob-length-smaller', announced, largeSize - 7],
  ['blob-chunk-garbled', broken, [half, 'HPE_INVALID_CHUNK_SIZE']],
  ['redirect-permanent', status(configPath), 308],
  [
    'range-inverted-partial',
    async (client) => {
      const reply = await client.blob(largeDigest, { headers: { range: 'bytes=9-5' } });
      return [reply.status, reply.headers.get('content-range')];
    },
    [206, `bytes 9-5/${largeSize}`],
  ],
  ['range-several-glued', range('bytes=2-5,8-9'), [206, 6]],
  ['range-large-ignored', range('bytes=2-5'), [200, largeSize]],
  [
    'if-range-ignored',
    blobStatus(largeDigest, { headers: { range: 'bytes=2-5', 'if-range': '"other"' } }),
    206,
  ],
  ['etag-unquoted', header('etag', byDigest), app?.digest],
  ['manifest-never-new', status(top, { headers: { 'if-none-match': '"other"' } }), 304],
  ['blob-never-new', blobStatus(config, { headers: { 'if-none-match': '"other"' } }), 304],
  [
    'manifest-known-refused',
    status(byDigest, { headers: { 'if-none-match': `"${app?.digest}"` } }),
    412,
  ],
  ['etag-of-name', header('etag', top), `"${digestOf(Buffer.from('demo/app:latest'))}"`],
  ['manifest-packed-unmarked', packing(takesGzip), [null, true, true]],
  ['manifest-packed-digest', packing(takesGzip), ['gzip', true, false]],
  ['manifest-packed-unasked', packing(takesNothing), ['gzip', true, true]],
  ['blob-marked-packed', blobHeader('content-encoding', config), 'gzip'],
  [
    'challenge-unquoted',
    async (client) => {
      const value = await header('www-authenticate', top, { anonymous: true })(client);
      return /realm=http/.test(String(value));
    },
    true,
  ],
  ['challenge-not-on-head', header('www-authenticate', top, { ...head, anonymous: true }), null],
  ['blob-open', status(configPath, { anonymous: true }), 200],
  ['manifest-digest-open', status(byDigest, { anonymous: true }), 200],
  [
    'manifest-digest-any-token',
    status(byDigest, { anonymous: true, headers: { authorization: 'Bearer pullproof-1' } }),
    200,
  ],
  [
    'manifest-kept-open',
    async (client) => {
      await client.ask(top);
      return (await client.ask(top, { anonymous: true })).status;
    },
    200,
  ],
  ['ping-denied', status('/v2/', { anonymous: true }), 403],
  ['accept-missing-unknown', status(top, { headers: { accept: '*/*' } }), 404],
  ['lists-open', status('/v2/demo/app/tags/list', { anonymous: true }), 200],
  ['blob-bad-token-unknown', status(configPath, badToken), 404],
  ['token-issued-tomorrow', tokenAgeDays, -1],
  ['token-issued-yesterday', tokenAgeDays, 1],
  [
    'token-cacheable',
    async (client) => (await client.token('service=registry.test')).headers.get('cache-control'),
    'public, max-age=300',
  ],
  ['digest-capitals-found', status(capitals(byDigest)), 200],
  ['tag-case-ignored', status('/v2/demo/app/manifests/LATEST'), 200],
  ['malformed-digest-crash', status('/v2/demo/app/manifests/sha256:short'), 500],
  ['malformed-name-listed', status('/v2/demo/App/tags/list'), 200],
  ['malformed-name-found-head', status('/v2/demo/App/manifests/latest', head), 200],
  ['other-algorithm-found-head', status(`/v2/demo/app/blobs/sha512:${'a'.repeat(128)}`, head), 200],
  [
    'blob-empty-unknown',
    stored((bytes, client) => client.registry.store.putBlob('demo/app', bytes.subarray(9))),
    [404, 0],
  ],
  ['malformed-name-crash', status('/v2/demo/App/manifests/latest'), 500],
  ['blob-as-manifest', status(`/v2/demo/app/manifests/${config}`), 200],
  ['manifest-anywhere', status(`/v2/demo/none/manifests/${app?.digest}`), 200],
  ['accept-weights-refused', status(top, { headers: { accept: '*/*;q=0.1' } }), 406],
  [
    'accept-digest-of-index',
    header('docker-content-digest', top, { headers: { accept: mediaTypes.ociManifest } }),
    app?.digest,
  ],
  ['head-cold-unknown', status(configPath, head), 404],
  [
    'get-after-head-empty',
    async (client) => {
      await client.ask(top, head);
      return (await (await client.ask(top)).arrayBuffer()).byteLength;
    },
    0,
  ],
  [
    'asked-again-unavailable',
    async (client) => {
      const statuses: number[] = [];
      for (let time = 0; time < 4; time++) statuses.push((await client.ask(top)).status);
      return statuses;
    },
    [200, 200, 200, 503],
  ],
  [
    'asked-at-once-crash',
    async (client) => {
      // With a token at hand.
      await client.ask(top);
      const replies = await Promise.all([top, top, top].map((path) => client.ask(path)));
      return replies.map((reply) => reply.status).toSorted();
    },
    [200, 500, 500],
  ],
  ['connection-close-refused', status(top, { headers: { connection: 'close' } }), 400],
  ['blob-digest-manifest-crash', status(`/v2/demo/app/manifests/${config}`), 500],
  ['manifest-digest-blob-crash', status(`/v2/demo/app/blobs/${app?.digest}`), 500],
  ['other-algorithm-crash', status(`/v2/demo/app/blobs/sha512:${'a'.repeat(128)}`), 500],
  ['malformed-digest-unauthorized', status('/v2/demo/app/manifests/sha256:short'), 401],
  ['accept-odd-denied', status(top, { headers: { accept: 'not a media type' } }), 403],
  ['range-several-unknown', blobStatus(largeDigest, { headers: { range: 'bytes=0-1,5-8' } }), 404],
  ['range-suffix-unknown', blobStatus(largeDigest, { headers: { range: 'bytes=-9' } }), 404],
  [
    'challenge-no-service',
    async (client) => {
      const value = await header('www-authenticate', '/v2/', { anonymous: true })(client);
      const [challenge] = parseChallenges(String(value));
      return [challenge?.scheme, challenge?.params.service];
    },
    ['bearer', undefined],
  ],
  ['realm-unreachable', challengeParam('realm'), 'https://auth.invalid/token'],
  [
    'redirect-second-host',
    async (client) => {
      const value = await header('location', `/v2/demo/app/blobs/${largeDigest}`)(client);
      return new URL(String(value)).host;
    },
    'cdn-2.invalid',
  ],
  [
    'edge-certificate-unknown',
    async (client) => {
      try {
        return (await client.blob(largeDigest)).status;
      } catch (error) {
        return ((error as Error).cause as NodeJS.ErrnoException).code;
      }
    },
    'SELF_SIGNED_CERT_IN_CHAIN',
  ],
  ['blob-accept-refused', status(configPath, { headers: { accept: mediaTypes.ociConfig } }), 406],
];
