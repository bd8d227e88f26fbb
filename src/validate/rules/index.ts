// The catalogue of every rule, in code and in schemas: what `list rules` and `explain` show.

import { imageRules } from '../image/rules.ts';
import { tomlSyntax } from '../read-toml.ts';
import { yamlSyntax } from '../read-yaml.ts';
import { annotationRules } from './annotation.ts';
import { authFileRules } from './auth-file.ts';
import { configRules } from './config.ts';
import { descriptorRules } from './descriptor.ts';
import { documentRules, kindUnknown } from './document.ts';
import { jsonRules, limits } from './json.ts';
import { roleRules } from './media-role.ts';
import { platformRules } from './platform.ts';
import { registriesConfRules } from './registries-conf.ts';
import { replyRules } from './reply.ts';
import type { Rule, ValueRule } from './rule.ts';
import { rulesOfSchemas } from './schema.ts';
import { schema1Rules } from './schema1.ts';
import { settingsRules } from './settings.ts';

/** Rules that run over the value of a document, by their families. */
export const valueRules: readonly ValueRule[] = [
  ...documentRules,
  ...descriptorRules,
  ...roleRules,
  ...annotationRules,
  ...platformRules,
  ...configRules,
  ...schema1Rules,
  ...replyRules,
  ...authFileRules,
  ...registriesConfRules,
  ...settingsRules(() => rules.map(({ id }) => id)),
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
  tomlSyntax,
  yamlSyntax,
  kindUnknown,
  ...rulesOfSchemas,
  ...valueRules,
  ...imageRules,
  capped,
];
