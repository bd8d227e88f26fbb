import { expectDeviations, type Pusher, repository } from '../../../test/lib/push-deviations.ts';
import { replyHeaderFaults } from './headers.ts';

const tagged = `/v2/${repository}/manifests/a`;

/** A header of the reply to asking for a manifest. */
const header =
  (name: string, query = '') =>
  async (client: Pusher) => {
    await client.pushTags('a');
    const reply = await client.ask(tagged + query);
    return reply.headers.get(name)?.slice(0, 40) ?? null;
  };

expectDeviations(replyHeaderFaults, [
  {
    id: 'warning-agent',
    look: header('warning'),
    faulty: '299 registry.example.com "this image is ',
    sound: null,
  },
  {
    id: 'warning-dated',
    look: header('warning'),
    faulty: '299 - "this image is old" "Thu, 01 Jan 2',
    sound: null,
  },
  {
    id: 'warning-long',
    look: async (client) => {
      await client.pushTags('a');
      return ((await client.ask(tagged)).headers.get('warning') ?? '').length > 4_096;
    },
    faulty: true,
    sound: false,
  },
  {
    id: 'api-version-old',
    look: header('docker-distribution-api-version'),
    faulty: 'registry/1.0',
    sound: 'registry/2.0',
  },
  {
    id: 'ns-refused',
    look: async (client) => {
      await client.pushTags('a');
      return [await client.statusOf(tagged), await client.statusOf(`${tagged}?ns=docker.io`)];
    },
    faulty: [200, 400],
    sound: [200, 200],
  },
  {
    id: 'ns-untrue',
    look: header('oci-namespace', '?ns=docker.io'),
    faulty: 'registry.example.com',
    sound: null,
  },
]);
