// `pullproof mock --workers`: the built command line and real skopeo. Several processes are one registry,
// and nothing of them is left when it is over.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '../../mocks/store.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { writeLayout } from '../lib/docker-registry.ts';
import { filesIn } from '../lib/files.ts';
import { runTool, testWith } from '../lib/tools.ts';

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface Served {
  readonly registry: string;
  readonly host: string;
  readonly pid: number;
  /** Where it may have left something. */
  readonly temporary: string;
  /** Ends it as Ctrl-C does; its exit code. */
  stop(): Promise<number | null>;
}

async function serve(...words: string[]): Promise<Served> {
  const all = ['mock', '--port', '0', '--cdn-port', '0', '-q', '--auth', 'none', '--workers', '2'];
  const temporary = scratch();
  const child = spawn(process.execPath, [launcher, ...all, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: scratch(),
    env: { ...process.env, TMPDIR: temporary },
  });
  children.add(child);
  const ended = once(child, 'exit').finally(() => children.delete(child));
  const errors = text(child.stderr);
  const first = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  if (first === undefined) throw new Error(await errors);
  const { registry } = JSON.parse(String(first[0])) as { registry: string };
  const stop = async () => {
    child.kill('SIGINT');
    return (await ended)[0] as number | null;
  };
  return { registry, host: new URL(registry).host, pid: child.pid ?? 0, temporary, stop };
}

function childrenOf(pid: number): string[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return list.split(' ').filter(Boolean);
}

const readers = 20;

describe('two workers', () => {
  let mock: Served;
  const agents = Array.from(
    { length: readers },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  beforeAll(async () => {
    mock = await serve();
  });
  afterAll(() => {
    for (const agent of agents) agent.destroy();
  });

  async function ask(path: string, method: string, agent: Agent | undefined, body = '') {
    const headers = { 'content-type': 'application/vnd.oci.image.index.v1+json' };
    const req = request(mock.registry + path, { method, agent, headers });
    req.end(body);
    const [reply] = (await once(req, 'response')) as [IncomingMessage];
    return { status: reply.statusCode, body: await buffer(reply) };
  }

  test('what is pushed over one connection is read over twenty others at once', async () => {
    const path = '/v2/team/app/manifests/latest';
    for (let round = 0; round < 50; round++) {
      const index = JSON.stringify({
        schemaVersion: 2,
        manifests: [],
        annotations: { n: `${round}` },
      });
      expect((await ask(path, 'PUT', agents[0], index)).status).toBe(201);
      const heard = await Promise.all(agents.map((agent) => ask(path, 'GET', agent)));
      const digests = new Set(heard.map(({ body }) => digestOf(body)));
      expect(digests).toEqual(new Set([digestOf(Buffer.from(index))]));
    }
  });

  testWith('skopeo')('skopeo pushes an image of all platforms, and pulls it back', async () => {
    const layout = await writeLayout();
    const back = join(scratch(), 'back');
    const words = ['copy', '--quiet', '--all', '--preserve-digests'];
    const image = `docker://${mock.host}/team/oci:1`;
    for (const copy of [
      ['--dest-tls-verify=false', `oci:${layout}:latest`, image],
      ['--src-tls-verify=false', image, `oci:${back}:latest`],
    ]) {
      const { code, output } = await runTool('skopeo', [...words, ...copy]);
      expect(code, output).toBe(0);
    }
    expect(filesIn(join(back, 'blobs'))).toEqual(filesIn(join(layout, 'blobs')));
  });

  test('Ctrl-C ends all of them, and nothing is left', async () => {
    const workers = childrenOf(mock.pid);
    expect(workers).toHaveLength(2);
    expect(await mock.stop()).toBe(0);
    for (const pid of workers) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(readdirSync(mock.temporary)).toEqual([]);
  });
});

test('with a store, what was pushed is there for the next run', async () => {
  const store = join(scratch(), 'store');
  const first = await serve('--store', store);
  const bytes = Buffer.from('kept by two');
  const path = `/v2/team/app/blobs/uploads/?digest=${digestOf(bytes)}`;
  const pushed = await fetch(first.registry + path, { method: 'POST', body: bytes });
  expect(pushed.status).toBe(201);
  expect(await first.stop()).toBe(0);
  const second = await serve('--store', store);
  const reply = await fetch(`${second.registry}/v2/team/app/blobs/${digestOf(bytes)}`);
  expect(await reply.text()).toBe('kept by two');
  expect(await second.stop()).toBe(0);
});
