// Redirects as checks follow them: any request, by any status, and to whom credentials are shown on the way.
import { expect, test } from 'vitest';
import { type Answer, converse } from '../../../test/lib/converse.ts';
import { openSession } from '../../protocol/session.ts';
import type { HttpRequest } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { ask, askHere } from './ask.ts';
import { neutral } from './neutral.ts';

const registry = 'https://registry.test';
const credentials = { username: 'me', password: 'secret' };
const challenge = 'Bearer realm="https://auth.test/token",service="registry.test"';

function context(): CheckContext {
  const session = openSession(registry, 'team/app', neutral, credentials, 'pull,push');
  return { registryUrl: registry, session: () => session } as unknown as CheckContext;
}

const shape = { path: '/v2/x', want: 'none', bodyBytesMax: 10, phase: 'other' } as const;
const told = ({ url, ask: { method }, body, authorization }: HttpRequest) =>
  [method, url, body === undefined ? '' : 'body', authorization.split(' ')[0]]
    .filter((word) => word !== '')
    .join(' ');

test.each([
  [301, 'PUT https://registry.test/new body'],
  [302, 'PUT https://registry.test/new body'],
  [303, 'GET https://registry.test/new'],
  [307, 'PUT https://registry.test/new body'],
  [308, 'PUT https://registry.test/new body'],
])('a PUT that is redirected by %i', (status, next) => {
  const asked: HttpRequest[] = [];
  const answer = ({ url }: HttpRequest): Answer =>
    url.endsWith('/new') ? { status: 201 } : { status, headers: { Location: '/new' } };
  const put = { ...shape, method: 'PUT', body: new Uint8Array(2) } as const;
  const { last } = converse(ask(context(), put), answer, asked);
  expect([last.status, asked.map(told)]).toEqual([
    201,
    ['PUT https://registry.test/v2/x body', next],
  ]);
});

test('a HEAD stays one after 303', () => {
  const asked: HttpRequest[] = [];
  const answer = ({ url }: HttpRequest): Answer =>
    url.endsWith('/new') ? {} : { status: 303, headers: { Location: '/new' } };
  converse(ask(context(), { ...shape, method: 'HEAD' }), answer, asked);
  expect(asked.map(({ ask: { method } }) => method)).toEqual(['HEAD', 'HEAD']);
});

test('a registry may redirect before it asks who is there', () => {
  const asked: HttpRequest[] = [];
  const answer = ({ url, authorization }: HttpRequest): Answer => {
    if (url.startsWith('https://auth.test/')) return { body: '{"token":"t"}' };
    if (url.endsWith('/v2/x')) return { status: 308, headers: { Location: '/v2/y' } };
    return authorization === ''
      ? { status: 401, headers: { 'WWW-Authenticate': challenge } }
      : { status: 200 };
  };
  const { last } = converse(ask(context(), shape), answer, asked);
  expect([last.status, asked.map(told).slice(-2)]).toEqual([
    200,
    ['GET https://registry.test/v2/x Bearer', 'GET https://registry.test/v2/y Bearer'],
  ]);
});

test('another host is shown no credentials, and gets none by a challenge of its own', () => {
  const asked: HttpRequest[] = [];
  const answer = ({ url }: HttpRequest): Answer =>
    url.startsWith(registry)
      ? { status: 302, headers: { Location: 'https://elsewhere.test/y' } }
      : { status: 401, headers: { 'WWW-Authenticate': challenge } };
  const { last } = converse(ask(context(), shape), answer, asked);
  expect([last.status, asked.map(told)]).toEqual([
    401,
    ['GET https://registry.test/v2/x', 'GET https://elsewhere.test/y'],
  ]);
});

test('askHere: a redirect that leads away, or on and on, is the answer', () => {
  const to = (location: string) => (): Answer => ({ status: 307, headers: { Location: location } });
  for (const [location, requests] of [
    ['https://elsewhere.test/y', 1],
    ['http://169.254.169.254/', 1],
    ['/v2/x', 1 + neutral.redirectsMax],
  ] as const) {
    const asked: HttpRequest[] = [];
    const { reply } = converse(askHere(context(), shape), to(location), asked);
    expect([reply.status, asked.length]).toEqual([307, requests]);
  }
});

test('a chain without end is a failure', () => {
  const loop = (): Answer => ({ status: 301, headers: { Location: '/v2/x' } });
  expect(() => converse(ask(context(), shape), loop)).toThrow('gave up after 10 redirects');
});
