// The engine of `validate`: judges what the words point at, sets known findings apart, sums up.
import type { DocumentResult, Results, RuleSource } from '../../../reports/results.ts';
import type { UserError } from '../../lib/user-error.ts';
import { rules } from '../../validate/index.ts';
import { conclude, newResults, type RunContext } from '../context.ts';
import { type JudgeOptions, judgeInputs } from './judge-inputs.ts';
import { acceptKnown, readKnownFindings, writeKnownFindings } from './known-findings.ts';

export interface ValidateRunOptions extends Omit<JudgeOptions, 'signal' | 'progress'> {
  /** Paths, globs, images in registries, or `-` for standard input. */
  readonly paths: readonly string[];
  /** Paths of a list, which are nothing else. */
  readonly files?: readonly string[] | undefined;
  /** File of findings that are known, and count for nothing. */
  readonly baseline?: string | undefined;
  /** File that all findings of this run are written to, as known from now on. */
  readonly newBaseline?: string | undefined;
}

/** @throws UserError (exit 2) for a baseline that cannot be read */
export async function runValidate(
  options: ValidateRunOptions,
  context: RunContext,
): Promise<Results> {
  const { paths: words, files = [], baseline, newBaseline } = options;
  const { signal, progress } = context;
  const target = [...words, ...files.slice(0, shownMax)]
    .map((word) => word.replace(/^https?:\/\//i, ''))
    .join(' ');
  const results = newResults('validate', target, context);
  let known = baseline === undefined ? undefined : await readKnownFindings(baseline);
  const judged = await judgeInputs({ words, files }, { ...options, signal, progress });
  const { documents, verified, skipped, unread } = judged;
  results.documents = documents;
  results.rules = rulesOf(documents);
  if (verified.blobs > 0) results.verified = verified;
  if (skipped.count > 0) results.skipped = skipped.list();
  // Half a run knows half of the findings.
  if (newBaseline !== undefined && !signal.aborted && unread.length === 0) {
    known = await writeKnownFindings(newBaseline, documents);
  }
  if (known !== undefined) results.baseline = acceptKnown(documents, known);
  const valid = documents.every((document) => document.valid);
  conclude(results, valid ? 'pass' : 'fail', signal);
  return signal.aborted ? results : withUnread(results, unread);
}

/** Of a list, in what the run says of itself. */
const shownMax = 20;

/** What could not be read or reached outranks findings: nobody knows what it would have shown. */
function withUnread(results: Results, unread: readonly UserError[]): Results {
  const [first] = unread;
  if (first === undefined) return results;
  const others = unread.length > 1 ? ` and ${unread.length - 1} more` : '';
  results.verdict = 'error';
  results.exitCode = unread.some(({ exitCode }) => exitCode === 3) ? 3 : 2;
  results.interrupted = `Not everything could be judged: ${first.message}${others}.`;
  results.unread = unread.map(({ code, message, hint }) => ({ code, message, hint }));
  return results;
}

/** The rules that the findings name, by id. */
function rulesOf(documents: readonly DocumentResult[]): RuleSource[] {
  const named = new Set(documents.flatMap(({ findings }) => findings.map(({ ruleId }) => ruleId)));
  return rules
    .filter(({ id }) => named.has(id))
    .map(({ id, level, summary, fix, file, room }) => ({ id, level, summary, fix, file, room }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
