// The rule of `Parallel` (src/protocol/talk.ts), kept by both drivers: the one over promises and the one
// over callbacks that runs in k6.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drive as driveByCallbacks, type Pause } from '../scenarios/lib/drive.ts';
import { drive as driveByPromises } from '../src/drivers/drive.ts';
import { makeReply } from '../src/drivers/reply.ts';
import type { HttpReply, HttpRequest, Talk } from '../src/protocol/talk.ts';
import { requestOf } from './lib/request.ts';

const noTimings = { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 };

function ask(name: string): HttpRequest {
  return requestOf({ url: name, want: 'none', bodyBytesMax: 0 });
}

function replyTo({ url }: HttpRequest): HttpReply {
  const parts = { status: 200, headerLines: [], text: url, bytes: 0, digest: '' };
  return makeReply({
    ...parts,
    failure: '',
    failureMessage: '',
    remoteAddress: '',
    timings: noTimings,
  });
}

/** Answers in the order asked, one after the other, and notes what was asked and how many waited. */
class Server {
  readonly asked: string[] = [];
  waitingMost = 0;
  readonly #waiting: (() => void)[] = [];

  readonly ask = (request: HttpRequest, done: (reply: HttpReply) => void): void => {
    this.asked.push(request.url);
    this.#waiting.push(() => done(replyTo(request)));
    this.waitingMost = Math.max(this.waitingMost, this.#waiting.length);
    if (this.#waiting.length === 1) setImmediate(this.#answer);
  };

  readonly #answer = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#answer);
  };
}

type Run = <T>(talk: Talk<T>, server: Server) => Promise<T>;

const byPromises: Run = (talk, server) =>
  driveByPromises(talk, (request) => new Promise((resolve) => server.ask(request, resolve)));

const pause: Pause = ({ waitMs }, done) => void setTimeout(done, waitMs);

const byCallbacks: Run = <T>(talk: Talk<T>, server: Server) =>
  new Promise<T>((resolve, reject) => {
    let calls = 0;
    driveByCallbacks(talk, server.ask, pause, (error, result) => {
      if (++calls > 1) throw new Error('called back twice');
      if (error === undefined) resolve(result as T);
      else reject(error);
    });
  });

function* leaf(name: string, requests = 1): Talk<string> {
  let text = '';
  for (let i = 0; i < requests; i++) text = ((yield ask(name)) as HttpReply).text;
  return text;
}

function* broken(name: string, requests = 1): Talk<never> {
  yield* leaf(name, requests);
  throw new Error(name);
}

function* all(children: Talk<unknown>[], limit: number): Talk<unknown[]> {
  return yield { parallel: children, limit };
}

describe.each([
  ['promises', byPromises],
  ['callbacks', byCallbacks],
] as const)('over %s', (_name, run) => {
  test('starts in order, gives results in order, and never exceeds the limit', async () => {
    const server = new Server();
    const children = [3, 1, 2, 1, 1].map((requests, i) => leaf(`c${i}`, requests));
    expect(await run(all(children, 2), server)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect([...new Set(server.asked)]).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect(server.waitingMost).toBe(2);
  });

  test('an empty list is answered at once', async () => {
    expect(await run(all([], 3), new Server())).toEqual([]);
  });

  test('the first error wins, nothing more is started, what is under way is finished', async () => {
    const server = new Server();
    const children = [leaf('long', 4), broken('first', 2), broken('second', 3), leaf('never')];
    await expect(run(all(children, 3), server)).rejects.toThrow('first');
    expect(server.asked).not.toContain('never');
    expect(server.asked.filter((name) => name === 'long')).toHaveLength(4);
  });

  test('a conversation can catch what a child threw, and go on', async () => {
    const talk = function* (): Talk<string> {
      try {
        yield { parallel: [broken('child')], limit: 1 };
      } catch (error) {
        return `${(error as Error).message}, then ${((yield ask('next')) as HttpReply).text}`;
      }
      return 'not reached';
    };
    expect(await run(talk(), new Server())).toBe('child, then next');
  });

  test('children that ask for nothing end too, thrown errors included', async () => {
    const idle = () => leaf('idle', 0);
    const none = ['', '', ''];
    expect(await run(all([idle(), idle(), idle()], 2), new Server())).toEqual(none);
    const failing = [idle(), broken('at once', 0), idle()];
    await expect(run(all(failing, 2), new Server())).rejects.toThrow('at once');
  });
});

type Tree =
  | { readonly requests: number; readonly fails: boolean }
  | { readonly children: readonly Tree[]; readonly limit: number; readonly catches: boolean };

const trees = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    // Without a request two children would end at the same moment, and either could be the first.
    fc.record({ requests: fc.integer({ min: 1, max: 3 }), fails: fc.nat(9).map((n) => n === 0) }),
    fc.record({
      children: fc.array(tie('tree'), { minLength: 1, maxLength: 5 }),
      limit: fc.integer({ min: 1, max: 4 }),
      catches: fc.boolean(),
    }),
  ),
})).tree;

function* talkOf(tree: Tree, name = 'r'): Talk<unknown> {
  if ('requests' in tree) {
    return yield* tree.fails ? broken(name, tree.requests) : leaf(name, tree.requests);
  }
  const children = tree.children.map((child, i) => talkOf(child, `${name}.${i}`));
  try {
    return yield { parallel: children, limit: tree.limit };
  } catch (error) {
    if (!tree.catches) throw error;
    return `caught ${(error as Error).message}`;
  }
}

test('both drivers do the same with any tree of conversations', async () => {
  const outcome = async (run: Run, tree: Tree) => {
    const server = new Server();
    const result = await run(talkOf(tree), server).catch((error: Error) => error.message);
    return { result, asked: [...server.asked].sort(), waitingMost: server.waitingMost };
  };
  await fc.assert(
    fc.asyncProperty(trees, async (tree) => {
      expect(await outcome(byCallbacks, tree)).toEqual(await outcome(byPromises, tree));
    }),
    { numRuns: 150 },
  );
});
