// `pullproof report submission`: whether folders of the official suite's results may be handed in.
import { renderJson } from '../../reports/json.ts';
import { findingWords } from '../../reports/official-words.ts';
import type { Submission } from '../../reports/results.ts';
import { oneLine } from '../../reports/untrusted.ts';
import { UserError } from '../lib/user-error.ts';
import { checkSubmission, submissionsIn } from '../run/conform/official/submission.ts';
import { type Renderers, type ReportWord, rendererOf } from './report-words.ts';
import { readStdin } from './verb.ts';

export const submission: ReportWord = {
  summary: 'whether a folder of the official suite’s results may be handed in',
  takes: ['--password-stdin', '--quiet'],
  declare(command) {
    command.option(
      '--password-stdin',
      'submission: look for this password, too; it is read from standard input',
    );
  },
  async run(paths, flags) {
    const [folder] = paths;
    if (folder === undefined || paths.length > 1 || flags.html !== undefined) {
      const hint = 'Write report submission DIR, and --format json for programs; there is no page.';
      throw new UserError('flag-conflict', 'submission takes one folder', hint);
    }
    const render = rendererOf(renderers, flags, {
      what: 'submissions',
      hint: `Write --format ${Object.keys(renderers).join(' or ')}.`,
    });
    const secrets = flags.passwordStdin === true ? { password: await passwordOf() } : {};
    const judged: Submission[] = [];
    for (const path of await submissionsIn(folder)) {
      const { fit, findings } = await checkSubmission(path, secrets);
      judged.push({ folder: path, fit, findings: [...findings] });
    }
    process.stdout.write(render(judged));
    return judged.every(({ fit }) => fit) ? 0 : 1;
  },
};

const renderers: Renderers<readonly Submission[]> = {
  text: () => (judged) =>
    judged
      .flatMap(({ folder, fit, findings }) => [
        `${folder}: ${fit ? 'fit to be handed in' : 'not fit to be handed in'}`,
        ...findings.map((finding) => `  ${finding.level}: ${findingWords(finding)}`),
      ])
      .map((line) => `${oneLine(line)}\n`)
      .join(''),
  json: () => renderJson,
};

async function passwordOf(): Promise<string> {
  return new TextDecoder().decode(await readStdin()).replace(/\r?\n$/, '');
}
