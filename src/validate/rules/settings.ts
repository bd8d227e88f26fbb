// Rules about our own configuration that its schema cannot say.

import { asObject } from '../../lib/json.ts';
import { meantName } from '../../lib/nearest.ts';
import { childPointer } from '../pointer.ts';
import { quote, type ValueRule } from './rule.ts';

/** `ruleIds`: every rule there is, these included; asked for when a document is judged. */
export function settingsRules(ruleIds: () => readonly string[]): ValueRule[] {
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
        for (const id of Object.keys(asObject(value.rules) ?? {})) {
          if (!known.includes(id)) {
            const meant = meantName(id, known);
            const guess = meant === undefined ? '' : `, perhaps ${meant} is meant`;
            report(childPointer('/rules', id), `there is no rule ${quote(id)}${guess}`, 'name');
          }
        }
      },
    },
  ];
}
