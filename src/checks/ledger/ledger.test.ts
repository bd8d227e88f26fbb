// Holds the requirement ledger to the texts' counts, to the catalogue of checks and to the tests that it
// names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countKeywords, differences, entryCounts } from '../../../test/lib/count-keywords.ts';
import { matchesAny } from '../../lib/globs.ts';
import { packageRoot } from '../../run/package-root.ts';
import { coveringIds, requirementTotals } from '../../run/requirements.ts';
import { checks } from '../catalogue.ts';
import { clientTests } from './client-tests.ts';
import { ledger, specs } from './ledger.ts';
import type { Requirement } from './requirement.ts';

const requirements = ledger.flatMap((section) => section.requirements);
const checkIds = checks.map(({ id }) => id);
const patterns = (requirement: Requirement) =>
  'unobservable' in requirement ? [] : (requirement.checks ?? []);

describe('the ledger', () => {
  test('names each requirement once, by a slug', () => {
    const ids = requirements.map(({ id }) => id);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  test('has each section once, of a spec that it knows', () => {
    const sections = ledger.map(({ section }) => section);
    expect(sections.filter((section, at) => sections.indexOf(section) !== at)).toEqual([]);
    for (const section of sections) expect(Object.keys(specs)).toContain(section.split('#')[0]);
  });

  test.each(ledger.map((section) => [section.section, section] as const))(
    '%s: an entry for every normative word of the text',
    (_, section) => {
      expect(entryCounts(section.requirements)).toEqual(section.keywords);
    },
  );

  test('adds up', () => {
    const totals = requirementTotals(ledger);
    const all = totals.at(-1);
    const words = ledger.flatMap(({ keywords }) => Object.values(keywords));
    expect(all?.keywords).toBe(words.reduce((sum, count) => sum + count, 0));
    expect(all?.requirements).toBe(requirements.length);
    for (const { by, requirements: count } of totals) {
      expect(by.checks + by.client + by.unobservable).toBe(count);
    }
  });

  test.each(requirements.map((requirement) => [requirement.id, requirement] as const))(
    '%s says something, and what holds it',
    (_, requirement) => {
      expect(requirement.says).toMatch(/^\S.{10,}\.$/);
      if ('unobservable' in requirement) expect(requirement.unobservable).toMatch(/^\S.{20,}\.$/);
      else expect((requirement.checks ?? requirement.client).length).toBeGreaterThan(0);
      // A check judges the registry; what our client must do is shown by a test.
      const isOurs = requirement.binds === 'client' && requirement.level !== 'MAY';
      const isShown = 'unobservable' in requirement || requirement.client !== undefined;
      if (isOurs) expect(isShown).toBe(true);
      expect(
        patterns(requirement).filter((glob) => !checkIds.some((id) => matchesAny([glob], id))),
      ).toEqual([]);
    },
  );

  test.each(
    checks
      .filter(
        ({ section, level }) => section.startsWith('distribution-spec/') && level !== 'COMPAT',
      )
      .map((check) => [check.id, check] as const),
  )('%s is demanded by a requirement as strong', (id, { level }) => {
    const demanding = requirements.filter((requirement) => matchesAny(patterns(requirement), id));
    // What is permitted makes no SHOULD, and what is recommended no MUST.
    const isDemanded = demanding.some(({ level: word }) =>
      level === 'MUST' ? word.startsWith('MUST') : word !== 'MAY',
    );
    expect(isDemanded, demanding.map((each) => `${each.id} ${each.level}`).join()).toBe(true);
  });

  test.each(Object.values(clientTests).map((each) => [each.test, each] as const))(
    'there is a test that %s',
    (_, { file, test: name }) => {
      const text = readFileSync(join(packageRoot, file), 'utf8');
      expect(
        [`'${name}'`, `"${name}"`, `'${name} (%s)'`].some((title) => text.includes(title)),
      ).toBe(true);
    },
  );

  test('globs mean the checks that they match', () => {
    const head = requirements.find(({ id }) => id === 'head-not-found') as Requirement;
    expect(coveringIds(head, checkIds)).toEqual(['manifest-head-unknown', 'blob-head-unknown']);
  });
});

describe('counting', () => {
  const text = [
    '# First: `Part`',
    'It MUST be so, it MUST NOT be else and SHOULD NOT matter. The words "MUST" and "MAY" are words.',
    '```',
    'This MUST NOT count.',
    '```',
    '#### The second part',
    'OPTIONAL is MAY, REQUIRED is MUST, NOT RECOMMENDED is SHOULD NOT, RECOMMENDED is SHOULD.',
    '## None',
    'It must be lower case.',
  ].join('\n');

  test('finds the words of RFC 2119 by section, code and quotes left out', () => {
    expect([...countKeywords(text, 'capitals')]).toEqual([
      ['first-part', { MUST: 1, 'MUST NOT': 1, 'SHOULD NOT': 1 }],
      ['the-second-part', { MAY: 2, MUST: 2, 'SHOULD NOT': 2, SHOULD: 2 }],
    ]);
  });

  test('finds everyday words where a spec uses those', () => {
    const small = '# A\nIt **must not** be, should *not* be, should be (REQUIRED), if required.';
    expect([...countKeywords(small, 'prose')]).toEqual([
      ['a', { 'MUST NOT': 1, 'SHOULD NOT': 1, SHOULD: 1, MUST: 1 }],
    ]);
  });

  test('tells what a text has more or less than the ledger', () => {
    const more = differences('docker-registry/jwt.md', '# New\nIt must be.');
    expect(more.some((line) => line.startsWith('#new: the text has 1 MUST'))).toBe(true);
    expect(more.some((line) => line.startsWith('#verifying-the-token: the text has nothing'))).toBe(
      true,
    );
  });
});
