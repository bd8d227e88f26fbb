// From an id to its source: whatever has an id says where it is written, and stands there; and no id, level or
// section of before is lost (ids are for ever).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogues } from '../src/cli/catalogues.ts';
import { packageRoot } from '../src/run/package-root.ts';

const kinds = ['checks', 'faults', 'rules', 'requirements', 'causes'] as const;
/** What `list --format json` said when files and rooms came in, without those. */
const before = JSON.parse(
  readFileSync(join(packageRoot, 'test/fixtures/catalogues.json'), 'utf8'),
) as Record<(typeof kinds)[number], Record<string, string>[]>;

/** Everything with an id in what a file exports, or in a schema. */
async function idsIn(file: string): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  const visit = (value: unknown, depth: number) => {
    if (typeof value !== 'object' || value === null || depth === 0) return;
    for (const [name, member] of Object.entries(value)) {
      if ((name === 'id' || name === 'x-rule') && typeof member === 'string') ids.add(member);
      else visit(member, depth - 1);
    }
  };
  const path = join(packageRoot, file);
  if (file.endsWith('.json')) visit(JSON.parse(readFileSync(path, 'utf8')), 20);
  else {
    const exported: Record<string, unknown> = await import(path);
    visit({ ...exported }, 5);
    // Rules that need the ids of all rules are a function of them.
    if (typeof exported.settingsRules === 'function')
      visit(
        exported.settingsRules(() => []),
        5,
      );
  }
  return ids;
}

describe.each(kinds)('%s', (kind) => {
  test('each says its file and room, which are there, and stands in that file', async () => {
    const entries = (await catalogues[kind]?.()) ?? [];
    expect(entries.length).toBeGreaterThan(70);
    const files = [...new Set(entries.map(({ file = '' }) => file))];
    const found = new Map<string, ReadonlySet<string>>();
    for (const file of files.filter((one) => existsSync(join(packageRoot, one)))) {
      found.set(file, await idsIn(file));
    }
    const lost = entries.filter(({ id = '', file = '', room = '' }) => {
      return !file.includes(`${room}/`) || found.get(file)?.has(id) !== true;
    });
    expect(lost.map(({ id, file }) => `${id}: ${file}`)).toEqual([]);
  });

  test('keeps every id of before, with its level, section and words', async () => {
    const now = new Map((await catalogues[kind]?.())?.map((entry) => [entry.id, entry]));
    const changed = before[kind].filter((entry) => {
      const today = now.get(entry.id ?? '');
      return Object.entries(entry).some(([name, text]) => today?.[name] !== text);
    });
    expect(changed.map(({ id }) => id)).toEqual([]);
  });
});
