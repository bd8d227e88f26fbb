import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { machineHash, processors } from './machine.ts';

test('a machine is told by a hash that stays the same and names nothing', () => {
  const told = machineHash();
  expect(told).toMatch(/^[0-9a-f]{12}$/);
  expect(machineHash()).toEqual(told);
  expect(processors().cpus).toBeGreaterThan(0);
  expect(JSON.stringify([told, processors()])).not.toContain(hostname());
});
