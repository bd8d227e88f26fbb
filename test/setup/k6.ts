// Before the tests that load: our k6 is found or built, so that no test waits for a compiler.
import { findK6 } from '../../src/run/load/k6/find.ts';

let finding: Promise<void> | undefined;

export default function setup(): Promise<void> {
  // Each project of a run comes here.
  finding ??= find();
  return finding;
}

async function find(): Promise<void> {
  let told = false;
  await findK6('built', {
    variables: process.env,
    progress: (message) => {
      if (!told) console.error(message);
      told = true;
    },
  }).catch((error: Error) => {
    if (process.env.PULLPROOF_REQUIRE_TOOLS === '1') throw error;
    console.error(`tests that need our k6 are skipped: ${error.message}`);
    process.env.PULLPROOF_TEST_NO_K6 = '1';
  });
}
