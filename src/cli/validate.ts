// `pullproof validate`: flags and words; the engine is src/run/validate/validate.ts.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { meantName } from '../lib/nearest.ts';
import { UserError } from '../lib/user-error.ts';
import { readFileList } from '../run/validate/inputs/files-from.ts';
import { RootedPatterns } from '../run/validate/inputs/rooted-patterns.ts';
import { readSettings, type Settings } from '../run/validate/settings.ts';
import { runValidate } from '../run/validate/validate.ts';
import { type Kind, kinds } from '../validate/index.ts';
import { hostAccessOf } from './host-access.ts';
import { openStdout } from './output.ts';
import { printError } from './terminal.ts';
import {
  addAccessFlags,
  addOutputFlags,
  collect,
  type Flags,
  readSizeBytes,
  readStdin,
  type Verb,
} from './verb.ts';

const nothingOurs = 'nothing that was named is, or holds, a document that pullproof knows';
const layerBytesDefault = '64GiB';

const help = `
What a path may be:
  a file        a document; or an archive (tar, gzip or zstd): OCI layout, docker save
                below blobs/ALGORITHM/ whatever it is: its digest, and what its content shows
  a folder      an OCI layout or a skopeo dir: folder; else what looks like one of our documents below
                it, images, and certs.d; not node_modules, .git, nor what git ignores; archives in
                it only where they are named, by a glob such as '**/*.tar'
  a glob        of files, archives and folders of images; quoted or not
  an image      HOST[:PORT]/NAME[:TAG][@DIGEST], also with http:// in front, if there is no such
                path; a name without a registry is refused
  -             a document, or an archive, on standard input
Results name content as FOLDER/FILE, ARCHIVE!/FILE or HOST/NAME@DIGEST. Blobs that lie here are always
hashed; layers in a registry only with --layers.

Examples:
  $ pullproof validate .
  $ pullproof validate --format github --strict 'layout/blobs/sha256/*'
  $ pullproof validate --layers ./layout image.tar registry.example/team/app:1.2
  $ pullproof validate --fix-dry-run --client podman@5 /etc/containers/registries.conf
  $ skopeo inspect --raw docker://HOST/IMAGE | pullproof validate -
  $ docker save IMAGE | pullproof validate --layers -
  $ pullproof validate --write-baseline known.json . && pullproof validate --baseline known.json .

\`pullproof explain RULE\` says what a rule demands, with a bad and a good example.
`;

export const validate: Verb = {
  declare(command) {
    command
      .argument('[path...]', 'files, globs, folders, archives, images in registries, or -')
      .addOption(
        new Option('--kind <kind>', 'what the documents are (default: found from content)')
          .choices(kinds)
          .argParser(readKind),
      )
      .option(
        '--exclude <glob>',
        'leave out what fits, written as in .gitignore; may be repeated',
        collect,
        [],
      )
      .option(
        '--files-from <file>',
        'judge the paths in a list too: a line or NUL each; - for stdin',
      )
      .option('--sift', 'of files that are named, too, judge only what looks like ours')
      .option('--strict', 'a SHOULD that does not hold is an error')
      .option('--layers', 'unpack every layer: diff_id, tar headers, whiteouts, paths')
      .option(
        '--max-layer-bytes <size>',
        `largest layer, packed or unpacked, such as 512MiB (default: ${layerBytesDefault})`,
        readSizeBytes,
      )
      .option(
        '--baseline <file>',
        'known findings (of --write-baseline, or a results.json) count for nothing',
      )
      .option('--no-baseline', 'not even the one that .pullproof.yaml names')
      .addOption(
        new Option(
          '--write-baseline <file>',
          'write all findings of this run, as known from now on',
        ).conflicts('baseline'),
      )
      .option(
        '--config <file>',
        'levels of rules and other settings (default: the nearest .pullproof.yaml, here or above)',
      );
    addFixFlags(command);
    command.option('--verbose', 'name every document, not only those with findings');
    addAccessFlags(command);
    addOutputFlags(command, 'no folder is written');
    command.addHelpText('after', help);
  },
  async run(paths, flags, call) {
    const list = flags.filesFrom as string | undefined;
    checkStdin(paths, list, flags.passwordStdin === true);
    if (paths.length === 0 && list === undefined) {
      throw new UserError(
        'path-missing',
        'no path is given',
        'Write `pullproof validate .` or name files.',
      );
    }
    if ((flags.fix === true || flags.fixDryRun === true) && paths.includes('-')) {
      throw new UserError(
        'fix-stdin',
        'what comes on standard input cannot be mended',
        'Give the file.',
      );
    }
    const settings = await readSettings(flags.config as string | undefined, paths);
    const excluded = new RootedPatterns('.', flags.exclude as string[]);
    const ofClients = await clientLevels(flags.client as string[], settings.clients);
    const host = await hostAccessOf(flags);
    // Flags win over the file.
    const options = {
      paths,
      files: list === undefined ? [] : await readFileList(list, readStdin),
      kindOf: (path: string) => (flags.kind as Kind | undefined) ?? settings.kindOf?.(path),
      excludes: (path: string, isFolder: boolean) =>
        excluded.fit(path, isFolder) || settings.exclude?.fit(path, isFolder) === true,
      sifts: flags.sift === true,
      strict: (flags.strict as boolean | undefined) ?? settings.strict,
      levels: (path: string) => ({ ...ofClients, ...settings.levels?.(path) }),
      layers: flags.layers === true,
      layerBytesMax:
        (flags.maxLayerBytes as number | undefined) ??
        settings.layerBytesMax ??
        readSizeBytes(layerBytesDefault),
      baseline: baselineOf(flags, settings),
      newBaseline: flags.writeBaseline as string | undefined,
      remote: {
        plainHttp: flags.plainHttp === true,
        accessTo: async (registry: string) => await host.trusting([registry]),
        credentials: host.credentials,
      },
      // Touched only where it is asked for: it keeps the process alive.
      stdin: () => process.stdin,
    };
    // Else garbage waits until there is far more of it than of the paths of large layers.
    if (options.layers) process.getBuiltinModule('node:v8').setFlagsFromString(heapFlag);
    const output = await openStdout('validate', flags, call);
    if (settings.file !== undefined) output.terminal.say(`settings: ${settings.file}`);
    let results = await runValidate(options, output.context);
    if (flags.fix === true || flags.fixDryRun === true) {
      const { fixAndTell } = await import('./validate-fix.ts');
      const fix = { ...options, write: flags.fix === true };
      const format = String(flags.format);
      const isChanged = await fixAndTell(results.documents ?? [], fix, format, output.terminal);
      if (isChanged) results = await runValidate(options, output.context);
    }
    const unread = results.unread ?? [];
    for (const { code, message, hint } of unread) printError(new UserError(code, message, hint));
    if (results.documents?.length === 0) {
      // A summary of nothing says no more than the errors; who reads another format waits for it.
      const isTold = flags.format === 'text' && flags.out === undefined;
      if (unread.length > 0 && isTold) return results.exitCode;
      if (unread.length === 0 && !call.signal.aborted) output.terminal.say(nothingOurs);
    }
    return await output.finish(results);
  },
};

const heapFlag = '--heap-growing-percent=150';

/** What the flags say, then the settings; a new baseline begins with none. */
function baselineOf({ baseline, writeBaseline }: Flags, settings: Settings): string | undefined {
  if (baseline === false || writeBaseline !== undefined) return undefined;
  return typeof baseline === 'string' ? baseline : settings.baseline;
}

/** @throws what commander tells as a wrong flag */
function readKind(written: string): Kind {
  const kind = kinds.find((one) => one === written);
  if (kind !== undefined) return kind;
  const meant = meantName(written, kinds);
  const guess = meant === undefined ? '' : `Perhaps ${meant} is meant. `;
  throw new InvalidArgumentError(`${guess}Allowed choices are ${kinds.join(', ')}.`);
}

function addFixFlags(command: Command): void {
  command
    .option(
      '--client <name@version>',
      'judge as this version of a client reads files, such as podman@5; may be repeated',
      collect,
      [],
    )
    .option('--fix', 'mend what is plain in settings and files of clients, and show the changes')
    .addOption(new Option('--fix-dry-run', 'show what --fix would change').conflicts('fix'));
}

/** The flags win over the file. Few runs name clients. */
async function clientLevels(flags: readonly string[], settings: readonly string[] = []) {
  const clients = flags.length > 0 ? flags : settings;
  if (clients.length === 0) return {};
  const { levelsForClients } = await import('../run/validate/client-levels.ts');
  return levelsForClients(clients);
}

/** @throws UserError where standard input would have to be several things */
function checkStdin(paths: readonly string[], list: string | undefined, holdsPassword: boolean) {
  const uses = [holdsPassword, list === '-', paths.includes('-')].filter((isUse) => isUse);
  if (uses.length < 2) return;
  throw new UserError(
    'stdin-twice',
    'standard input can only be one of a document, a list of files and the password',
    'Give the document or the list as a file, or the credentials by --authfile.',
  );
}
