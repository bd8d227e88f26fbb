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
    {
      rule: 'settings-clients',
      bad: 'validate:\n  clients: podman@5\n',
      good: 'validate:\n  clients: [podman@5]\n',
    },
    {
      rule: 'settings-client',
      bad: 'validate:\n  clients: [podman]\n',
      good: 'validate:\n  clients: [containers-image@5.39.1]\n',
    },
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
    {
      rule: 'settings-rule-unknown',
      bad: 'overrides:\n  - files: test\n    rules: { jsn-bom: off }\n',
      good: 'overrides:\n  - files: test\n    rules: { json-bom: off }\n',
    },
    { rule: 'settings-patterns', bad: 'exclude: 1', good: 'exclude: vendor/' },
    { rule: 'settings-patterns', bad: 'exclude: ""', good: 'exclude: "*.tmp.json"' },
    { rule: 'settings-pattern', bad: 'exclude: [1]', good: 'exclude: ["1"]' },
    { rule: 'settings-pattern', bad: 'exclude: [""]', good: 'exclude: []' },
    { rule: 'settings-baseline', bad: 'baseline: [a.json]', good: 'baseline: a.json' },
    { rule: 'settings-baseline', bad: 'baseline: ""', good: 'baseline: ../a.json' },
    {
      rule: 'settings-overrides',
      bad: 'overrides: { files: a }',
      good: 'overrides: [{ files: a }]',
    },
    { rule: 'settings-override', bad: 'overrides: [a]', good: 'overrides: []' },
    {
      rule: 'settings-override',
      bad: 'overrides: [{ kind: index }]',
      good: 'overrides: [{ kind: index, files: [a, b] }]',
    },
    {
      rule: 'settings-kind',
      bad: 'overrides: [{ files: a, kind: 1 }]',
      good: 'overrides: [{ files: a, kind: token-reply }]',
    },
    {
      rule: 'settings-kind-unknown',
      bad: 'overrides: [{ files: a, kind: token }]',
      good: 'overrides: [{ files: a, kind: token-reply }]',
    },
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
