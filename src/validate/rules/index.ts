// The catalogue of every rule, in code and in schemas: what `list rules` and `explain` show.

import { imageRules } from '../image/rules.ts';
import { kinds } from '../kinds.ts';
import { tomlBom, tomlSyntax, tomlVersion } from '../read-toml.ts';
import { yamlSyntax } from '../read-yaml.ts';
import { annotationRules } from './annotation.ts';
import { annotationUseRules } from './annotation-use.ts';
import { authFileRules } from './auth-file.ts';
import { configRules } from './config.ts';
import { descriptorRules } from './descriptor.ts';
import { documentRules, kindUnknown } from './document.ts';
import { encryptionRules } from './encryption.ts';
import { jsonRules, limits } from './json.ts';
import { roleRules } from './media-role.ts';
import { memberNameRules } from './member-name.ts';
import { platformRules } from './platform.ts';
import { portabilityRules } from './portability.ts';
import { registriesConfRules } from './registries-conf.ts';
import { registriesUseRules } from './registries-use.ts';
import { replyRules } from './reply.ts';
import type { Rule, ValueRule } from './rule.ts';
import { rulesOfSchemas } from './schema.ts';
import { schema1Rules } from './schema1.ts';
import { settingsRules } from './settings.ts';

/** Rules that run over the value of a document, by the file that they are written in. */
const valueFiles: Readonly<Record<string, readonly ValueRule[]>> = {
  'rules/document': documentRules,
  'rules/member-name': memberNameRules,
  'rules/descriptor': descriptorRules,
  'rules/media-role': roleRules,
  'rules/annotation': annotationRules,
  'rules/annotation-use': annotationUseRules,
  'rules/encryption': encryptionRules,
  'rules/platform': platformRules,
  'rules/portability': portabilityRules,
  'rules/config': configRules,
  'rules/schema1': schema1Rules,
  'rules/reply': replyRules,
  'rules/auth-file': authFileRules,
  'rules/registries-conf': registriesConfRules,
  'rules/registries-use': registriesUseRules,
  'rules/settings': settingsRules(
    () => rules.map(({ id }) => id),
    () => kinds,
  ),
};

export const valueRules: readonly ValueRule[] = Object.values(valueFiles).flat();

/** Says that a document has more findings than are shown. */
export const capped: Rule = {
  id: 'findings-capped',
  level: 'note',
  spec: limits.spec,
  summary: 'At most 1,000 findings of one document are shown.',
  fix: 'Mend the shown ones and validate again.',
};

/** A rule that says where it is written, such as `src/validate/rules/json.ts` in the room `rules`. */
export type CatalogueRule = Rule & { readonly file: string; readonly room: string };

/** All rules, in the order in which they are asked. Those of schemas know the schema that has them. */
export const rules: readonly CatalogueRule[] = [
  ...placed('rules/json', jsonRules),
  ...placed('read-toml', [tomlSyntax, tomlBom, tomlVersion]),
  ...placed('read-yaml', [yamlSyntax]),
  ...placed('rules/document', [kindUnknown]),
  ...rulesOfSchemas.map((rule) => ({ ...rule, room: 'schemas' })),
  ...Object.entries(valueFiles).flatMap(([file, own]) => placed(file, own)),
  ...placed('image/rules', imageRules),
  ...placed('rules/index', [capped]),
];

function placed<R extends Rule>(file: string, own: readonly R[]) {
  const path = `src/validate/${file}.ts`;
  return own.map((rule) => ({ ...rule, file: path, room: path.split('/').at(-2) ?? '' }));
}
