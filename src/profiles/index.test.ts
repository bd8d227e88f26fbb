import { expect, test } from 'vitest';
import { profiles } from './index.ts';

test.each(Object.keys(profiles))('%s is data: JSON carries it whole into a plan', (name) => {
  expect(JSON.parse(JSON.stringify(profiles[name]))).toStrictEqual(profiles[name]);
});
