// `pullproof validate`: flags and words; the engine is src/run/validate.ts.
import { Option } from 'commander';
import { runValidate } from '../run/validate.ts';
import { type Kind, kinds } from '../validate/index.ts';
import { openOutput } from './output.ts';
import { addOutputFlags, readStdin, type Verb } from './verb.ts';

export const validate: Verb = {
  declare(command) {
    command
      .argument('<path...>', 'files, globs, or - for standard input')
      .addOption(
        new Option('--kind <kind>', 'what the documents are (default: found from content)').choices(
          kinds,
        ),
      )
      .option('--strict', 'a SHOULD that does not hold is an error');
    addOutputFlags(command);
    command.addHelpText(
      'after',
      `
Examples:
  $ pullproof validate manifest.json
  $ pullproof validate --format github --strict 'layout/blobs/sha256/*'
  $ skopeo inspect --raw docker://HOST/IMAGE | pullproof validate -
`,
    );
  },
  async run(paths, flags, call) {
    const output = await openOutput('validate', flags, call);
    const kind = flags.kind as Kind | undefined;
    const strict = flags.strict === true;
    const results = await runValidate({ paths, kind, strict, readStdin }, output.context);
    return await output.finish(results);
  },
};
