import { describe, expect, test } from 'vitest';
import type { CheckLevel, CheckResult } from '../../../reports/results.ts';
import { inProcess } from '../../../test/lib/in-process.ts';
import { requestOf } from '../../../test/lib/request.ts';
import { check as checkTiny } from '../../../test/lib/tiny-registry.ts';
import { Broken, type Check, Unsupported, Void } from '../../checks/check.ts';
import { fact } from '../../checks/kit/expect.ts';
import { Redactor } from '../../drivers/redact.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { ChecksRun } from './checks.ts';

const request = requestOf({ url: 'http://tiny.test/v2/', phase: 'ping' });

function declared(run: Check['run'], changes: Partial<Check> = {}): Check {
  const words = { section: 's', requirement: 'it holds', why: 'because' };
  return { id: 'made-up', level: 'MUST', needs: [], ...words, ...changes, run };
}

async function resultsOf(checks: readonly Check[], run: Partial<ChecksRun> = {}) {
  const results: CheckResult[] = [];
  const onResult = (result: CheckResult) => results.push(result);
  await checkTiny({}, [], { checks, onResult, ...run });
  return results;
}

async function resultOf(run: Check['run'], changes: Partial<Check> = {}): Promise<CheckResult> {
  const [result] = await resultsOf([declared(run, changes)]);
  return result as CheckResult;
}

function throwing(error: unknown): Check['run'] {
  return function* (): Talk<string> {
    yield request;
    throw error;
  };
}

describe('verdicts', () => {
  const broken = new Broken('this', 'that');
  const pull = new PullFailure('server-error', request, 500, 'it failed');
  test.each([
    ['MUST', broken, 'fail'],
    ['SHOULD', broken, 'warn'],
    ['MAY', broken, 'warn'],
    ['COMPAT', broken, 'warn'],
    ['MUST', pull, 'fail'],
    ['COMPAT', pull, 'warn'],
    ['MUST', new Unsupported('not offered'), 'unsupported'],
    ['SHOULD', new Unsupported('not offered'), 'unsupported'],
    ['MUST', new Void('nothing there'), 'void'],
    ['MUST', new TypeError('x is not a function'), 'harness-error'],
    ['COMPAT', new TypeError('x is not a function'), 'harness-error'],
    ['MUST', 'a string', 'harness-error'],
  ] as const)('%s and %s: %s', async (level, error, verdict) => {
    const result = await resultOf(throwing(error), { level: level as CheckLevel });
    expect(result.verdict).toBe(verdict);
    expect(result.actual).not.toBe('');
    expect(result.evidence).toHaveLength(1);
  });

  test('what a rate limit hides is void; what it says itself can be judged', async () => {
    const perform = inProcess(async () => new Response('', { status: 429 }));
    const checks = [{}, { judgesLimits: true } as const].map((changes) =>
      declared(throwing(broken), changes),
    );
    const results = await resultsOf(checks, { perform });
    expect(results.map(({ verdict }) => verdict)).toEqual(['void', 'fail']);
  });

  test('what a broken check expected and got', async () => {
    const result = await resultOf(throwing(broken));
    expect(result).toMatchObject({ expected: 'this', actual: 'that', requirement: 'it holds' });
  });

  test('what holds, in its own words', async () => {
    const result = await resultOf(function* () {
      yield request;
      return 'all is well';
    });
    expect(result).toMatchObject({ verdict: 'pass', actual: 'all is well', id: 'made-up' });
    expect(result.evidence[0]).toMatchObject({
      request: { url: request.url },
      reply: { status: 200 },
    });
  });

  test('a fact that the check does not declare is a defect of ours', async () => {
    const result = await resultOf(function* (context) {
      fact(context.facts.challenged);
      yield request;
      return '';
    });
    expect(result.verdict).toBe('harness-error');
  });
});

describe('needs', () => {
  test.each([
    ['challenge', 'unsupported'],
    ['bearer', 'unsupported'],
    ['redirect', 'unsupported'],
    ['index', 'unsupported'],
    ['top', 'pass'],
    ['image', 'pass'],
  ] as const)(
    '%s of a registry without authentication and redirects: %s',
    async (need, verdict) => {
      let ran = false;
      const result = await resultOf(
        function* () {
          ran = true;
          yield request;
          return 'ran';
        },
        { needs: [need] },
      );
      expect(result.verdict).toBe(verdict);
      expect(ran).toBe(verdict === 'pass');
    },
  );

  test('a manifest that cannot be read makes its checks void, and says why', async () => {
    const answer = () => new Response('gone', { status: 503 });
    const results: CheckResult[] = [];
    const check = declared(throwing(new Broken('', '')), { needs: ['image'] });
    await checkTiny({ answer }, [], {
      checks: [check],
      onResult: (result) => results.push(result),
    });
    expect(results[0]).toMatchObject({ verdict: 'void', actual: expect.stringContaining('503') });
  });
});

describe('the run', () => {
  test('keeps going after a defect, in the order given', async () => {
    const bad = declared(throwing(new TypeError('oops')), { id: 'bad' });
    const good = declared(
      function* () {
        yield request;
        return 'fine';
      },
      { id: 'good' },
    );
    const results = await resultsOf([bad, good, bad]);
    expect(results.map(({ id }) => id)).toEqual(['bad', 'good', 'bad']);
  });

  test('a check that must run alone does; the others run at once, and the order holds', async () => {
    const running = new Set<string>();
    const beside = new Map<string, number>();
    const watched = (id: string, isAlone: boolean) =>
      declared(
        function* () {
          running.add(id);
          for (let i = 0; i < 3; i++) {
            yield request;
            beside.set(id, Math.max(beside.get(id) ?? 0, running.size - 1));
          }
          running.delete(id);
          return 'done';
        },
        { id, isAlone },
      );
    const checks = [
      watched('a', false),
      watched('b', false),
      watched('alone 1', true),
      watched('alone 2', true),
      watched('c', false),
      watched('d', false),
    ];
    const results = await checkTiny({}, [], { checks, jobs: 4 });
    expect(Object.fromEntries(beside)).toEqual({
      a: 1,
      b: 1,
      'alone 1': 0,
      'alone 2': 0,
      c: 1,
      d: 1,
    });
    expect([...results.keys()]).toEqual(checks.map(({ id }) => id));
  });

  test('aborted: no further check, and not the one that was cut', async () => {
    const stop = new AbortController();
    const cut = declared(function* () {
      stop.abort();
      yield request;
      throw new Broken('an answer', 'an interrupt');
    });
    const ok = declared(function* () {
      yield request;
      return 'fine';
    });
    const results = await resultsOf([ok, cut, ok], { signal: stop.signal });
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass']);
  });

  test('a check that runs away leaves bounded evidence', async () => {
    const result = await resultOf(function* () {
      for (let i = 0; i < 200; i++) yield request;
      return 'at last';
    });
    expect(result.evidence.length).toBeLessThanOrEqual(60);
  });

  test('known secrets are in no verdict', async () => {
    const redactor = new Redactor();
    redactor.add('hunter22-secret');
    const check = declared(throwing(new Broken('hunter22-secret', 'got hunter22-secret')));
    const results = await resultsOf([check], { redactor });
    expect(JSON.stringify(results)).not.toContain('hunter22');
  });
});
