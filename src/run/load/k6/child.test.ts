// A shell script stands in for k6: how the child is started, followed, stopped and judged.
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type K6Plan, planFileVariable } from '../../../../scenarios/lib/plan.ts';
import { type K6Run, runK6 } from './child.ts';

const plan: K6Plan = {
  client: 'podman',
  profiles: {},
  images: [
    {
      registryUrl: 'http://h',
      repository: 'a',
      reference: 'latest',
      credentials: { username: 'ci', password: 'hunter22' },
      resolvesTo: 'index',
    },
  ],
  platform: { os: 'linux', architecture: 'amd64' },
  shape: { kind: 'vus', vus: 1, durationSeconds: 1 },
  verify: 'all',
  timeoutMs: 1000,
  insecure: false,
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pullproof-child-'));
});

/** Runs a script as our k6; it finds its timeline in $FIGURES and may write to $DIR. */
function run(script: string, changes: Partial<K6Run> = {}) {
  const path = join(folder, 'k6');
  const figuresFile = join(folder, 'timeline.ndjson');
  writeFileSync(path, `#!/bin/sh\nDIR=${folder}\nFIGURES=${figuresFile}\n${script}\n`);
  chmodSync(path, 0o755);
  return runK6({
    k6: { path, engine: 'built', version: '2.2.0' },
    plan,
    scenario: '/scenario.ts',
    figuresFile,
    logFile: join(folder, 'k6.log'),
    http1: true,
    signal: new AbortController().signal,
    ...changes,
  });
}

test('credentials go by a file of our own, never by the command line or the environment', async () => {
  const file = `"$${planFileVariable}"`;
  const script = `echo "$@" > $DIR/words; env >> $DIR/words; cp ${file} $DIR/plan; stat -c %a ${file} > $DIR/mode`;
  expect(await run(script)).toMatchObject({ code: 0 });
  expect(readFileSync(join(folder, 'words'), 'utf8')).not.toContain('hunter22');
  expect(readFileSync(join(folder, 'mode'), 'utf8')).toBe('600\n');
  expect(JSON.parse(readFileSync(join(folder, 'plan'), 'utf8'))).toEqual(plan);
});

test('the timeline is handed over to its end, each byte once', async () => {
  let text = '';
  const onText = (more: string) => {
    text += more;
  };
  await run('echo one > $FIGURES; sleep 1.3; echo two >> $FIGURES; exit 0', { onText });
  expect(text).toBe('one\ntwo\n');
});

test('an error in reading it comes out of the run, and is not lost on the way', async () => {
  const onText = () => {
    throw new TypeError('a defect');
  };
  await expect(run('echo one > $FIGURES; sleep 1.5', { onText })).rejects.toThrow('a defect');
});

test('the exit code and the last words', async () => {
  const outcome = await run('echo out; echo err >&2; exit 107');
  expect(outcome.code).toBe(107);
  expect(outcome.output).toMatch(/out/);
  expect(outcome.output).toMatch(/err/);
});

test('endless words are kept in part', async () => {
  const { output } = await run('head -c 1000000 /dev/zero | tr "\\0" x');
  expect(output.length).toBeLessThanOrEqual(8000);
});

test('Ctrl-C is passed on, and k6 ending by it is no failure', async () => {
  const stop = new AbortController();
  const onText = () => stop.abort();
  const script = `trap 'exit 105' INT; echo started > $FIGURES; while :; do sleep 0.1; done`;
  expect(await run(script, { signal: stop.signal, onText })).toMatchObject({ code: 0 });
});

test('a run that was stopped before it started ends at once', async () => {
  const signal = AbortSignal.abort();
  expect((await run('while :; do sleep 0.1; done', { signal })).code).not.toBe(1);
});

test('a program that cannot be started', async () => {
  const k6 = { path: join(folder, 'absent'), engine: 'built', version: '2' } as const;
  await expect(run('', { k6 })).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a shape longer than a timer can hold is not ended at once', async () => {
  const stages = [{ seconds: 40 * 24 * 3600, target: 1 }];
  const long: K6Plan = {
    ...plan,
    shape: { kind: 'stages', of: 'vus', start: 0, stages, vus: 1 },
  };
  expect(await run('sleep 0.3; exit 7', { plan: long })).toMatchObject({ code: 7 });
});
