// `pullproof doctor`: not yet.
import type { Results } from '../../../reports/results.ts';
import type { RunContext } from '../context.ts';
import type { DoctorOptions } from './options.ts';

export async function runDoctor(_options: DoctorOptions, _context: RunContext): Promise<Results> {
  throw new Error('not yet');
}
