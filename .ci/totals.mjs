// The last line of CI: vitest's totals, as one plain line.
import { existsSync, readFileSync } from 'node:fs';

const file = 'coverage/vitest.json';
if (existsSync(file)) {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
    readFileSync(file, 'utf8'),
  );
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
  console.log(`${numPassedTests} passed, ${numFailedTests} failed${skipped}`);
} else {
  console.log('no test ran: something before the tests failed, see above');
}
