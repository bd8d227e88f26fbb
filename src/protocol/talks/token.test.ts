import { describe, expect, test } from 'vitest';
import { converse } from '../../../test/lib/converse.ts';
import { containerd } from '../../profiles/containerd.ts';
import { docker } from '../../profiles/docker.ts';
import { profiles } from '../../profiles/index.ts';
import type { ClientProfile, Credentials } from '../client.ts';
import { PullFailure } from '../failure.ts';
import { parseQuery } from '../grammar/uri.ts';
import { openSession, registryRequest } from '../session.ts';
import type { HttpRequest } from '../talk.ts';
import { fetchToken } from './token.ts';

const registry = 'https://registry.test';
const challenge = {
  scheme: 'bearer',
  params: { realm: 'https://auth.test/token', service: 'registry.test' },
};

function profileNamed(name: string): ClientProfile {
  const profile = profiles[name];
  if (profile === undefined) throw new Error(`no profile ${name}`);
  return profile;
}

/** The token request of a client that pushes to one repository and mounts from another. */
function tokenRequest(client: ClientProfile): HttpRequest {
  const credentials = { username: 'me', password: 'secret' };
  const scopes = ['repository:team/base:pull'];
  const session = openSession(registry, 'team/app', client, credentials, 'pull,push', scopes);
  const path = '/v2/team/app/blobs/uploads/';
  const shape = { path, want: 'none', bodyBytesMax: 1, phase: 'other' } as const;
  const challenged = registryRequest(session, shape);
  return fetchToken(session, challenge as never, challenged).next().value as HttpRequest;
}

describe('a token for two repositories', () => {
  test('is asked for by GET with a scope each, that of the session first', () => {
    const { url } = tokenRequest(docker);
    const scopes = parseQuery(url.slice(url.indexOf('?') + 1)).filter(([name]) => name === 'scope');
    expect(scopes.map(([, value]) => value)).toEqual([
      'repository:team/app:pull,push',
      'repository:team/base:pull',
    ]);
  });

  test('is asked for by POST with both in one field', () => {
    const { body } = tokenRequest(containerd);
    const fields = new Map(parseQuery(String(body)));
    expect(fields.get('scope')).toBe('repository:team/app:pull,push repository:team/base:pull');
  });
});

describe('a token server that redirects', () => {
  const answer = ({ url }: HttpRequest) =>
    url.includes('/new')
      ? { body: '{"token":"moved"}' }
      : { status: 307, headers: { Location: 'https://auth.test/new?scope=x' } };
  const fetched = (client: ClientProfile) => {
    const session = openSession(registry, 'team/app', client);
    const shape = { path: '/v2/', want: 'none', bodyBytesMax: 1, phase: 'other' } as const;
    const challenged = registryRequest(session, shape);
    return converse(fetchToken(session, challenge as never, challenged), answer);
  };

  test('is followed', () => {
    expect(fetched(docker)).toBe('moved');
  });
});

/** What a client asks the token server for, until it answers 200. */
function asked(
  client: ClientProfile,
  credentials: Credentials,
  realm = 'https://auth.test/token',
  statuses: readonly number[] = [],
): HttpRequest[] {
  const session = openSession(registry, 'team/app', client, credentials);
  const shape = { path: '/v2/', want: 'none', bodyBytesMax: 1, phase: 'other' } as const;
  const challenged = registryRequest(session, shape);
  const named = { ...challenge, params: { ...challenge.params, realm } };
  const requests: HttpRequest[] = [];
  converse(fetchToken(session, named as never, challenged), (request) => {
    requests.push(request);
    return { status: statuses[requests.length - 1] ?? 200, body: '{"access_token":"t"}' };
  });
  return requests;
}

describe('an identity token', () => {
  const identity = { username: '', password: '', identityToken: 'refresh+me' };
  const fieldsOf = ({ body }: HttpRequest) => Object.fromEntries(parseQuery(String(body)));

  test.each([
    ['podman', 'containers/image'],
    ['docker', 'docker'],
    ['containerd', 'containerd-client'],
    ['crane', 'go-containerregistry'],
    ['oras', 'oras-go'],
  ])('is posted by %s as %s', (name, clientId) => {
    const [request, ...others] = asked(profileNamed(name), identity);
    expect(others).toEqual([]);
    expect(request).toMatchObject({ url: 'https://auth.test/token', authorization: '' });
    expect(request?.ask.method).toBe('POST');
    expect(fieldsOf(request as HttpRequest)).toEqual({
      client_id: clientId,
      grant_type: 'refresh_token',
      refresh_token: 'refresh+me',
      scope: 'repository:team/app:pull',
      service: 'registry.test',
    });
  });

  test.each([
    ['crane', 404],
    ['containerd', 401],
    ['regclient', 401],
  ])('%s asks by GET where that is %i, and shows no empty password', (name, status) => {
    const requests = asked(profileNamed(name), identity, undefined, [status]);
    expect(requests.map(({ ask }) => ask.method)).toEqual(['POST', 'GET']);
    expect(requests[1]?.authorization).toBe('');
    expect(requests[1]?.url).not.toContain('account');
  });

  test('that is refused is a failure in podman', () => {
    expect(() => asked(profileNamed('podman'), identity, undefined, [401])).toThrow(PullFailure);
  });
});

describe('a realm gets credentials', () => {
  const login = { username: 'me', password: 'secret' };
  test.each([
    'https://elsewhere.test/token',
    'http://127.0.0.1:5001/token',
    'http://[::1]:5001/token',
    'http://localhost/token',
    'http://registry.test:8080/token',
    'http://allowed.test:81/token',
  ])('%s', (realm) => {
    const credentials = { ...login, realms: ['allowed.test:81'] };
    expect(asked(docker, credentials, realm)[0]?.authorization).toMatch(/^Basic /);
  });

  test.each([
    'http://elsewhere.test/token',
    'http://10.0.0.1/token',
    'http://sub.registry.test/token',
    'http://127.0.0.1.elsewhere.test/token',
    'http://localhost.elsewhere.test/token',
    'http://allowed.test/token',
    'http://169.254.169.254/token',
    'https://169.254.169.254/token',
    'https://[fd00:ec2::254]/token',
    'https://[::ffff:169.254.169.254]/token',
    'https://metadata.google.internal/token',
    'https://2852039166/token',
    'https://0xa9.254.169.254/token',
    'https://169%2e254%2e169%2e254/token',
    'https://metadata%2egoogle.internal/token',
    'https://[64:ff9b::a9fe:a9fe]/token',
    'https://[::a9fe:a9fe]/token',
    'file:///etc/passwd',
  ])('not %s', (realm) => {
    const clients = ['podman', 'docker', 'containerd', 'crane', 'regclient', 'oras'];
    for (const client of clients.map(profileNamed)) {
      for (const own of [login, { ...login, identityToken: 'x' }]) {
        const credentials = { ...own, realms: ['allowed.test:81'] };
        expect(() => asked(client, credentials, realm)).toThrow(
          expect.objectContaining({ class: 'bad-challenge' }),
        );
      }
    }
  });

  test('of anybody it is asked without', () => {
    const session = openSession(registry, 'team/app', docker);
    const shape = { path: '/v2/', want: 'none', bodyBytesMax: 1, phase: 'other' } as const;
    const challenged = registryRequest(session, shape);
    const params = { realm: 'http://elsewhere.test/token', service: 's' };
    const talk = fetchToken(session, { scheme: 'bearer', params } as never, challenged);
    expect((talk.next().value as HttpRequest).url).toContain('http://elsewhere.test/token');
  });
});
