// `pullproof list`: what there is to name in flags.
import { Argument } from 'commander';
import { faults } from '../../mocks/faults/index.ts';
import { checks } from '../checks/catalogue.ts';
import { profiles } from '../profiles/index.ts';
import { rules } from '../validate/index.ts';
import type { Verb } from './verb.ts';

/** Rows of tab-separated columns: they suit people, grep and cut alike. */
const tables: Readonly<Record<string, () => string[][]>> = {
  checks: () =>
    checks.map(({ id, level, section, requirement }) => [id, level, section, requirement]),
  faults: () => faults.map(({ id, layer, title }) => [id, layer, title]),
  profiles: () => Object.values(profiles).map(({ name, title }) => [name, title]),
  rules: () => rules.map(({ id, level, spec, summary }) => [id, level, spec, summary]),
};

export const list: Verb = {
  declare(command) {
    command.addArgument(new Argument('<what>', 'what to list').choices(Object.keys(tables)));
  },
  async run([what = '']) {
    const rows = tables[what]?.() ?? [];
    process.stdout.write(rows.map((row) => `${row.join('\t')}\n`).join(''));
    return 0;
  },
};
