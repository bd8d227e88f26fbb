// The step of the action that comments on a pull request: one comment, written anew by every run. Whatever goes
// wrong here is a warning: the verdict is not about it.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fitMarkdown } from './fit-markdown.ts';
import { annotate, say } from './runner.ts';

/** What GitHub takes of a comment is counted in characters; bytes are never fewer. */
const commentBytesMax = 65_536;
const pageSize = 100;
const pagesMax = 50;
const triesMax = 3;
const waitMs = 2_000;
const requestMsMax = 30_000;

interface Comment {
  readonly id: number;
  readonly body?: string | null;
}

class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const variables = process.env;
const of = (name: string) => variables[name] ?? '';

try {
  const number = pullRequest();
  if (number === undefined) say('This run is of no pull request: there is nothing to comment on.');
  else await comment(number);
} catch (error) {
  annotate('warning', 'no comment', `${(error as Error).message}\n${hintOf(error)}`);
}

/** Of the event that began this run. */
function pullRequest(): number | undefined {
  const path = of('GITHUB_EVENT_PATH');
  if (path === '') return undefined;
  const event = JSON.parse(readFileSync(path, 'utf8'));
  return (
    event.pull_request?.number ??
    (event.issue?.pull_request === undefined ? undefined : event.issue.number) ??
    event.workflow_run?.pull_requests?.[0]?.number
  );
}

async function comment(number: number): Promise<void> {
  const marker = markerOf();
  const comments = `/repos/${of('GITHUB_REPOSITORY')}/issues/${number}/comments`;
  const body = bodyOf(marker);
  const earlier = await find(comments, marker);
  if (earlier === undefined) await ask('POST', comments, { body });
  else await ask('PATCH', `/repos/${of('GITHUB_REPOSITORY')}/issues/comments/${earlier}`, { body });
  say(earlier === undefined ? 'commented' : `comment ${earlier} written anew`);
}

/** By which a run knows the comment of the one before; readers do not see it. */
function markerOf(): string {
  const key = ['GITHUB_WORKFLOW', 'GITHUB_JOB', 'VERB', 'COMMENT_KEY'].map(of).join('/');
  return `<!-- pullproof ${encodeURIComponent(key)} -->`;
}

function bodyOf(marker: string): string {
  const run = `${of('GITHUB_SERVER_URL')}/${of('GITHUB_REPOSITORY')}/actions/runs/${of('GITHUB_RUN_ID')}`;
  const artifact = of('ARTIFACT_URL') === '' ? '' : ` · [report](${of('ARTIFACT_URL')})`;
  const [head, foot] = [`${marker}\n`, `\n[run](${run})${artifact}\n`];
  const room = commentBytesMax - Buffer.byteLength(head + foot);
  const text = readFileSync(of('SUMMARY'), 'utf8');
  return `${head}${fitMarkdown(text, room, `the whole is in [this run](${run}).`)}${foot}`;
}

/** The id of the comment that begins with the marker. */
async function find(comments: string, marker: string): Promise<number | undefined> {
  for (let page = 1; page <= pagesMax; page++) {
    const some = (await ask('GET', `${comments}?per_page=${pageSize}&page=${page}`)) as Comment[];
    const found = some.find(({ body }) => body?.startsWith(marker) === true);
    if (found !== undefined) return found.id;
    if (some.length < pageSize) return undefined;
  }
  return undefined;
}

/** The answer's JSON; what a server fails at by itself is tried again. @throws ApiError, or that of `fetch` */
async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await askOnce(method, path, body);
    } catch (error) {
      const isFinal = error instanceof ApiError && error.status < 500;
      // A comment that was perhaps written is not written twice.
      if (isFinal || method === 'POST' || attempt === triesMax) throw error;
      await sleep(waitMs);
    }
  }
}

async function askOnce(method: string, path: string, body: unknown): Promise<unknown> {
  const reply = await fetch(`${of('GITHUB_API_URL') || 'https://api.github.com'}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${of('TOKEN')}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(requestMsMax),
  });
  if (reply.ok) return await reply.json();
  const told = (await reply.text()).slice(0, 300);
  throw new ApiError(reply.status, `GitHub answered ${reply.status} to ${method} ${path}: ${told}`);
}

function hintOf(error: unknown): string {
  const isDenied = error instanceof ApiError && [401, 403, 404].includes(error.status);
  return isDenied
    ? 'The job needs permissions: pull-requests: write. On a pull request of a fork the token cannot write: the summary of the job has it all.'
    : 'The summary of the job has it all.';
}
