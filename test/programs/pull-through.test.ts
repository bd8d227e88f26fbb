// Real registries as pull-through caches in front of the mock: Debian's docker-registry (distribution 2.8)
// and distribution v3. They log in with the user that the mock prints and follow its redirects to the CDN;
// what they have once, they do not fetch again.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect } from 'vitest';
import { type RunningMock, type ServerOptions, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { craneOf, skopeoPull } from '../lib/clients.ts';
import { demoImages, digestsIn, digestsOf, openRegistry, seeded } from '../lib/content.ts';
import { type RunningRegistry, startDockerRegistry } from '../lib/docker-registry.ts';
import { blobGets, isOverHttp2, requestsIn } from '../lib/request-log.ts';
import { testWith } from '../lib/tools.ts';

const waitsMax = 200;

describe.each(['docker-registry', 'registry'] as const)('%s in front of the mock', (program) => {
  const test = testWith(program, 'skopeo', 'crane');
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  /** Nobody may pull from the mock without the password, which only the cache is told. */
  async function start(
    options: ServerOptions = {},
  ): Promise<{ mock: RunningMock; cache: RunningRegistry; log: string }> {
    const log = join(scratch(), 'requests.ndjson');
    const mock = await startMock({ ...options, log, permissions: ['anonymous:*=none'] });
    undo.push(mock.close);
    const { registry: origin, username, password, ca } = mock;
    const upstream = { origin, username, password, ca };
    const cache = await startDockerRegistry({ program, upstream });
    undo.push(cache.stop);
    return { mock, cache, log };
  }

  test.each(demoImages)('%s:%s, twice by skopeo and by crane', async (repository, tag) => {
    const { cache, log } = await start();
    const expected = await digestsOf(seeded(), repository, tag);
    const image = `${cache.host}/${repository}:${tag}`;
    const crane = await craneOf();
    const pull = async () => {
      const folder = scratch();
      const [bySkopeo, byCrane] = [join(folder, 'skopeo'), join(folder, 'crane')];
      await skopeoPull(image, `dir:${bySkopeo}`);
      await crane('pull', '--format', 'oci', image, byCrane);
      expect(digestsIn(bySkopeo)).toEqual(expected);
      expect(digestsIn(byCrane)).toEqual(expected);
    };
    await pull();
    const first = blobGets(requestsIn(log));
    expect(new Set(first.map(({ role }) => role))).toEqual(new Set(['registry', 'edge']));
    // It stores some of what it has served only afterwards.
    await until(() => expected.every((digest) => cache.holds(digest)));

    const since = new Date().toISOString();
    await pull();
    expect(await digestsOf(openRegistry(cache.host), repository, tag)).toEqual(expected);
    expect(blobGets(requestsIn(log, since))).toEqual([]);
  });

  test('over TLS, with the CA and HTTP/2', async () => {
    const { cache, log } = await start({ tls: true });
    const digests = await digestsOf(openRegistry(cache.host), 'demo/app', 'latest');
    expect(digests).toEqual(await digestsOf(seeded(), 'demo/app', 'latest'));
    expect(requestsIn(log).some(isOverHttp2)).toBe(true);
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let wait = 0; wait < waitsMax && !holds(); wait++) await sleep(50);
  expect(holds()).toBe(true);
}
