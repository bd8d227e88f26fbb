// `pullproof report merge`: load runs joined into one.
import { renderHtml } from '../../reports/html/page.ts';
import { UserError } from '../lib/user-error.ts';
import { mergeRuns } from '../run/load/merge/merge.ts';
import { parseSlo } from '../run/load/slo.ts';
import { openOutput } from './output.ts';
import { type ReportWord, writePage } from './report-words.ts';
import { collect } from './verb.ts';

export const merge: ReportWord = {
  summary: 'load runs joined into one',
  takes: ['--out', '--slo', '--quiet', '--verbose'],
  declare(command) {
    command.option(
      '--slo <expr>',
      'merge: objective instead of those of the runs (repeatable)',
      collect,
      [],
    );
  },
  async run(paths, flags, call) {
    if (paths.length === 0) {
      throw new UserError(
        'merge-impossible',
        'no run is named to join',
        'Write pullproof report merge RUN RUN …; a folder of the name is ./merge.',
      );
    }
    const slos = (flags.slo as string[]).map(parseSlo);
    const output = await openOutput('merge', flags, call);
    const results = await mergeRuns({ paths, slos, outDir: output.dir }, output.context);
    const file = flags.html as string | undefined;
    if (file !== undefined) await writePage(file, renderHtml([results]));
    return await output.finish(results);
  },
};
