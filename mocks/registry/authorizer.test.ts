import { describe, expect, test } from 'vitest';
import { parseChallenges } from '../../src/protocol/grammar/challenge.ts';
import { basicHeader, TestClient } from '../../test/lib/test-client.ts';
import type { RegistryOptions } from '../index.ts';
import { digestOf } from '../store.ts';

const content = Buffer.from('a blob');
const digest = digestOf(content);
const push = `/v2/team/app/blobs/uploads/?digest=${digest}`;

/** A client of a registry with bearer tokens, and the requests that it makes with tokens of its choice. */
class Scoped {
  readonly client: TestClient;

  constructor(options: RegistryOptions = {}) {
    this.client = new TestClient({ auth: 'bearer', ...options });
  }

  async token(scopes: readonly string[], who: 'user' | 'anyone' = 'user'): Promise<string> {
    const { username, password } = this.client.registry;
    const query = new URLSearchParams({ service: 'registry.test' });
    for (const scope of scopes) query.append('scope', scope);
    const headers = who === 'user' ? { authorization: basicHeader(username, password) } : undefined;
    const reply = await this.client.token(query.toString(), headers);
    return ((await reply.json()) as { token: string }).token;
  }

  ask(token: string, path: string, method = 'GET', body?: Uint8Array): Promise<Response> {
    const headers = { authorization: `Bearer ${token}` };
    const ask = { method, headers, ...(body !== undefined && { body }) };
    return this.client.fetch(this.client.registry.origins.registry + path, ask);
  }

  /** Pushes the blob to team/app as the user. */
  async push(): Promise<void> {
    const token = await this.token(['repository:team/app:pull,push']);
    expect((await this.ask(token, push, 'POST', content)).status).toBe(201);
  }
}

/** Error and scope of the challenge of a 401. */
function wanted(reply: Response): [string | undefined, string | undefined] {
  expect(reply.status).toBe(401);
  const { error, scope } =
    parseChallenges(reply.headers.get('www-authenticate') ?? '')[0]?.params ?? {};
  return [error, scope];
}

const blob = `/v2/team/app/blobs/${digest}`;
const session = '/v2/team/app/blobs/uploads/11111111-1111-1111-1111-111111111111';

describe('each request needs its own scope', () => {
  test.each([
    ['GET', blob, 'pull', 'push'],
    ['HEAD', '/v2/team/app/manifests/x', 'pull', 'delete'],
    ['GET', '/v2/team/app/tags/list', 'pull', 'push'],
    ['GET', `/v2/team/app/referrers/${digest}`, 'pull', 'push'],
    ['POST', '/v2/team/app/blobs/uploads/', 'pull,push', 'pull'],
    ['PUT', '/v2/team/app/manifests/x', 'pull,push', 'pull'],
    ['PATCH', session, 'pull,push', 'pull'],
    ['GET', session, 'pull,push', 'pull'],
    ['DELETE', session, 'pull,push', 'delete'],
    ['DELETE', blob, 'delete', 'pull,push'],
    ['DELETE', '/v2/team/app/manifests/x', 'delete', 'pull,push'],
  ])('%s %s needs %s; %s is not enough', async (method, path, needed, other) => {
    const scoped = new Scoped();
    await scoped.push();
    const weak = await scoped.token([`repository:team/app:${other}`]);
    const refused = await scoped.ask(weak, path, method);
    const scope = `repository:team/app:${needed}`;
    expect(wanted(refused)).toEqual(['insufficient_scope', scope]);
    const elsewhere = await scoped.token([`repository:team/apps:${needed}`]);
    expect(wanted(await scoped.ask(elsewhere, path, method))[1]).toBe(scope);
    const strong = await scoped.token([scope]);
    expect((await scoped.ask(strong, path, method)).status).not.toBe(401);
  });

  test('the catalog needs its own, and shows what may be pulled', async () => {
    const scoped = new Scoped();
    await scoped.push();
    const none = await scoped.token([]);
    const scope = 'registry:catalog:*';
    expect(wanted(await scoped.ask(none, '/v2/_catalog'))).toEqual(['insufficient_scope', scope]);
    const namesFor = async (who: 'user' | 'anyone') => {
      const reply = await scoped.ask(await scoped.token([scope], who), '/v2/_catalog');
      return ((await reply.json()) as { repositories: string[] }).repositories;
    };
    const seeded = ['demo/app', 'demo/legacy', 'demo/single'];
    expect(await namesFor('anyone')).toEqual(seeded);
    expect(await namesFor('user')).toEqual([...seeded, 'team/app']);
  });
});

describe('a mount', () => {
  const layerOf = (scoped: Scoped) =>
    scoped.client.registry.images[0]?.platforms[0]?.layers[2]?.digest ?? '';
  const own = 'repository:team/app:pull,push';

  test('needs a token for the source as well', async () => {
    const scoped = new Scoped();
    const path = `/v2/team/app/blobs/uploads/?mount=${layerOf(scoped)}&from=demo/app`;
    const weak = await scoped.token([own]);
    const both = [own, 'repository:demo/app:pull'];
    expect(wanted(await scoped.ask(weak, path, 'POST'))).toEqual([
      'insufficient_scope',
      both.join(' '),
    ]);
    expect((await scoped.ask(await scoped.token(both), path, 'POST')).status).toBe(201);
  });

  test('without a source finds only what the token lets it pull', async () => {
    const scoped = new Scoped();
    const path = `/v2/team/app/blobs/uploads/?mount=${layerOf(scoped)}`;
    expect((await scoped.ask(await scoped.token([own]), path, 'POST')).status).toBe(202);
    const both = await scoped.token([own, 'repository:demo/app:pull']);
    expect((await scoped.ask(both, path, 'POST')).status).toBe(201);
  });

  test('from a name that is none says nothing of it in the challenge', async () => {
    const scoped = new Scoped();
    const from = encodeURIComponent('a",error="x');
    const path = `/v2/team/app/blobs/uploads/?mount=${digest}&from=${from}`;
    expect(wanted(await scoped.ask('', path, 'POST'))[1]).toBe(own);
    expect((await scoped.ask(await scoped.token([own]), path, 'POST')).status).toBe(400);
  });
});

describe('anyone', () => {
  const scope = 'repository:team/app:pull,push';

  test('pulls what was there from the start, not what a user pushed', async () => {
    const scoped = new Scoped();
    const early = await scoped.token([scope], 'anyone');
    expect((await scoped.ask(early, blob)).status).toBe(404);
    expect(wanted(await scoped.ask(early, push, 'POST', content))[0]).toBe('insufficient_scope');
    await scoped.push();
    for (const token of [early, await scoped.token([scope], 'anyone')]) {
      expect(wanted(await scoped.ask(token, blob))[0]).toBe('insufficient_scope');
    }
    expect((await scoped.ask(await scoped.token([scope]), blob)).status).toBe(302);
    const seeded = await scoped.token(['repository:demo/app:pull'], 'anyone');
    expect((await scoped.ask(seeded, '/v2/demo/app/manifests/latest')).status).toBe(200);
  });

  test('pushes and pulls, but does not delete, where the policy says so', async () => {
    const scoped = new Scoped({ anonymousPush: true });
    const token = await scoped.token([scope, 'repository:team/app:delete'], 'anyone');
    expect((await scoped.ask(token, push, 'POST', content)).status).toBe(201);
    expect((await scoped.ask(token, blob)).status).toBe(302);
    expect(wanted(await scoped.ask(token, blob, 'DELETE'))[0]).toBe('insufficient_scope');
  });
});

test('with basic authentication the user pushes, nobody else', async () => {
  const client = new TestClient({ auth: 'basic' });
  const { username, password } = client.registry;
  const ask = { method: 'POST', body: content, anonymous: true };
  expect((await client.ask(push, ask)).status).toBe(401);
  const headers = { authorization: basicHeader(username, password) };
  expect((await client.ask(push, { ...ask, headers })).status).toBe(201);
});
