import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestClient } from '../test/lib/test-client.ts';
import { joined } from './bytes.ts';
import { readRanges } from './range.ts';
import { digestOf } from './store.ts';

describe('readRanges', () => {
  const size = fc.integer({ min: 0, max: 200 });
  const position = fc.integer({ min: 0, max: 400 });

  test('a closed range is the slice between both ends', () => {
    fc.assert(
      fc.property(size, position, position, (bytes, a, b) => {
        const range = readRanges(`bytes=${a}-${b}`, bytes);
        const expected = Array.from({ length: bytes }, (_, i) => i).slice(a, b + 1);
        if (expected.length === 0) expect(range).toBe('unsatisfiable');
        else expect(range).toEqual([{ first: expected[0], last: expected.at(-1) }]);
      }),
    );
  });

  test('an open range is the rest, a suffix range the end', () => {
    fc.assert(
      fc.property(size, position, (bytes, n) => {
        const all = Array.from({ length: bytes }, (_, i) => i);
        const slices = [all.slice(n), n === 0 ? [] : all.slice(-n)];
        const ranges = [readRanges(`bytes=${n}-`, bytes), readRanges(`bytes=-${n}`, bytes)];
        expect(ranges).toEqual(
          slices.map((slice) =>
            slice.length === 0 ? 'unsatisfiable' : [{ first: slice[0], last: slice.at(-1) }],
          ),
        );
      }),
    );
  });

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=1-2,x',
    'bytes=0-9,0-9',
    `bytes=${'0-0,'.repeat(17)}`,
    'bytes=,',
    'items=1-2',
  ])('%s is ignored', (value) => expect(readRanges(value, 10)).toBe('whole'));

  const many = '9'.repeat(40);
  test.each([
    [`bytes=3-${many}`, [{ first: 3, last: 9 }]],
    [`bytes=-${many}`, [{ first: 0, last: 9 }]],
    [`bytes=${many}-`, 'unsatisfiable'],
    [`bytes=${many}-${many}`, 'unsatisfiable'],
    ['bytes=5-2', 'unsatisfiable'],
    ['bytes=0-1,5-2', 'unsatisfiable'],
    ['bytes=00-01', [{ first: 0, last: 1 }]],
  ])('%s is %j', (value, ranges) => expect(readRanges(value, 10)).toEqual(ranges));

  test('of several ranges those that exist are kept, in their order', () => {
    expect(readRanges('bytes=1-2, 90-95 ,-2,4-4', 10)).toEqual([
      { first: 1, last: 2 },
      { first: 8, last: 9 },
      { first: 4, last: 4 },
    ]);
    expect(readRanges('bytes=90-95,80-', 10)).toBe('unsatisfiable');
  });

  const rangeLike = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[0-9,\- ]{0,12}$/));

  test('any text is answered', () => {
    fc.assert(
      fc.property(rangeLike, size, (value, bytes) => {
        const ranges = readRanges(value, bytes);
        for (const range of typeof ranges === 'string' ? [] : ranges) {
          expect(range.first).toBeGreaterThanOrEqual(0);
          expect(range.last).toBeLessThan(bytes);
          expect(range.first).toBeLessThanOrEqual(range.last);
        }
      }),
    );
  });
});

describe.each(['none', 302] as const)('blobs with redirect: %s', (redirect) => {
  const client = new TestClient({ redirect });
  const [image] = client.registry.images;
  const digest = image?.platforms[0]?.layers[1]?.digest ?? '';

  test('any range brings that part', async () => {
    const all = new Uint8Array(await (await client.blob(digest)).arrayBuffer());
    const end = fc.integer({ min: 0, max: all.length + 10 });
    await fc.assert(
      fc.asyncProperty(end, end, async (a, b) => {
        const reply = await client.blob(digest, { headers: { range: `bytes=${a}-${b}` } });
        const body = new Uint8Array(await reply.arrayBuffer());
        const status = b < a || a >= all.length ? 416 : 206;
        expect(reply.status).toBe(status);
        expect(reply.headers.get('content-length')).toBe(String(body.length));
        if (status === 416) {
          expect(reply.headers.get('content-range')).toBe(`bytes */${all.length}`);
          return;
        }
        const part = all.subarray(a, b + 1);
        expect(Buffer.compare(body, part)).toBe(0);
        const last = a + part.length - 1;
        expect(reply.headers.get('content-range')).toBe(`bytes ${a}-${last}/${all.length}`);
      }),
      { numRuns: 40 },
    );
  });

  test('a range counts only for the content that If-Range names', async () => {
    const etag = (await client.blob(digest, { method: 'HEAD' })).headers.get('etag') ?? '';
    const statusFor = async (ifRange: string) => {
      const headers = { range: 'bytes=0-3', 'if-range': ifRange };
      return (await client.blob(digest, { headers })).status;
    };
    expect(await statusFor(etag)).toBe(206);
    expect(await statusFor('"another"')).toBe(200);
  });

  test('HEAD knows no ranges', async () => {
    const reply = await client.blob(digest, { method: 'HEAD', headers: { range: 'bytes=0-3' } });
    expect(reply.status).toBe(200);
  });

  test('several ranges come as parts of one body, in the order asked for', async () => {
    const all = Buffer.from(await (await client.blob(digest)).arrayBuffer());
    const size = all.length;
    const reply = await client.blob(digest, { headers: { range: 'bytes=-3,0-1,5-5' } });
    expect(reply.status).toBe(206);
    const type = reply.headers.get('content-type') ?? '';
    const [, boundary = ''] = /^multipart\/byteranges; boundary=(\S+)$/.exec(type) ?? [];
    const body = Buffer.from(await reply.arrayBuffer());
    expect(reply.headers.get('content-length')).toBe(String(body.length));
    const [preamble, ...parts] = body.toString('latin1').split(`--${boundary}`);
    expect(preamble).toBe('');
    expect(parts.pop()).toBe('--\r\n');
    const expected = [
      [size - 3, size - 1],
      [0, 1],
      [5, 5],
    ].map(([first = 0, last = 0]) => {
      const head = 'Content-Type: application/octet-stream\r\n';
      const place = `Content-Range: bytes ${first}-${last}/${size}`;
      return `\r\n${head}${place}\r\n\r\n${all.toString('latin1', first, last + 1)}\r\n`;
    });
    expect(parts).toEqual(expected);
  });

  test('several ranges of what is made as it is sent come in the same way', async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, i) => i % 251));
    const made = digestOf(bytes);
    const halves = [bytes.subarray(0, 1_500), bytes.subarray(1_500)];
    client.registry.store.addBlob('demo/app', made, joined(halves));
    const headers = { range: 'bytes=1400-1599,-1,0-0' };
    const reply = await client.blob(made, { headers });
    const body = Buffer.from(await reply.arrayBuffer());
    expect([reply.status, reply.headers.get('content-length')]).toEqual([206, `${body.length}`]);
    const pieces = [bytes.subarray(1_400, 1_600), bytes.subarray(-1), bytes.subarray(0, 1)];
    const parts = body.toString('latin1').split('\r\n\r\n').slice(1);
    expect(parts.map((part) => part.slice(0, part.lastIndexOf('\r\n--')))).toEqual(
      pieces.map((piece) => piece.toString('latin1')),
    );
  });

  test('a range that is not there is refused by the one who serves', async () => {
    const reply = await client.blob(digest, { headers: { range: 'bytes=999999999-' } });
    expect(reply.status).toBe(416);
    expect(reply.headers.has('x-amz-cf-pop')).toBe(redirect !== 'none');
    for (const name of ['content-type', 'docker-content-digest', 'age']) {
      expect(reply.headers.has(name)).toBe(false);
    }
  });

  test('whoever has it is not sent it again', async () => {
    const etag = (await client.blob(digest, { method: 'HEAD' })).headers.get('etag') ?? '';
    expect((await client.blob(digest, { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await client.blob(digest, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });
});
