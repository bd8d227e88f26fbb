import { expect, test } from 'vitest';
import {
  content,
  contentDigest,
  expectDeviations,
  otherDigest,
  Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { basicHeader } from '../../../test/lib/test-client.ts';
import { mountFaults } from './mounts.ts';

const target = 'team/other';
const targetUploads = `/v2/${target}/blobs/uploads/`;

async function mount(client: Pusher, digest: string, headers = {}): Promise<Response> {
  const path = `${targetUploads}?mount=${digest}&from=${repository}`;
  return client.ask(path, { method: 'POST', headers });
}

/** Status of a mount that cannot be, whether it has a Location, and of the push that follows. */
const refused = async (client: Pusher) => {
  const reply = await mount(client, contentDigest);
  const location = reply.headers.get('location');
  if (location === null) return [reply.status, 'nowhere'];
  const url = client.registry.origins.registry + location;
  return [reply.status, (await client.put(url, contentDigest, content)).status];
};

/** Status of a mount that can be, and of the blob where it should be. */
const granted = async (client: Pusher) => {
  await client.pushBlob();
  const reply = await mount(client, contentDigest);
  return [reply.status, await client.blobStatus(contentDigest, target)];
};

/** As `granted`, with a token for the target alone. */
const unauthorized = async (client: Pusher) => {
  client.registry.store.create(repository, true);
  client.registry.store.putBlob(repository, content);
  const headers = { authorization: `Bearer ${await tokenFor(client, `${target}:pull,push`)}` };
  const reply = await mount(client, contentDigest, headers);
  const blob = await client.ask(`/v2/${target}/blobs/${contentDigest}`, { headers });
  return [reply.status, blob.status];
};

async function tokenFor(client: Pusher, ...scopes: string[]): Promise<string> {
  return ((await (await askToken(client, ...scopes)).json()) as { token: string }).token;
}

function askToken(client: Pusher, ...scopes: string[]): Promise<Response> {
  const { username, password } = client.registry;
  const asked = scopes.map((scope) => `&scope=repository:${scope}`).join('');
  const headers = { authorization: basicHeader(username, password) };
  return client.token(`service=registry.test${asked}`, headers);
}

const bearer = { auth: 'bearer', permissions: ['user:secret/*=none'] } as const;

expectDeviations(mountFaults, [
  {
    id: 'mount-refused-no-location',
    look: refused,
    faulty: [202, 'nowhere'],
    sound: [202, 201],
    repo: target,
  },
  {
    id: 'mount-refused-dead-upload',
    look: refused,
    faulty: [202, 404],
    sound: [202, 201],
    repo: target,
  },
  { id: 'mount-ignored', look: granted, faulty: [202, 404], sound: [201, 200], repo: target },
  { id: 'mount-untrue', look: granted, faulty: [201, 404], sound: [201, 200], repo: target },
  {
    id: 'mount-from-one-refused',
    look: async (client) => {
      const path = `${targetUploads}?mount=${contentDigest}&from=alpine`;
      return client.statusOf(path, 'POST');
    },
    faulty: 400,
    sound: 202,
    repo: target,
  },
  {
    id: 'mount-to-new-unknown',
    look: granted,
    faulty: [404, 404],
    sound: [201, 200],
    repo: target,
  },
  {
    id: 'mount-out-of-scope-crash',
    look: unauthorized,
    faulty: [500, 404],
    sound: [401, 404],
    options: bearer,
    repo: target,
  },
  {
    id: 'mount-unauthorized',
    look: unauthorized,
    faulty: [201, 200],
    sound: [401, 404],
    options: bearer,
    repo: target,
  },
  {
    id: 'token-all-or-nothing',
    look: async (client) => {
      const both = await askToken(client, `${target}:pull,push`, 'secret/base:pull');
      const one = await askToken(client, `${target}:pull,push`);
      const nothing = await askToken(client, 'secret/base:pull');
      const fine = await askToken(client, `${target}:pull,push`, `${repository}:pull`);
      return [both.status, one.status, nothing.status, fine.status];
    },
    faulty: [401, 200, 200, 200],
    sound: [200, 200, 200, 200],
    options: bearer,
    repo: target,
  },
]);

test('a mount of what is there works where only refused ones are wrong', async () => {
  for (const id of ['mount-refused-no-location', 'mount-refused-dead-upload']) {
    expect(await granted(new Pusher({ faults: [id] }))).toEqual([201, 200]);
  }
});

test('a mount that is not true can be made true by a push', async () => {
  const client = new Pusher({ faults: ['mount-untrue'] });
  await granted(client);
  const url = await client.begin(targetUploads);
  await client.put(url, contentDigest, content);
  expect(await client.blobStatus(contentDigest, target)).toBe(200);
});

test('who may not push, or asks for what is nowhere, mounts nothing', async () => {
  const client = new Pusher({ ...bearer, faults: ['mount-unauthorized'] });
  client.registry.store.putBlob(repository, content);
  expect((await mount(client, contentDigest)).status).toBe(401);
  const headers = { authorization: `Bearer ${await tokenFor(client, `${target}:pull,push`)}` };
  expect((await mount(client, otherDigest, headers)).status).toBe(401);
  expect(client.registry.store.has(target)).toBe(false);
});

test('a mount that is ignored leads to an upload that works', async () => {
  expect(await refused(new Pusher({ faults: ['mount-ignored'] }))).toEqual([202, 201]);
});
