// One rule of an image in a line: what it is, and what to do.

import type { Rule } from '../rules/rule.ts';

export function imageRule(
  id: string,
  level: Rule['level'],
  spec: string,
  summary: string,
  fix: string,
): Rule {
  return { id, level, spec, summary, fix };
}
