import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ByteSource, bytesReply, type Reply } from '../call.ts';
import { type Delivery, deliver } from './send.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const tempo = { stallMs: 10, slowMs: 1, dripMs: 1 };
const chunkBytes = 64 * 1024;

/** Bytes that are their own position, modulo a prime; tells how many were made. */
function counted(from: number, to: number, made: { bytes: number }): ByteSource {
  return {
    length: to - from,
    subarray: (begin = 0, end = to - from) =>
      counted(from + begin, from + Math.min(end, to - from), made),
    *chunks() {
      for (let at = from; at < to; at += chunkBytes) {
        const chunk = Uint8Array.from(
          { length: Math.min(chunkBytes, to - at) },
          (_, index) => (at + index) % 251,
        );
        made.bytes += chunk.length;
        yield chunk;
      }
    },
  };
}

async function serve(reply: Reply, delivery: Partial<Delivery> = {}): Promise<string> {
  const base: Delivery = { reply, isHead: false, tempo, pace: undefined, onOver: undefined };
  const server = createServer((_req, res) => deliver(res, { ...base, ...delivery }));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('bytes that are made as they are sent arrive whole, and ranges of them', async () => {
  const made = { bytes: 0 };
  const source = counted(0, 300_000, made);
  const all = new Uint8Array(
    await (await fetch(await serve(bytesReply(200, source, [])))).arrayBuffer(),
  );
  expect(all).toHaveLength(300_000);
  expect(all.every((byte, index) => byte === index % 251)).toBe(true);
  const part = bytesReply(206, source.subarray(70_000, 140_001), []);
  const some = new Uint8Array(await (await fetch(await serve(part))).arrayBuffer());
  expect(some).toEqual(all.subarray(70_000, 140_001));
});

test('nothing more is made for a client that has gone, and the bytes sent are told', async () => {
  const made = { bytes: 0 };
  const size = 1024 ** 3;
  const over = Promise.withResolvers<number>();
  const reply = bytesReply(200, counted(0, size, made), []);
  const url = await serve(reply, { onOver: over.resolve });
  const [incoming] = (await once(get(url), 'response')) as [IncomingMessage];
  incoming.on('error', () => undefined);
  await once(incoming, 'readable');
  incoming.destroy();
  const sent = await over.promise;
  expect(sent).toBeLessThanOrEqual(made.bytes);
  const madeThen = made.bytes;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(made.bytes - madeThen).toBeLessThanOrEqual(chunkBytes);
  expect(made.bytes).toBeLessThan(size);
});

test('a body that cannot be read breaks off, and the server lives', async () => {
  const broken: ByteSource = {
    length: 10,
    subarray: () => broken,
    *chunks() {
      yield Buffer.from('abc');
      throw new Error('the disk is gone');
    },
  };
  const url = await serve(bytesReply(200, broken, []));
  for (let time = 0; time < 2; time++) {
    const reply = await fetch(url);
    await expect(reply.arrayBuffer()).rejects.toThrow();
  }
});

test('a HEAD makes no bytes', async () => {
  const made = { bytes: 0 };
  const url = await serve(bytesReply(200, counted(0, 1000, made), []), { isHead: true });
  const reply = await fetch(url, { method: 'HEAD' });
  expect(reply.headers.get('content-length')).toBe('1000');
  expect(made.bytes).toBe(0);
});

test('a pace is asked before the head and for each piece', async () => {
  const asked: (number | 'head')[] = [];
  const pace = {
    delayMs: () => asked.push('head') * 0,
    pieceBytes: 400,
    reserveMs: (bytes: number) => asked.push(bytes) * 0,
  };
  const url = await serve(bytesReply(200, Buffer.alloc(1000), []), { pace });
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBe(1000);
  expect(asked).toEqual(['head', 400, 400, 200]);
});
