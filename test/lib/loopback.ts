// Servers on loopback for tests of the Node driver, right or wrong at will; all are gone after each test.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  type AddressInfo,
  createServer as createNetServer,
  type Server,
  type Socket,
} from 'node:net';
import { afterEach } from 'vitest';
import { NodeDriver, type NodeDriverOptions } from '../../src/drivers/node.ts';
import type { HttpRequest } from '../../src/protocol/talk.ts';
import { type RequestWords, requestOf } from './request.ts';

export const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

export function driverOf(options: Partial<NodeDriverOptions> = {}): NodeDriver {
  const driver = new NodeDriver({ timeoutMs: 5000, ...options });
  cleanups.push(() => driver.close());
  return driver;
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<string> {
  server.listen(0, host);
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return `${host}:${(server.address() as AddressInfo).port}`;
}

/** An HTTP server; its `host:port`. */
export function http(listener: RequestListener, host?: string): Promise<string> {
  const server = createServer(listener);
  cleanups.push(() => server.closeAllConnections());
  return listen(server, host);
}

/** A server that answers the first bytes of each connection as told. */
export function raw(answer: (socket: Socket) => void): Promise<string> {
  const server = createNetServer((socket) => {
    cleanups.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  return listen(server);
}

export function get(url: string, words: RequestWords = {}): HttpRequest {
  return requestOf({ url, ...words });
}
