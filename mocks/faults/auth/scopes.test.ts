import { describe, expect, test } from 'vitest';
import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import { basicHeader, TestClient } from '../../../test/lib/test-client.ts';
import { tokenScopeFaults } from './scopes.ts';

const path = '/v2/demo/app/manifests/latest';
const uploads = '/v2/demo/app/blobs/uploads/';
const pull = 'repository:demo/app:pull';
const service = 'registry.test';

/** A token that was asked for this by the user. */
async function tokenFor(client: TestClient, scope: string, of = service): Promise<string> {
  const { username, password } = client.registry;
  const headers = { authorization: basicHeader(username, password) };
  const reply = await client.token(`service=${of}&scope=${scope}`, headers);
  return ((await reply.json()) as { token: string }).token;
}

/** Status of a request with a token that was asked for this. */
const status =
  (method: string, to: string, scope = pull, of = service) =>
  async (client: TestClient) => {
    const headers: Record<string, string> = {
      authorization: `Bearer ${await tokenFor(client, scope, of)}`,
    };
    const body = client.registry.store.manifest('demo/app', 'latest')?.bytes ?? '';
    const isPut = method === 'PUT';
    if (isPut) headers['content-type'] = mediaTypes.ociIndex;
    const ask = { method, headers, anonymous: true, ...(isPut && { body }) };
    return (await client.ask(to, ask)).status;
  };

/** Names of the fields of a reply to the form; its status where it is refused. */
const form = async (client: TestClient) => {
  const { username, password, origins } = client.registry;
  const fields = { grant_type: 'password', client_id: 'test', service, username, password };
  const body = new URLSearchParams({ ...fields, scope: pull });
  const request = new Request(`${origins.token}/token`, { method: 'POST', body });
  const reply = await client.registry.fetch(request);
  return reply.ok ? Object.keys((await reply.json()) as object).toSorted() : reply.status;
};

const fields = ['access_token', 'expires_in', 'issued_at', 'scope'];
const rows: readonly [
  id: string,
  look: (client: TestClient) => Promise<unknown>,
  faulty: unknown,
  sound: unknown,
][] = [
  ['token-action-ignored', status('POST', uploads), 202, 401],
  ['token-action-ignored', status('PUT', path), 201, 401],
  ['token-action-ignored', status('DELETE', path), 202, 401],
  ['token-too-little-denied', status('POST', uploads), 403, 401],
  ['token-repository-ignored', status('GET', path, 'repository:demo/single:pull'), 200, 401],
  ['token-audience-ignored', status('GET', path, pull, 'other.test'), 200, 401],
  ['token-form-other-field', form, ['expires_in', 'issued_at', 'scope', 'token'], fields],
  ['token-form-scope-unsaid', form, fields.filter((name) => name !== 'scope'), fields],
  ['token-form-lifetime-unsaid', form, fields.filter((name) => name !== 'expires_in'), fields],
  ['token-form-unknown', form, 404, fields],
  ['upload-cancel-takes-delete', status('DELETE', `${uploads}none`, `${pull},push`), 401, 404],
];

describe.each(rows)('%s', (id, look, faulty, sound) => {
  test('shows, and only with the fault', async () => {
    expect(await look(new TestClient({ faults: [id] }))).toEqual(faulty);
    expect(await look(new TestClient())).toEqual(sound);
  });
});

test('tokens that are none open nothing, whatever the fault', async () => {
  for (const { id } of tokenScopeFaults) {
    const client = new TestClient({ faults: [id] });
    const headers = { authorization: 'Bearer nonsense' };
    expect((await client.ask(path, { headers, anonymous: true })).status, id).toBe(401);
  }
});

test('every fault is looked at', () => {
  expect(new Set(rows.map(([id]) => id))).toEqual(new Set(tokenScopeFaults.map(({ id }) => id)));
});
