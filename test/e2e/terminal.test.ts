// The view of a run on a real terminal, and its lines off one: what the screen shows meanwhile and in the end, at any
// width, after it was resized, and however the run ends.
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { cli, scratch } from '../lib/cli.ts';
import { onTerminal, type Pty, type PtyOptions } from '../lib/pty.ts';
import { testWith } from '../lib/tools.ts';

const test = testWith('k6', 'script');

let mock: RunningMock;
beforeAll(async () => {
  mock = await startMock({ auth: 'none', faults: ['edge-falters'] });
});
afterAll(async () => {
  await mock.close();
});

const image = () => `http://${mock.images[0]}`;
const loadFor = (duration: string) => [
  ...['load', image(), '--vus', '2', '--duration', duration, '--out', scratch()],
  ...['--slo', 'pull.p95<1ms'],
];

/** Runs it; `views` are the screens that showed a view. */
async function watched(words: readonly string[], options: PtyOptions) {
  const views: string[][] = [];
  const run = await onTerminal(words, {
    ...options,
    onWritten: (pty) => {
      const lines = pty.screen.lines();
      if (lines.some((line) => /^(?:load|conform): /.test(line))) views.push(lines);
      options.onWritten?.(pty);
    },
  });
  expect(run.screen.unknown).toEqual([]);
  expect(run.screen.isCursorVisible).toBe(true);
  return { ...run, views };
}

const oneView = (lines: readonly string[]) =>
  lines.filter((line) => /^(?:load|conform): /.test(line)).length;

describe('load', () => {
  // On the wide one everything is to be seen, on a busy machine as well.
  test.each([
    [20, 2],
    [300, 9],
  ])('shows one view, %s columns wide, and leaves only the results', async (columns, seconds) => {
    const { code, screen, views } = await watched(loadFor(`${seconds}s`), { columns });
    expect(code).toBe(1);
    expect(new Set(views.map(oneView))).toEqual(new Set([1]));
    expect(Math.max(...views.flat().map((line) => line.length))).toBeLessThan(columns);
    const shown = views.flat().join('\n');
    const parts = [
      /of 9 s/,
      /p95 \d+/,
      /\d+\/s/,
      /[▁▂▃▄▅▆▇█]{2}/,
      /retr(?:y|ies)/,
      /pull\.p95<1ms/,
    ];
    for (const part of columns > 20 ? parts : []) expect(shown).toMatch(part);
    const end = screen.lines();
    expect(end.some((line) => line.startsWith('load: '))).toBe(false);
    expect(end[0]).toMatch(/^FAIL/);
    expect(end.at(-1)).toMatch(/report\.html$|^report: /);
  });

  test('is drawn anew when the terminal is resized, and takes away nothing of others', async () => {
    let step = 0;
    const widths = [50, 120, 30];
    const { screen, views } = await watched(loadFor('4s'), {
      columns: 100,
      onWritten: (pty) => {
        if (pty.screen.lines().some((line) => line.includes('under way')) && step < widths.length) {
          const columns = widths[step++] as number;
          setTimeout(() => pty.resize(columns), 300 * step);
        }
      },
    });
    expect(step).toBe(3);
    expect(new Set(views.map(oneView))).toEqual(new Set([1]));
    expect(Math.max(...(views.at(-1) ?? []).map((line) => line.length))).toBeLessThan(30);
    expect(screen.lines()[0]).toMatch(/^FAIL/);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it with a whole screen', async (name) => {
    let isStopped = false;
    const { code, screen } = await watched(loadFor('60s'), {
      columns: 80,
      onWritten: (pty: Pty) => {
        if (isStopped || !/of 60 s/.test(pty.screen.lines().join('\n'))) return;
        isStopped = true;
        pty.signal(name);
      },
    });
    expect(code).toBe(130);
    expect(screen.lines().join('\n')).toMatch(/Ctrl-C/);
    expect(screen.lines().some((line) => line.startsWith('load: '))).toBe(false);
  });

  test('in a locale without UTF-8 and with NO_COLOR the view is plain ASCII', async () => {
    const env = { LC_ALL: 'C', NO_COLOR: '1' };
    const { views, written } = await watched(loadFor('1s'), { columns: 80, env });
    expect(views.flat().join('')).toMatch(/^[\x20-\x7e]*$/);
    expect(stripVTControlCharacters(written).length).toBeLessThan(written.length);
    expect(written.split('\u001b[').some((part) => /^\d*m/.test(part))).toBe(false);
  });

  test('on a dumb terminal nothing is drawn in place', async () => {
    const { written } = await onTerminal(loadFor('700ms'), { columns: 80, env: { TERM: 'dumb' } });
    expect(written).not.toContain('\u001b');
  });
});

describe('conform', () => {
  test('shows one view, and leaves only the results', async () => {
    const words = [
      'conform',
      `http://${mock.images[0]?.replace(/:[^:/]*$/, '')}`,
      '--out',
      scratch(),
      ...['--room', 'tags'],
    ];
    const { screen, views } = await watched(words, { columns: 80 });
    const all = views.flat().join('\n');
    expect(all).toMatch(/\d+ of \d+ checks/);
    expect(all).toMatch(/^failed +none|^failed +\d+: [a-z]/m);
    expect(new Set(views.map(oneView))).toEqual(new Set([1]));
    expect(screen.lines().some((line) => line.startsWith('conform: '))).toBe(false);
  });
});

describe('off a terminal', () => {
  test('a load says its figures every ten seconds', async () => {
    const { stderr } = await cli(loadFor('11s'));
    const figures = stderr.split('\n').filter((line) => /s of 11 s: .* p95/.test(line));
    expect(figures.length).toBe(1);
  });
});
