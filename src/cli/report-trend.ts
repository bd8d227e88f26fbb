// `pullproof report trend`: how runs below a folder went over time, on one page.
import { dirname, join, relative, resolve, sep } from 'node:path';
import { renderJson } from '../../reports/json.ts';
import { renderTrendHtml } from '../../reports/trend/html.ts';
import { renderTrendText } from '../../reports/trend/text.ts';
import type { Trend } from '../../reports/trend.ts';
import { UserError } from '../lib/user-error.ts';
import { trendOf } from '../run/trend/trend.ts';
import {
  minEffectDefault,
  type Renderers,
  type ReportWord,
  rendererOf,
  seedDefault,
  writePage,
} from './report-words.ts';
import { Terminal } from './terminal.ts';
import { textOptionsOf } from './terminal-features.ts';

export const trend: ReportWord = {
  summary: 'how all runs below a folder went over time, on one page',
  takes: ['--min-effect', '--seed', '--quiet', '--verbose'],
  // --min-effect is declared by compare.
  declare() {},
  async run(paths, flags) {
    const [folder] = paths;
    if (folder === undefined || paths.length > 1) throw wrongFolders(paths.length);
    const render = rendererOf(renderers, flags, {
      what: 'trends',
      hint: `Write --format ${Object.keys(renderers).join(' or ')}; the page is always written.`,
    });
    const terminal = new Terminal(flags.quiet === true);
    const found = await trendOf({
      folder,
      minEffect: (flags.minEffect as number | undefined) ?? minEffectDefault,
      seed: (flags.seed as number | undefined) ?? seedDefault,
      progress: terminal.live,
    });
    terminal.clear();
    for (const { path, message } of found.leftOut) terminal.say(`left out: ${path}: ${message}`);
    const page = (flags.html as string | undefined) ?? join(folder, 'trend.html');
    await writePage(page, renderTrendHtml(found, linkerFrom(page, folder)));
    process.stdout.write(render(found));
    terminal.say(`page: ${page}`);
    return 0;
  },
};

/** To the report of a run, from where the page lies. */
function linkerFrom(page: string, folder: string): (path: string) => string {
  const from = dirname(resolve(page));
  return (path) => {
    const to = relative(from, resolve(folder, path, 'report.html'));
    return to.split(sep).map(encodeURIComponent).join('/');
  };
}

const renderers: Renderers<Trend> = {
  text: (flags) => (found) => renderTrendText(found, textOptionsOf(flags)),
  json: () => renderJson,
};

function wrongFolders(count: number): UserError {
  return new UserError(
    'trend-folder',
    `one folder is looked through, and ${count} are named`,
    'Write report trend FOLDER; a run folder that is named trend is ./trend.',
  );
}
