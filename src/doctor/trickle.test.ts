// Servers that never end: everything here waits for the doctor's own limits, made short.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NodeWire } from './node-wire.ts';
import { sampleRequest } from './probes/probe.ts';
import type { Reading, Way } from './wire.ts';

const server = createServer((_, reply) => drip(reply));
let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function drip(reply: ServerResponse): void {
  reply.writeHead(200);
  const timer = setInterval(() => reply.write('.'), 20);
  reply.on('close', () => clearInterval(timer));
}

async function read(reading?: Reading) {
  const wire = new NodeWire();
  const way: Way = { proxy: {}, trust: { ca: [], looked: [], problems: [] }, timeoutMs: 400 };
  const reply = await wire.exchange(sampleRequest(url), way, reading);
  await wire.close();
  return reply;
}

test('a body that drips for ever ends with the time for all of it, and is not called silent', async () => {
  const reply = await read();
  expect(reply).toMatchObject({ status: 200, failure: 'stalled' });
  expect(reply.reason).toBeUndefined();
  expect(reply.bytes).toBeGreaterThan(1);
});

test('what came of a blob by then is taken as it is', async () => {
  const reply = await read({ msMax: 300, isPartFine: true });
  expect(reply).toMatchObject({ status: 200, failure: '', digest: '' });
  expect(reply.bytes).toBeGreaterThan(1);
});

test('what is kept may take its time, as long as it moves', async () => {
  let bytes = 0;
  const stop = new Error('enough');
  const sink = async (piece: Uint8Array) => {
    bytes += piece.length;
    if (bytes > 60) throw stop;
  };
  await expect(read({ sink })).rejects.toBe(stop);
  expect(bytes).toBeGreaterThan(60);
});
