// `pullproof doctor`: flags and words; the engine is src/run/doctor/doctor.ts.

import { type Command, Option } from 'commander';
import { allowListFormats } from '../../reports/allow-list.ts';
import { docPage } from '../lib/doc-page.ts';
import { UserError } from '../lib/user-error.ts';
import { profiles } from '../profiles/index.ts';
import { formatPlatform, type Platform } from '../protocol/grammar/platform.ts';
import { runDoctor } from '../run/doctor/doctor.ts';
import { readExpected } from '../run/doctor/hosts/expected.ts';
import { checkedOn, type PresetName, presets } from '../run/doctor/hosts/presets.ts';
import type { DoctorOptions } from '../run/doctor/options.ts';
import { parseSaveTarget } from '../run/doctor/save/target.ts';
import { rootOf } from './host-access.ts';
import { parsePlatformFlag } from './load-words.ts';
import { openOutput } from './output.ts';
import {
  accessFlagsOf,
  addAccessFlags,
  addOutputFlags,
  collect,
  type Flags,
  type Verb,
  wholeNumber,
} from './verb.ts';

const help = `
Examples:
  $ pullproof doctor registry.redhat.io/ubi9/ubi:latest        why does podman pull fail here?
  $ pullproof doctor --client docker alpine                    the same for docker
  $ sudo pullproof doctor --client containerd registry.example/team/app:1.2
  $ pullproof doctor IMAGE --format squid > allow.conf   an allow list for the network team
  $ pullproof doctor IMAGE --preset redhat --format csv        with what is documented
  $ pullproof doctor IMAGE --expect-host hosts.txt             in CI: fail when blobs move to another host
  $ pullproof doctor IMAGE --save oci:./layout:1.2             keep what was pulled
  $ pullproof doctor IMAGE --k8s pod --node worker-1           a pod that looks from that node

Exit codes: 0 the pull would work, and hosts are as expected; 1 it would not, or they are not;
2 wrong usage; 4 a defect of pullproof; 130 interrupted.

\`pullproof explain CAUSE\` says what a cause is; ${docPage('doctor.md')}
how to read it all.
`;

const imageDefault = 'localhost/pullproof:latest';

export const doctor: Verb = {
  declare(command) {
    command
      .argument('<image>', 'as given to the client: a full name, or a short one')
      .usage('[options] <image>');
    addDoctorFlags(command);
    addAccessFlags(command);
    addOutputFlags(command, undefined, Object.keys(allowListFormats));
    command.addHelpText('before', help.trimStart());
  },
  async run([image = ''], flags, call) {
    if (flags.k8s !== undefined) return await describePod(image, flags);
    refuseWithoutK8s(flags);
    const options = await optionsOf(image, flags);
    const output = await openOutput('doctor', flags, call);
    return await output.finish(await runDoctor(options, output.context));
  },
};

function addDoctorFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--client <name>',
        'pull as this client does, with its configuration (default: podman; with --k8s kubelet-containerd)',
      ).choices(Object.keys(profiles)),
    )
    .option(
      '--platform <os/arch[/variant]>',
      'platform to choose from an index (default: that of this machine)',
      parsePlatformFlag,
    )
    .option(
      '--probes <n>',
      'pulls in all, so that more than one host of a CDN shows',
      wholeNumber(1, 50),
      3,
    )
    .option(
      '--expect-host <host|file>',
      'host or *.domain that the pull may touch, or a file of them; others fail the run (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--preset <name>',
        `put documented hosts on the allow list; last looked at ${checkedOn} (repeatable)`,
      )
        .choices(Object.keys(presets))
        .argParser(collectPreset)
        .default([], 'those of the registry are shown'),
    )
    .option(
      '--save <transport:path>',
      'keep the image: oci:DIR[:TAG], dir:DIR, docker-archive:FILE',
    )
    .option('--root <dir>', 'read the configuration of a host whose files lie there')
    .option('--k8s <dir>', 'do not run, but write a pod that runs it on a node')
    .option('--node <name>', 'with --k8s, the node')
    .option(
      '--pullproof-image <image>',
      `with --k8s, an image with pullproof (default: ${imageDefault})`,
    );
}

function collectPreset(value: string, earlier: unknown): string[] {
  if (!Object.hasOwn(presets, value)) {
    throw new UserError(
      'preset-unknown',
      `there is no preset ${JSON.stringify(value)}`,
      `There are ${Object.keys(presets).join(', ')}.`,
    );
  }
  return [...(earlier as string[]), value];
}

async function optionsOf(image: string, flags: Flags): Promise<DoctorOptions> {
  const save = flags.save as string | undefined;
  return {
    text: image,
    client: (flags.client as string | undefined) ?? 'podman',
    platform: (flags.platform as Platform | undefined) ?? ownPlatform(),
    probes: flags.probes as number,
    root: rootOf(flags),
    flags: await accessFlagsOf(flags),
    timeoutMs: flags.timeout as number,
    presets: flags.preset as PresetName[],
    expected: await readExpected(flags.expectHost as string[]),
    save: save === undefined ? undefined : parseSaveTarget(save),
  };
}

/** As Go names what this machine runs: containers are Linux's. */
function ownPlatform(): Platform {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', loong64: 'loong64' };
  return { os: 'linux', architecture: names[process.arch] ?? process.arch };
}

async function describePod(image: string, flags: Flags): Promise<number> {
  const { writePod } = await import('../run/doctor/k8s/k8s.ts');
  const readme = await writePod({
    dir: flags.k8s as string,
    image,
    node: flags.node as string | undefined,
    pullproofImage: (flags.pullproofImage as string | undefined) ?? imageDefault,
    words: await wordsForPod(flags),
  });
  process.stdout.write(readme);
  return 0;
}

/** Flags of that run, without what names files of this machine, or secrets. @throws UserError `k8s-conflict` (exit 2) */
async function wordsForPod(flags: Flags): Promise<string[]> {
  const here = ['username', 'passwordStdin', 'authfile', 'pullSecret', 'ca', 'save', 'out', 'root'];
  const [named] = here.filter((name) => flags[name] !== undefined);
  if (named !== undefined) {
    throw new UserError(
      'k8s-conflict',
      `--${named.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is about this machine, and --k8s runs nothing here`,
      'Leave it out; README.md in the folder says how a pod is given credentials and certificates.',
    );
  }
  const expected = await readExpected(flags.expectHost as string[]);
  const denied = expected.find(({ isDenied }) => isDenied);
  if (denied !== undefined) {
    throw new UserError(
      'k8s-conflict',
      `${denied.written} denies ${denied.host}, which no flag of the pod can say`,
      'Give a list without deniedDomains.',
    );
  }
  const platform = flags.platform as Platform | undefined;
  return [
    ...[
      '--client',
      (flags.client as string | undefined) ?? 'kubelet-containerd',
      '--probes',
      String(flags.probes),
    ],
    ...(platform === undefined ? [] : ['--platform', formatPlatform(platform)]),
    ...expected.flatMap(({ host, port }) => ['--expect-host', port ? `${host}:${port}` : host]),
    ...(flags.preset as string[]).flatMap((name) => ['--preset', name]),
    ...(flags.allowRealm as string[]).flatMap((host) => ['--allow-realm', host]),
    ...['--timeout', `${flags.timeout}ms`],
    ...(flags.plainHttp === true ? ['--plain-http'] : []),
    ...(flags.insecure === true ? ['--insecure'] : []),
  ];
}

function refuseWithoutK8s({ node, pullproofImage }: Flags): void {
  if (node === undefined && pullproofImage === undefined) return;
  throw new UserError(
    'k8s-conflict',
    '--node and --pullproof-image are about --k8s',
    'Give --k8s DIR too.',
  );
}
