import { describe, expect, test } from 'vitest';
import { type Answer, converse, header } from '../../test/lib/converse.ts';
import { answerTo, lineOf, nameOf, scriptedImage } from '../../test/lib/scripted-registry.ts';
import { profiles } from '../profiles/index.ts';
import type { ClientProfile } from './client.ts';
import { PullFailure } from './failure.ts';
import type { HttpRequest } from './talk.ts';
import { type PullOptions, pull } from './talks/pull.ts';

const image = scriptedImage('one', 'two');
type Change = (request: HttpRequest, count: number) => Answer | undefined;

function pullAsApple(change: Change = () => undefined, more: Partial<PullOptions> = {}) {
  const requests: HttpRequest[] = [];
  const waits: number[] = [];
  const counts = new Map<string, number>();
  const answer = (request: HttpRequest) => {
    const name = nameOf(image, request);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return change(request, counts.get(name) ?? 0) ?? answerTo(image, request);
  };
  const talk = pull({
    registryUrl: 'https://registry.test',
    repository: 'team/app',
    reference: 'v1',
    platform: { os: 'linux', architecture: 'amd64' },
    client: profiles['apple-container'] as ClientProfile,
    verification: 'all',
    ...more,
  });
  const seen = () => ({
    asked: requests.map((request) => lineOf(image, request)),
    requests,
    waits,
  });
  try {
    return { result: converse(talk, answer, requests, waits), failure: undefined, ...seen() };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    return { result: undefined, failure: error, ...seen() };
  }
}

const of =
  (name: string, answer: Answer, times = Number.POSITIVE_INFINITY): Change =>
  (request, count) =>
    nameOf(image, request) === name && count <= times ? answer : undefined;
const challenged = (challenge: string): Answer => ({
  status: 401,
  headers: { 'WWW-Authenticate': challenge },
});
const bearer =
  'Bearer realm="https://auth.test/token",service="registry.test",scope="repository:team/app:pull"';

test('each request is refused, asks for a token and is sent again', () => {
  const { asked, result, requests } = pullAsApple();
  expect(result).toMatchObject({ verifiedBytes: image.bytes });
  const inTurn = [
    'HEAD registry.test v1',
    ...['index', 'manifest', 'config', 'layer1', 'layer2'].map(
      (name) => `GET registry.test ${name}`,
    ),
  ];
  expect(asked).toEqual(inTurn.flatMap((line) => [line, 'GET auth.test token', line]));
  const token = requests.find(({ hop }) => hop === 'token');
  expect(token?.url).toBe(
    'https://auth.test/token?client_id=containerization-registry-client&service=registry.test&scope=repository:team/app:pull',
  );
  expect(requests.every((request) => header(request, 'User-Agent') === undefined)).toBe(true);
  const config = requests.find((request) => nameOf(image, request) === 'config');
  expect(header(config, 'Accept')).toBe('application/vnd.oci.image.config.v1+json');
});

test('a password goes with every request, and with that for the token', () => {
  const credentials = { username: 'user', password: 'secret' };
  const { result, requests } = pullAsApple(undefined, { credentials });
  expect(result).toMatchObject({ verifiedBytes: image.bytes });
  const shown = requests.map((request) => header(request, 'Authorization')?.split(' ')[0]);
  expect(shown.slice(0, 3)).toEqual(['Basic', 'Basic', 'Bearer']);
});

describe('a challenge that it cannot read is the end', () => {
  test.each([
    ['without a service', 'Bearer realm="https://auth.test/token"'],
    [
      'whose service is not in quotes',
      'Bearer realm="https://auth.test/token",service=registry.test',
    ],
    ['without a realm', 'Bearer service="registry.test"'],
    ['of Basic alone', 'Basic realm="registry"'],
    ['of another case', 'bearer realm="https://auth.test/token",service="registry.test"'],
    [
      'behind another on the same line',
      'Basic realm="r", Bearer realm="https://auth.test/token",service="s"',
    ],
    ['with a realm that is no URL', 'Bearer realm="token",service="s"'],
  ])('%s', (_, challenge) => {
    const { failure, asked } = pullAsApple(of('v1', challenged(challenge)));
    expect(failure?.class).toBe('bad-challenge');
    expect(asked).toHaveLength(1);
  });
});

test('a 403 with a challenge is answered too, without one it is the end', () => {
  const { result } = pullAsApple(of('layer1', { ...challenged(bearer), status: 403 }, 1));
  expect(result).toMatchObject({ verifiedBytes: image.bytes });
  expect(pullAsApple(of('layer1', { status: 403 })).failure?.class).toBe('denied');
});

test('a 400 to a password or token is asked again without', () => {
  const { asked, result } = pullAsApple(
    (request) =>
      nameOf(image, request) === 'layer1'
        ? header(request, 'Authorization') === undefined
          ? (header(request, 'Referer') === undefined && { body: 'one' }) || undefined
          : { status: 400 }
        : undefined,
    { credentials: { username: 'user', password: 'secret' } },
  );
  expect(result).toMatchObject({ verifiedBytes: image.bytes });
  expect(asked.filter((line) => line.includes('layer1'))).toHaveLength(2);
});

test.each([
  ['a 5xx', { status: 502 }, 'server-error'],
  ['no reply', { failure: 'reset' }, 'reset'],
] as const)(
  '%s is tried again three times, a second apart; a token counts as one',
  (_, answer, kind) => {
    const healed = pullAsApple(of('config', answer, 2));
    expect(healed.result).toMatchObject({ verifiedBytes: image.bytes });
    expect(healed.waits).toEqual([1000, 1000]);
    const { failure, waits } = pullAsApple(of('config', answer));
    expect(failure?.class).toBe(kind);
    expect(waits).toEqual([1000, 1000, 1000]);
    const after = pullAsApple((request) =>
      nameOf(image, request) === 'config' && header(request, 'Authorization') ? answer : undefined,
    );
    expect(after.waits).toEqual([1000, 1000]);
  },
);

test('nothing else is: a cut body, 429, a lost digest', () => {
  expect(pullAsApple(of('layer1', { body: 'o', cut: true })).failure?.class).toBe('short-body');
  expect(pullAsApple(of('layer1', { status: 429 })).failure?.class).toBe('rate-limited');
  const lost = pullAsApple((request) =>
    header(request, 'Authorization') && request.ask.method === 'HEAD' ? { status: 200 } : undefined,
  );
  expect(lost.failure).toMatchObject({ class: 'bad-manifest' });
});

test('tokens that are refused are not asked for without end, and a dated one only once', () => {
  const refused: Change = (request) =>
    nameOf(image, request) === 'layer1' ? challenged(bearer) : undefined;
  const { failure, asked } = pullAsApple(refused);
  expect(failure?.class).toBe('unauthorized');
  expect(asked.length).toBeLessThan(70);
  const dated = pullAsApple((request, count) =>
    nameOf(image, request) === 'token'
      ? {
          body: '{"token":"for-registry.test","expires_in":300,"issued_at":"2026-01-01T00:00:00.5Z"}',
        }
      : refused(request, count),
  );
  expect(dated.asked.filter((line) => line.includes('layer1'))).toHaveLength(2);
});

test('five redirects are followed, the password dropped at another origin', () => {
  const hops =
    (most: number): Change =>
    (request) => {
      const { host, pathname } = new URL(request.url);
      if (
        nameOf(image, request) !== 'layer1' ||
        (header(request, 'Authorization') === undefined && host === 'registry.test')
      )
        return undefined;
      const step = Number(/^cdn(\d)/.exec(host)?.[1] ?? 0);
      if (step === most) return { body: 'one' };
      return { status: 302, headers: { Location: `https://cdn${step + 1}.test${pathname}` } };
    };
  const { result, requests } = pullAsApple(hops(5));
  expect(result).toMatchObject({ verifiedBytes: image.bytes });
  const edge = requests.filter(({ hop }) => hop === 'edge');
  expect(edge).toHaveLength(5);
  expect(
    edge.every(
      (request) =>
        header(request, 'Authorization') === undefined && header(request, 'Referer') === undefined,
    ),
  ).toBe(true);
  expect(pullAsApple(hops(6)).failure?.class).toBe('redirect-loop');
});
