import { expect, test } from 'vitest';
import type { CheckResult, Verdict } from '../../../reports/results.ts';
import { checks } from '../../checks/catalogue.ts';
import { capabilitiesOf, idleGlobs } from './capabilities.ts';

test('each capability is seen by a check of the catalogue', () => {
  expect(idleGlobs(checks.map(({ id }) => id))).toEqual([]);
});

test.each<[Verdict, boolean | null]>([
  ['pass', true],
  ['unsupported', false],
  ['fail', null],
  ['void', null],
])('%s of the check that shows it: %s', (verdict, supported) => {
  const result = { id: 'mount', verdict } as CheckResult;
  const found = capabilitiesOf([result], {}).find(({ name }) => name.startsWith('Mount from'));
  expect(found?.supported).toBe(supported);
});

test('challenges that were seen tell the kinds of authentication', () => {
  const facts = { schemes: new Set(['bearer']) };
  const of = (name: string) => capabilitiesOf([], facts).find((one) => one.name === name);
  expect(of('Bearer tokens')?.supported).toBe(true);
  expect(of('Basic authentication')?.supported).toBeNull();
});
