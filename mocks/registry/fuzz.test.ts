// Whatever a client sends, the mock's answer is one that the spec knows: never a 500, never an exception.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorCodes, parseErrorBody } from '../../src/protocol/grammar/errors.ts';
import { type Call, type Hop, headerOf } from '../call.ts';
import { Mock } from '../mock.ts';
import { digestOf } from '../store.ts';

const origins = {
  registry: 'http://registry.test',
  token: 'http://registry.test',
  cdn: 'http://cdn.test',
};
const mocks = (['none', 'basic', 'bearer'] as const).map(
  (auth) => new Mock(origins, { auth, uploadsMax: 50, blobBytesMax: 100, manifestBytesMax: 400 }),
);
const [image] = mocks[0]?.images ?? [];
const layer = image?.platforms[0]?.layers[0]?.digest ?? '';
const absent = digestOf(Buffer.from('nobody has this'));
const authorization = `Basic ${Buffer.from(`demo:${mocks[0]?.password}`).toString('base64')}`;
/** Locations that uploads have had, for requests that go on with them. */
const start = '/v2/demo/app/blobs/uploads/';
const locations = [`${start}none`];
const locationsMax = 20;
const ofNothing = digestOf(new Uint8Array(0));
const runsMax = 10_000;

const noise = fc.string({ unit: 'binary', maxLength: 30 });
const reference = fc.oneof(
  fc.constantFrom(
    'latest',
    image?.digest ?? '',
    absent,
    layer,
    ofNothing,
    'sha256:abc',
    '',
    'sha512:',
    '__proto__',
  ),
  noise,
);
const repository = fc.oneof(
  fc.constantFrom('demo/app', 'team/new', 'no/where', 'Bad/Name', 'constructor', ''),
  noise,
);
const path = fc.oneof(
  { weight: 1, arbitrary: noise.map((text) => `/${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('/v2/', '/v2', '/token', '/v2/_catalog', '/v2/%', '') },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        repository,
        fc.constantFrom('manifests', 'blobs', 'referrers', 'blobs/uploads'),
        reference,
      )
      .map((parts) => `/v2/${parts.join('/')}`),
  },
  { weight: 3, arbitrary: fc.constant(start) },
  { weight: 2, arbitrary: repository.map((name) => `/v2/${name}/tags/list`) },
  { weight: 3, arbitrary: fc.nat(locationsMax).map((n) => locations[n % locations.length] ?? '') },
);
const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'n',
        'last',
        'digest',
        'mount',
        'from',
        'tag',
        'artifactType',
        'scope',
        'service',
      ),
      fc.oneof(reference, repository, fc.constantFrom('0', '1', '-1', '1e9', '99999999999')),
    ),
    { maxLength: 3 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));
const header = fc.tuple(
  fc.constantFrom(
    ...['range', 'content-range', 'content-type', 'accept', 'if-match', 'if-none-match'],
    ...['content-length', 'if-range', 'expect', 'authorization'],
  ),
  fc.oneof(fc.constantFrom('bytes=0-1,3-', '0-9', '*', '*/*', 'application/json', ''), noise),
);
const body = fc.oneof(
  fc.constant(''),
  fc.constantFrom('', '{}', '[]', '{"subject":{"digest":1}}', '{"schemaVersion":2,"manifests":[]}'),
  fc.json({ maxDepth: 3 }),
  noise,
);
const request = fc.record({
  hop: fc.constantFrom<Hop>('registry', 'registry', 'registry', 'registry', 'edge', 'token'),
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'x'),
  path,
  query: fc.oneof(query, query, noise, fc.constantFrom(`digest=${ofNothing}`, `mount=${layer}`)),
  headers: fc.array(header, { maxLength: 3 }),
  credentials: fc.constantFrom('', authorization, 'Bearer x', 'Basic !', 'Bearer '),
  body,
});

test(`any of ${runsMax} requests is answered as the spec knows it`, () => {
  const statuses = new Set<number>();
  fc.assert(
    fc.property(request, fc.nat(2), ({ headers, credentials, body: text, ...rest }, which) => {
      const given = new Map<string, string>([...headers, ['authorization', credentials] as const]);
      const call: Call = {
        ...rest,
        origin: origins.registry,
        header: (name) => given.get(name) || undefined,
        form: text,
        body: Buffer.from(text),
      };
      const reply = mocks[which]?.answer(call);
      if (reply === undefined) throw new Error('no such mock');
      statuses.add(reply.status);
      expect(reply.status).toBeLessThan(500);
      for (const [name, value] of reply.headers) {
        expect(`${name}: ${value}`).toMatch(/^[A-Za-z0-9-]+: [\t\x20-\x7e]*$/);
      }
      expect(headerOf(reply, 'Content-Length') ?? '0').toBe(String(reply.body.length));
      const location = headerOf(reply, 'Location') ?? '';
      if (location.includes('/uploads/')) locations.unshift(location);
      locations.length = Math.min(locations.length, locationsMax);
      if (reply.status < 400) return;
      // An object store speaks XML.
      const type = call.hop === 'edge' ? 'application/xml' : 'application/json';
      expect(headerOf(reply, 'Content-Type')).toBe(type);
      if (call.hop === 'edge') return;
      const { errors, wellFormed } = parseErrorBody(
        Buffer.from(reply.body as Uint8Array).toString(),
      );
      expect(wellFormed).toBe(true);
      for (const { code } of errors) expect([...errorCodes.keys()]).toContain(code);
    }),
    { numRuns: runsMax },
  );
  // The requests go deep enough to mean something.
  for (const status of [200, 201, 202, 204, 400, 401, 403, 404, 405]) {
    expect([...statuses]).toContain(status);
  }
});
