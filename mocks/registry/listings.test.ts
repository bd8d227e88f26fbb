import { describe, expect, test } from 'vitest';
import { nextLink } from '../../src/protocol/grammar/link.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { TestClient } from '../../test/lib/test-client.ts';
import type { RegistryOptions } from '../index.ts';
import { digestOf } from '../store.ts';
import type { ReferrerEntry } from './referrer.ts';

const pagesMax = 20;

/** All pages of a list, by their links. */
async function pagesOf(client: TestClient, path: string): Promise<Response[]> {
  const pages: Response[] = [];
  for (let next: string | undefined = path; next !== undefined && pages.length < pagesMax; ) {
    const page: Response = await client.ask(next);
    expect(page.status).toBe(200);
    pages.push(page);
    next = nextLink(page.headers.get('link') ?? '');
  }
  return pages;
}

describe('the catalog', () => {
  const client = new TestClient({ auth: 'none' });
  const all = ['demo/app', 'demo/legacy', 'demo/single'];
  const namesOf = async (page: Response) =>
    ((await page.json()) as { repositories: string[] }).repositories;

  test.each([
    ['', all, false],
    ['?n=2', all.slice(0, 2), true],
    ['?n=3', all, false],
    ['?n=0', [], false],
    [`?n=${'9'.repeat(40)}`, all, false],
    ['?n=1&last=demo/app', ['demo/legacy'], true],
    ['?last=demo/legacy', ['demo/single'], false],
  ])('%j is answered', async (query, names, hasNext) => {
    const reply = await client.ask(`/v2/_catalog${query}`);
    expect(await namesOf(reply)).toEqual(names);
    expect(reply.headers.has('link')).toBe(hasNext);
  });

  test('links lead through all of it', async () => {
    const pages = await pagesOf(client, '/v2/_catalog?n=1');
    expect((await Promise.all(pages.map(namesOf))).flat()).toEqual(all);
  });
});

test('a list is paged unasked when the registry has a limit', async () => {
  const client = new TestClient({ auth: 'none', pageEntriesMax: 3 });
  const { store } = client.registry;
  const digest = store.putManifest('team/many', Buffer.from('{}'), 'a/b');
  const tags = Array.from({ length: 10 }, (_, i) => `t${i}`);
  for (const tag of tags) store.putTag('team/many', tag, digest);
  for (const query of ['', '?n=5']) {
    const pages = await pagesOf(client, `/v2/team/many/tags/list${query}`);
    const lists = (await Promise.all(pages.map((page) => page.json()))) as { tags: string[] }[];
    expect(lists.map((list) => list.tags.length)).toEqual([3, 3, 3, 1]);
    expect(lists.flatMap((list) => list.tags)).toEqual(tags);
  }
});

test('ten thousand tags are paged in order', async () => {
  const client = new TestClient({ auth: 'none' });
  const { store } = client.registry;
  const digest = store.putManifest('team/many', Buffer.from('{}'), 'a/b');
  for (let i = 0; i < 10_000; i++) store.putTag('team/many', `v${(i * 7919) % 10_000}`, digest);
  const pages = await pagesOf(client, '/v2/team/many/tags/list?n=1000');
  const lists = (await Promise.all(pages.map((page) => page.json()))) as { tags: string[] }[];
  const tags = lists.flatMap((list) => list.tags);
  expect(pages).toHaveLength(10);
  expect(tags).toEqual([...new Set(tags)].sort());
  expect(tags).toHaveLength(10_000);
});

describe('referrers', () => {
  const subject = digestOf(Buffer.from('not there yet'));
  const config = {
    mediaType: 'application/vnd.config',
    digest: digestOf(Buffer.from('{}')),
    size: 2,
  };
  const base = { schemaVersion: 2, subject: { mediaType: 'a/b', digest: subject, size: 3 } };
  const manifest = { ...base, mediaType: mediaTypes.ociManifest, config, layers: [] };
  const index = { ...base, mediaType: mediaTypes.ociIndex, manifests: [] };
  const annotations = { 'org.example': 'yes', b: '' };
  const documents = {
    signature: { ...manifest, artifactType: 'application/vnd.sig', annotations },
    sbom: { ...manifest, artifactType: 'application/vnd.sbom' },
    untyped: { ...manifest, artifactType: '' },
    list: { ...index, annotations },
    typedList: { ...index, artifactType: 'application/vnd.sig' },
  };
  const bytesOf = (name: keyof typeof documents) => Buffer.from(JSON.stringify(documents[name]));
  const entryOf = (name: keyof typeof documents, more: object) => ({
    mediaType: documents[name].mediaType,
    digest: digestOf(bytesOf(name)),
    size: bytesOf(name).length,
    ...more,
  });
  const names = Object.keys(documents) as (keyof typeof documents)[];

  async function filled(options: RegistryOptions = {}): Promise<TestClient> {
    const client = new TestClient({ auth: 'none', sparse: 'allow', ...options });
    for (const name of names) {
      const reply = await client.ask(`/v2/team/app/manifests/${name}`, {
        method: 'PUT',
        body: bytesOf(name),
        headers: { 'content-type': documents[name].mediaType },
      });
      expect(reply.status).toBe(201);
      expect(reply.headers.get('oci-subject')).toBe(subject);
    }
    return client;
  }

  async function entriesOf(page: Response): Promise<ReferrerEntry[]> {
    expect(page.headers.get('content-type')).toBe(mediaTypes.ociIndex);
    const list = (await page.json()) as { manifests: ReferrerEntry[] };
    expect(list).toMatchObject({ schemaVersion: 2, mediaType: mediaTypes.ociIndex });
    return list.manifests;
  }

  const path = `/v2/team/app/referrers/${subject}`;
  const byDigest = (a: { digest: string }, b: { digest: string }) => (a.digest < b.digest ? -1 : 1);

  test('of a manifest that is not there are listed, with type and annotations', async () => {
    const client = await filled();
    const reply = await client.ask(path);
    expect(reply.headers.has('oci-filters-applied')).toBe(false);
    expect(await entriesOf(reply)).toEqual(
      [
        entryOf('signature', { artifactType: 'application/vnd.sig', annotations }),
        entryOf('sbom', { artifactType: 'application/vnd.sbom' }),
        entryOf('untyped', { artifactType: 'application/vnd.config' }),
        entryOf('list', { annotations }),
        entryOf('typedList', { artifactType: 'application/vnd.sig' }),
      ].sort(byDigest),
    );
  });

  test('are filtered by type, and the reply says so', async () => {
    const client = await filled();
    const counts = { 'application/vnd.sig': 2, 'application/vnd.config': 1, 'a/none': 0 };
    for (const [type, count] of Object.entries(counts)) {
      const reply = await client.ask(`${path}?artifactType=${encodeURIComponent(type)}`);
      expect(reply.headers.get('oci-filters-applied')).toBe('artifactType');
      const entries = await entriesOf(reply);
      expect(entries).toHaveLength(count);
      for (const entry of entries) expect(entry.artifactType).toBe(type);
    }
  });

  test('an empty type is no filter', async () => {
    const reply = await (await filled()).ask(`${path}?artifactType=`);
    expect(reply.headers.has('oci-filters-applied')).toBe(false);
    expect(await entriesOf(reply)).toHaveLength(5);
  });

  test.each([
    ['', 5],
    ['?artifactType=application/vnd.sig', 2],
  ])('links lead through all pages of %j', async (query, count) => {
    const client = await filled({ pageEntriesMax: 1 });
    const pages = await pagesOf(client, path + query);
    const entries = (await Promise.all(pages.map(entriesOf))).flat();
    expect(pages).toHaveLength(count);
    expect(new Set(entries.map(({ digest }) => digest)).size).toBe(count);
    const filters = query === '' ? null : 'artifactType';
    for (const page of pages) expect(page.headers.get('oci-filters-applied')).toBe(filters);
  });

  test('are paged when one index would be too large for its readers', async () => {
    const client = new TestClient({ auth: 'none', sparse: 'allow' });
    const long = 'x'.repeat(1_000_000);
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const bytes = Buffer.from(JSON.stringify({ ...manifest, annotations: { name, long } }));
      client.registry.store.putManifest('team/app', bytes, mediaTypes.ociManifest);
    }
    const pages = await pagesOf(client, path);
    const bodies = await Promise.all(pages.map((page) => page.text()));
    expect(bodies).toHaveLength(2);
    for (const body of bodies) expect(body.length).toBeLessThan(4 * 1024 ** 2);
  });

  test('that are deleted leave the list; the others survive the subject', async () => {
    const client = await filled();
    const gone = digestOf(bytesOf('sbom'));
    await client.ask(`/v2/team/app/manifests/${gone}`, { method: 'DELETE' });
    const left = (await entriesOf(await client.ask(path))).map(({ digest }) => digest);
    expect(left).toHaveLength(4);
    expect(left).not.toContain(gone);
    const [onItself] = left;
    const next = `/v2/team/app/referrers/${onItself}`;
    const attached = { ...manifest, subject: { mediaType: 'a/b', digest: onItself, size: 1 } };
    client.registry.store.putManifest(
      'team/app',
      Buffer.from(JSON.stringify(attached)),
      mediaTypes.ociManifest,
    );
    await client.ask(`/v2/team/app/manifests/${onItself}`, { method: 'DELETE' });
    expect(await entriesOf(await client.ask(next))).toHaveLength(1);
  });

  test.each([path, `/v2/demo/app/referrers/${subject}`, `/v2/no/where/referrers/${subject}`])(
    'of what nobody refers to are an empty index, never 404: %s',
    async (of) => {
      const client = new TestClient({ auth: 'none' });
      expect(await entriesOf(await client.ask(of))).toEqual([]);
    },
  );

  test.each(['latest', 'sha256:abc', 'sha256:', `md5:${'a'.repeat(32)}`])(
    'of %s, which is no digest, are 400',
    async (of) => {
      const client = new TestClient({ auth: 'none' });
      expect((await client.ask(`/v2/demo/app/referrers/${of}`)).status).toBe(400);
    },
  );
});
