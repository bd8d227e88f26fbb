import { expect, test } from 'vitest';
import { profiles } from '../../profiles/index.ts';
import { clientsOfContainers, containersRules } from './rules.ts';

test('rules are of profiles, and every program of the library has some', () => {
  expect(Object.keys(profiles)).toEqual(expect.arrayContaining([...clientsOfContainers]));
  const named = Object.keys(profiles).filter((name) => /podman|skopeo|cri-o/.test(name));
  expect(named.filter((name) => containersRules(name) === undefined)).toEqual([]);
  expect(containersRules('constructor')).toBeUndefined();
});
