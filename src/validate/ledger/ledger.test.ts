// Holds the ledger of documents to the texts' counts, to the catalogue of rules and to the tests that it names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { entryCounts } from '../../../test/lib/count-keywords.ts';
import { ledger } from '../../checks/ledger/ledger.ts';
import { matchesAny } from '../../lib/globs.ts';
import { packageRoot } from '../../run/package-root.ts';
import { patternsOf, requirementTotals } from '../../run/requirements.ts';
import { rules } from '../index.ts';
import { documentLedger, documentSpecs } from './ledger.ts';
import { ownTests } from './own-tests.ts';

const requirements = documentLedger.flatMap((section) => section.requirements);
const ruleIds = rules.map(({ id }) => id);

describe('the ledger of documents', () => {
  test('names each requirement once, by a slug, and none as the other ledger does', () => {
    const others = ledger.flatMap((section) => section.requirements);
    const ids = [...others, ...requirements].map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test('has each section once, of a text that it knows, and every text', () => {
    const sections = documentLedger.map(({ section }) => section);
    expect(sections.filter((section, at) => sections.indexOf(section) !== at)).toEqual([]);
    const texts = new Set(sections.map((section) => section.split('#')[0]));
    expect([...texts].sort()).toEqual(Object.keys(documentSpecs).sort());
  });

  test.each(documentLedger.map((section) => [section.section, section] as const))(
    '%s: an entry for every normative word of the text',
    (_, section) => {
      expect(entryCounts(section.requirements)).toEqual(section.keywords);
    },
  );

  test('adds up', () => {
    const totals = requirementTotals(documentLedger);
    const words = documentLedger.flatMap(({ keywords }) => Object.values(keywords));
    expect(totals.at(-1)?.keywords).toBe(words.reduce((sum, count) => sum + count, 0));
    for (const { by, requirements: count } of totals) {
      expect(by.rules + by.client + by.unobservable).toBe(count);
    }
  });

  test.each(requirements.map((requirement) => [requirement.id, requirement] as const))(
    '%s says something, and what holds it',
    (_, requirement) => {
      expect(requirement.says).toMatch(/^\S.{10,}\.$/);
      if ('unobservable' in requirement) expect(requirement.unobservable).toMatch(/^\S.{20,}\.$/);
      const patterns = patternsOf(requirement);
      expect(patterns.filter((glob) => !ruleIds.some((id) => matchesAny([glob], id)))).toEqual([]);
    },
  );

  test.each(Object.values(ownTests).map((each) => [each.test, each] as const))(
    'there is a test that shows: %s',
    (_, { file, test: name }) => {
      expect(readFileSync(join(packageRoot, file), 'utf8')).toContain(`test('${name}'`);
    },
  );
});

/** What no text demands: how much pullproof itself takes. */
const bounds = ['image-limits'];

describe('rules', () => {
  const texts = Object.keys(documentSpecs);
  const judged = rules.filter(
    ({ id, spec }) => !bounds.includes(id) && texts.includes(spec.split('#')[0] ?? ''),
  );

  test.each(judged.map((rule) => [rule.id, rule] as const))(
    '%s is demanded by a requirement as strong',
    (id, { level }) => {
      const demanding = requirements.filter((requirement) =>
        matchesAny(patternsOf(requirement), id),
      );
      // What is permitted makes no warning, and what is recommended no error.
      const isDemanded = demanding.some(({ level: word }) =>
        level === 'error' ? word.startsWith('MUST') : level === 'note' || word !== 'MAY',
      );
      expect(
        isDemanded,
        `give ${id} to an entry of src/validate/ledger, now: ${demanding.map((each) => `${each.id} ${each.level}`).join() || 'none'}`,
      ).toBe(true);
    },
  );
});
