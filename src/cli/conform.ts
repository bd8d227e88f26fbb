// `pullproof conform`: flags and words; the engine is src/run/conform/conform.ts.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { type Command, Option } from 'commander';
import type { Results } from '../../reports/results.ts';
import { checks } from '../checks/catalogue.ts';
import { docPage } from '../lib/doc-page.ts';
import { UserError } from '../lib/user-error.ts';
import { isRepository } from '../protocol/grammar/reference.ts';
import { type ConformOptions, runConform } from '../run/conform/conform.ts';
import {
  type Baseline,
  readBaseline,
  strayEntries,
  writeBaseline,
} from '../run/conform/expected-failures.ts';
import { type OfficialOptions, prepareFolder } from '../run/conform/official/beside.ts';
import { findOfficialSuite, suiteVariable } from '../run/conform/official/find-suite.ts';
import { readProduct } from '../run/conform/official/product.ts';
import {
  configFile,
  type OfficialSetup,
  readOfficialSetup,
  type SetupFile,
} from '../run/conform/official-suite.ts';
import { type Selection, selectChecks } from '../run/conform/select-checks.ts';
import { type Image, parseTarget } from '../run/target.ts';
import { type HostAccess, hostAccessOf } from './host-access.ts';
import { openOutput } from './output.ts';
import {
  addAccessFlags,
  addOutputFlags,
  collect,
  type Flags,
  readDurationMs,
  type Verb,
  wholeNumber,
} from './verb.ts';

export const conform: Verb = {
  declare(command) {
    command.argument(
      '[target]',
      'HOST[:PORT][/REPOSITORY]: a full run, which pushes data of its own; with :TAG it only reads',
    );
    addSelectionFlags(command);
    command
      .option(
        '--read-only [image...]',
        'push nothing; read these images, or what the target names or lists',
      )
      .option('--other-repository <name>', 'for mounts (default: <repository>-other)')
      .addOption(
        new Option('--redirect <policy>', 'what is expected of blobs')
          .choices(['required', 'allowed', 'forbidden'])
          .default('allowed'),
      )
      .option(
        '--allow-host <host>',
        'host[:port] or *.domain that redirects may lead to (repeatable; default: any)',
        collect,
        [],
      )
      .option('--baseline <file>', 'expected failures, which do not fail the run')
      .option('--write-baseline <file>', 'write the failures of this run as such a file')
      .option('--keep', 'leave what was pushed, to repeat requests by hand (--only keeps it small)')
      .option('--jobs <n>', 'checks that run at once', wholeNumber(1, 64), 4)
      .option('--check-timeout <duration>', 'limit for one check (default: 2m)', readDurationMs);
    addOfficialFlags(command);
    addAccessFlags(command);
    addOutputFlags(command);
    command.addHelpText('after', examples);
  },
  async run([target], flags, call) {
    if (flags.list === true) {
      process.stdout.write(listOf(flags));
      return 0;
    }
    const official =
      target === undefined && !Array.isArray(flags.readOnly) ? await officialSetup() : undefined;
    const options = await optionsOf(target, flags, official);
    // Garbage of many short exchanges would make V8's young generation 70 MB; small, it costs no time here.
    setFlagsFromString('--semi-space-growth-factor=1');
    // Else it waits with the rest until there is twice as much, which the largest manifests leave behind at once.
    setFlagsFromString('--heap-growing-percent=40');
    const out = (flags.out as string | undefined) ?? official?.reportDir;
    const beside = await besideOf(flags, options);
    const output = await openOutput('conform', { ...flags, out }, call);
    for (const warning of official?.warnings ?? []) output.terminal.say(`warning: ${warning}`);
    const ids = checks.map(({ id }) => id);
    for (const warning of strayEntries(options.baseline, ids)) output.terminal.say(warning);
    const logFile = join(output.dir, 'official-suite.log');
    const asked = { ...options, official: beside && { ...beside, logFile } };
    const results = await runConform(asked, output.context);
    if (flags.writeBaseline !== undefined && results.interrupted === undefined) {
      await save(flags.writeBaseline as string, results, options.baseline);
    }
    return await output.finish(results);
  },
};

const examples = `
Examples:
  $ pullproof conform registry.example/team/scratch --username ci --password-stdin < password
  $ pullproof conform --read-only registry.example/team/app:1.2 registry.example/team/web:3
  $ pullproof conform registry.example/team/scratch --level must --format junit
  $ pullproof conform registry.example/team/scratch --baseline known.yaml
  $ OCI_REGISTRY=127.0.0.1:5000 OCI_TLS=disabled OCI_REPO1=team/scratch pullproof conform
  $ pullproof conform registry.example/team/scratch --official submission --product product.yaml

Without a target, the settings of the official suite count (OCI_* and oci-conformance.yaml).
`;

function addSelectionFlags(command: Command): void {
  command
    .option('--only <glob>', 'run only these checks (repeatable)', collect, [])
    .option('--skip <glob>', 'leave these checks out (repeatable)', collect, [])
    .option(
      '--section <name>',
      'run only the checks of this section of the specs, such as pulling-blobs (repeatable)',
      collect,
      [],
    )
    .option(
      '--room <name>',
      'run only the checks of this room of the source, such as pull or upload (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--level <level>', 'how far to go')
        .choices(['must', 'should', 'all'])
        .default('all'),
    )
    .option('--list', 'print the checks that would run (text or --format json), and stop');
}

function addOfficialFlags(command: Command): void {
  command
    .option(
      '--official <dir>',
      `run the official suite too, tell where the two disagree, and pack its results here to be handed in (${docPage('submit.md')})`,
    )
    .option(
      '--official-suite <file>',
      `its binary (default: $${suiteVariable}, or conformance on the PATH)`,
    )
    .option('--official-timeout <duration>', 'limit for it (default: 10m)', readDurationMs)
    .option('--product <file>', 'what PRODUCT.yaml is to say, as YAML');
}

/** @throws UserError (exit 2, or 3 without the suite) before anybody is asked for anything */
async function besideOf(
  flags: Flags,
  { target, readOnly }: ConformOptions,
): Promise<Omit<OfficialOptions, 'logFile'> | undefined> {
  if (flags.official === undefined) {
    const about = ['product', 'officialSuite', 'officialTimeout'].find((name) => flags[name]);
    if (about === undefined) return undefined;
    const flag = `--${about.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UserError(
      'flag-conflict',
      `${flag} is about --official`,
      'Give --official DIR, too.',
    );
  }
  if (readOnly === true || target.reference !== '') {
    throw new UserError(
      'flag-conflict',
      '--official pushes, and this run only reads',
      'Name HOST/REPOSITORY without a tag, and leave out --read-only.',
    );
  }
  const product = flags.product as string | undefined;
  const beside = {
    suite: await findOfficialSuite(flags.officialSuite as string | undefined, process.env),
    dir: flags.official as string,
    product: product === undefined ? { fields: {} } : await readProduct(product),
    timeoutMs: (flags.officialTimeout as number | undefined) ?? officialMsMax,
    variables: process.env,
    file: await suiteFile(),
  };
  await prepareFolder(beside);
  return beside;
}

const officialMsMax = 600_000;

function selectionOf(flags: Flags): Selection {
  return {
    only: flags.only as string[],
    skip: flags.skip as string[],
    sections: flags.section as string[],
    rooms: flags.room as string[],
    level: flags.level as ConformOptions['level'],
  };
}

function listOf(flags: Flags): string {
  const selected = selectChecks(selectionOf(flags)).filter(
    ({ needs }) => flags.readOnly === undefined || !needs.includes('push'),
  );
  if (flags.format === 'json') {
    const rows = selected.map(({ id, level, section, requirement, why, needs, file, room }) => {
      const pushes = needs.includes('push');
      return { id, level, section, requirement, why, pushes, file, room };
    });
    return `${JSON.stringify(rows, null, 2)}\n`;
  }
  return selected.map(({ id, level, requirement }) => `${id}\t${level}\t${requirement}\n`).join('');
}

async function optionsOf(
  named: string | undefined,
  flags: Flags,
  official: OfficialSetup | undefined,
): Promise<ConformOptions> {
  const selection = selectionOf(flags);
  const { skipSections = [], skip = [] } = official ?? {};
  const isLeftOut = (section: string) =>
    skipSections.some((anchor) => section === `distribution-spec/spec.md#${anchor}`);
  const ids = checks.filter(({ section }) => isLeftOut(section)).map(({ id }) => id);
  const host = await hostAccessOf(flags);
  const [target, ...alsoRead] = await imagesOf(named, flags, official, host);
  if (target === undefined) throw targetMissing();
  const access = await host.trusting([target.registry]);
  const baseline = flags.baseline as string | undefined;
  return {
    ...selection,
    // Who names checks on the command line wants just these.
    skip: selection.only.length > 0 ? selection.skip : [...selection.skip, ...skip, ...ids],
    target,
    alsoRead,
    readOnly: flags.readOnly !== undefined || official?.readOnly !== undefined,
    otherRepository: otherRepositoryOf(flags) ?? official?.otherRepository,
    allowHosts: flags.allowHost as string[],
    baseline: baseline === undefined ? undefined : await load(baseline),
    checkMsMax: flags.checkTimeout as number | undefined,
    jobs: flags.jobs as number,
    keep: flags.keep === true,
    redirectPolicy: flags.redirect as ConformOptions['redirectPolicy'],
    access: { ...access, insecure: access.insecure || official?.insecure === true },
  };
}

function targetMissing(): UserError {
  return new UserError(
    'target-missing',
    `no registry is named (there are ${checks.length} checks to run)`,
    'Write pullproof conform HOST[:PORT]/REPOSITORY[:TAG], or --list for the checks.',
  );
}

function otherRepositoryOf(flags: Flags): string | undefined {
  const name = flags.otherRepository as string | undefined;
  if (name === undefined || isRepository(name)) return name;
  throw new UserError(
    'repository-invalid',
    `--other-repository ${JSON.stringify(name)} is no name of a repository`,
    'Write a path as team/other: small letters, digits, and . _ - between them.',
  );
}

/** What is read or pushed to, in order and each once. */
async function imagesOf(
  named: string | undefined,
  flags: Flags,
  official: OfficialSetup | undefined,
  host: HostAccess,
): Promise<Image[]> {
  const listed = Array.isArray(flags.readOnly) ? (flags.readOnly as string[]) : [];
  if (named !== undefined && listed.length > 0) listed.unshift(named);
  if (official !== undefined) {
    const { target, readOnly = [] } = official;
    const joint = (reference: string) => (reference.includes(':') ? '@' : ':');
    listed.push(...readOnly.map((reference) => `${target}${joint(reference)}${reference}`));
  }
  const [first] = listed;
  const words = first === undefined ? [named ?? official?.target ?? ''] : [...new Set(listed)];
  // Variables of the official suite are for this run, files of the host for whoever comes.
  const isGiven = [flags.username, flags.authfile, flags.pullSecret].some(Boolean);
  const ofSuite = isGiven ? undefined : officialCredentials(official);
  return await Promise.all(
    words.filter(Boolean).map(async (word) => {
      const image = parseTarget(word, flags.plainHttp === true);
      const own = ofSuite ?? (await host.credentials(image.registry, image.repository));
      return { ...image, credentials: own };
    }),
  );
}

function officialCredentials(official: OfficialSetup | undefined) {
  const { username = '', password = '' } = official ?? {};
  return username === '' ? undefined : { username, password };
}

/** How the official suite was set up, by the environment and the file that it reads. */
async function officialSetup(): Promise<OfficialSetup | undefined> {
  return readOfficialSetup(process.env, await suiteFile());
}

async function suiteFile(): Promise<SetupFile | undefined> {
  const { OCI_CONFIGURATION: named } = process.env;
  const name = named || configFile;
  try {
    return { name, text: await readFile(name, 'utf8') };
  } catch (error) {
    if (named) throw unreadable(`OCI_CONFIGURATION=${name}`, error as Error);
    return undefined;
  }
}

async function load(file: string): Promise<Baseline> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw unreadable(`--baseline ${file}`, error);
    const hint = `Make it by a run: pullproof conform … --write-baseline ${file}`;
    throw new UserError('file-unreadable', `--baseline ${file}: there is no such file`, hint);
  });
  return readBaseline(file, text);
}

async function save(file: string, results: Results, earlier: Baseline | undefined): Promise<void> {
  try {
    await writeFile(file, writeBaseline(results.checks ?? [], earlier));
  } catch (error) {
    const { message } = error as Error;
    const hint = 'Name another file, and check its rights and the free space.';
    throw new UserError('baseline-unwritable', `--write-baseline ${file}: ${message}`, hint);
  }
}

function unreadable(what: string, { message }: Error): UserError {
  return new UserError('file-unreadable', `${what}: ${message}`, 'Name a file that can be read.');
}
