import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDateTime } from '../../src/lib/rfc3339.ts';
import { parseChallenges } from '../../src/protocol/grammar/challenge.ts';
import { basicHeader, Clock, TestClient } from '../../test/lib/test-client.ts';
import { catalogAccess, grantScopes, TokenMint } from './tokens.ts';

const path = '/v2/demo/app/manifests/latest';
const scope = 'scope=repository:demo/app:pull';
const service = 'service=registry.test';

interface TokenReply {
  token?: string;
  access_token: string;
  expires_in: number;
  issued_at: string;
  scope?: string;
  refresh_token?: string;
}

async function tokenOf(reply: Promise<Response>): Promise<TokenReply> {
  const answered = await reply;
  expect(answered.status).toBe(200);
  return (await answered.json()) as TokenReply;
}

function asking(client: TestClient, token: string, method = 'GET', at = path): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return client.fetch(client.registry.origins.registry + at, { method, headers });
}

function paramsOf(reply: Response): Readonly<Record<string, string>> {
  return parseChallenges(reply.headers.get('www-authenticate') ?? '')[0]?.params ?? {};
}

describe('bearer', () => {
  test('the challenge leads to an anonymous token that opens what it names, and nothing else', async () => {
    const client = new TestClient();
    const refused = await client.ask(path, { anonymous: true });
    expect(refused.status).toBe(401);
    const { realm, service: audience, scope: named } = paramsOf(refused);
    expect({ realm, audience, named }).toEqual({
      realm: 'https://auth.test/token',
      audience: 'registry.test',
      named: 'repository:demo/app:pull',
    });
    const { token, access_token, expires_in, issued_at } = await tokenOf(
      client.token(`service=${audience}&scope=${named}`),
    );
    expect(access_token).toBe(token);
    expect(expires_in).toBe(300);
    expect(parseDateTime(issued_at)).toBeGreaterThan(0);
    expect((await asking(client, token ?? '')).status).toBe(200);
    const other = await asking(client, token ?? '', 'GET', '/v2/demo/single/manifests/1.0');
    expect(other.status).toBe(401);
    expect(paramsOf(other)).toMatchObject({
      error: 'insufficient_scope',
      scope: 'repository:demo/single:pull',
    });
  });

  test('the ping names no scope, and any token answers it', async () => {
    const client = new TestClient();
    const refused = await client.ask('/v2/', { anonymous: true });
    expect(paramsOf(refused).scope).toBeUndefined();
    const { token } = await tokenOf(client.token(service));
    expect((await asking(client, token ?? '', 'GET', '/v2/')).status).toBe(200);
  });

  test('a token ends at its time, not before', async () => {
    const clock = new Clock();
    const client = new TestClient({ now: clock.now, tokenTtlSeconds: 90 });
    const { token, expires_in } = await tokenOf(client.token(`${service}&${scope}`));
    expect(expires_in).toBe(90);
    clock.forward(89);
    expect((await asking(client, token ?? '')).status).toBe(200);
    clock.forward(1);
    const expired = await asking(client, token ?? '');
    expect(expired.status).toBe(401);
    expect(paramsOf(expired).error).toBe('invalid_token');
  });

  test.each([
    [0.5, 1],
    [1.5, 1],
  ])('a life of %s s is told in whole seconds', async (tokenTtlSeconds, told) => {
    const clock = new Clock();
    const client = new TestClient({ now: clock.now, tokenTtlSeconds });
    const { token, expires_in } = await tokenOf(client.token(`${service}&${scope}`));
    expect(expires_in).toBe(told);
    expect((await asking(client, token ?? '')).status).toBe(200);
    clock.forward(2);
    expect((await asking(client, token ?? '')).status).toBe(401);
  });

  test('a token for another service, of another registry or with one letter changed is invalid', async () => {
    const client = new TestClient();
    const { token: good = '' } = await tokenOf(client.token(`${service}&${scope}`));
    const { token: foreign = '' } = await tokenOf(client.token(`service=other.test&${scope}`));
    const another = new TestClient({ seed: 2 });
    const { token: stranger = '' } = await tokenOf(another.token(`${service}&${scope}`));
    const middle = good.length >> 1;
    const changed = `${good.slice(0, middle)}${good[middle] === 'A' ? 'B' : 'A'}${good.slice(middle + 1)}`;
    for (const token of [foreign, stranger, changed, 'nonsense', '.', `${good}.x`]) {
      const refused = await asking(client, token);
      expect(refused.status).toBe(401);
      expect(paramsOf(refused).error).toBe('invalid_token');
    }
  });

  test('several scopes are merged, and anonymous ones narrowed to pull', async () => {
    const client = new TestClient();
    const query = `${service}&scope=repository:demo/app:pull,push&scope=repository:demo/single:pull`;
    const { token = '' } = await tokenOf(client.token(query));
    expect((await asking(client, token)).status).toBe(200);
    const single = await asking(client, token, 'GET', '/v2/demo/single/manifests/1.0');
    expect(single.status).toBe(200);
    const push = await asking(client, token, 'POST', '/v2/demo/app/blobs/uploads/');
    expect(push.status).toBe(401);
    expect(paramsOf(push).scope).toBe('repository:demo/app:pull,push');
  });

  test('the user may push, wrong credentials get nothing', async () => {
    const client = new TestClient();
    const { username, password } = client.registry;
    const query = `${service}&account=${username}&client_id=test&scope=repository:demo/app:pull,push`;
    const authorization = basicHeader(username, password);
    const { token = '' } = await tokenOf(client.token(query, { authorization }));
    const push = await asking(client, token, 'POST', '/v2/demo/app/blobs/uploads/');
    expect(push.status).toBe(202);
    for (const wrong of [basicHeader(username, 'x'), basicHeader('x', password), 'Basic !']) {
      expect((await client.token(query, { authorization: wrong })).status).toBe(401);
    }
    expect((await client.token(scope)).status).toBe(400);
  });

  test('the form of OAuth2 is answered, and its refresh token can be used again', async () => {
    const client = new TestClient();
    const { username, password, origins } = client.registry;
    const post = (fields: Record<string, string>) =>
      client.fetch(`${origins.token}/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          service: 'registry.test',
          client_id: 'test',
          scope: 'repository:demo/app:pull repository:demo/single:pull,push',
          ...fields,
        }).toString(),
      });
    const login = { grant_type: 'password', username, password, access_type: 'offline' };
    const first = await tokenOf(post(login));
    expect(first.scope).toBe('repository:demo/app:pull repository:demo/single:pull,push');
    expect((await asking(client, first.access_token)).status).toBe(200);
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token ?? '' };
    for (let time = 0; time < 2; time++) {
      const again = await tokenOf(post(refresh));
      expect((await asking(client, again.access_token)).status).toBe(200);
    }
    expect((await asking(client, first.refresh_token ?? '')).status).toBe(401);
    const statuses = [
      post({ ...login, password: 'x' }),
      post({ ...refresh, service: 'other.test' }),
      post({ grant_type: 'refresh_token', refresh_token: first.access_token }),
      post({ grant_type: 'magic' }),
    ].map(async (reply) => (await reply).status);
    expect(await Promise.all(statuses)).toEqual([401, 401, 401, 400]);
  });

  test('a registry that is its own token server names itself as the client does', async () => {
    const origin = 'http://registry.test:5000';
    const origins = { registry: origin, token: origin, cdn: 'http://cdn.test' };
    const client = new TestClient({ origins });
    const refused = await client.ask(path, { anonymous: true });
    expect(paramsOf(refused).realm).toBe(`${origin}/token`);
    expect((await client.ask(path)).status).toBe(200);
  });
});

describe('basic', () => {
  test('the user gets in, nobody else', async () => {
    const client = new TestClient({ auth: 'basic', username: 'ann', password: 'a:b' });
    const refused = await client.ask(path, { anonymous: true });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    const statusOf = async (authorization: string) =>
      (await client.ask(path, { anonymous: true, headers: { authorization } })).status;
    expect(await statusOf(basicHeader('ann', 'a:b'))).toBe(200);
    expect(await statusOf(basicHeader('ann', 'a'))).toBe(401);
  });
});

describe('TokenMint', () => {
  const mint = new TokenMint(Buffer.from('key'), () => 0);

  test('reads back what it issued, and no other text', () => {
    const name = fc.stringMatching(/^[a-z0-9/._-]{1,40}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), fc.string(), (names, noise) => {
        const access = names.map(
          (name) => ({ type: 'repository', name, actions: ['pull'] }) as const,
        );
        const claims = {
          kind: 'access',
          subject: '',
          audience: 'a',
          access,
          expiresAt: 1,
        } as const;
        expect(mint.read(mint.issue(claims))).toEqual(claims);
        expect(mint.read(noise)).toBeUndefined();
      }),
    );
  });
});

describe('grantScopes', () => {
  const on = (name: string, ...actions: string[]) => ({ type: 'repository', name, actions });
  const grantable = (name: string) => (name === 'hidden' ? [] : ['pull', 'push']);

  test.each([
    [['repository:a/b:pull'], [on('a/b', 'pull')]],
    [['repository:a:pull repository:a:push'], [on('a', 'pull', 'push')]],
    [['repository(plugin):a:pull'], [on('a', 'pull')]],
    [['repository:a:*'], [on('a', 'pull', 'push')]],
    [['repository:a:delete'], []],
    [
      ['registry:catalog:*', 'repository:a:pull'],
      [on('a', 'pull'), catalogAccess],
    ],
    [['registry:catalog:pull', 'repository:A:pull', '*', ''], []],
    [['repository:hidden:pull'], []],
  ])('%j', (texts, access) => expect(grantScopes(texts, grantable)).toEqual(access));
});

describe('permissions', () => {
  const rules = ['anonymous:demo/app=none', 'user:demo/app=pull', 'user:team/*=pull,push'];

  /** Scope of the token that is granted for everything on a repository. */
  async function granted(name: string, asUser: boolean): Promise<string | undefined> {
    const client = new TestClient({ permissions: rules });
    const { username, password } = client.registry;
    const headers = asUser ? { authorization: basicHeader(username, password) } : undefined;
    const query = `${service}&scope=repository:${name}:pull,push,delete`;
    const { token = '' } = await tokenOf(client.token(query, headers));
    const claims = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
    return claims.access[0]?.actions.join(',');
  }

  test.each([
    ['demo/app', false, undefined],
    ['demo/app', true, 'pull'],
    ['demo/single', false, 'pull'],
    ['demo/single', true, 'pull,push,delete'],
    ['team/one', true, 'pull,push'],
  ])('%s, as user: %j: %s', async (name, asUser, actions) => {
    expect(await granted(name, asUser)).toBe(actions);
  });

  test('the registry keeps to them', async () => {
    const client = new TestClient({ permissions: rules });
    expect((await client.ask('/v2/demo/app/manifests/latest')).status).toBe(401);
    expect((await client.ask('/v2/demo/single/manifests/1.0')).status).toBe(200);
  });

  test.each([
    '',
    'anyone:a=pull',
    'user:a',
    'user:a=',
    'user:A=pull',
    'user:a=eat',
    'user:*a=pull',
  ])('"%s" is refused', (text) =>
    expect(() => new TestClient({ permissions: [text] })).toThrow(
      expect.objectContaining({ code: 'permission-unreadable', exitCode: 2 }),
    ),
  );
});

describe('token fields', () => {
  test.each(['token', 'access_token'] as const)('%s alone', async (field) => {
    const client = new TestClient({ tokenFields: [field] });
    const reply = await tokenOf(client.token(`${service}&${scope}`));
    const { token, access_token } = reply;
    expect([token, access_token].filter((one) => one !== undefined)).toEqual([reply[field]]);
    expect((await asking(client, reply[field] ?? '')).status).toBe(200);
  });
});

test('a refresh token of GET opens the form, for its service alone', async () => {
  const client = new TestClient();
  const { username, password, origins } = client.registry;
  const authorization = basicHeader(username, password);
  const query = `${service}&${scope}&offline_token=true`;
  const { refresh_token = '' } = await tokenOf(client.token(query, { authorization }));
  const anonymous = await tokenOf(client.token(query));
  expect(anonymous.refresh_token).toBeUndefined();
  const exchange = (audience: string) => {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      service: audience,
      client_id: 'test',
      refresh_token,
      scope: 'repository:demo/app:pull',
    });
    const url = `${origins.token}/token`;
    return client.registry.fetch(new Request(url, { method: 'POST', body }));
  };
  const { access_token } = await tokenOf(exchange('registry.test'));
  expect((await asking(client, access_token)).status).toBe(200);
  expect((await exchange('other.test')).status).toBe(401);
});
