// What surrounds the checks: the image that a run pushes, and the cleaning up.
import { expect, test } from 'vitest';
import { createRegistry } from '../../../mocks/index.ts';
import { inProcess } from '../../../test/lib/in-process.ts';
import { checks } from '../../checks/catalogue.ts';
import { standardTag } from '../../checks/setup/standard-image.ts';
import { Redactor } from '../../drivers/redact.ts';
import { runChecks } from './checks.ts';

/** Answers in place of the mock, or after it; undefined: as the mock does. */
type Bend = (
  request: Request,
  answer: () => Promise<Response>,
) => Promise<Response | undefined> | Response | undefined;

/** A full run of these checks against a sound mock, some of whose answers are others. */
async function runBent(ids: readonly string[], bend: Bend) {
  const registry = createRegistry({ auth: 'none', redirect: 'none' });
  const fetch = async (request: Request) => {
    const answer = () => registry.fetch(request);
    return (await bend(request, answer)) ?? (await answer());
  };
  const outcome = await runChecks({
    checks: checks.filter(({ id }) => ids.includes(id)),
    perform: inProcess(fetch),
    redactor: new Redactor(),
    registryUrl: registry.origins.registry,
    repository: 'scratch/one',
    otherRepository: 'scratch/two',
    reference: standardTag({ nonce: '00000001' }),
    redirectPolicy: 'allowed',
    mayPush: true,
    seed: 1,
    pause: async () => undefined,
  });
  return { ...outcome, registry };
}

test('where the image cannot be pushed, a 404 for it is right: void, with the reason', async () => {
  const ids = ['manifest-by-tag', 'manifest-head', 'pull-platform', 'ping', 'manifest-put-image'];
  const { results } = await runBent(ids, ({ method, url }) =>
    method === 'PUT' && url.includes('/manifests/') ? new Response('', { status: 403 }) : undefined,
  );
  const said = Object.fromEntries(
    results.map(({ id, verdict, actual }) => [id, { verdict, actual }]),
  );
  expect(said.ping?.verdict).toBe('pass');
  expect(said['manifest-put-image']?.verdict).toBe('fail');
  for (const id of ['manifest-by-tag', 'manifest-head', 'pull-platform']) {
    expect(said[id]?.verdict, id).toBe('void');
    expect(said[id]?.actual, id).toMatch(/image of the run could not be pushed: PUT .*403/);
  }
});

test('a server that fails in the set-up and in the clean-up is told of, and spoils nothing', async () => {
  let [puts, deletes] = [0, 0];
  const { results, stumbles, left } = await runBent(
    ['manifest-by-tag', 'server-errors'],
    ({ method }) => {
      const fails = (method === 'PUT' && puts++ === 0) || (method === 'DELETE' && deletes++ === 1);
      return fails ? new Response('', { status: 500 }) : undefined;
    },
  );
  expect(results.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
    'manifest-by-tag pass',
    'server-errors warn',
  ]);
  const where = stumbles.map(({ checks, count }) => `${checks} ${count}`);
  expect(where.toSorted()).toEqual(['clean-up 1', 'set-up 1']);
  // The empty blob and {} are for everybody.
  expect(left.filter(({ kind }) => kind === 'manifest')).toEqual([]);
});

test('what may have been stored by a push that was answered 500 is cleaned away', async () => {
  let puts = 0;
  const { registry } = await runBent(['tag-two-of-one'], async ({ method, url }, answer) => {
    const isHit = method === 'PUT' && url.includes('/manifests/tag-two') && puts++ < 2;
    if (!isHit) return undefined;
    await answer();
    return new Response('', { status: 500 });
  });
  expect(puts).toBeGreaterThan(2);
  const list = await registry.fetch(
    new Request(`${registry.origins.registry}/v2/scratch/one/tags/list`),
  );
  const tags = list.status === 404 ? [] : ((await list.json()) as { tags: string[] }).tags;
  expect(tags).toEqual([]);
});

test('digests that the registry cannot delete by keep no others from being deleted', async () => {
  let refused = 0;
  const { left } = await runBent(
    ['tag-two-of-one', 'manifest-put-image', 'manifest-refuse-digest-unknown-algorithm'],
    ({ method, url }) => {
      if (!decodeURIComponent(url).includes('pullproof+none:')) return undefined;
      if (method === 'PUT') return new Response('', { status: 500 });
      if (method !== 'DELETE') return undefined;
      refused++;
      return new Response('', { status: 400 });
    },
  );
  expect(refused).toBeGreaterThan(2);
  expect(left.filter(({ kind }) => kind === 'manifest')).toEqual([]);
});
