// `pullproof init`: flags, and on a terminal questions; the engine is src/run/init/init.ts.
import { createInterface } from 'node:readline/promises';
import { Option } from 'commander';
import { UserError } from '../lib/user-error.ts';
import { type Ci, cis, initialise, likelyCi, type Purpose, purposes } from '../run/init/init.ts';
import { parseImage, parseTarget } from '../run/target.ts';
import { plain } from './terminal.ts';
import { collect, type Flags, type Verb } from './verb.ts';

const purposeNames = Object.keys(purposes) as Purpose[];
/** How often a question is asked before the command gives up. */
const asksMax = 3;
const interruptedExitCode = 130;

/** What flags and questions decide; undefined: nothing said. */
interface Wish {
  readonly purposes: readonly Purpose[];
  readonly registry: string | undefined;
  readonly image: string | undefined;
  readonly ci: Ci;
}

export const init: Verb = {
  declare(command) {
    command
      .argument('[dir]', 'folder of the project, or a new one (default: the working folder)')
      .option(
        '--for <verb>',
        `what it is for: ${purposeNames.join(', ')}; may be repeated (default: validate, and what --registry and --image allow)`,
        (text: string, earlier: readonly string[]) => collect(readPurpose(text), earlier),
        [],
      )
      .option('--registry <target>', '[http://]HOST[:PORT][/REPOSITORY] to check')
      .option('--image <image>', '[http://]HOST[:PORT]/REPOSITORY[:TAG] to pull')
      .addOption(
        new Option('--ci <ci>', 'whose workflow to write (default: as the folder looks)').choices(
          cis,
        ),
      )
      .option('-y, --yes', 'ask nothing; off a terminal nothing is asked anyway')
      .option('--force', 'write files anew that are there')
      .addHelpText('after', help);
  },
  async run([folder = '.', ...more], flags, { signal }) {
    if (more.length > 0) {
      const hint = 'Write pullproof init DIR.';
      throw new UserError('init-words', 'more than one folder is named', hint);
    }
    const given = wishOf(flags, folder);
    const isAsked = process.stdin.isTTY && process.stdout.isTTY && flags.yes !== true;
    const wish = isAsked ? await ask(flags, given, signal) : given;
    if (wish === undefined) return interruptedExitCode;
    const { files, next, notes } = await initialise({
      ...needed(wish),
      folder,
      force: flags.force === true,
      signal,
    });
    const lines = files.map(({ path, outcome }) =>
      outcome === 'kept' ? `kept ${path}, which is there; --force writes it anew` : `wrote ${path}`,
    );
    const commands = folder === '.' ? next : [`cd ${shellWord(folder)}`, ...next];
    const text = [...lines, ...notes, 'next:', ...commands.map((line) => `  ${line}`)].join('\n');
    process.stdout.write(plain(`${text}\n`));
    return 0;
  },
};

const help = `
Writes .pullproof.yaml, pullproof.plan.yaml and a workflow for CI. What is there is kept.

Examples:
  $ pullproof init                                        asks on a terminal
  $ pullproof init --yes --image registry.example/team/app:1.2
  $ pullproof init --yes --for conform --registry registry.example/ci/scratch --ci gitlab
`;

/** @throws UserError (exit 2) */
function wishOf(flags: Flags, folder: string): Wish {
  const registry = flags.registry as string | undefined;
  const image = flags.image as string | undefined;
  if (registry !== undefined) checkRegistry(registry);
  if (image !== undefined) checkImage(image);
  const named = flags.for as readonly Purpose[];
  const allowed: Readonly<Partial<Record<Purpose, boolean>>> = {
    validate: true,
    conform: registry !== undefined,
    load: image !== undefined,
  };
  return {
    purposes: purposeNames.filter((name) =>
      named.length > 0 ? named.includes(name) : allowed[name] === true,
    ),
    registry,
    image,
    ci: (flags.ci as Ci | undefined) ?? likelyCi(folder),
  };
}

function checkRegistry(text: string): string {
  parseTarget(text, false);
  return text;
}

function checkImage(text: string): string {
  parseImage(text, false);
  return text;
}

function readPurpose(text: string): Purpose {
  const purpose = purposeNames.find((name) => name === text);
  if (purpose !== undefined) return purpose;
  const hint = `Write ${purposeNames.join(', ')}.`;
  throw new UserError('init-purpose', `${JSON.stringify(text)} is nothing to write for`, hint);
}

/** @throws UserError (exit 2) where a purpose lacks what it is about */
function needed(wish: Wish): Wish {
  const lacks = (purpose: Purpose, value: string | undefined) =>
    wish.purposes.includes(purpose) && value === undefined;
  if (lacks('conform', wish.registry)) {
    const hint = 'Give --registry HOST[:PORT]/REPOSITORY.';
    throw new UserError('init-registry', 'no registry is named to check', hint);
  }
  if (lacks('doctor', wish.image)) {
    const hint = 'Give --image HOST[:PORT]/REPOSITORY[:TAG].';
    throw new UserError('init-image', 'no image is named to pull', hint);
  }
  return wish;
}

/** What no flag says; undefined where the input ends before it is told, as by Ctrl-C or Ctrl-D. */
async function ask(flags: Flags, given: Wish, signal: AbortSignal): Promise<Wish | undefined> {
  const ended = new AbortController();
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.once('close', () => ended.abort());
  // On a terminal that readline reads, Ctrl-C is a letter like others.
  lines.once('SIGINT', () => lines.close());
  const either = AbortSignal.any([signal, ended.signal]);
  const question: Question = async (text, otherwise, read) => {
    for (let left = asksMax; ; left--) {
      const shown = otherwise === undefined ? '' : ` [${otherwise}]`;
      const said = await lines.question(`${text}${shown}: `, { signal: either });
      try {
        return read(said.trim() || (otherwise ?? ''));
      } catch (error) {
        if (!(error instanceof UserError) || left <= 1) throw error;
        process.stdout.write(plain(`${error.message}. ${error.hint}\n`));
      }
    }
  };
  try {
    return await answers(flags, given, question);
  } catch (error) {
    if (!either.aborted) throw error;
    process.stdout.write('\n');
    return undefined;
  } finally {
    lines.close();
  }
}

type Question = <T>(
  text: string,
  otherwise: string | undefined,
  read: (said: string) => T,
) => Promise<T>;

async function answers(flags: Flags, given: Wish, question: Question): Promise<Wish> {
  let { purposes: chosen, registry, image, ci } = given;
  if ((flags.for as readonly string[]).length === 0) {
    for (const name of purposeNames)
      process.stdout.write(`  ${name.padEnd(9)} ${purposes[name]}\n`);
    chosen = await question('What for, with commas between', chosen.join(','), (said) =>
      said
        .split(/[\s,]+/)
        .filter(Boolean)
        .map(readPurpose),
    );
  }
  if (chosen.includes('conform') && registry === undefined) {
    registry = await question('Registry, as HOST[:PORT]/REPOSITORY', undefined, checkRegistry);
  }
  if ((chosen.includes('load') || chosen.includes('doctor')) && image === undefined) {
    image = await question('Image, as HOST[:PORT]/REPOSITORY[:TAG]', undefined, checkImage);
  }
  if (flags.ci === undefined) {
    ci = await question(`CI, of ${cis.join(', ')}`, ci, readCi);
  }
  return { purposes: purposeNames.filter((name) => chosen.includes(name)), registry, image, ci };
}

function readCi(text: string): Ci {
  const ci = cis.find((name) => name === text);
  if (ci !== undefined) return ci;
  throw new UserError('init-ci', `${JSON.stringify(text)} is unknown`, `Write ${cis.join(', ')}.`);
}

/** As a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
