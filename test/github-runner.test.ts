// The played runner itself: expressions as GitHub evaluates them, and an error for what it would leave empty.
import { describe, expect, test } from 'vitest';
import { condition, evaluate, interpolate, type Scope } from './lib/github-runner/expressions.ts';
import { RunnerLog, readAssignments } from './lib/github-runner/log.ts';

const scope: Scope = {
  contexts: {
    inputs: { 'artifact-name': 'x', empty: '' },
    steps: { run: { outputs: { code: '1' }, outcome: 'success' } },
    github: { event: { pull_request: { number: 7 } } },
  },
  calls: { always: () => true, success: () => false, failure: () => true, cancelled: () => false },
};

describe('expressions', () => {
  test.each([
    ["inputs.artifact-name != '' && steps.run.outputs.code == '1'", true],
    ["inputs.empty || 'other'", 'other'],
    ["inputs['artifact-name'] == 'X'", true],
    ["!(1 < 2) || contains('Hello', 'ell')", true],
    ["format('{0}-{1}', 'a', github.event.pull_request.number)", 'a-7'],
    ["github.event.issue.number || 'none'", 'none'],
    ["'it''s'", "it's"],
    ["steps.run.outputs.absent == ''", true],
    ["true == 'true' || null == 0", true],
  ])('%s is %j', (text, value) => {
    expect(evaluate(text, scope)).toEqual(value);
  });

  test.each([
    'inputs.absent',
    'steps.absent.outputs.x',
    'nowhere.x',
    'f(1)',
    '1 +',
    "'open",
    '(1',
    'inputs.empty inputs.empty',
  ])('%s is an error', (text) => {
    expect(() => evaluate(text, scope)).toThrow();
  });

  test('a condition asks for success unless it says otherwise', () => {
    expect(condition(undefined, scope)).toBe(false);
    expect(condition("inputs.empty == ''", scope)).toBe(false);
    expect(condition("always() && inputs.empty == ''", scope)).toBe(true);
    expect(interpolate('a@{{ inputs.artifact-name }}b'.replace('@', '$'), scope)).toBe('axb');
  });
});

describe('the log', () => {
  test('takes commands, masks what it is told to, and stops where it is asked', () => {
    const log = new RunnerLog();
    log.add(
      '::add-mask::secret\n::error file=a%2Cb,line=1::one%0Atwo secret\n::stop-commands::end\n::error::no\n::e',
    );
    log.add('nd::\n::notice::yes\n');
    log.end();
    expect(log.annotations).toEqual([
      { kind: 'error', properties: { file: 'a,b', line: '1' }, message: 'one\ntwo ***' },
      expect.objectContaining({ kind: 'notice', message: 'yes' }),
    ]);
    expect(log.text).toContain('::error::no');
    expect(() => log.add('::set-env name=X::1\n')).toThrow();
  });

  test('reads files of outputs', () => {
    expect(readAssignments('a=1\nb<<E\nx\ny=2\nE\n')).toEqual({ a: '1', b: 'x\ny=2' });
    expect(() => readAssignments('nothing\n')).toThrow();
    expect(() => readAssignments('a<<E\nx\n')).toThrow();
  });
});
