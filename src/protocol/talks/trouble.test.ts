// What clients do when something goes wrong on the way: the same trouble, met as different clients.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../../test/lib/converse.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile } from '../client.ts';
import { hintOf, PullFailure } from '../failure.ts';
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
// Long enough for podman, which resumes again only after a mebibyte.
const layer = 'layer '.repeat(500_000);
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: describeBlob(config, mediaTypes.ociConfig),
  layers: [describeBlob(layer, mediaTypes.ociLayerGzip)],
});
const challenge = 'Bearer realm="https://auth.test/token",service="s"';

interface Outcome {
  readonly failure: PullFailure | undefined;
  readonly verifiedBytes: number;
  /** `METHOD last-part-of-path`, with the range if there is one. */
  readonly asked: readonly string[];
  readonly requests: readonly HttpRequest[];
  readonly waits: readonly number[];
}

/** Pulls from a registry with tokens t1, t2 …; `change` answers in its place. */
function pullAs(
  name: string,
  change: (request: HttpRequest, count: number) => Answer | undefined,
  more: Partial<PullOptions> = {},
): Outcome {
  const counts = new Map<string, number>();
  let tokens = 0;
  const answer = (request: HttpRequest): Answer => {
    const last = lastPart(request);
    const count = (counts.get(last) ?? 0) + 1;
    counts.set(last, count);
    const changed = change(request, count);
    if (changed !== undefined) return changed;
    if (last === 'token') return { body: `{"token":"t${++tokens}","expires_in":60}` };
    if (header(request, 'Authorization') === undefined) {
      return { status: 401, headers: { 'WWW-Authenticate': challenge } };
    }
    if (last === 'v2') return { body: '{}' };
    if (last === 'config') return { body: config };
    if (last === 'layer') return whole(request);
    const headers = {
      'Content-Type': mediaTypes.ociManifest,
      'Docker-Content-Digest': sha(manifest),
    };
    return { headers, body: request.ask.method === 'HEAD' ? '' : manifest };
  };
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const options: PullOptions = {
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference: 'v1',
    platform: { os: 'linux', architecture: 'amd64' },
    client: profiles[name] as ClientProfile,
    verification: 'all',
    random: () => 0,
    ...more,
  };
  const seen = () => ({ asked: requests.map(line), requests, waits });
  try {
    const { verifiedBytes } = converse(pull(options), answer, requests, waits);
    return { failure: undefined, verifiedBytes, ...seen() };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    return { failure: error, verifiedBytes: 0, ...seen() };
  }
}

function lastPart({ url }: HttpRequest): string {
  const last = url.split('?')[0]?.split('/').filter(Boolean).pop() ?? '';
  if (last === sha(config)) return 'config';
  return last === sha(layer) ? 'layer' : last;
}

function line(request: HttpRequest): string {
  const range = header(request, 'Range');
  return `${request.ask.method} ${lastPart(request)}${range === undefined ? '' : ` ${range}`}`;
}

const layersOf = ({ asked }: Outcome) => asked.filter((one) => one.includes('layer'));

/** The layer, or the part that is asked for. */
function whole(request: HttpRequest): Answer {
  const range = /^bytes=(\d+)-(\d*)$/.exec(header(request, 'Range') ?? '');
  if (range === null) return { body: layer };
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : layer.length, layer.length - 1);
  const headers = { 'Content-Range': `bytes ${from}-${to}/${layer.length}` };
  return { status: 206, headers, body: layer.slice(from, to + 1) };
}

/** The first `times` bodies of the layer break off after so many bytes. */
function cutting(bytes: number, times: number, ignoresRange = false) {
  return (request: HttpRequest, count: number): Answer | undefined => {
    if (lastPart(request) !== 'layer') return undefined;
    const answer = ignoresRange ? { body: layer } : whole(request);
    return count > times
      ? answer
      : { ...answer, body: answer.body?.slice(0, bytes) ?? '', cut: true };
  };
}

const everything = layer.length + config.length;
const size = layer.length;

describe('a body that breaks off', () => {
  test.each([
    ['podman', ['GET layer', 'GET layer bytes=1000-'], [1000]],
    ['containerd', ['GET layer', 'GET layer bytes=1000-'], []],
    ['regclient', ['GET layer', `GET layer bytes=1000-${size}`], [200]],
    ['docker', ['GET layer', 'GET layer bytes=1000-'], [5000]],
  ] as const)('%s goes on where it was, and verifies the whole', (name, asked, waits) => {
    const outcome = pullAs(name, cutting(1000, 1));
    expect(outcome.failure).toBeUndefined();
    expect(outcome.verifiedBytes).toBe(everything);
    expect(layersOf(outcome)).toEqual(asked);
    expect(outcome.waits).toEqual(waits);
  });

  test.each(['crane', 'oras'])('%s does not', (name) => {
    const outcome = pullAs(name, cutting(1000, 1));
    expect(outcome.failure?.class).toBe('short-body');
    expect(layersOf(outcome)).toEqual(['GET layer']);
  });

  test('a wrong rest is found by the digest of both', () => {
    const outcome = pullAs('containerd', (request, count) => {
      const answer = cutting(1000, 1)(request, count);
      const spoilt = answer?.status === 206 && answer.cut === undefined;
      return spoilt ? { ...answer, body: `${answer.body?.slice(1)}?` } : answer;
    });
    expect(outcome.failure?.class).toBe('wrong-digest');
  });

  test('a server that ignores Range: fatal for podman, skipped by containerd, docker starts anew', () => {
    const seen = (name: string) => pullAs(name, cutting(1000, 1, true));
    const podman = pullAs('skopeo', cutting(1000, 1, true));
    expect(podman.failure?.class).toBe('short-body');
    const containerd = seen('containerd');
    expect(containerd.verifiedBytes).toBe(everything);
    expect(layersOf(containerd)).toEqual(['GET layer', 'GET layer bytes=1000-']);
    const docker = seen('docker');
    expect(docker.verifiedBytes).toBe(everything);
    expect(layersOf(docker)).toEqual(['GET layer', 'GET layer bytes=1000-', 'GET layer']);
  });

  test('a part that begins elsewhere is no part', () => {
    const outcome = pullAs('skopeo', (request, count) => {
      const answer = cutting(1000, 1)(request, count);
      if (answer?.status !== 206) return answer;
      return { ...answer, headers: { 'Content-Range': `bytes 0-${size - 1}/${size}` } };
    });
    expect(outcome.failure?.class).toBe('short-body');
  });

  test('tries end: c/image 1 without a mebibyte, docker and regclient 5 in all', () => {
    const dripping = (name: string) => layersOf(pullAs(name, cutting(1000, 99))).length;
    expect(dripping('skopeo')).toBe(2);
    expect(dripping('docker')).toBe(5);
    expect(dripping('regclient')).toBe(5);
    const mebibytes = pullAs('skopeo', cutting(1024 * 1024, 2));
    expect(mebibytes.verifiedBytes).toBe(everything);
    expect(layersOf(mebibytes)).toHaveLength(3);
  });
});

describe('a token that is refused in mid-run', () => {
  /** The layer is for those with one token more than a pull needs. */
  const expired = (error: string, wanted: string) => (request: HttpRequest) => {
    const isOld = header(request, 'Authorization') !== `Bearer ${wanted}`;
    if (lastPart(request) !== 'layer' || !isOld) return undefined;
    return { status: 401, headers: { 'WWW-Authenticate': `${challenge}${error}` } };
  };

  // containerd has one for its resolver and one for what it fetches.
  test.each([
    ['containerd', 3],
    ['docker-containerd', 2],
    ['crane', 2],
    ['oras', 2],
  ])('%s fetches another', (name, tokens) => {
    const outcome = pullAs(name, expired(',error="invalid_token"', `t${tokens}`));
    expect(outcome.failure).toBeUndefined();
    expect(outcome.asked.filter((one) => one.endsWith('token'))).toHaveLength(tokens);
  });

  test.each(['skopeo', 'docker', 'regclient'])('%s fails', (name) => {
    const outcome = pullAs(name, expired(',error="invalid_token"', 't2'));
    expect(outcome.failure?.class).toBe('unauthorized');
    expect(layersOf(outcome)).toHaveLength(1);
  });

  test.each([
    ['containerd', '', 5],
    ['containerd@1.6', '', 6],
    ['containerd@1.6', ',error="invalid_token"', 2],
  ])('%s repeats the request where the challenge says %j', (name, error, requests) => {
    const outcome = pullAs(name, expired(error, 't3'));
    expect(outcome.failure?.class).toBe('unauthorized');
    expect(layersOf(outcome)).toHaveLength(requests);
    expect(outcome.asked.filter((one) => one.endsWith('token'))).toHaveLength(2);
  });

  test('c/image asks for a wider token once', () => {
    const wider = ',scope="repository:team/base:pull",error="insufficient_scope"';
    const outcome = pullAs('skopeo', expired(wider, 't2'));
    expect(outcome.failure).toBeUndefined();
    const tokens = outcome.requests.filter((request) => lastPart(request) === 'token');
    expect(tokens.map(({ url }) => url.split('&scope=').length)).toEqual([1, 2]);
    expect(tokens[1]?.url).toContain('team%2Fbase');
  });

  test('no client asks for ever', () => {
    for (const [name] of Object.entries(profiles)) {
      const always = (request: HttpRequest) =>
        lastPart(request) === 'layer'
          ? { status: 401, headers: { 'WWW-Authenticate': `${challenge},error="invalid_token"` } }
          : undefined;
      const outcome = pullAs(name, always);
      expect(outcome.failure, name).toBeDefined();
      expect(layersOf(outcome).length, name).toBeLessThanOrEqual(7 * 5);
    }
  });
});

test('docker waits 15 s for pings and tokens, and as long as it takes for the rest', () => {
  const { requests } = pullAs('docker', () => undefined);
  const limited = requests.filter(({ ask }) => ask.limitMs !== undefined);
  expect(limited.map(({ ask }) => [ask.phase, ask.limitMs])).toEqual([
    ['ping', 15_000],
    ['token', 15_000],
  ]);
});

test.each([
  ['podman', 2],
  ['docker', 2],
  ['regclient', 2],
  // One of them for its resolver.
  ['containerd', 3],
  ['containerd@1.6', 2],
  ['crane', 1],
  ['oras', 1],
])('%s: a token of a minute, met a minute later, leads to %i tokens', (name, tokens) => {
  let now = 0;
  const later = (request: HttpRequest) => {
    if (lastPart(request) === 'config') now = 60_000;
    return undefined;
  };
  const outcome = pullAs(name, later, { clock: () => now });
  expect(outcome.failure).toBeUndefined();
  expect(outcome.asked.filter((one) => one.endsWith('token'))).toHaveLength(tokens);
});

describe('HTTP 429 and 503', () => {
  const once =
    (part: string, status: number, times = 1) =>
    (request: HttpRequest, count: number) =>
      lastPart(request) === part && count <= times ? { status } : undefined;

  test.each([
    ['skopeo', 'v2', 429, [2000]],
    ['skopeo', 'layer', 429, [2000]],
    ['crane', 'v2', 503, [1000]],
    ['containerd', 'layer', 503, []],
    ['podman', 'layer', 503, [1000]],
    ['docker', 'config', 503, [250]],
    ['kubelet-containerd', 'layer', 502, [10_000]],
  ] as const)('%s, %s: HTTP %i', (name, part, status, waits) => {
    const outcome = pullAs(name, once(part, status));
    expect(outcome.failure).toBeUndefined();
    expect(outcome.waits).toEqual(waits);
  });

  test('podman begins the whole pull anew, skopeo does not', () => {
    const pings = ({ asked }: Outcome) => asked.filter((one) => one === 'GET v2').length;
    expect(pings(pullAs('podman', once('layer', 503)))).toBe(2);
    const skopeo = pullAs('skopeo', once('layer', 503));
    expect(pings(skopeo)).toBe(1);
    expect(skopeo.failure?.class).toBe('server-error');
  });

  test('docker asks for a layer twice, and gives up on 429 at once', () => {
    const outcome = pullAs('docker', once('layer', 429, 2));
    expect(outcome.failure?.class).toBe('rate-limited');
    expect(outcome.waits).toEqual([]);
    expect(layersOf(outcome)).toHaveLength(2);
  });

  test.each([
    ['docker', 5, [5000, 10_000, 15_000, 20_000]],
    ['docker@20.10', 6, [5000, 10_000, 15_000, 20_000, 25_000]],
  ])('%s tries layers %i times when the server fails, each twice', (name, tries, waits) => {
    const outcome = pullAs(name, once('layer', 503, 99));
    expect(outcome.failure?.class).toBe('server-error');
    expect(outcome.waits).toEqual(waits);
    expect(layersOf(outcome)).toHaveLength(2 * tries);
  });

  test('kubelet backs off longer and longer, and at its quota too', () => {
    const never = pullAs('kubelet-cri-o', once('v1', 404, 99));
    expect(never.failure?.class).toBe('manifest-unknown');
    expect(never.waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000]);
    let asked = 0;
    const outcome = pullAs('kubelet-cri-o', () => undefined, { quota: () => ++asked > 2 });
    expect(outcome.failure).toBeUndefined();
    expect(outcome.waits).toEqual([10_000, 20_000]);
  });
});

describe('a lazy pull', () => {
  const located = (request: HttpRequest, expires = 1): Answer | undefined => {
    if (lastPart(request) !== 'layer') return undefined;
    if (request.ask.method === 'HEAD') return {};
    if (request.url.startsWith('https://cdn.test/')) return whole(request);
    return { status: 307, headers: { Location: `https://cdn.test/${expires}/${sha(layer)}` } };
  };

  test('reads the layer by ranges from the redirect it knows, verified as a whole', () => {
    const outcome = pullAs('lazy', (request) => located(request));
    expect(outcome.verifiedBytes).toBe(everything);
    const registry = outcome.requests.filter(({ url }) => url.includes('/v2/team/app/blobs/'));
    expect(registry.filter((request) => lastPart(request) === 'layer')).toHaveLength(1);
    const pieces = outcome.requests.filter(({ url }) => url.startsWith('https://cdn.test/'));
    expect(line(pieces[0] as HttpRequest)).toContain('HEAD ');
    expect(pieces).toHaveLength(1 + Math.ceil(size / 50_000));
    for (const piece of pieces) expect(header(piece, 'Authorization')).toBeUndefined();
    expect(header(pieces[1], 'Accept-Encoding')).toBe('identity');
  });

  test('asks the registry again when the URL has run out', () => {
    let refused = 0;
    const outcome = pullAs('lazy', (request) => {
      const isPiece = request.url.startsWith('https://cdn.test/1/');
      if (isPiece && header(request, 'Range') === 'bytes=100000-149999' && refused++ === 0) {
        return { status: 403 };
      }
      return located(request, refused + 1);
    });
    expect(outcome.verifiedBytes).toBe(everything);
  });
});

describe('a signed URL that has run out', () => {
  const now = 'Sat, 21 Nov 2026 15:00:00 GMT';
  const classOf = (query: string) => {
    const edge = (request: HttpRequest) => {
      if (lastPart(request) !== 'layer') return undefined;
      if (request.hop === 'edge') return { status: 403, headers: { Date: now } };
      const Location = `https://cdn.test/layer?${query}`;
      return { status: 307, headers: { Location } };
    };
    return pullAs('crane', edge).failure?.class;
  };
  test.each([
    ['CloudFront', 'Expires=1795273199&Signature=x', 'Expires=1795276800&Signature=x'],
    [
      'S3',
      'X-Amz-Date=20261121T140000Z&X-Amz-Expires=1200',
      'X-Amz-Date=20261121T145900Z&X-Amz-Expires=1200',
    ],
    [
      'Alibaba',
      'x-oss-date=20261121T140000Z&x-oss-expires=1200',
      'x-oss-date=20261121T145900Z&x-oss-expires=1200',
    ],
    ['Tencent', 'q-sign-time=1795260000;1795273199', 'q-sign-time=1795260000%3B1795276800'],
    ['Azure', 'se=2026-11-21T14%3A59%3A00Z&sig=x', 'se=2026-11-21T15%3A20%3A00Z&sig=x'],
  ])('%s', (_, past, ahead) => {
    expect(classOf(past)).toBe('redirect-expired');
    expect(classOf(ahead)).toBe('redirect-denied');
  });
});

test('a signed URL that has run out is known without the Date of the edge', () => {
  const edge = (request: HttpRequest): Answer | undefined => {
    if (lastPart(request) !== 'layer') return undefined;
    if (request.hop === 'edge') return { status: 400 };
    const Location = 'https://cdn.test/layer?Expires=1600000000&sig=x';
    return { status: 307, headers: { Location, Date: 'Sat, 21 Nov 2026 15:00:00 GMT' } };
  };
  const { failure } = pullAs('crane', edge);
  expect(failure?.class).toBe('redirect-expired');
});

describe('what a server quotes back of credentials is not shown', () => {
  const shown = (failure: PullFailure | undefined) =>
    `${failure?.message}${JSON.stringify(failure?.evidence)}`;

  test('a signature', () => {
    const body = '<Code>SignatureDoesNotMatch</Code><Signature>c2lnbmVk/ZA=</Signature>';
    const { failure } = pullAs('crane', (request) => {
      if (request.hop === 'edge') return { status: 403, body };
      if (!request.url.includes('/manifests/')) return undefined;
      const Location = 'https://cdn.test/manifest?Signature=c2lnbmVk%2FZA%3D';
      return { status: 307, headers: { Location } };
    });
    expect(failure?.class).toBe('redirect-denied');
    expect(shown(failure)).toContain('SignatureDoesNotMatch');
    expect(shown(failure)).not.toContain('c2lnbmVk');
  });

  test('a token', () => {
    const token = 'a-token-of-some-length';
    const { failure } = pullAs('crane', (request) => {
      if (lastPart(request) === 'token') return { body: JSON.stringify({ token }) };
      if (!request.url.includes('/manifests/')) return undefined;
      return { status: 403, body: `no: ${header(request, 'Authorization')}` };
    });
    expect(failure?.class).toBe('denied');
    expect(shown(failure)).toContain('no: Bearer');
    expect(shown(failure)).not.toContain(token);
  });

  test.each([
    '{"acces_token":"a-token-of-some-length"}',
    '{"data":{"token":"a-token-of-some-length"}}',
    'a-token-of-some-length',
  ])('%s', (body) => {
    const { failure } = pullAs('crane', (request) =>
      lastPart(request) === 'token' ? { body } : undefined,
    );
    expect(failure?.class).toBe('bad-token');
    expect(shown(failure)).not.toContain('a-token-of-some-length');
  });
});

test('a redirect without a target leads nowhere: its status is the reply', () => {
  const { failure, asked } = pullAs('podman', (request) =>
    lastPart(request) === 'layer' ? { status: 307, headers: { Location: '' } } : undefined,
  );
  expect(failure).toMatchObject({ class: 'unexpected-status', status: 307 });
  expect(asked.filter((line) => line.endsWith(' layer'))).toHaveLength(1);
});

test('a 416 to the rest of a cut body is told from other statuses', () => {
  const { failure } = pullAs('containerd', (request) => {
    if (lastPart(request) !== 'layer') return undefined;
    if (header(request, 'Range') !== undefined) return { status: 416 };
    return { body: layer.slice(0, 1000), cut: true };
  });
  expect(failure).toMatchObject({ class: 'unexpected-status', reason: 'range-ignored' });
});

test('what flags do not mend is not advised', () => {
  const at = { class: 'bad-http', reason: 'http-to-https-client' };
  expect(hintOf({ ...at, hop: 'registry' })).toContain('--plain-http');
  expect(hintOf({ ...at, hop: 'edge' })).not.toContain('--plain-http');
});

describe('a manifest that does not come as one', () => {
  const headersOf = (type: string | undefined) => ({
    'Docker-Content-Digest': sha(manifest),
    ...(type === undefined ? {} : { 'Content-Type': type }),
  });

  test.each(['text/plain', 'application/json', 'no type', undefined])(
    'as %s is schema 1 to podman and its kin, and a manifest to crane',
    (type) => {
      const outcomeOf = (name: string) =>
        pullAs(name, (request) => {
          if (!['v1', sha(manifest)].includes(lastPart(request))) return undefined;
          const body = request.ask.method === 'HEAD' ? '' : manifest;
          return { headers: headersOf(type), body };
        }).failure?.class;
      expect(['podman', 'skopeo@1.9', 'cri-o', 'crane'].map(outcomeOf)).toEqual([
        'bad-manifest',
        'bad-manifest',
        'bad-manifest',
        undefined,
      ]);
    },
  );
});
