// What the specs demand of clients, shown of ours: of the pulls of every profile, and of what the checks
// push. The requirement ledger (src/checks/ledger) names these tests.
import { describe, expect, test } from 'vitest';
import { createRegistry, type RegistryOptions } from '../mocks/index.ts';
import type { CheckResult } from '../reports/results.ts';
import { contentOf } from '../src/checks/kit/content.ts';
import { neutral } from '../src/checks/kit/neutral.ts';
import { drive } from '../src/drivers/drive.ts';
import { asArray, asObject, asString, parseJson } from '../src/lib/json.ts';
import { profiles } from '../src/profiles/index.ts';
import type { ClientProfile } from '../src/protocol/client.ts';
import { resolveUri } from '../src/protocol/grammar/uri.ts';
import type { Exchange } from '../src/protocol/redirect.ts';
import { exchange, openSession } from '../src/protocol/session.ts';
import type { HttpReply, HttpRequest } from '../src/protocol/talk.ts';
import {
  digestIn,
  header,
  isManifest,
  isUpload,
  of,
  pulled,
  pushed,
  recorder,
} from './lib/client-talk.ts';
import { driverOf, get, http } from './lib/loopback.ts';

const clients = Object.values(profiles);
/** Bytes as uploads carry them, in every way that the checks know. */
const uploads = [
  'upload-post-put',
  'upload-post-put-sha512',
  'upload-chunks',
  'upload-chunks-sha512',
  'upload-chunks-end',
  'upload-chunks-byte-last',
  'upload-resume',
  'mount-absent-blob-upload',
];

const verdicts = (results: readonly CheckResult[]) =>
  results.map(({ id, verdict, actual }) => (verdict === 'pass' ? verdict : `${id}: ${actual}`));
const passes = (results: readonly CheckResult[]) => results.map(() => 'pass');

/** Every client pulls the same from this registry as from a plain one; gives what was said with it. */
async function expectSame(options: RegistryOptions, who = clients): Promise<Exchange[]> {
  const [plain, other] = [createRegistry(), createRegistry(options)];
  const all: Exchange[] = [];
  for (const client of who) {
    const { result, said } = await pulled(client, other);
    expect(result, client.name).toEqual((await pulled(client, plain)).result);
    all.push(...said);
  }
  return all;
}

describe('pulls', () => {
  test('every request for a manifest says which types are understood', async () => {
    const registry = createRegistry();
    for (const client of clients) {
      const manifests = (await pulled(client, registry)).said.filter(isManifest);
      expect(manifests.length).toBeGreaterThan(0);
      for (const each of manifests) expect(header(each, 'accept'), client.name).toMatch(/\S\/\S/);
    }
    const { said } = await pushed(['manifest-by-tag', 'manifest-head', 'manifest-get-index']);
    for (const each of said.filter(isManifest).filter(of('GET', 'HEAD'))) {
      expect(header(each, 'accept')).toMatch(/vnd\.oci\.image\.index/);
    }
  });

  test('parameters of the Content-Type of a manifest are ignored', async () => {
    await expectSame({ faults: ['manifest-type-charset'] });
  });

  test('a registry without the headers of later versions is pulled from', async () => {
    const faults = ['manifest-get-no-digest', 'manifest-head-no-digest', 'blob-no-digest'];
    // Apple's container needs them: what the text allows, it refuses (docs/client-facts.md).
    const bearing = clients.filter(({ headAlone }) => headAlone === undefined);
    await expectSame({ faults }, bearing);
  });

  test('warnings are told once, and change nothing', async () => {
    const warnings = ['This registry closes soon.'];
    const said = await expectSame({ warnings });
    expect(said.some(({ reply }) => reply.header('Warning') !== undefined)).toBe(true);
    const { results } = await pushed(['warning-form'], { warnings });
    expect(results[0]?.actual.split('This registry closes soon.')).toHaveLength(2);
  });

  test('a token is asked for with each scope, and goes to the registry alone', async () => {
    const registry = createRegistry();
    const { origins, username, password } = registry;
    const scopes = ['repository:demo/app:pull', 'repository:demo/other:pull'];
    const asked = async (client: ClientProfile = neutral) => {
      const { said, perform } = recorder(registry);
      const credentials = { username, password };
      const more = scopes.slice(1);
      const session = openSession(origins.registry, 'demo/app', client, credentials, 'pull', more);
      const path = '/v2/demo/app/tags/list';
      const shape = { path, want: 'text', bodyBytesMax: 1e6, phase: 'other' } as const;
      const { reply } = await drive(exchange(session, shape), perform);
      expect(reply.status).toBe(200);
      for (const each of said) {
        const isBearer = header(each, 'authorization')?.startsWith('Bearer ') === true;
        if (isBearer) expect(each.request.url.startsWith(origins.registry)).toBe(true);
      }
      expect(header(said.at(-1) as Exchange, 'authorization')).toMatch(/^Bearer /);
      return said.find(({ request }) => request.hop === 'token')?.request;
    };
    const query = new URL((await asked())?.url ?? '').searchParams;
    expect(query.getAll('scope')).toEqual(scopes);
    const form = new URLSearchParams(String((await asked(profiles.containerd))?.body));
    expect(form.getAll('scope')).toEqual([scopes.join(' ')]);
    expect(form.get('grant_type')).toBe('password');
    expect(form.get('service')).toBeTruthy();
    expect(form.get('client_id')).toBe('containerd-client');
  });

  test('no pull says ns', async () => {
    const registry = createRegistry();
    for (const client of clients) {
      const { said } = await pulled(client, registry);
      expect(said.filter(({ request }) => /[?&]ns=/.test(request.url))).toEqual([]);
    }
  });

  test('a refresh token goes to the token server alone, and is not shown', async () => {
    const { said, results } = await pushed(['token-form-refresh']);
    expect(verdicts(results)).toEqual(['pass']);
    const forms = said.filter(of('POST')).filter(({ request }) => request.hop === 'token');
    const [first, ...rest] = forms.map(({ request }) => new URLSearchParams(String(request.body)));
    expect(rest.length).toBeGreaterThan(1);
    const token = rest[0]?.get('refresh_token') ?? '';
    expect(token).not.toBe('');
    for (const form of rest) {
      expect(form.get('grant_type')).toBe('refresh_token');
      expect(form.get('refresh_token')).toBe(token);
      expect(form.get('service')).toBe(first?.get('service'));
      expect(form.get('scope')).toBe('repository:scratch/one:pull');
      expect(form.has('password')).toBe(false);
    }
    for (const { request } of said.filter((each) => each.request.hop !== 'token')) {
      expect(JSON.stringify(request)).not.toContain(token);
    }
    expect(JSON.stringify(results)).not.toContain(token);
  });
});

describe('pushes', () => {
  test.each(['upload-post-put', 'upload-location-relative', 'upload-location-absolute'])(
    'uploads go on where the last reply said, and nowhere else (%s)',
    async (form) => {
      const faults = form === 'upload-post-put' ? [] : [form];
      for (const id of uploads) {
        const { said, results } = await pushed([id], { faults });
        expect(verdicts(results)).toEqual(['pass']);
        let told = '';
        for (const { request, reply } of said.filter(isUpload)) {
          if (request.ask.method !== 'POST') {
            expect(request.url.replace(/[?&]digest=[^&]*$/, '')).toBe(told);
          }
          told = resolveUri(request.url, reply.header('Location') ?? '') ?? told;
        }
        expect(told).not.toBe('');
      }
    },
  );

  test('chunks follow each other from byte 0, and a PUT with the digest of all ends them', async () => {
    for (const id of ['upload-chunks', 'upload-chunks-end', 'upload-chunks-byte-last']) {
      const { said, results } = await pushed([id]);
      expect(verdicts(results)).toEqual(['pass']);
      const first = said.findIndex(of('PATCH'));
      const end = said.findIndex((each, at) => at > first && of('PUT')(each) && isUpload(each));
      const parts: Uint8Array[] = [];
      for (const each of said.slice(first, end + 1)) {
        const { body } = each.request;
        if (!(body instanceof Uint8Array) || body.length === 0) continue;
        const start = parts.reduce((sum, part) => sum + part.length, 0);
        const range = header(each, 'content-range');
        expect(range).toMatch(/^[0-9]+-[0-9]+$/);
        expect(range).toBe(`${start}-${start + body.length - 1}`);
        parts.push(body);
      }
      expect(parts.length).toBeGreaterThan(1);
      expect(digestIn(said[end] as Exchange)).toBe(contentOf(Buffer.concat(parts)).digest);
    }
  });

  test('no chunk but the last is shorter than the registry wants it', async () => {
    const chunkBytesMin = 5_000;
    for (const id of [
      'upload-chunks',
      'upload-chunks-end',
      'upload-resume',
      'upload-interleaved',
    ]) {
      const { said, results } = await pushed([id], { chunkBytesMin });
      expect(verdicts(results)).toEqual(['pass']);
      const patches = said.filter(of('PATCH')).filter(({ reply }) => reply.status === 202);
      const short = patches.filter(
        ({ request }) => ((request.body as Uint8Array | undefined)?.length ?? 0) < chunkBytesMin,
      );
      expect(patches.length).toBeGreaterThan(1);
      expect(short.length).toBeLessThanOrEqual(id === 'upload-interleaved' ? 2 : 1);
    }
  });

  test('what is sent has the length and the digest that are announced', async () => {
    const { said, results } = await pushed([...uploads.slice(0, 2), 'upload-single-post']);
    expect(verdicts(results)).toEqual(passes(results));
    const whole = said.filter(isUpload).filter((each) => digestIn(each) !== null);
    expect(whole.some(of('POST'))).toBe(true);
    for (const each of whole) {
      const digest = digestIn(each) ?? '';
      const algorithm = digest.startsWith('sha512') ? 'sha512' : 'sha256';
      expect(contentOf(each.request.body as Uint8Array, algorithm).digest).toBe(digest);
    }
    const lengths: (string | undefined)[] = [];
    const host = await http((request, reply) => {
      lengths.push(request.headers['content-length']);
      reply.end();
    });
    const post = get(`http://${host}/`);
    const driver = driverOf();
    for (const body of [undefined, new Uint8Array(12)]) {
      const ask = { ...post.ask, method: 'POST' } as const;
      await driver.perform({ ...post, ask, ...(body && { body }) });
    }
    expect(lengths).toEqual(['0', '12']);
  });

  test('a POST that is answered 202 is followed by a PUT', async () => {
    const faults = ['upload-single-post-unsupported'];
    const { said, results } = await pushed(['upload-single-post'], { faults });
    expect(verdicts(results)).toEqual(['pass']);
    const at = said.findIndex((each) => of('POST')(each) && digestIn(each) !== null);
    expect(said[at]?.reply.status).toBe(202);
    const next = said.slice(at + 1).find(isUpload) as Exchange;
    expect(next.request.ask.method).toBe('PUT');
    expect(digestIn(next)).toBe(digestIn(said[at] as Exchange));
  });

  test('an upload that is not needed any more is given up, whatever comes of that', async () => {
    for (const faults of [[], ['upload-cancel-refused']]) {
      const { said, results } = await pushed(['mount-absent-blob'], { faults });
      expect(verdicts(results)).toEqual(['pass']);
      const given = said.filter(isUpload).filter(of('DELETE'));
      expect(given.map(({ reply }) => reply.status)).toEqual([faults.length === 0 ? 204 : 405]);
    }
  });

  test('an upload by another algorithm than sha256 names it', async () => {
    const ids = ['upload-post-put-sha512', 'upload-chunks-sha512', 'upload-post-put-again'];
    const { said, results } = await pushed([...ids, 'manifest-put-sha512-layers', 'mount-sha512']);
    expect(verdicts(results)).toEqual(passes(results));
    let begun = '';
    let count = 0;
    for (const each of said.filter(isUpload)) {
      if (of('POST')(each)) begun = each.request.url;
      if (!of('PUT')(each)) continue;
      const isOther = digestIn(each)?.startsWith('sha512:') === true;
      expect(new URL(begun).searchParams.get('digest-algorithm')).toBe(isOther ? 'sha512' : null);
      count += isOther ? 1 : 0;
    }
    expect(count).toBeGreaterThan(3);
  });

  test('a manifest is pushed as the type that it says it is, after what it names', async () => {
    const ids = ['manifest-put-image', 'manifest-put-tagged-index-nested', 'manifest-put-artifact'];
    const { said, results } = await pushed(ids);
    expect(verdicts(results)).toEqual(passes(results));
    const there = new Set<string | null>();
    for (const each of said.filter(of('PUT'))) {
      there.add(digestIn(each));
      if (!isManifest(each)) continue;
      const bytes = each.request.body as Uint8Array;
      const document = asObject(parseJson(Buffer.from(bytes).toString())) ?? {};
      expect(document.mediaType).toBeTypeOf('string');
      expect(header(each, 'content-type')).toBe(document.mediaType);
      const reference = each.request.url.split('/').at(-1);
      expect(reference).toMatch(/^(?:sha256:[0-9a-f]{64}|[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})$/);
      const { config, layers, manifests } = document;
      const named = [config ?? [], ...(asArray(layers) ?? []), ...(asArray(manifests) ?? [])]
        .map((descriptor) => asString(asObject(descriptor)?.digest))
        .filter((digest) => digest !== undefined);
      expect(named.filter((digest) => !there.has(digest))).toEqual([]);
      there.add(contentOf(bytes).digest);
    }
  });

  test('a digest that a reply to a push names is held against what was pushed', async () => {
    const blobs = await pushed(['mount-digest'], { faults: ['upload-end-digest-other'] });
    expect(blobs.results.map(({ verdict }) => verdict)).toEqual(['warn']);
    const digest = contentOf(new Uint8Array(1)).digest;
    const lie = ({ url, ask }: HttpRequest, reply: HttpReply): HttpReply =>
      ask.method !== 'PUT' || !url.includes('/manifests/')
        ? reply
        : { ...reply, header: (name) => (/digest/i.test(name) ? digest : reply.header(name)) };
    const manifests = await pushed(['manifest-put-image'], {}, lie);
    expect(manifests.results.map(({ verdict }) => verdict)).toEqual(['fail']);
  });

  test('the tag for a list of referrers is made of the digest', async () => {
    const { said, results } = await pushed(['referrers-tag-schema']);
    expect(verdicts(results)).toEqual(['pass']);
    const tags = said
      .filter(isManifest)
      .filter(of('PUT'))
      .flatMap(({ request }) => /sha256-[^/]*$/.exec(request.url) ?? []);
    expect(tags.length).toBeGreaterThan(0);
    const known = said.map(({ request }) => request.url.split('/').at(-1));
    for (const tag of tags) expect(known).toContain(tag.replace('-', ':'));
  });

  test('last is always a tag that was listed', async () => {
    const ids = ['tags-last', 'tags-last-alone', 'tags-pages', 'tags-order-pages'];
    const { said, results } = await pushed(ids, { pageEntriesMax: 3 });
    expect(verdicts(results)).toEqual(passes(results));
    const known = new Set<unknown>();
    const lasts: string[] = [];
    for (const { request, reply } of said) {
      const url = new URL(request.url);
      if (/\/manifests\/[^:]*$/.test(url.pathname)) known.add(url.pathname.split('/').at(-1));
      if (!url.pathname.endsWith('/tags/list')) continue;
      const last = url.searchParams.get('last');
      if (last !== null) {
        lasts.push(last);
        expect(known).toContain(last);
      }
      for (const tag of asArray(asObject(parseJson(reply.text))?.tags) ?? []) known.add(tag);
    }
    expect(lasts.length).toBeGreaterThan(1);
  });
});
