// The last line of CI: the totals of both runs of vitest, as one plain line.
import { existsSync, readFileSync } from 'node:fs';

const files = ['coverage/vitest.json', 'coverage/rest.json'].filter((file) => existsSync(file));
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of files) {
  const run = JSON.parse(readFileSync(file, 'utf8'));
  total.passed += run.numPassedTests;
  total.failed += run.numFailedTests;
  total.skipped += run.numPendingTests;
}
if (files.length === 0) {
  console.log('No test ran: what comes before the tests (lint, build) failed, see above.');
  console.log('0 passed, 1 failed');
} else {
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
}
