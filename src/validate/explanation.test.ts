import { describe, expect, test } from 'vitest';
import { examplesOf } from './explanation.ts';
import { rulesElsewhere } from './image/cases/image-cases.ts';
import { rules } from './index.ts';

describe('every rule', () => {
  test.each(rules.map(({ id }) => id))('%s is shown with examples', async (id) => {
    const { bad, good, findings } = (await examplesOf(id)) ?? {};
    for (const example of [bad, good]) {
      expect(example?.lines.length).toBeGreaterThan(0);
      expect(example?.lines.length).toBeLessThanOrEqual(41);
      for (const line of example?.lines ?? []) expect(line.length).toBeLessThanOrEqual(1_001);
    }
    // What is shown is what the rule speaks about; words are about what cannot be shown.
    if (!rulesElsewhere.includes(id)) expect(findings?.length).toBeGreaterThan(0);
    const isToml = /^(?:registries|toml)-/.test(id);
    if (isToml) expect(findings?.map(({ path }) => path)).not.toContain('bad.json');
  });

  test('that does not exist has none', async () => {
    expect(await examplesOf('no-such-rule')).toBeUndefined();
  });
});
