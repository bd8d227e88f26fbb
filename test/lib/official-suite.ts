// The official conformance suite of the distribution spec (pinned in test/tools), run against a registry of
// plain HTTP, and what it found.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPlainYaml } from '../../src/formats/yaml.ts';
import { asObject } from '../../src/lib/json.ts';
import type { OfficialRun } from '../../tools/docs/official-suite.ts';
import { scratch } from './cli.ts';
import type { Started } from './real-registries.ts';
import { runTool } from './tools.ts';

const nameOfAll = 'OCI Conformance Test/';

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
  const cases = readJunit(readReport(join(folder, 'junit.xml'), output));
  return { ...cases, features: readFeatures(readReport(join(folder, 'results.yaml'), output)) };
}

/** It ends with 1 where something failed, so only the report tells that it came to its end. */
function readReport(file: string, output: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Error(`the official suite wrote no report: ${output.slice(-1000)}`);
  }
}

function readFeatures(text: string): OfficialRun['features'] {
  const read = readPlainYaml(text, 0);
  const results = asObject('value' in read ? read.value : undefined);
  const all = { ...asObject(results?.apis), ...asObject(results?.data) };
  return Object.fromEntries(Object.entries(all).map(([name, status]) => [name, String(status)]));
}

function readJunit(xml: string): Omit<OfficialRun, 'title' | 'features'> {
  const cases = [...xml.matchAll(/<testcase name="([^"]*)"[^>]*? status="(\w+)"/g)].map(
    ([, name = '', status = '']) => ({ name: unescaped(name).replace(nameOfAll, ''), status }),
  );
  const count = (wanted: string) => cases.filter(({ status }) => status === wanted).length;
  const [passed, skipped] = [count('passed'), count('skipped')];
  const bad = cases.filter(({ status }) => status !== 'passed' && status !== 'skipped');
  const failing = [...new Set(bad.map(({ name }) => name))].sort();
  return { passed, failed: bad.length, skipped, failing };
}

function unescaped(text: string): string {
  const marks: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, word) => {
    return code === undefined ? (marks[word] ?? whole) : String.fromCodePoint(Number(code));
  });
}
