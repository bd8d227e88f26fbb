import { createHash } from 'node:crypto';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { driverOf, get, http } from '../../test/lib/loopback.ts';
import type { Talk } from '../protocol/talk.ts';
import type { Recording } from './node.ts';

describe('what comes back', () => {
  test('a redirect is a reply like any other, and its target is not asked', async () => {
    let asked = 0;
    const edge = await http((_request, reply) => {
      asked++;
      reply.end();
    }, '127.0.0.2');
    const host = await http((_request, reply) => {
      reply.writeHead(307, { Location: `http://${edge}/blob` }).end();
    });
    const reply = await driverOf().perform(get(`http://${host}/`));
    expect(reply.status).toBe(307);
    expect(reply.header('location')).toBe(`http://${edge}/blob`);
    expect(reply.remoteAddress).toBe(host);
    expect(asked).toBe(0);
  });

  test('a body is taken as it comes', async () => {
    const packed = gzipSync('{}');
    const host = await http((_request, reply) => {
      reply.writeHead(200, { 'Content-Encoding': 'gzip' }).end(packed);
    });
    const reply = await driverOf().perform(get(`http://${host}/`, { want: 'digest' }));
    expect(reply.bytes).toBe(packed.length);
    expect(reply.digest).toBe(`sha256:${createHash('sha256').update(packed).digest('hex')}`);
    expect(reply.header('Content-Encoding')).toBe('gzip');
  });

  describe('to a client that unpacks', () => {
    const content = Buffer.from('layers of '.repeat(50_000));
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    const packings = { gzip: gzipSync, deflate: deflateRawSync, zstd: zstdCompressSync };
    const reading = { want: 'digest', unpacks: true } as const;

    const serving = (coding: string, body: Buffer, status = 200) =>
      http((_request, reply) => {
        reply.writeHead(status, { 'Content-Encoding': coding }).end(body);
      });

    test.each(Object.keys(packings) as (keyof typeof packings)[])('%s', async (coding) => {
      const host = await serving(coding, packings[coding](content));
      const reply = await driverOf().perform(get(`http://${host}/`, reading));
      expect(reply).toMatchObject({ bytes: content.length, digest, failure: '' });
    });

    test('a part, an empty body and an unknown coding are taken as they come', async () => {
      const packed = gzipSync(content);
      const part = await serving('gzip', packed, 206);
      const perform = async (host: string) => driverOf().perform(get(`http://${host}/`, reading));
      expect(await perform(part)).toMatchObject({ bytes: packed.length, failure: '' });
      const empty = await serving('gzip', Buffer.alloc(0));
      expect(await perform(empty)).toMatchObject({ bytes: 0, failure: '' });
      const odd = await serving('br', packed);
      expect(await perform(odd)).toMatchObject({ bytes: packed.length, failure: '' });
    });

    test('what is cut, or not packed at all, fails', async () => {
      const perform = async (body: Buffer, bodyBytesMax = 10e6) => {
        const host = await serving('gzip', body);
        return (await driverOf().perform(get(`http://${host}/`, { ...reading, bodyBytesMax })))
          .failure;
      };
      expect(await perform(gzipSync(content).subarray(0, 300))).toBe('short-body');
      expect(await perform(content)).toBe('bad-http');
      expect(await perform(gzipSync(content), 1000)).toBe('long-body');
    });
  });

  test.each([
    ['text', 'sha256', true],
    ['digest', 'sha512', true],
    ['none', 'sha256', false],
  ] as const)('%s by %s', async (want, algorithm, hashed) => {
    const body = 'ünïcode'.repeat(5000);
    const host = await http((_request, reply) => reply.end(body));
    const reply = await driverOf().perform(get(`http://${host}/`, { want, algorithm }));
    const digest = `${algorithm}:${createHash(algorithm).update(body).digest('hex')}`;
    expect(reply.digest).toBe(hashed ? digest : '');
    expect(reply.text).toBe(want === 'text' ? body : '');
    expect(reply.bytes).toBe(Buffer.byteLength(body));
  });

  test('HEAD, 204 and 304 have no body, hence no digest', async () => {
    const host = await http((request, reply) => {
      const status = Number(request.url?.slice(1));
      reply.writeHead(status, status === 200 ? { 'Content-Length': '9' } : {}).end();
    });
    const driver = driverOf();
    const head = await driver.perform(get(`http://${host}/200`, { method: 'HEAD' }));
    expect(head).toMatchObject({ status: 200, bytes: 0, digest: '', failure: '' });
    expect(head.header('content-length')).toBe('9');
    for (const status of [204, 304]) {
      const reply = await driver.perform(get(`http://${host}/${status}`));
      expect(reply).toMatchObject({ status, bytes: 0, digest: '', failure: '' });
    }
  });

  test('header lines keep order and repetition, both ways', async () => {
    let sent: string[] = [];
    const host = await http((request, reply) => {
      sent = request.rawHeaders;
      reply.writeHead(200, ['Link', '<a>', 'X-One', '1', 'Link', '<b>']).end();
    });
    const headers = [
      ['Accept', 'a/b'],
      ['X-Own', '1'],
      ['Accept', 'c/d'],
    ] as const;
    const reply = await driverOf().perform(get(`http://${host}/`, { headers }));
    expect(sent.join(' ')).toContain('Accept a/b X-Own 1 Accept c/d');
    const lines = reply.headerLines.filter(([name]) => /^(?:link|x-one)$/i.test(name));
    expect(lines.map(([, value]) => value)).toEqual(['<a>', '1', '<b>']);
    expect(reply.header('LINK')).toBe('<a>, <b>');
    expect(reply.header('absent')).toBeUndefined();
  });

  test('method, body and path go out as they are', async () => {
    const seen: string[] = [];
    const host = await http((request, reply) => {
      request.on('data', (chunk) => seen.push(String(chunk)));
      request.on('end', () => {
        seen.push(`${request.method} ${request.url}`);
        reply.end();
      });
    });
    const driver = driverOf();
    await driver.perform(get(`http://${host}/token`, { method: 'POST', body: 'a=1' }));
    await driver.perform(get(`http://${host}/a/../b/%2e%2E/"c"?X=%7e'|&Y#part`));
    await driver.perform(get(`http://${host}?only=query`));
    expect(seen).toEqual([
      'a=1',
      'POST /token',
      'GET /a/../b/%2e%2E/"c"?X=%7e\'|&Y',
      'GET /?only=query',
    ]);
  });

  test('connections are kept, and timings tell which requests made one', async () => {
    const ports = new Set<number | undefined>();
    const host = await http((request, reply) => {
      ports.add(request.socket.remotePort);
      reply.end('x');
    });
    const driver = driverOf();
    const first = await driver.perform(get(`http://${host}/`));
    const second = await driver.perform(get(`http://${host}/`));
    expect(ports.size).toBe(1);
    expect(first.timings.connectMs).toBeGreaterThan(0);
    expect(second.timings).toMatchObject({ dnsMs: 0, connectMs: 0, tlsMs: 0 });
    for (const { timings } of [first, second]) {
      expect(timings.ttfbMs).toBeGreaterThan(0);
      expect(timings.totalMs).toBeGreaterThanOrEqual(timings.ttfbMs);
    }
  });

  test('a client that closes each connection gets a new one each time, beside those that are kept', async () => {
    const ports: (number | undefined)[] = [];
    const host = await http((request, reply) => {
      ports.push(request.socket.remotePort);
      reply.end('x');
    });
    const driver = driverOf();
    const network = {
      connections: 'per-request',
      httpVersion: '1.1',
      idlePerHostMax: 2,
      idleMs: 1,
    } as const;
    await driver.perform(get(`http://${host}/`));
    for (let i = 0; i < 2; i++) await driver.perform(get(`http://${host}/`, { network }));
    await driver.perform(get(`http://${host}/`));
    const [kept, one, other, again] = ports;
    expect(new Set([kept, one, other]).size).toBe(3);
    expect(again).toBe(kept);
  });

  test('the longest time limit that the command line takes is not too long for a timer', async () => {
    const host = await http((_request, reply) => setTimeout(() => reply.end('x'), 50));
    const driver = driverOf({ timeoutMs: 7 * 24 * 3600 * 1000 });
    expect(await driver.perform(get(`http://${host}/`))).toMatchObject({ text: 'x', failure: '' });
  });

  test('fractions of a millisecond are a time limit too', async () => {
    const host = await http((_request, reply) => reply.end('x'));
    const driver = driverOf({ timeoutMs: 2000.5 });
    expect(await driver.perform(get(`http://${host}/`))).toMatchObject({ failure: '' });
  });
});

describe('interrupt', () => {
  test('ends what is under way, and what is asked later', async () => {
    let arrived = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const host = await http((_request, reply) => {
      reply.write('x');
      arrived();
    });
    const driver = driverOf();
    const replies = Array.from({ length: 20 }, () => driver.perform(get(`http://${host}/`)));
    await asked;
    driver.interrupt();
    for (const reply of await Promise.all(replies)) expect(reply.failure).toBe('interrupted');
    expect((await driver.perform(get(`http://${host}/`))).failure).toBe('interrupted');
  });
});

describe('a body that broke off', () => {
  const whole = 'one body in two parts';

  /** Breaks off after ten bytes; the rest comes by Range, if that is honoured. */
  const halves = (honoursRange: boolean) =>
    http((request, reply) => {
      if (request.headers.range === undefined) {
        reply.writeHead(200, { 'Content-Length': whole.length });
        reply.write(whole.slice(0, 10));
        setImmediate(() => reply.destroy());
      } else if (honoursRange) reply.writeHead(206).end(whole.slice(10));
      else reply.end(whole);
    });

  test.each([
    ['goes on in the rest', true, 11],
    ['starts anew in a whole one', false, 21],
  ])('its digest %s', async (_, honoursRange, bytes) => {
    const url = `http://${await halves(honoursRange)}/`;
    const driver = driverOf();
    const cut = await driver.perform(get(url, { want: 'digest' }));
    expect(cut).toMatchObject({ failure: 'short-body', bytes: 10, digest: '' });
    const wanted = get(url, { want: 'digest', headers: [['Range', 'bytes=10-']] });
    const rest = await driver.perform({ ...wanted, resumes: cut });
    const digest = `sha256:${createHash('sha256').update(whole).digest('hex')}`;
    expect(rest).toMatchObject({ failure: '', bytes, digest });
  });

  test('of parts that all came, every one can be gone on with', async () => {
    const url = `http://${await http((request, reply) => {
      reply
        .writeHead(206)
        .end(whole.slice(Number(request.url?.slice(1)), Number(request.url?.slice(1)) + 7));
    })}`;
    const driver = driverOf();
    let reply = await driver.perform(get(`${url}/0`, { want: 'digest' }));
    for (const from of [7, 14]) {
      const wanted = get(`${url}/${from}`, { want: 'digest' });
      reply = await driver.perform({ ...wanted, resumes: reply });
    }
    expect(reply.digest).toBe(`sha256:${createHash('sha256').update(whole).digest('hex')}`);
  });
});

test('header lines go out in the order and the case of Go', async () => {
  let lines: string[] = [];
  const host = await http((request, reply) => {
    lines = request.rawHeaders.filter((_, i) => i % 2 === 0);
    reply.end();
  });
  const headers = [
    ['User-Agent', 'a'],
    ['Accept', 'b'],
    ['Docker-Distribution-Api-Version', 'c'],
  ] as const;
  const wanted = get(`http://${host}/`, { headers, authorization: 'd', referer: 'e' });
  const ask = { ...wanted.ask, headersLast: [['Accept-Encoding', 'gzip']] as const };
  await driverOf().perform({ ...wanted, ask });
  const sorted = ['Accept', 'Authorization', 'Docker-Distribution-Api-Version', 'Referer'];
  expect(lines).toEqual(['Host', 'User-Agent', ...sorted, 'Accept-Encoding']);
});

test('a pause ends when the run is stopped', async () => {
  const driver = driverOf();
  const talk = function* (): Talk<string> {
    setImmediate(() => driver.interrupt());
    yield { waitMs: 3_600_000, why: 'back-off' };
    return 'went on';
  };
  expect(await driver.run(talk())).toBe('went on');
});

describe('recording', () => {
  function* ask(host: string, times: number): Talk<number> {
    for (let i = 0; i < times; i++) yield get(`http://${host}/${i}`);
    return times;
  }

  test('keeps the exchanges in order, within a limit', async () => {
    const host = await http((_request, reply) => reply.end('x'));
    const recording: Recording = [];
    expect(await driverOf().run(ask(host, 510), recording)).toBe(510);
    expect(recording).toHaveLength(500);
    expect(recording[7]?.request.url).toBe(`http://${host}/7`);
  });

  test('a token that was handed out shows up nowhere', async () => {
    const token = 'tok-0123456789abcdef';
    const host = await http((request, reply) => {
      reply.setHeader('X-Echo', `saw ${request.headers.authorization ?? token}`);
      reply.end(JSON.stringify({ token, note: `yours is ${token}` }));
    });
    const recording: Recording = [];
    const driver = driverOf();
    const conversation = function* (): Talk<void> {
      yield get(`http://${host}/token`, { phase: 'token' });
      yield get(`http://${host}/?echo=${token}`, {
        headers: [['Authorization', `Bearer ${token}`]],
      });
    };
    await driver.run(conversation(), recording);
    expect(JSON.stringify(recording)).not.toContain(token);
    expect(driver.redactor.text(`error: ${token}`)).not.toContain(token);
  });
});
