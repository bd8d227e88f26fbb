import { describe, expect, test } from 'vitest';
import { type Files, treeOf } from './cases/fixture.ts';
import { casesLayerBytesMax, imageCases, rulesElsewhere } from './cases/image-cases.ts';
import { judgeTree } from './judge-tree.ts';
import { imageRules } from './rules.ts';

const options = {
  strict: false,
  layers: true,
  layerBytesMax: casesLayerBytesMax,
  signal: new AbortController().signal,
  progress: () => undefined,
};

async function rulesBroken(files: Files): Promise<string[]> {
  const judged = await judgeTree(treeOf(files), options);
  const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
  return [...new Set(findings.map(({ ruleId }) => ruleId))];
}

/** What breaks along with a rule, because the case has to leave something behind. */
const beside: Readonly<Record<string, readonly string[]>> = {
  'blob-missing': ['blob-unreferenced'],
  'index-depth': ['blob-unreferenced'],
};

describe('every rule across documents', () => {
  test.each(imageCases.map((it, at) => [it.rule, at, it] as const))(
    '%s (%i): bad',
    async (rule, _, it) => {
      const broken = await rulesBroken(it.bad());
      expect(broken.filter((id) => !beside[rule]?.includes(id))).toEqual([rule]);
    },
  );

  test.each(imageCases.map((it, at) => [it.rule, at, it] as const))(
    '%s (%i): good',
    async (_, __, it) => {
      expect(await rulesBroken(it.good())).toEqual([]);
    },
  );

  test('has a case', () => {
    const tested = new Set([...imageCases.map(({ rule }) => rule), ...rulesElsewhere]);
    expect([...tested].sort()).toEqual(imageRules.map(({ id }) => id).sort());
  });
});
