// The examples of rules that findings name, for formats that bring help along. Apart, because it loads every
// case that there is.
import type { RuleExample } from '../../reports/options.ts';
import type { RuleSource } from '../../reports/results.ts';
import { examplesOf } from '../validate/explanation.ts';

export async function ruleExamples(
  rules: readonly Pick<RuleSource, 'id'>[],
): Promise<ReadonlyMap<string, RuleExample>> {
  const found = new Map<string, RuleExample>();
  for (const { id } of rules) {
    const examples = await examplesOf(id);
    if (examples) found.set(id, { bad: examples.bad.lines, good: examples.good.lines });
  }
  return found;
}
