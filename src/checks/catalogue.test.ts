import { describe, expect, test } from 'vitest';
import { checks } from './catalogue.ts';

describe('the catalogue', () => {
  test('names each check once, by a slug', () => {
    const ids = checks.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test.each(checks.map((check) => [check.id, check] as const))('%s is described', (_, check) => {
    expect(check.section).toMatch(/^(?:(?:distribution-spec|docker-registry)\/\S+\.md|RFC \d+)/);
    for (const text of [check.requirement, check.why]) expect(text).toMatch(/^\S.{20,}\.$/s);
  });

  test.each(
    checks
      .filter(({ dependsOn }) => dependsOn.length > 0)
      .map((check) => [check.id, check] as const),
  )('%s depends on checks, and not on itself', (id, { dependsOn }) => {
    const ids = new Set(checks.map((check) => check.id));
    expect(dependsOn.filter((each) => !ids.has(each))).toEqual([]);
    // All that these depend on is among them: a circle would lead back here.
    expect(dependsOn).not.toContain(id);
  });

  test('binds by MUST and SHOULD only what the specs say', () => {
    const beyond = checks.filter(({ section }) => section.startsWith('docker-registry/'));
    for (const { level } of beyond) expect(level).toBe('COMPAT');
  });
});
