import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { checks } from '../../checks/catalogue.ts';
import type { RunContext } from '../context.ts';
import { type ConformOptions, runConform } from './conform.ts';
import { selectChecks } from './select-checks.ts';

const all = { only: [], skip: [], level: 'all' } as const;

describe('selectChecks', () => {
  const ids = (selection: Partial<Pick<ConformOptions, 'only' | 'skip' | 'level'>>) =>
    selectChecks({ ...all, ...selection }).map(({ id }) => id);

  test('everything, by level, by globs', () => {
    expect(ids({})).toEqual(checks.map(({ id }) => id));
    const musts = checks.filter(({ level }) => level === 'MUST').map(({ id }) => id);
    expect(ids({ level: 'must' })).toEqual(musts);
    const [first = '', second = ''] = musts;
    expect(ids({ only: [second, first] })).toEqual([first, second]);
    expect(ids({ only: [first.replace(/.$/, '?')] })).toContain(first);
    expect(ids({ only: [`${first.slice(0, 3)}*`] })).toContain(first);
    expect(ids({ skip: [first] })).not.toContain(first);
  });

  test.each([{ only: ['nothing'] }, { skip: ['*'] }, { only: ['.*'] }, { only: ['['] }])(
    'none left by %j is wrong usage',
    (selection) => {
      expect(() => ids(selection)).toThrow(
        expect.objectContaining({ code: 'no-checks', exitCode: 2 }),
      );
    },
  );

  test('a misspelt id is told, with the one that is meant', () => {
    const hint = expect.stringContaining('tags-order is');
    const message = expect.stringContaining('"tags-ordr"');
    expect(() => ids({ only: ['tags-ordr'] })).toThrow(expect.objectContaining({ message, hint }));
  });
});

describe('runConform', () => {
  const cleanups: (() => void)[] = [];
  afterEach(() => {
    for (const clean of cleanups.splice(0)) clean();
  });

  async function conform(listener: RequestListener, changes: Partial<ConformOptions> = {}) {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close().closeAllConnections());
    const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const image = { registryUrl: `http://${registry}`, registry, repository: 'app', reference: '' };
    const context: RunContext = {
      progress: () => undefined,
      work: () => undefined,
      signal: new AbortController().signal,
      seed: 1,
      command: 'pullproof conform',
    };
    const target = { ...image, text: `${registry}/app`, ...changes.target };
    const access = { timeoutMs: 2000, insecure: false };
    return await runConform(
      { ...all, jobs: 1, redirectPolicy: 'allowed', access, ...changes, target },
      context,
    );
  }

  const withoutManifests: RequestListener = (request, reply) => {
    const isList = request.url?.includes('/tags/list') === true;
    const status = request.method === 'POST' ? 405 : 500;
    reply.writeHead(isList ? 200 : status).end(isList ? '{"name":"app","tags":["latest"]}' : '');
  };

  test('checks that had nothing to look at prove nothing: exit 3, not 0', async () => {
    const only = checks.filter(({ needs }) => needs.includes('image')).map(({ id }) => id);
    const results = await conform(withoutManifests, { only });
    expect(results.checks?.map(({ verdict }) => verdict)).toContain('void');
    expect(results).toMatchObject({ verdict: 'error', exitCode: 3 });
  });

  test('a broken registry: exit 1', async () => {
    expect(await conform(withoutManifests)).toMatchObject({ verdict: 'fail', exitCode: 1 });
  });

  test('checks that the registry had no time for: exit 3, not 0', async () => {
    const only = ['ping', 'upload-cancel-status'];
    for (const status of [429, 503]) {
      let uploads = 0;
      // The first upload shows that one may push; the image fails with it, and nothing else can begin.
      const busy: RequestListener = ({ method, url = '' }, reply) => {
        const begins = method === 'POST' && ++uploads === 1;
        const headers = { Location: `${url}1` };
        if (url === '/v2/') reply.writeHead(200).end('{}');
        else if (begins || method === 'DELETE') reply.writeHead(202, headers).end();
        else reply.writeHead(status).end();
      };
      const results = await conform(busy, { only });
      expect(results.checks?.map(({ verdict }) => verdict)).toEqual(['pass', 'void']);
      expect(results).toMatchObject({ verdict: 'error', exitCode: 3 });
      expect(results.interrupted).toContain('429');
    }
  });

  describe('credentials that may push are used', () => {
    const target = {
      credentials: { username: 'ci', password: 'secret' },
    } as ConformOptions['target'];
    const challenge = { 'WWW-Authenticate': 'Basic realm="x"' };
    /** To whoever is logged in. */
    const known: RequestListener = ({ method, url = '' }, reply) => {
      if (url === '/v2/') reply.writeHead(200).end('{}');
      else if (method === 'POST') reply.writeHead(202, { Location: `${url}1` }).end();
      else reply.writeHead(404).end();
    };

    test.each([403, 404])('where strangers are answered %i but at /v2/', async (status) => {
      const results = await conform(
        (request, reply) => {
          const isStranger = request.headers.authorization === undefined;
          if (!isStranger) return known(request, reply);
          const isPing = request.url === '/v2/';
          reply.writeHead(isPing ? 401 : status, isPing ? challenge : {}).end();
        },
        { only: ['ping'], target },
      );
      expect(results.conform?.mode).toBe('full');
    });

    test('where all is redirected before anybody is asked who he is', async () => {
      const results = await conform(
        (request, reply) => {
          const { url = '' } = request;
          const isMoved = url.startsWith('/real');
          if (!isMoved) reply.writeHead(307, { Location: `/real${url}` }).end();
          else if (request.headers.authorization === undefined) {
            reply.writeHead(401, challenge).end();
          } else {
            request.url = url.slice('/real'.length);
            known(request, reply);
          }
        },
        { only: ['ping'], target },
      );
      expect(results.conform?.mode).toBe('full');
    });
  });

  test('a token server that fails is named, not the repository', async () => {
    const target = {
      credentials: { username: 'ci', password: 'secret' },
    } as ConformOptions['target'];
    const refused = await conform(
      (request, reply) => {
        const realm = `http://${request.headers.host}/token`;
        const headers = { 'WWW-Authenticate': `Bearer realm="${realm}",service="x"` };
        if (request.url?.startsWith('/token')) reply.writeHead(201).end('{"token":"x"}');
        else reply.writeHead(401, headers).end();
      },
      { target },
    ).catch((error) => error);
    expect(refused).toMatchObject({ exitCode: 3 });
    expect(refused.hint).toContain('token server');
  });

  test.each([
    [401, /password/],
    [403, /^Name a repository/],
  ])('credentials that are answered %d: what to look at first', async (status, hint) => {
    const target = {
      credentials: { username: 'ci', password: 'secret' },
    } as ConformOptions['target'];
    const challenge = { 'WWW-Authenticate': 'Basic realm="x"' };
    const answer: RequestListener = ({ headers }, reply) =>
      reply.writeHead(headers.authorization === undefined ? 401 : status, challenge).end();
    const refused = await conform(answer, { target }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'push-refused', exitCode: 3 });
    expect(refused.hint).toMatch(hint);
  });

  test('an error page that repeats what it was sent gives no password away', async () => {
    const credentials = { username: 'ci', password: 'hunter22-secret' };
    const echo: RequestListener = (request, reply) => {
      const sent = request.headers.authorization;
      const pair = Buffer.from(sent?.slice(6) ?? '', 'base64').toString();
      const headers = { 'WWW-Authenticate': 'Basic realm="x"' };
      reply.writeHead(sent === undefined ? 401 : 403, headers).end(`${sent} is ${pair}`);
    };
    const target = { credentials } as ConformOptions['target'];
    const refused = await conform(echo, { target }).catch((error) => error);
    expect(refused).toMatchObject({ code: 'push-refused', exitCode: 3 });
    expect(`${refused.message} ${refused.hint}`).not.toContain('hunter22');
    expect(refused.message).not.toContain(Buffer.from('ci:hunter22-secret').toString('base64'));
  });
});
