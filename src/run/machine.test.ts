import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { machine } from './machine.ts';

test('a machine is told by a hash that stays the same and names nothing', () => {
  const told = machine();
  expect(told.machine).toMatch(/^[0-9a-f]{12}$/);
  expect(machine()).toEqual(told);
  expect(told.cpus).toBeGreaterThan(0);
  expect(JSON.stringify(told)).not.toContain(hostname());
});
