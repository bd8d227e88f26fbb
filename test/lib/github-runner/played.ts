// Actions of others that ours use, played as far as a test can see: files are copied, and what cannot be read fails.
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Played } from './runner.ts';

/** Where artifacts and caches are kept, by their name or key. */
export interface Shelves {
  readonly artifacts: string;
  readonly caches: string;
}

export function shelves(): Shelves {
  const make = () => mkdtempSync(join(tmpdir(), 'pullproof-shelf-'));
  return { artifacts: make(), caches: make() };
}

/** By name: checkout finds the workspace as it is. */
export function playedActions({ artifacts, caches }: Shelves): Record<string, Played> {
  return {
    'actions/checkout': async () => ({}),
    'actions/setup-node': async (_, job) => {
      job.addPath(dirname(process.execPath));
      return {};
    },
    'actions/upload-artifact': async ({ name = '', path = '' }) => {
      if (name === '' || /[/\\":<>|*?\r\n]/.test(name)) throw new Error(`artifact name ${name}`);
      cpSync(path, join(artifacts, name), { recursive: true });
      return { 'artifact-url': `https://github.com/owner/project/artifacts/${name}` };
    },
    'github/codeql-action/upload-sarif': async ({ sarif_file = '', category = '' }) => {
      const { version } = JSON.parse(readFileSync(sarif_file, 'utf8'));
      if (version !== '2.1.0' || category === '') throw new Error(`${sarif_file} is no SARIF`);
      return { 'sarif-id': '1' };
    },
    'actions/cache/restore': async ({ path = '' }, job) => {
      const place = resolve(job.options.workspace, path);
      try {
        cpSync(join(caches, path), place, { recursive: true });
        return { 'cache-matched-key': 'key' };
      } catch {
        return {};
      }
    },
    'actions/cache/save': async ({ path = '' }, job) => {
      rmSync(join(caches, path), { recursive: true, force: true });
      cpSync(resolve(job.options.workspace, path), join(caches, path), { recursive: true });
      return {};
    },
  };
}

export interface CommentServer {
  /** For GITHUB_API_URL. */
  readonly url: string;
  readonly comments: { id: number; body: string }[];
  /** What was asked, as `POST /repos/…`, and by which token. */
  readonly asked: { line: string; token: string }[];
  /** While it is set, everything is answered so. */
  status: number | undefined;
  close(): void;
}

/** The part of GitHub's API that has comments of issues. */
export async function startCommentServer(): Promise<CommentServer> {
  const state = { comments: [], asked: [], status: undefined } as unknown as CommentServer;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    let body = '';
    for await (const chunk of request) body += chunk;
    const token = request.headers.authorization ?? '';
    state.asked.push({ line: `${request.method} ${url.pathname}`, token });
    const answer = (status: number, value: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (state.status !== undefined) return answer(state.status, { message: 'not accessible' });
    const given = body === '' ? '' : (JSON.parse(body) as { body: string }).body;
    if (given.length > 65_536) return answer(422, { message: 'body is too long' });
    const id = /^\/repos\/owner\/project\/issues\/comments\/(\d+)$/.exec(url.pathname)?.[1];
    const own = state.comments.find((comment) => comment.id === Number(id));
    if (own !== undefined && request.method === 'PATCH') {
      own.body = given;
      return answer(200, own);
    }
    if (url.pathname !== '/repos/owner/project/issues/7/comments') return answer(404, {});
    if (request.method === 'GET') {
      const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name)));
      const start = ((page ?? 1) - 1) * (size ?? 30);
      return answer(200, state.comments.slice(start, start + (size ?? 30)));
    }
    const made = { id: 1_000 + state.comments.length, body: given };
    state.comments.push(made);
    answer(201, made);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    close: () => void server.close(),
  });
}
