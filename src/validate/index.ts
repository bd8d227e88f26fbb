// Public face of the validator: judge one document, list the kinds and the rules.

export { type Kind, kinds } from './kinds.ts';
export { rules } from './rules/index.ts';
export type { Rule } from './rules/rule.ts';
export { type ValidateOptions, validateDocument } from './validate.ts';
