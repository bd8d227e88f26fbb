// The catalogue of every rule, in code and in schemas: what `list rules` and `explain` show.

import { configRules } from './config.ts';
import { descriptorRules } from './descriptor.ts';
import { documentRules, kindUnknown } from './document.ts';
import { jsonRules, limits } from './json.ts';
import { platformRules } from './platform.ts';
import type { Rule, ValueRule } from './rule.ts';
import { rulesOfSchemas } from './schema.ts';

/** Rules that run over the value of a document, by their families. */
export const valueRules: readonly ValueRule[] = [
  ...documentRules,
  ...descriptorRules,
  ...platformRules,
  ...configRules,
];

/** Says that a document has more findings than are shown. */
export const capped: Rule = {
  id: 'findings-capped',
  level: 'note',
  spec: limits.spec,
  summary: 'At most 1,000 findings of one document are shown.',
  fix: 'Mend the shown ones and validate again.',
};

export const rules: readonly Rule[] = [
  ...jsonRules,
  kindUnknown,
  ...rulesOfSchemas,
  ...valueRules,
  capped,
];
