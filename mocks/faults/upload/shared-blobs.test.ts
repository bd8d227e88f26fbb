import {
  content,
  contentDigest,
  expectDeviations,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { sharedBlobFaults } from './shared-blobs.ts';

const target = 'team/other';
const blobPath = `/v2/${repository}/blobs/${contentDigest}`;
const mountPath = `/v2/${target}/blobs/uploads/?mount=${contentDigest}&from=${repository}`;

const mount = (client: Pusher) => client.statusOf(mountPath, 'POST');
const here = (client: Pusher) => client.blobStatus();
const there = (client: Pusher) => client.blobStatus(contentDigest, target);
const remove = (client: Pusher) => client.statusOf(blobPath, 'DELETE');

/** Statuses of these requests, after a push to the first repository. */
const pushedThen =
  (...steps: readonly ((client: Pusher) => Promise<number>)[]) =>
  async (client: Pusher) => {
    await client.pushBlob();
    client.registry.store.create(target, false);
    const statuses: number[] = [];
    for (const step of steps) statuses.push(await step(client));
    return statuses;
  };

const repo = target;
/** Limited to one of the repositories, the fault sees nothing of the other. */
const both = { repo: '' };

expectDeviations(sharedBlobFaults, [
  { id: 'blob-everywhere', look: pushedThen(there), faulty: [200], sound: [404], repo },
  { id: 'mount-moves', look: pushedThen(mount, here), faulty: [201, 404], sound: [201, 200], repo },
  {
    id: 'mount-known-refused',
    look: pushedThen(mount, mount),
    faulty: [201, 409],
    sound: [201, 201],
    repo,
  },
  {
    id: 'mount-race-crash',
    look: pushedThen(mount, mount),
    faulty: [201, 500],
    sound: [201, 201],
    repo,
  },
  { id: 'mount-bare-refused', look: pushedThen(mount), faulty: [400], sound: [201], repo },
  {
    id: 'mount-absent-untrue',
    look: pushedThen(remove, mount, there),
    faulty: [202, 201, 404],
    sound: [202, 202, 404],
    repo,
  },
  {
    id: 'push-known-unlinked',
    look: async (client) => {
      client.registry.store.create(target, false);
      client.registry.store.putBlob(target, content);
      return [(await client.pushBlob()).status, await here(client)];
    },
    faulty: [201, 404],
    sound: [201, 200],
  },
  {
    id: 'mount-deleted-untrue',
    look: pushedThen(remove, mount, there),
    faulty: [202, 201, 404],
    sound: [202, 202, 404],
    ...both,
  },
  {
    id: 'mount-linked',
    look: pushedThen(mount, remove, there),
    faulty: [201, 202, 404],
    sound: [201, 202, 200],
    ...both,
  },
]);
