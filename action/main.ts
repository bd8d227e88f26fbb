// The step of the action that runs pullproof. It ends with 0 whatever came out: the verdict is an output, and the
// last step of action.yml ends with it when everything else is done.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fitMarkdown } from './fit-markdown.ts';
import { failedOutcome, outcomeOf } from './outcome.ts';
import { watchCancel } from './process.ts';
import { addSummary, setOutputs, summaryBytesMax } from './runner.ts';

watchCancel();
const variables = process.env;
const temporary = variables.RUNNER_TEMP || tmpdir();
mkdirSync(temporary, { recursive: true });
const folder = mkdtempSync(join(temporary, 'pullproof-'));

const outcome = await outcomeOf(variables, folder).catch((error: unknown) =>
  failedOutcome(error, variables),
);

const where = 'the whole is in report.html (input artifact-name).';
const summary = join(folder, 'summary.md');
writeFileSync(summary, outcome.markdown);
if (outcome.isSummary) {
  addSummary(fitMarkdown(outcome.markdown, summaryBytesMax, where), variables);
}
const { exitCode, counts } = outcome;
setOutputs(
  {
    'exit-code': String(exitCode),
    verdict: exitCode === 0 ? 'pass' : exitCode === 1 ? 'fail' : 'error',
    directory: outcome.directory,
    results: outcome.results,
    report: outcome.report,
    comparison: outcome.comparison,
    sarif: outcome.sarif,
    summary,
    counts: JSON.stringify(counts),
    passed: String(counts.passed),
    failed: String(counts.failed),
    warned: String(counts.warned),
  },
  variables,
);
