// `load --dashboard`: the page of a run that goes on, asked as a browser does, and how it becomes the report.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { piecesOf } from '../../reports/html/live.ts';
import { cli, scratch } from '../lib/cli.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6');

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock({ auth: 'none' });
});
afterAll(async () => {
  await mock.close();
});

interface Told {
  readonly event: string;
  readonly data: {
    readonly where?: string;
    readonly title?: string;
    readonly message?: string;
    readonly order?: Readonly<Record<'head' | 'chapter' | 'rest' | 'foot', string[]>>;
    readonly pieces?: Readonly<Record<string, string>>;
  };
}

/** Follows the events of a page to their end. */
async function follow(url: string, onTold: (told: Told) => void): Promise<void> {
  const [reply] = await once(ask(`${url}events`, { agent: false }).end(), 'response');
  let text = '';
  for await (const chunk of reply.setEncoding('utf8')) {
    const parts = (text + chunk).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
      if (event !== undefined) onTold({ event, data: JSON.parse(data ?? '') });
    }
  }
}

/** Runs it with a page that is open from the first moment on. */
async function watched(
  words: readonly string[],
  onTold?: (told: Told, child: ChildProcess) => void,
) {
  const out = scratch();
  const told: Told[] = [];
  let following: Promise<void> | undefined;
  let page = '';
  const ended = await cli(['load', ...words, '--dashboard', '--out', out], {
    onStart: (child) => {
      let said = '';
      child.stderr?.on('data', (chunk) => {
        said += chunk;
        const url = /dashboard: (http:\/\/127\.0\.0\.1:\d+\/)\n/.exec(said)?.[1];
        if (url === undefined || following !== undefined) return;
        following = follow(url, (one) => {
          told.push(one);
          onTold?.(one, child);
        });
        fetch(url)
          .then((reply) => reply.text())
          .then((text) => {
            page = text;
          });
      });
    },
  });
  await following;
  return { ...ended, told, page, report: readFileSync(join(out, 'report.html'), 'utf8'), out };
}

/** What the page shows in the end. */
function shownBy(told: readonly Told[]) {
  const pieces = Object.assign({}, ...told.map(({ data }) => data.pieces ?? {}));
  const { order } = told.findLast(({ data }) => data.order !== undefined)?.data ?? {};
  return Object.fromEntries(
    Object.entries(order ?? {}).map(([group, ids]) => [group, ids.map((id) => pieces[id])]),
  );
}

const image = () => `http://${mock.images[0]}`;

describe('a page that is open', () => {
  test('shows figures that grow, and is the report in the end', async () => {
    const words = [image(), '--vus', '2', '--duration', '6s', '--slo', 'pull.p95<1ms'];
    const { code, told, page, report, out, stderr } = await watched(words);
    expect(code, stderr).toBe(1);
    expect(page).toContain('EventSource');
    expect(told.at(-1)?.event).toBe('report');
    expect(told.at(-1)?.data.where).toBe(join(out, 'report.html'));
    expect(shownBy(told)).toEqual(piecesOf(report));
    const pulls = told.flatMap(({ data: { title } }) => {
      const [, count] = /([\d,]+) pulls?,/.exec(title ?? '') ?? [];
      return count === undefined ? [] : [Number(count.replace(',', ''))];
    });
    expect(pulls).toEqual(pulls.toSorted((a, b) => a - b));
    expect(new Set(pulls).size).toBeGreaterThan(2);
    expect(report).not.toContain('EventSource');
    expect(stderr.match(/dashboard: /g)).toHaveLength(1);
  });

  test('of a breakpoint run shows the steps together, and ends with Ctrl-C', async () => {
    let isStopped = false;
    const words = [image(), '--shape', 'breakpoint', '--rate', '5/s', '--duration', '1s'];
    const { code, told, report } = await watched(words, ({ data }, child) => {
      if (isStopped || !/[1-9]\d* pulls?/.test(data.title ?? '')) return;
      isStopped = true;
      child.kill('SIGINT');
    });
    expect(code).toBe(130);
    expect(told.at(-1)?.event).toBe('report');
    expect(shownBy(told)).toEqual(piecesOf(report));
    expect(report).toContain('Ctrl-C');
  });

  test('of a run that cannot begin is told why', async () => {
    const out = scratch();
    let following: Promise<void> | undefined;
    const told: Told[] = [];
    const words = ['load', image(), '--dashboard', '--trace', join(out, 'none'), '--out', out];
    const { code } = await cli(words, {
      onStart: (child) => {
        child.stderr?.on('data', (chunk) => {
          const url = /dashboard: (\S+)/.exec(String(chunk))?.[1];
          if (url) following = follow(url, (one) => told.push(one)).catch(() => undefined);
        });
      },
    });
    expect(code).toBe(2);
    await following;
    // The page may have come too late.
    for (const { event } of told) expect(['pieces', 'failure']).toContain(event);
  });
});

describe('before the run', () => {
  test('a port that is taken ends it', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await cli(['load', image(), '--dashboard', String(port)]);
    other.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`127.0.0.1:${port}`);
  });

  test.each([
    [['--dashboard', '99999'], 'port'],
    [['--dashboard', '--k8s', 'out'], '--k8s'],
    [['--dashboard', '--engine', 'stock'], 'engine|k6'],
  ])('%j is refused', async (flags, words) => {
    const { code, stderr } = await cli(['load', image(), ...flags]);
    expect(code, stderr).toBeGreaterThan(1);
    expect(stderr).toMatch(new RegExp(`error: .*(?:${words})`));
  });

  test('an image that stands behind the flag is an image', async () => {
    const words = ['load', '--dashboard', image(), '--shape', 'smoke', '--out', scratch()];
    const { code, stderr } = await cli(words);
    expect(code, stderr).toBe(0);
  });
});
