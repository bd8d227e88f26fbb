// Public face of the validator: judge one document, list the kinds and the rules.

export { type Kind, kinds, schemaFiles } from './kinds.ts';
export { formatOf } from './other-kinds.ts';
export { rules } from './rules/index.ts';
export type { Rule } from './rules/rule.ts';
export {
  type RuleLevel,
  type Severity,
  validateDocument,
} from './validate.ts';
