// What the spec demands of clients where a registry has no lists of referrers, shown of ours. The
// requirement ledger (src/checks/ledger) names these tests.
import { expect, test } from 'vitest';
import { asArray, asObject, type JsonObject, parseJson } from '../src/lib/json.ts';
import { mediaTypes } from '../src/protocol/grammar/media-type.ts';
import type { Exchange } from '../src/protocol/redirect.ts';
import type { HttpReply, HttpRequest } from '../src/protocol/talk.ts';
import { of, pushed } from './lib/client-talk.ts';

const check = 'referrers-tag-schema';
const options = { faults: ['referrers-unsupported'] };
const isTag = ({ request }: Exchange) => /\/manifests\/sha256-[0-9a-f]{64}$/.test(request.url);
const bodyOf = ({ request }: Exchange) =>
  request.body instanceof Uint8Array
    ? Buffer.from(request.body).toString()
    : String(request.body ?? '');

/** Entries of each index that was pushed to the tag. */
function listsIn(said: readonly Exchange[]): JsonObject[][] {
  return said
    .filter(isTag)
    .filter(of('PUT'))
    .map((each) => asArray(asObject(parseJson(bodyOf(each)))?.manifests) as JsonObject[]);
}

/** Another manifest in place of the list in the tag, from the reply of that number on. */
function otherInTag(from: number) {
  let reads = 0;
  return ({ url, ask }: HttpRequest, reply: HttpReply): HttpReply => {
    if (ask.method !== 'GET' || !/\/manifests\/sha256-/.test(url) || ++reads < from) return reply;
    const text = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest });
    return { ...reply, status: 200, text };
  };
}

test('without OCI-Subject, the tag of the subject is kept as the list', async () => {
  const { said, results } = await pushed([check], options);
  expect(results.map(({ verdict }) => verdict)).toEqual(['pass']);
  const lists = listsIn(said);
  // Two are added, the first once more, which changes nothing; then both are deleted.
  expect(lists.map(({ length }) => length)).toEqual([1, 2, 1, 0]);
  const [typed, byConfig] = lists[1] as [JsonObject, JsonObject];
  const documents = said.filter(of('PUT')).map((each) => asObject(parseJson(bodyOf(each))) ?? {});
  const first = documents.find(({ artifactType }) => artifactType === typed.artifactType);
  expect(typed.annotations).toEqual(first?.annotations);
  expect(typed.annotations).toBeDefined();
  const second = documents.find((each) => each.subject !== undefined && !each.artifactType);
  expect(byConfig.artifactType).toBe(asObject(second?.config)?.mediaType);
});

test('where the registry answers OCI-Subject, the tag can be kept all the same', async () => {
  const { said, results } = await pushed([check]);
  expect(results.map(({ verdict }) => verdict)).toEqual(['pass']);
  const asked = said.filter(({ request }) => request.url.includes('/referrers/'));
  expect(asked).toEqual([]);
  expect(listsIn(said).map(({ length }) => length)).toEqual([1, 2, 1, 0]);
});

test('what is no index in that tag is left as it is', async () => {
  const { said, results } = await pushed([check], options, otherInTag(1));
  expect(results.map(({ verdict }) => verdict)).toEqual(['void']);
  expect(results[0]?.actual).toMatch(/sha256-[0-9a-f]{64}/);
  expect(said.filter(isTag).filter(of('PUT', 'DELETE'))).toEqual([]);
});

test('where lists of referrers are 404, the tag is read', async () => {
  const { said, results } = await pushed([check], options);
  expect(results.map(({ verdict }) => verdict)).toEqual(['pass']);
  const at = said.findIndex(({ request }) => request.url.includes('/referrers/'));
  expect(said[at]?.reply.status).toBe(404);
  expect(said[at + 1] !== undefined && isTag(said[at + 1] as Exchange)).toBe(true);
});

test('no index in the tag means no referrers', async () => {
  // The fourth time it is read to find the referrers.
  const { results } = await pushed([check], options, otherInTag(4));
  expect(results.map(({ verdict }) => verdict)).toEqual(['warn']);
  expect(results[0]?.actual).toMatch(/^"0:/);
});
