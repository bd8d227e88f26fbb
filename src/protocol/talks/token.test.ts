import { describe, expect, test } from 'vitest';
import { converse } from '../../../test/lib/converse.ts';
import { containerd } from '../../profiles/containerd.ts';
import { docker } from '../../profiles/docker.ts';
import type { ClientProfile } from '../client.ts';
import { parseQuery } from '../grammar/uri.ts';
import { openSession, registryRequest } from '../session.ts';
import type { HttpRequest } from '../talk.ts';
import { fetchToken } from './token.ts';

const registry = 'https://registry.test';
const challenge = {
  scheme: 'bearer',
  params: { realm: 'https://auth.test/token', service: 'registry.test' },
};

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
