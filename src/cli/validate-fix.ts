// `--fix` and `--fix-dry-run` of validate: shows what would change, and says what came of it.
import type { DocumentResult } from '../../reports/results.ts';
import { visible, withoutCommands } from '../../reports/untrusted.ts';
import { plural } from '../lib/plural.ts';
import { UserError } from '../lib/user-error.ts';
import { type FixOptions, fixFiles } from '../run/validate/fix.ts';
import { printError, type Terminal } from './terminal.ts';

/** Whether a file was written, so that its findings are others now. */
export async function fixAndTell(
  documents: readonly DocumentResult[],
  options: FixOptions,
  format: string,
  terminal: Terminal,
): Promise<boolean> {
  const files = await fixFiles(documents, options);
  // Every other format has standard output for itself.
  const stream = format === 'text' ? process.stdout : process.stderr;
  for (const { path, diff, problem } of files) {
    stream.write(harmless(diff));
    if (problem === undefined) continue;
    const hint = 'The file is as it was; its findings say what to write.';
    printError(new UserError('not-mended', `${path} was not mended: ${problem}`, hint));
  }
  const mended = files.filter(({ problem }) => problem === undefined).length;
  const what = plural(mended, 'file');
  terminal.say(options.write ? `mended: ${what}` : `--fix would mend: ${what}`);
  return options.write && mended > 0;
}

/** As `patch` reads it, unless something in it steers terminals or logs; ends of lines stay. */
function harmless(diff: string): string {
  return withoutCommands(diff.split('\r\n').map(visible).join('\r\n'));
}
