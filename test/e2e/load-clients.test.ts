// Profiles do what their clients do when things go wrong, through the built command line with real k6: who is shown
// the token by a redirect, what is tried again, and in which words it ends. Held against the clients' own
// libraries in test/programs/pull-oracle.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, readResults, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

async function pulls(image: string, client: string, ...words: readonly string[]) {
  const out = join(scratch(), 'run');
  const shape = ['--client', client, '--iterations', '1', '--vus', '1', '--timeout', '5s'];
  const { code, stdout } = await cli(['load', image, ...shape, ...words, '--out', out]);
  const { load } = readResults(out);
  return { code, stdout, load };
}

describe('blobs on another port of the registry, by URLs that are signed', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock({ cdnPlace: 'port' });
  });
  afterAll(() => mock.close());

  test.each([
    ['containerd', 'unexpected status from GET request to'],
    ['podman', 'fetching blob: StatusCode: 400, "<?xml'],
  ])('%s shows its token there and is refused', async (client, words) => {
    const { code, load } = await pulls(`http://${mock.images[0]}`, client);
    expect(code).toBe(1);
    const [error] = load?.errors ?? [];
    expect(error).toMatchObject({
      class: 'redirect-credentials',
      reason: 'kept-authorization',
      hop: 'edge',
      status: 400,
    });
    expect(error?.clientSays).toContain(words);
    expect(error?.hint).toMatch(/token/);
  });

  test.each(['crane', 'oras', 'skopeo@1.9'])('%s does not, and pulls', async (client) => {
    const { code, stdout } = await pulls(`http://${mock.images[0]}`, client);
    expect(code, stdout).toBe(0);
  });
});

/** A registry without tokens that a test spoils; `times` counts requests for layers. */
class Spoilt {
  image = '';
  times = 0;
  spoil: (request: IncomingMessage, reply: ServerResponse, layer: number) => boolean = () => false;
  readonly #registry = createRegistry({ auth: 'none', redirect: 'none' });
  readonly #server: Server = createServer((request, reply) => {
    this.#answer(request, reply).catch(() => reply.destroy());
  });

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    this.image = `http://127.0.0.1:${port}/demo/app:latest`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { url = '', method = 'GET', headers } = request;
    // What breaks on a connection that was used before, Go asks again by itself.
    reply.shouldKeepAlive = false;
    if (url.includes('/blobs/')) this.times++;
    if (url.includes('/blobs/') && this.spoil(request, reply, this.times)) return;
    const accept = headers.accept ?? '*/*';
    const asked = new Request(this.#registry.origins.registry + url, {
      method,
      headers: { accept },
    });
    const right = await this.#registry.fetch(asked);
    const body = Buffer.from(await right.arrayBuffer());
    reply.writeHead(right.status, [...right.headers].flat());
    reply.end(method === 'HEAD' ? undefined : body);
  }
}

describe('a registry without tokens', () => {
  const spoilt = new Spoilt();
  beforeAll(() => spoilt.open());
  afterAll(() => spoilt.close());

  test('that closes connections before it answers: containerd tries again, and says so', async () => {
    spoilt.times = 0;
    spoilt.spoil = ({ socket }, _, layer) => {
      if (layer !== 2) return false;
      socket.end();
      return true;
    };
    const { code, stdout, load } = await pulls(spoilt.image, 'containerd');
    expect(code, stdout).toBe(0);
    expect(load?.retried).toMatchObject([{ class: 'reset', reason: 'eof', count: 1 }]);
    expect(load?.pulls.retried).toBe(1);
    expect(stdout).toContain('reset');
  });

  test('that resets them: containerd fails', async () => {
    spoilt.times = 0;
    spoilt.spoil = ({ socket }, _, layer) => {
      if (layer !== 2) return false;
      socket.resetAndDestroy();
      return true;
    };
    const { code, load } = await pulls(spoilt.image, 'containerd');
    expect(code).toBe(1);
    expect(load?.errors[0]).toMatchObject({ class: 'reset', reason: 'rst' });
    expect(load?.errors[0]?.clientSays).toMatch(
      /^failed to copy: httpReadSeeker: failed open: failed to do request: Get "http:.*connection reset by peer$/,
    );
  });

  test('that sends a page in place of a layer: told as such, with what it says', async () => {
    spoilt.spoil = (_, reply) => {
      reply.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Blocked by policy 7</h1>');
      return true;
    };
    const { code, stdout, load } = await pulls(spoilt.image, 'oras');
    expect(code).toBe(1);
    const [error] = load?.errors ?? [];
    expect(error).toMatchObject({
      reason: 'other-content',
      evidence: { contentType: 'text/html' },
    });
    expect(error?.evidence?.body).toContain('Blocked by policy 7');
    expect(stdout).toContain('Blocked by policy 7');
  });

  test('whose URLs have ended, by what the CDN says: redirect-expired at 400, too', async () => {
    spoilt.spoil = (request, reply) => {
      const { url = '' } = request;
      if (!url.includes('signed')) {
        reply.writeHead(307, { Location: `${url}?signed=1` }).end();
        return true;
      }
      const text = '<Error><Code>ExpiredToken</Code><Message>Token has expired</Message></Error>';
      reply.writeHead(400, { 'Content-Type': 'application/xml' }).end(text);
      return true;
    };
    const { code, load } = await pulls(spoilt.image, 'crane');
    expect(code).toBe(1);
    expect(load?.errors[0]).toMatchObject({ class: 'redirect-expired', status: 400 });
  });
});

test('a token that is refused in mid-pull is not "log in"', async () => {
  const mock = await startMock({ faults: ['storage-failure-unauthorized'] });
  try {
    const { code, load } = await pulls(`http://${mock.images[0]}`, 'podman');
    expect(code).toBe(1);
    const [error] = load?.errors ?? [];
    expect(error).toMatchObject({ class: 'unauthorized', reason: 'mid-pull' });
    expect(error?.hint).not.toMatch(/log in/i);
  } finally {
    await mock.close();
  }
});
