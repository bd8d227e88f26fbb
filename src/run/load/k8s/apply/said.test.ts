import { expect, test } from 'vitest';
import { troubleOf, userErrorOf, wordsOf } from './said.ts';

/** As kubectl 1.34 says it. */
const cases: readonly (readonly [ReturnType<typeof troubleOf>, string])[] = [
  ['config', 'error: context "nope" does not exist'],
  ['config', 'Error in configuration: context was not found for specified context: nope'],
  ['operator', `error: the server doesn't have a resource type "testruns"`],
  [
    'operator',
    'error: resource mapping not found for name: "x" namespace: "" from "STDIN": no matches for kind "TestRun" in version "k6.io/v1alpha1"\nensure CRDs are installed first',
  ],
  [
    'refused',
    'Error from server (Forbidden): error when creating "collector.yaml": pods "x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
  ],
  ['refused', 'Error from server (Forbidden): pods "x" is forbidden: exceeded quota: q'],
  [
    'forbidden',
    'Error from server (Forbidden): testruns.k6.io "x" is forbidden: User "nobody" cannot get resource "testruns" in API group "k6.io" in the namespace "load"',
  ],
  ['login', 'error: You must be logged in to the server (Unauthorized)'],
  ['not-found', 'Error from server (NotFound): namespaces "load" not found'],
  [
    'conflict',
    'error: Apply failed with 1 conflict: conflict with "argocd" using v1: .data.plan.json',
  ],
  [
    'away',
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?',
  ],
  ['away', 'Unable to connect to the server: dial tcp: lookup nowhere.invalid: no such host'],
  ['away', 'Error from server (ServiceUnavailable): apiserver is shutting down'],
  ['other', 'The PersistentVolumeClaim "x" is invalid: spec: Forbidden: spec is immutable'],
];

test.each(cases)('%s: %s', (trouble, stderr) => {
  const said = { code: 1, stdout: '', stderr: `${stderr}\n` };
  expect(troubleOf(said)).toBe(trouble);
  const { message, hint } = userErrorOf(said);
  if (trouble !== 'operator') expect(message).toContain(stderr.split('\n')[0]);
  expect(hint).not.toBe('');
});

test('what kubectl says on the way is no word of the error', () => {
  const stderr = [
    'E1201 15:19:32.489783    5241 memcache.go:265] "Unhandled Error" err="couldn\'t get"',
    'Warning: v1 ComponentStatus is deprecated',
    "sh: can't create /results/x: Permission denied",
    'command terminated with exit code 1',
  ].join('\n');
  const words = "sh: can't create /results/x: Permission denied";
  expect(wordsOf({ code: 1, stdout: '', stderr })).toBe(words);
  expect(wordsOf({ code: 7, stdout: '', stderr: '' })).toContain('7');
});
