import { describe, expect, test } from 'vitest';
import { expectDeviations, image, Pusher, repository } from '../../../test/lib/push-deviations.ts';
import { tagListFaults } from './list.ts';

const list = `/v2/${repository}/tags/list`;
const names = ['1.0', 'B', 'a', 'c', 'latest'];

/** The tags on the pages of a list of all `names`. */
const pages =
  (query = '') =>
  async (client: Pusher) => {
    await client.pushTags(...names);
    return client.tagPages(query);
  };

const link = async (client: Pusher) => {
  await client.pushTags(...names);
  return (await client.ask(`${list}?n=0`)).headers.get('link');
};

const isSorted = async (client: Pusher) => {
  const all = await pages()(client);
  return all.flat().every((name, index) => index === 0 || (all.flat()[index - 1] ?? '') < name);
};

const arePagesSorted = async (client: Pusher) => {
  const found = await pages('?n=2')(client);
  const sorted = found.map((page) => page.toSorted());
  return [JSON.stringify(found) === JSON.stringify(sorted), found.flat().join() === names.join()];
};

/** What stands after `?` in the first Link. */
const cursor = async (client: Pusher) => {
  await client.pushTags(...names);
  const next = (await client.ask(`${list}?n=2`)).headers.get('link') ?? '';
  return next.replace(/^.*\?/, '').replace(/[\w-]{7,}/g, '…');
};

const other = image({ annotations: { other: 'yes' } });
const moved = async (client: Pusher) => {
  await client.pushTags('a');
  await client.pushManifest(other, 'a');
  return client.tagPages();
};

const tagList = `/v2/${repository}/tags/list`;

expectDeviations(tagListFaults, [
  {
    id: 'tags-list-absent',
    look: async (client) => {
      await client.pushTags(...names);
      return client.statusOf(list);
    },
    faulty: 404,
    sound: 200,
  },
  { id: 'tags-last-wraps', look: pages('?last=latest'), faulty: [names], sound: [[]] },
  {
    id: 'tags-with-digests',
    look: async (client) => {
      await client.pushBlob();
      await client.pushManifest(image(), 'a');
      await client.pushManifest(image({ annotations: { not: 'tagged' } }));
      return (await client.tagPages()).flat().map((tag) => tag.slice(0, 7));
    },
    faulty: ['a', 'sha256:'],
    sound: ['a'],
  },
  { id: 'tags-unsorted', look: isSorted, faulty: false, sound: true },
  {
    id: 'tags-unsorted-across-pages',
    look: arePagesSorted,
    faulty: [true, false],
    sound: [true, true],
  },
  {
    id: 'tags-caseless',
    look: pages('?n=2'),
    faulty: [['1.0', 'a'], ['B', 'c'], ['latest']],
    sound: [['1.0', 'B'], ['a', 'c'], ['latest']],
  },
  {
    id: 'tags-n-ignored',
    look: pages('?n=2'),
    faulty: [names],
    sound: [['1.0', 'B'], ['a', 'c'], ['latest']],
  },
  {
    id: 'tags-last-inclusive',
    look: pages('?n=10&last=a'),
    faulty: [['a', 'c', 'latest']],
    sound: [['c', 'latest']],
  },
  {
    id: 'tags-last-ignored',
    look: pages('?n=3'),
    faulty: Array.from({ length: 6 }, () => ['1.0', 'B', 'a']),
    sound: [
      ['1.0', 'B', 'a'],
      ['c', 'latest'],
    ],
  },
  { id: 'tags-n-zero-full', look: pages('?n=0'), faulty: [names], sound: [[]] },
  {
    id: 'tags-n-zero-link',
    look: link,
    faulty: `<${list}?n=0&last=>; rel="next"`,
    sound: null,
  },
  {
    id: 'tags-cursor-opaque',
    look: cursor,
    faulty: 'cursor=…>; rel="next"',
    sound: 'n=2&last=B>; rel="next"',
  },
  {
    id: 'tags-cursor-comma',
    look: cursor,
    faulty: 'cursor=bj,…>; rel="next"',
    sound: 'n=2&last=B>; rel="next"',
  },
  {
    id: 'tags-no-name',
    look: async (client) => {
      await client.pushTags(...names);
      return JSON.parse(await client.textOf(list));
    },
    faulty: { tags: names },
    sound: { name: repository, tags: names },
  },
  {
    id: 'tags-always-empty',
    look: pages('?n=2'),
    faulty: [[]],
    sound: [['1.0', 'B'], ['a', 'c'], ['latest']],
  },
  {
    id: 'tags-end-cut',
    look: async (client) => {
      await client.pushTags('a', 'b', 'c');
      return client.tagPages('?last=a');
    },
    faulty: [['b']],
    sound: [['b', 'c']],
  },
  {
    id: 'tags-odd-hidden',
    look: async (client) => {
      await client.pushTags('_a', 'b');
      return client.tagPages();
    },
    faulty: [['b']],
    sound: [['_a', 'b']],
  },
  {
    id: 'tags-page-nameless',
    look: async (client) => {
      await client.pushTags('a', 'b');
      return JSON.parse(await client.textOf(`/v2/${repository}/tags/list?last=a`));
    },
    faulty: { tags: ['b'] },
    sound: { name: repository, tags: ['b'] },
  },
  { id: 'tags-moved-twice', look: moved, faulty: [['a', 'a']], sound: [['a']] },
  {
    id: 'tags-race-lost',
    look: async (client) => {
      await client.pushBlob();
      const names = ['a', 'b', 'c'];
      const replies = await Promise.all(names.map((tag) => client.pushManifest(image(), tag)));
      return [replies.map(({ status }) => status), await client.tagPages()];
    },
    faulty: [[201, 201, 201], [['a']]],
    sound: [[201, 201, 201], [['a', 'b', 'c']]],
  },
  {
    id: 'tags-plain-text',
    look: async (client) => {
      await client.pushTags('a');
      return (await client.ask(tagList)).headers.get('content-type');
    },
    faulty: 'text/plain; charset=utf-8',
    sound: 'application/json',
  },
  {
    id: 'tags-link-bare',
    look: async (client) => {
      await client.pushTags('a', 'b');
      return (await client.ask(`${tagList}?n=1`)).headers.get('link');
    },
    faulty: `${tagList}?n=1&last=a; rel="next"`,
    sound: `<${tagList}?n=1&last=a>; rel="next"`,
  },
  {
    id: 'tags-query-dropped',
    look: pages('?n=3'),
    faulty: [names],
    sound: [names.slice(0, 3), names.slice(3)],
  },
  {
    id: 'tags-link-nowhere',
    look: async (client) => {
      await client.pushTags(...names);
      const next = (await client.ask(`${list}?n=2`)).headers.get('link') ?? '';
      return client.statusOf(/<([^>]*)>/.exec(next)?.[1] ?? '');
    },
    faulty: 404,
    sound: 200,
  },
  { id: 'tags-cut-unsaid', look: pages(), faulty: [names.slice(0, 4)], sound: [names] },
  {
    id: 'catalog-n-ignored',
    look: async (client) => {
      await client.pushTags('a');
      const text = await client.textOf('/v2/_catalog?n=1');
      return (JSON.parse(text) as { repositories: string[] }).repositories.length > 1;
    },
    faulty: true,
    sound: false,
    repo: '',
  },
  {
    id: 'catalog-link-nowhere',
    look: async (client) => {
      const next = (await client.ask('/v2/_catalog?n=1')).headers.get('link') ?? '';
      return client.statusOf(/<([^>]*)>/.exec(next)?.[1] ?? '');
    },
    faulty: 404,
    sound: 200,
    repo: '',
  },
  {
    id: 'catalog-stale',
    look: async (client) => {
      await client.pushTags('a');
      return (await client.textOf('/v2/_catalog')).includes(repository);
    },
    faulty: false,
    sound: true,
    repo: '',
  },
]);

describe('what is wrong about a list', () => {
  test.each([
    'tags-unsorted',
    'tags-unsorted-across-pages',
    'tags-caseless',
    'tags-cursor-opaque',
    'tags-cursor-comma',
  ])('leaves every tag in it, once: %s', async (id) => {
    for (const query of ['', '?n=1', '?n=2', '?n=5']) {
      const found = await pages(query)(new Pusher({ faults: [id] }));
      expect(found.flat().sort()).toEqual(names);
    }
  });

  test.each(['tags-cursor-opaque', 'tags-cursor-comma'])('keeps its order: %s', async (id) => {
    const found = await pages('?n=2')(new Pusher({ faults: [id] }));
    expect(found).toEqual([['1.0', 'B'], ['a', 'c'], ['latest']]);
  });

  test('a cursor that was given out is understood, also where limits let no other out', async () => {
    const client = new Pusher({ faults: ['tags-cursor-opaque:p=0.5'], seed: 3 });
    await client.pushTags(...names);
    for (let time = 0; time < 8; time++)
      expect((await client.tagPages('?n=1')).flat()).toEqual(names);
  });

  test.each(tagListFaults.map(({ id }) => id))('leaves errors alone: %s', async (id) => {
    const client = new Pusher({ faults: [id] });
    expect(await client.statusOf('/v2/nobody/here/tags/list?n=0&last=a')).toBe(404);
    await client.pushTags('a');
    expect(await client.statusOf(`${list}?n=-1`)).toBe(400);
  });
});
