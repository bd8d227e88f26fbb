// Rules about our own configuration that its schema cannot say.

import { childPointer } from '../../formats/places.ts';
import { asArray, asObject, asString, type JsonObject } from '../../lib/json.ts';
import { meantName } from '../../lib/nearest.ts';
import { memberTables } from '../generated/validators.js';
import { placeOf } from './member-table.ts';
import { quote, type ValueRule } from './rule.ts';

/** `ruleIds`: every rule there is, these included, and every kind; asked for when a document is judged. */
export function settingsRules(
  ruleIds: () => readonly string[],
  kinds: () => readonly string[],
): ValueRule[] {
  return [
    {
      id: 'settings-rule-unknown',
      level: 'error',
      spec: 'pullproof/config.schema.json#/properties/rules',
      summary: 'Levels are set for rules that exist.',
      fix: '`pullproof list rules` shows all.',
      kinds: ['pullproof-config'],
      check({ value }, report) {
        const known = ruleIds();
        for (const [at, rules] of rulesSections(value)) {
          for (const id of Object.keys(rules)) {
            if (known.includes(id)) continue;
            const place = placeOf(id, memberTables['pullproof-config']);
            const words = place === undefined ? guessOf(id, known) : `; ${id} belongs ${place}`;
            const meant = place === undefined ? meantName(id, known) : undefined;
            const isFree = meant !== undefined && !(meant in rules);
            const fix = isFree ? { name: meant } : undefined;
            const detail = `there is no rule ${quote(id)}${words}`;
            report(childPointer(at, id), detail, 'name', fix);
          }
        }
      },
    },
    {
      id: 'settings-kind-unknown',
      level: 'error',
      spec: 'pullproof/config.schema.json#/properties/overrides',
      summary: 'Files are of kinds that exist.',
      fix: '`pullproof list kinds` shows all.',
      kinds: ['pullproof-config'],
      check({ value }, report) {
        for (const [at, override] of (asArray(value.overrides) ?? []).entries()) {
          const kind = asString(asObject(override)?.kind);
          if (kind === undefined || kinds().includes(kind)) continue;
          const detail = `there is no kind ${quote(kind)}${guessOf(kind, kinds())}`;
          report(`/overrides/${at}/kind`, detail);
        }
      },
    },
  ];
}

/** The levels of the file, and of each override, with the pointers to them. */
function rulesSections({ rules, overrides }: JsonObject): [pointer: string, rules: JsonObject][] {
  const entries = (asArray(overrides) ?? []).map((entry) => asObject(entry)?.rules);
  const sections = entries.map((own, at): [string, unknown] => [`/overrides/${at}/rules`, own]);
  return [['/rules', rules] as [string, unknown], ...sections].map(([at, own]) => [
    at,
    asObject(own) ?? {},
  ]);
}

function guessOf(name: string, known: readonly string[]): string {
  const meant = meantName(name, known);
  return meant === undefined ? '' : `, perhaps ${meant} is meant`;
}
