// `pullproof doctor` on the client's machine of a lab, as a user runs it, and what it found.

import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { DoctorResult, Results } from '../../../reports/results.ts';
import { cli, readResults } from '../../lib/cli.ts';
import type { Lab } from '../../lib/lab/lab.ts';
import { type LabClient, profileOf } from './clients.ts';

export interface Diagnosis {
  readonly code: number;
  readonly doctor: DoctorResult;
  readonly results: Results;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** @throws Error where it left no results */
export async function diagnose(
  lab: Lab,
  client: LabClient,
  image = lab.image,
  more: readonly string[] = [],
): Promise<Diagnosis> {
  const out = join(mkdtempSync(join(lab.folder, 'doctor-')), 'run');
  const startedMs = performance.now();
  const words = ['doctor', image, '--client', profileOf[client], '--out', out, ...more];
  // Nothing of our own environment: variables name configuration.
  const cleared = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const env = { ...cleared, ...lab.variables, NO_COLOR: '1' };
  const { code, stdout, stderr } = await cli(words, { by: lab.by, env, cwd: lab.folder });
  const ms = performance.now() - startedMs;
  let results: Results;
  try {
    results = readResults(out);
  } catch {
    throw new Error(`doctor ended with ${code} and no results: ${stdout}${stderr}`);
  }
  const { doctor } = results as { doctor?: DoctorResult };
  if (doctor === undefined) throw new Error(`no doctor in the results: ${stderr}`);
  return { code, doctor, results, stdout, stderr, ms };
}
