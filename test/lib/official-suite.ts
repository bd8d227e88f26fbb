// The official conformance suite of the distribution spec (pinned in test/tools), run against a registry of
// plain HTTP, and what it found.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readOfficialCases,
  readOfficialResults,
} from '../../src/run/conform/official/read-results.ts';
import type { OfficialRun } from '../../tools/docs/official-suite.ts';
import { scratch } from './cli.ts';
import type { Started } from './real-registries.ts';
import { runTool } from './tools.ts';

export async function runOfficialSuite(started: Started): Promise<Omit<OfficialRun, 'title'>> {
  const { host } = new URL(started.origin);
  const { username = '', password = '' } = started.credentials ?? {};
  const folder = scratch();
  const { output } = await runTool('conformance', [], {
    OCI_REGISTRY: host,
    OCI_TLS: 'disabled',
    // Of the spec as it stands today, which is what our checks are written after.
    OCI_VERSION: 'dev',
    OCI_REPO1: 'team/app',
    OCI_REPO2: 'team/app-other',
    OCI_USERNAME: username,
    OCI_PASSWORD: password,
    OCI_RESULTS_DIR: folder,
  });
  const cases = readOfficialCases(readReport(join(folder, 'junit.xml'), output));
  if (cases === undefined) throw new Error('its junit.xml is no report');
  const { apis, data } = readOfficialResults(readReport(join(folder, 'results.yaml'), output));
  const { passed, failed, skipped, failing } = cases;
  return { passed, failed, skipped, failing, features: { ...apis, ...data } };
}

/** It ends with 1 where something failed, so only the report tells that it came to its end. */
function readReport(file: string, output: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`the official suite wrote no report: ${output.slice(-1000)}`);
  }
}
