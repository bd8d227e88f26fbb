// Reports know every class of failure there is, and no other.
import { expect, test } from 'vitest';
import { failureMeanings } from '../../reports/failure-words.ts';
import { failureClasses } from './failure-hints.ts';

test('every class of failure has its meaning in reports', () => {
  expect(Object.keys(failureMeanings).toSorted()).toEqual([...failureClasses].toSorted());
});
