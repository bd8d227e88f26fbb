// The engine of `validate`: judges what the words point at, sets known findings apart, sums up.
import type { DocumentResult, Results, RuleSource } from '../../../reports/results.ts';
import { rules } from '../../validate/index.ts';
import { conclude, newResults, type RunContext } from '../context.ts';
import { type JudgeOptions, judgeInputs } from './judge-inputs.ts';
import { acceptKnown, readKnownFindings, writeKnownFindings } from './known-findings.ts';

export interface ValidateRunOptions extends Omit<JudgeOptions, 'signal' | 'progress'> {
  /** Paths, globs, images in registries, or `-` for standard input. */
  readonly paths: readonly string[];
  /** File of findings that are known, and count for nothing. */
  readonly baseline?: string | undefined;
  /** File that all findings of this run are written to, as known from now on. */
  readonly newBaseline?: string | undefined;
}

/** @throws UserError: exit 2 for what cannot be read, 3 for a registry that cannot be reached */
export async function runValidate(
  options: ValidateRunOptions,
  context: RunContext,
): Promise<Results> {
  const { paths, baseline, newBaseline } = options;
  const { signal, progress } = context;
  const target = paths.map((word) => word.replace(/^https?:\/\//i, '')).join(' ');
  const results = newResults('validate', target, context);
  let known = baseline === undefined ? undefined : await readKnownFindings(baseline);
  const { documents, verified } = await judgeInputs(paths, { ...options, signal, progress });
  results.documents = documents;
  results.rules = rulesOf(documents);
  if (verified.blobs > 0) results.verified = verified;
  // Half a run knows half of the findings.
  if (newBaseline !== undefined && !signal.aborted) {
    known = await writeKnownFindings(newBaseline, documents);
  }
  if (known !== undefined) results.baseline = acceptKnown(documents, known);
  const valid = documents.every((document) => document.valid);
  return conclude(results, valid ? 'pass' : 'fail', signal);
}

/** The rules that the findings name, by id. */
function rulesOf(documents: readonly DocumentResult[]): RuleSource[] {
  const named = new Set(documents.flatMap(({ findings }) => findings.map(({ ruleId }) => ruleId)));
  return rules
    .filter(({ id }) => named.has(id))
    .map(({ id, file, room }) => ({ id, file, room }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
