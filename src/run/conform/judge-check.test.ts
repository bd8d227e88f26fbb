import { describe, expect, test } from 'vitest';
import type { CheckResult } from '../../../reports/results.ts';
import { requestOf } from '../../../test/lib/request.ts';
import { check as checkTiny } from '../../../test/lib/tiny-registry.ts';
import { checks as catalogue } from '../../checks/catalogue.ts';
import { Broken, type Check, type CheckContext, Unsupported } from '../../checks/check.ts';
import { describe as described } from '../../checks/kit/expect.ts';
import { given } from '../../checks/kit/given.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';

const url = 'http://tiny.test/v2/tiny/tags/list';
const request = requestOf({ url, phase: 'other' });

/** Asks so often, and expects no 5xx. */
function* asking(_: CheckContext, times = 1): Talk<string> {
  for (let each = 0; each < times; each++) {
    const reply: HttpReply = yield request;
    if (reply.status >= 500 || reply.failure !== '')
      throw new Broken('an answer', described(reply));
  }
  return 'answered';
}

function declared(id: string, run: Check['run'], changes: Partial<Check> = {}): Check {
  const words = { section: 's', requirement: 'it holds', why: 'because' };
  return { id, level: 'MUST', needs: [], ...words, ...changes, run };
}

/** Runs the checks against a registry whose answers to the list of tags are these statuses, then 200. */
async function judged(checks: readonly Check[], statusOf: (nth: number) => number) {
  let asked = 0;
  const answer = (path: string) => {
    if (!path.startsWith('tiny/tags')) return undefined;
    const status = statusOf(asked++);
    return new Response('', { status });
  };
  const results: CheckResult[] = [];
  const onResult = (result: CheckResult) => results.push(result);
  await checkTiny({ answer }, [], { checks, onResult, pause: async () => undefined });
  return { results, asked };
}

test('a check that a server spoils once is done anew, and says so', async () => {
  const { results, asked } = await judged([declared('one', asking)], (nth) =>
    nth < 1 ? 500 : 200,
  );
  expect(results[0]).toMatchObject({ verdict: 'pass' });
  expect(results[0]?.actual).toMatch(/answered .*500/);
  expect(asked).toBe(2);
});

test('what fails each time at the same place fails', async () => {
  const { results, asked } = await judged([declared('one', asking)], () => 500);
  expect(results[0]).toMatchObject({ verdict: 'fail', expected: 'an answer' });
  expect(asked).toBeLessThan(9);
});

test('what fails each time at another place is void: no try shows anything', async () => {
  let at = 0;
  const check = declared('one', (context) => asking(context, 40));
  // In each try a request later than in the one before.
  let tries = 0;
  const { results } = await judged([check], () => {
    if (at++ < tries) return 200;
    at = 0;
    tries++;
    return 502;
  });
  expect(results[0]?.verdict).toBe('void');
  expect(results[0]?.actual).toMatch(/502/);
});

test('what breaks without a failing server is not tried again', async () => {
  let runs = 0;
  const check = declared('one', function* () {
    runs++;
    yield request;
    throw new Broken('this', 'that');
  });
  await judged([check], () => 404);
  expect(runs).toBe(1);
});

test('a registry that is away for a while decides nothing', async () => {
  let asked = 0;
  // Away for longer than five tries take.
  const status = () => (asked++ < 8 ? 503 : 200);
  const answer = () => new Response('', { status: status() });
  const results: CheckResult[] = [];
  const onResult = (result: CheckResult) => results.push(result);
  const checks = [declared('one', asking)];
  await checkTiny({ answer }, [], { checks, onResult, pause: async () => undefined });
  expect(results[0]).toMatchObject({ verdict: 'pass' });
});

describe('requests side by side', () => {
  const crowd = declared('crowd', function* (context) {
    yield { parallel: [1, 2, 3].map(() => asking(context)), limit: 3 };
    return 'answered';
  });

  /** Whose answers have the status by how many requests are under way, and how many came before. */
  async function crowded(statusOf: (underWay: number, nth: number) => number) {
    let underWay = 0;
    let nth = 0;
    const served = async () => {
      const status = statusOf(++underWay, nth++);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
      return new Response('', { status });
    };
    const answer = (path: string) => (path.startsWith('tiny/tags') ? served() : undefined);
    const results: CheckResult[] = [];
    const onResult = (result: CheckResult) => results.push(result);
    const run = { checks: [crowd], onResult, pause: async () => undefined };
    await checkTiny({ answer }, [], run);
    return results[0]?.verdict;
  }

  test('that fail only so fail', async () => {
    expect(await crowded((underWay) => (underWay > 1 ? 500 : 200))).toBe('fail');
  });

  test('that fail one by one as well, now and then, say nothing', async () => {
    expect(await crowded((underWay, nth) => (underWay > 1 || nth % 5 === 4 ? 500 : 200))).toBe(
      'void',
    );
  });
});

describe('what a check takes for given', () => {
  const base = declared('base', asking);
  const needing = declared('needing', (context) => given(context, 'base', () => asking(context)), {
    dependsOn: ['base'],
  });

  test('is done again while a server fails by itself', async () => {
    const { results } = await judged([base, needing], (nth) =>
      nth === 1 || nth === 2 ? 500 : 200,
    );
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
  });

  test('and is not there: void, and the check that fails is named', async () => {
    const { results } = await judged([base, needing], () => 500);
    expect(results.map(({ verdict }) => verdict)).toEqual(['fail', 'void']);
    expect(results[1]?.actual).toContain('depends on base, which does not hold');
  });

  test('and is not there although its check holds: void, and nobody says that it does not', async () => {
    const { results } = await judged([base, needing], (nth) => (nth === 0 ? 200 : 500));
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'void']);
    expect(results[1]?.actual).not.toContain('does not hold');
    expect(results[1]?.actual).toContain('although base holds');
    expect(results[1]?.actual).toContain('GET /v2/<name>/tags/list');
  });

  test('of a check that is not offered, a server that fails is told of all the same', async () => {
    const absent = declared('base', function* () {
      yield request;
      throw new Unsupported('not here');
    });
    const last = catalogue.filter(({ id }) => id === 'server-errors');
    const { results } = await judged([absent, needing, ...last], (nth) => (nth === 0 ? 200 : 500));
    expect(results.map(({ verdict }) => verdict)).toEqual(['unsupported', 'void', 'warn']);
  });
});
