// Cases for the rules about our own configuration.

import type { RuleCase } from './rule-case.ts';

export const rightSettings =
  'rules:\n  manifest-size: off\n  json-bom: warning\nvalidate:\n  strict: true\n';

const nested = (text: string, times: number) => `rules: ${text.repeat(times)}`;

export const settingsCases: readonly RuleCase[] = (
  [
    { rule: 'yaml-syntax', bad: 'rules:\n  a: b\n a: c\n', good: rightSettings },
    { rule: 'yaml-syntax', bad: 'rules: {}\nrules: {}\n', good: 'rules: {}\n' },
    { rule: 'yaml-syntax', bad: 'rules: {}\n---\nrules: {}\n', good: '---\nrules: {}\n' },
    { rule: 'yaml-syntax', bad: () => nested('[', 100_000), good: '# nothing yet\n' },
    { rule: 'document-limits', bad: () => nested(' ', 300_000), good: 'rules:  {}' },
    { rule: 'settings-object', bad: '- rules', good: '' },
    { rule: 'settings-unknown-key', bad: 'rule: {}', good: '"rules": {}' },
    { rule: 'settings-unknown-key', bad: 'validate: { stric: true }', good: 'validate: {}' },
    { rule: 'settings-rules', bad: 'rules: [json-bom]', good: 'rules: { json-bom: note }' },
    { rule: 'settings-rule-level', bad: 'rules: { json-bom: warn }', good: rightSettings },
    {
      rule: 'settings-rule-level',
      bad: 'rules: { json-bom: false }',
      good: 'rules: { json-bom: off }',
    },
    { rule: 'settings-rule-unknown', bad: 'rules: { jsn-bom: off }', good: rightSettings },
    { rule: 'settings-validate', bad: 'validate: strict', good: 'validate: { strict: false }' },
    { rule: 'settings-strict', bad: 'validate: { strict: yes }', good: rightSettings },
    {
      rule: 'settings-max-layer-bytes',
      bad: 'validate: { maxLayerBytes: 1GiB }',
      good: 'validate: { maxLayerBytes: 1073741824 }',
    },
    {
      rule: 'settings-max-layer-bytes',
      bad: 'validate: { maxLayerBytes: 0 }',
      good: 'validate: { maxLayerBytes: 1 }',
    },
  ] satisfies RuleCase[]
).map((it) => ({ ...it, kind: 'pullproof-config' }));
