import {
  expectDeviations,
  image,
  type Pusher,
  repository,
} from '../../../test/lib/push-deviations.ts';
import { tagCountFaults } from './counts.ts';

const list = `/v2/${repository}/tags/list`;
const names = ['a', 'b', 'c', 'd'];

const pages = (query: string) => async (client: Pusher) => {
  await client.pushTags(...names);
  return client.tagPages(query);
};

expectDeviations(tagCountFaults, [
  {
    id: 'tags-n-large-refused',
    look: async (client) => {
      await client.pushTags('a');
      return [await client.statusOf(`${list}?n=999`), await client.statusOf(`${list}?n=1000`)];
    },
    faulty: [200, 400],
    sound: [200, 200],
  },
  { id: 'tags-n-clamped', look: pages('?n=100'), faulty: [names.slice(0, 3)], sound: [names] },
  {
    id: 'tags-none-unknown',
    look: async (client) => {
      await client.pushBlob();
      await client.pushManifest(image());
      return client.statusOf(list);
    },
    faulty: 404,
    sound: 200,
  },
]);
