// The last lines of CI: what failed in the runs of vitest, again and in short, and their totals as one plain line.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** Of one failure's message: of the output only the end may be kept. */
const messageCharsMax = 600;
const failuresMax = 40;

const runs = ['vitest', 'rest', 'cluster'].map((name) => `coverage/${name}.json`);
const files = runs.filter((file) => existsSync(file));
const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
for (const file of files) {
  const run = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += run.numPassedTests;
  total.failed += run.numFailedTests;
  total.skipped += run.numPendingTests;
  for (const { name, status, message, assertionResults } of run.testResults) {
    const where = relative(process.cwd(), name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    for (const { fullName, failureMessages } of failed) {
      failures.push([`${where} > ${fullName}`, failureMessages.join('\n')]);
    }
    // A file that could not be read, or a hook of it.
    if (status === 'failed' && failed.length === 0) failures.push([where, message]);
  }
}
for (const [title, message] of failures.slice(0, failuresMax)) {
  console.log(`FAILED ${title}\n${message.slice(0, messageCharsMax).replaceAll(/^/gm, '  ')}\n`);
}
if (failures.length > failuresMax) console.log(`… and ${failures.length - failuresMax} more\n`);
if (files.length === 0) {
  console.log('No test ran: what comes before the tests (lint, build) failed, see above.');
  console.log('0 passed, 1 failed');
} else {
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
}
