// `pullproof conform`: flags and words; the engine is src/run/conform.ts.
import { Option } from 'commander';
import { checks } from '../checks/catalogue.ts';
import { isRegistry, isRepository } from '../protocol/reference.ts';
import { UserError } from '../protocol/user-error.ts';
import { type ConformOptions, runConform, selectChecks } from '../run/conform.ts';
import { type Image, parseImage, splitScheme } from '../run/target.ts';
import { openOutput } from './output.ts';
import {
  accessOf,
  addAccessFlags,
  addOutputFlags,
  collect,
  credentialsOf,
  type Flags,
  type Verb,
  wholeNumber,
} from './verb.ts';

export const conform: Verb = {
  declare(command) {
    command
      .argument(
        '[target]',
        'HOST[:PORT][/REPOSITORY[:TAG]]; what is left open is found in its lists',
      )
      .option('--only <glob>', 'run only these checks (repeatable)', collect, [])
      .option('--skip <glob>', 'leave these checks out (repeatable)', collect, [])
      .addOption(
        new Option('--level <level>', 'how far to go')
          .choices(['must', 'should', 'all'])
          .default('all'),
      )
      .addOption(
        new Option('--redirect <policy>', 'what is expected of blobs')
          .choices(['required', 'allowed', 'forbidden'])
          .default('allowed'),
      )
      .option('--jobs <n>', 'checks that run at once', wholeNumber(1, 64), 4)
      .option('--list', 'print the checks that would run, and stop');
    addAccessFlags(command);
    addOutputFlags(command);
    command.addHelpText(
      'after',
      `
Examples:
  $ pullproof conform http://127.0.0.1:5000/demo/app:latest
  $ pullproof conform registry.example/team/app --level must --format junit
  $ pullproof conform registry.example/team/app --redirect required --only 'redirect-*'
`,
    );
  },
  async run([target], flags, call) {
    const selection = {
      only: flags.only as string[],
      skip: flags.skip as string[],
      level: flags.level as ConformOptions['level'],
    };
    if (flags.list === true) {
      const lines = selectChecks(selection).map(
        ({ id, level, requirement }) => `${id}\t${level}\t${requirement}\n`,
      );
      process.stdout.write(lines.join(''));
      return 0;
    }
    if (target === undefined) {
      throw new UserError(
        'target-missing',
        `no registry is named (there are ${checks.length} checks to run)`,
        'Write pullproof conform HOST[:PORT]/REPOSITORY[:TAG], or --list for the checks.',
      );
    }
    const options: ConformOptions = {
      ...selection,
      target: await parseTarget(target, flags),
      jobs: flags.jobs as number,
      redirectPolicy: flags.redirect as ConformOptions['redirectPolicy'],
      access: await accessOf(flags),
    };
    const output = await openOutput('conform', flags, call);
    return await output.finish(await runConform(options, output.context));
  },
};

/** A host alone and a repository without tag are targets too, unlike for `load`. */
async function parseTarget(text: string, flags: Flags): Promise<Image> {
  const plainHttp = flags.plainHttp === true;
  const credentials = await credentialsOf(flags);
  const { scheme, rest } = splitScheme(text, plainHttp);
  const slash = rest.indexOf('/');
  const registry = slash < 0 ? rest : rest.slice(0, slash);
  const repository = slash < 0 ? '' : rest.slice(slash + 1);
  const open = isRegistry(registry) && (repository === '' || isRepository(repository));
  const image: Image = open
    ? { registryUrl: `${scheme}://${registry}`, registry, repository, reference: '', text: rest }
    : parseImage(text, plainHttp);
  return { ...image, credentials: await credentials(image.registry, image.repository) };
}
