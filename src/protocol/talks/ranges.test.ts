import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../../test/lib/converse.ts';
import {
  answerTo,
  lineOf,
  nameOf,
  partOf,
  scriptedImage,
} from '../../../test/lib/scripted-registry.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile, RangeTraits } from '../client.ts';
import { PullFailure } from '../failure.ts';
import type { HttpRequest } from '../talk.ts';
import { pull } from './pull.ts';

// Chunks of ten bytes: three, one, and one to the byte.
const image = scriptedImage('abcdefghijklmnopqrstuvwxyz', '0123', 'ABCDEFGHIJ');
type Change = (request: HttpRequest, count: number) => Answer | undefined;

function small(name: string): ClientProfile {
  const profile = profiles[name] as ClientProfile;
  const chunked = (ranges: RangeTraits): RangeTraits => ({ ...ranges, chunkBytes: 10 });
  const ranges = chunked(profile.ranges as RangeTraits);
  const { by } = ranges;
  if (by === undefined) return { ...profile, ranges };
  return {
    ...profile,
    ranges: { ...ranges, by: { ...by, ranges: chunked(by.ranges as RangeTraits) } },
  };
}

/** What is asked of layers and config, tokens and refusals left out. */
function pullAs(name: string, change: Change = () => undefined, reference = 'v1') {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const counts = new Map<string, number>();
  const answer = (request: HttpRequest) => {
    const line = lineOf(image, request);
    const count = (counts.get(line) ?? 0) + 1;
    counts.set(line, count);
    return change(request, count) ?? answerTo(image, request);
  };
  const talk = pull({
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference,
    platform: { os: 'linux', architecture: 'amd64' },
    client: small(name),
    verification: 'all',
    random: () => 0,
  });
  const seen = () => {
    const lines = requests.map((request) => lineOf(image, request).replace(/^GET \S+ /, ''));
    return {
      asked: lines.filter((line) => line.startsWith('layer') || line.startsWith('config')),
      requests,
      waits,
    };
  };
  try {
    return { result: converse(talk, answer, requests, waits), failure: undefined, ...seen() };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    return { result: undefined, failure: error, ...seen() };
  }
}

const isLayer = (request: HttpRequest, name = 'layer') => nameOf(image, request).startsWith(name);
const verified = { bytes: image.bytes, verifiedBytes: image.bytes };

describe('containerd with concurrent_layer_fetch_buffer', () => {
  test('asks for everything from its start, and for each chunk to the end', () => {
    const { asked, result, requests } = pullAs('containerd-parallel');
    expect(result).toMatchObject(verified);
    // The config is larger than a chunk here.
    expect(asked).toEqual([
      ...['config bytes=0-', 'config bytes=10-', 'config bytes=20-', 'config bytes=30-'],
      ...['layer1 bytes=0-', 'layer1 bytes=10-', 'layer1 bytes=20-'],
      'layer2 bytes=0-',
      'layer3 bytes=0-',
    ]);
    const manifests = requests.filter(
      ({ ask, url }) => ask.method === 'GET' && url.includes('/manifests/'),
    );
    expect(manifests.map((request) => header(request, 'Range'))).toEqual(
      manifests.map(() => 'bytes=0-'),
    );
    expect(
      requests.filter((request) => isLayer(request)).every(({ ask }) => ask.partBytesMax === 10),
    ).toBe(true);
  });

  test('reads in one stream where Range is ignored', () => {
    const { asked, result } = pullAs('containerd-parallel', (request) => {
      const text = image.contents.get(request.url.split('/').pop() ?? '');
      const isGet = header(request, 'Authorization') !== undefined && isLayer(request);
      return isGet && text !== undefined ? { body: text } : undefined;
    });
    expect(result).toMatchObject(verified);
    expect(asked.filter((line) => line.startsWith('layer1'))).toEqual(['layer1 bytes=0-']);
  });

  test.each([0, 10, 20])('goes on behind what came where the chunk at %i is cut', (at) => {
    const { asked, result } = pullAs('containerd-parallel', (request, count) => {
      if (!isLayer(request, 'layer1') || count > 1) return undefined;
      const range = header(request, 'Range');
      return range === `bytes=${at}-`
        ? {
            status: 206,
            body: image.layers[0]?.slice(at, at + 3) ?? '',
            cut: true,
            headers: { 'Content-Length': String(26 - at) },
          }
        : undefined;
    });
    expect(result).toMatchObject(verified);
    expect(asked.filter((line) => line.startsWith('layer1'))).toContain(`layer1 bytes=${at + 3}-`);
  });

  test('gives up after three bodies without a byte', () => {
    const { failure, asked } = pullAs('containerd-parallel', (request) =>
      isLayer(request, 'layer1') ? { status: 206, body: '', cut: true } : undefined,
    );
    expect(failure?.class).toBe('short-body');
    expect(asked.filter((line) => line.startsWith('layer1'))).toHaveLength(4);
  });

  test.each([
    ['a chunk that is refused', { status: 403 }, 'denied'],
    ['a whole in place of a chunk', { body: image.layers[0] ?? '' }, 'wrong-digest'],
    ['a chunk of other bytes', { status: 206, body: 'x'.repeat(16) }, 'wrong-digest'],
  ] as const)('fails with %s', (_, answer, kind) => {
    const { failure } = pullAs('containerd-parallel', (request) =>
      header(request, 'Range') === 'bytes=10-' && isLayer(request, 'layer1') ? answer : undefined,
    );
    expect(failure?.class).toBe(kind);
  });
});

describe('SOCI', () => {
  test('probes a layer of several chunks, and reads others at once', () => {
    const { asked, result, requests } = pullAs('soci-parallel');
    expect(result).toMatchObject(verified);
    expect(asked).toEqual([
      'config',
      // Refused, as containerd's token is not the snapshotter's.
      ...['layer1 bytes=0-1', 'layer1 bytes=0-1'],
      ...['layer1 bytes=0-9', 'layer1 bytes=10-19', 'layer1 bytes=20-25'],
      'layer2',
      'layer3',
    ]);
    const agents = requests
      .filter((request) => isLayer(request))
      .map((request) => header(request, 'User-Agent'));
    expect(new Set(agents)).toEqual(new Set(['soci-snapshotter/v0.15.0']));
  });

  test('reads the chunks where the probe was led to, without a token', () => {
    const { asked, result, requests } = pullAs('soci-parallel', (request) => {
      const { host, pathname } = new URL(request.url);
      const digest = pathname.split('/').pop() ?? '';
      if (host === 'cdn.test') return partOf(request, image.contents.get(digest) ?? '');
      const isAllowed = header(request, 'Authorization') !== undefined;
      if (!isLayer(request) || !isAllowed) return undefined;
      return { status: 307, headers: { Location: `https://cdn.test/${digest}?Signature=x` } };
    });
    expect(result).toMatchObject(verified);
    const atEdge = requests.filter(({ url }) => url.includes('cdn.test'));
    expect(atEdge.filter((request) => isLayer(request, 'layer1'))).toHaveLength(4);
    expect(atEdge.every((request) => header(request, 'Authorization') === undefined)).toBe(true);
    expect(asked.filter((line) => line.startsWith('layer1'))).toHaveLength(6);
  });

  test('reads a layer at once where ranges are not offered', () => {
    const { asked, result } = pullAs('soci-parallel', (request) => {
      const isProbe = header(request, 'Range') === 'bytes=0-1' && header(request, 'Authorization');
      return isProbe ? { status: 200, body: image.layers[0] ?? '' } : undefined;
    });
    expect(result).toMatchObject(verified);
    expect(asked.filter((line) => line.startsWith('layer1')).at(-1)).toBe('layer1');
  });

  test('tries a chunk again, longer and longer, and does not go on with a cut one', () => {
    const { result, waits } = pullAs('soci-parallel', (request, count) =>
      header(request, 'Range') === 'bytes=10-19' && count < 4 ? { status: 503 } : undefined,
    );
    expect(result).toMatchObject(verified);
    expect(waits).toEqual([30, 60, 120]);
    const cut = pullAs('soci-parallel', (request) =>
      header(request, 'Range') === 'bytes=10-19'
        ? { status: 206, body: 'kl', cut: true }
        : undefined,
    );
    expect(cut.failure?.class).toBe('short-body');
  });

  test('fails with a chunk whose server says nothing of ranges', () => {
    const { failure } = pullAs('soci-parallel', (request) =>
      header(request, 'Range') === 'bytes=10-19' ? { status: 206, body: 'klmnopqrst' } : undefined,
    );
    expect(failure?.message).toContain('Accept-Ranges');
  });

  test('says that Range was ignored where the whole came for a later part', () => {
    const { failure } = pullAs('soci-parallel', (request) =>
      header(request, 'Range') === 'bytes=10-19'
        ? { status: 200, headers: { 'Accept-Ranges': 'bytes' }, body: image.layers[0] ?? '' }
        : undefined,
    );
    expect(failure).toMatchObject({ class: 'wrong-digest', reason: 'range-ignored', status: 200 });
  });
});
