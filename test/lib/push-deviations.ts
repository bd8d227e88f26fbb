// For the tests of faults that show when something is pushed: a client that pushes, and a table of what it
// sees with a fault and without.
import { describe, expect, test } from 'vitest';
import type { Fault } from '../../mocks/faults/fault.ts';
import type { RegistryOptions } from '../../mocks/index.ts';
import { digestOf } from '../../mocks/store.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import { type Ask, TestClient } from './test-client.ts';

export const repository = 'team/app';
export const uploads = `/v2/${repository}/blobs/uploads/`;
export const content = Buffer.from('what is pushed, byte by byte');
export const contentDigest = digestOf(content);
export const otherDigest = digestOf(Buffer.from('something else'));

/** Pushes without credentials to a registry that serves blobs itself. */
export class Pusher extends TestClient {
  constructor(options: RegistryOptions = {}) {
    super({ auth: 'none', redirect: 'none', ...options });
  }

  /** Begins an upload; returns its URL. */
  async begin(path = uploads): Promise<string> {
    const reply = await this.ask(path, { method: 'POST' });
    return this.#locationOf(reply, this.registry.origins.registry + path);
  }

  /** One chunk; returns its reply with the URL of the next. */
  async patch(url: string, body: Uint8Array, first?: number): Promise<[Response, string]> {
    const reply = await this.fetch(url, { method: 'PATCH', body, headers: rangeOf(body, first) });
    return [reply, this.#locationOf(reply, url)];
  }

  put(url: string, digest: string, body?: Uint8Array, first?: number): Promise<Response> {
    const ask = body === undefined ? {} : { body, headers: rangeOf(body, first) };
    const ended = new URL(url);
    ended.searchParams.append('digest', digest);
    return this.fetch(ended.href, { ...ask, method: 'PUT' });
  }

  /** By POST and PUT. */
  async pushBlob(body: Uint8Array = content, of = digestOf(body)): Promise<Response> {
    return this.put(await this.begin(), of, body);
  }

  /** In two chunks and an empty PUT. */
  async pushChunks(body: Uint8Array = content, of = digestOf(body)): Promise<Response> {
    const half = body.length >> 1;
    const [, second] = await this.patch(await this.begin(), body.subarray(0, half), 0);
    const [, end] = await this.patch(second, body.subarray(half), half);
    return this.put(end, of);
  }

  /** To a tag, or to its own digest. */
  pushManifest(document: object, reference?: string, ask: Ask = {}): Promise<Response> {
    const body = Buffer.from(JSON.stringify(document));
    const isIndex = 'manifests' in document;
    const type = isIndex ? mediaTypes.ociIndex : mediaTypes.ociManifest;
    const path = `/v2/${repository}/manifests/${reference ?? digestOf(body)}`;
    const headers = { 'content-type': type };
    return this.ask(path, { method: 'PUT', body, headers, ...ask });
  }

  /** Pushes one small image under each tag. */
  async pushTags(...tags: readonly string[]): Promise<void> {
    await this.pushBlob();
    for (const tag of tags) await this.pushManifest(image(), tag);
  }

  async statusOf(path: string, method = 'GET'): Promise<number> {
    return (await this.ask(path, { method })).status;
  }

  blobStatus(digest = contentDigest, of = repository): Promise<number> {
    return this.statusOf(`/v2/${of}/blobs/${digest}`);
  }

  async textOf(path: string): Promise<string> {
    return (await this.ask(path)).text();
  }

  /** The names on each page, by following Link at most `pagesMax` times. */
  async tagPages(query = '', pagesMax = 6): Promise<string[][]> {
    const pages: string[][] = [];
    let path: string | undefined = `/v2/${repository}/tags/list${query}`;
    while (path !== undefined && pages.length < pagesMax) {
      const reply: Response = await this.ask(path);
      pages.push(((await reply.json()) as { tags: string[] }).tags);
      path = /^<([^>]*)>; rel="next"$/.exec(reply.headers.get('link') ?? '')?.[1];
    }
    return pages;
  }

  #locationOf(reply: Response, base: string): string {
    return new URL(reply.headers.get('location') ?? '', base).href;
  }
}

/** A manifest whose config and only layer is `content`, unless fields say otherwise. */
export function image(fields: object = {}): object {
  const { length: size } = content;
  const config = { mediaType: mediaTypes.ociConfig, digest: contentDigest, size };
  const layer = { mediaType: mediaTypes.ociLayerGzip, digest: contentDigest, size };
  const mediaType = mediaTypes.ociManifest;
  return { schemaVersion: 2, mediaType, config, layers: [layer], ...fields };
}

function rangeOf(body: Uint8Array, first: number | undefined): Record<string, string> {
  return first === undefined ? {} : { 'content-range': `${first}-${first + body.length - 1}` };
}

/** What one fault changes of what is seen. */
export interface Deviation {
  readonly id: string;
  readonly look: (client: Pusher) => Promise<unknown>;
  readonly faulty: unknown;
  readonly sound: unknown;
  readonly options?: RegistryOptions;
  /** The repository that the limit `repo` would have to name, default `repository`; '': none that is one. */
  readonly repo?: string;
}

/** Declares the tests: each fault shows, only with the fault, and only where its limits let it. */
export function expectDeviations(faults: readonly Fault[], rows: readonly Deviation[]): void {
  const seen = ({ look, options }: Deviation, limits?: string) => {
    return look(new Pusher({ ...options, ...(limits !== undefined && { faults: [limits] }) }));
  };

  describe.each(rows.map((row) => [row.id, row] as const))('%s', (id, row) => {
    test('shows', async () => {
      expect(await seen(row, id)).toEqual(row.faulty);
    });

    test('does not show without the fault', async () => {
      expect(await seen(row)).toEqual(row.sound);
    });

    test('keeps to its limits', async () => {
      expect(await seen(row, `${id}:repo=nobody/here`)).toEqual(row.sound);
      expect(await seen(row, `${id}:after=1000`)).toEqual(row.sound);
      expect(await seen(row, `${id}:p=0.000001`)).toEqual(row.sound);
      const repo = row.repo === '' ? '' : `:repo=${row.repo ?? repository}`;
      const met = `${id}${repo}:after=0:p=1`;
      expect(await seen(row, met)).toEqual(row.faulty);
    });
  });

  test('every fault is looked at', () => {
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(faults.map(({ id }) => id)));
  });
}
