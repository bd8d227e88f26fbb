// `pullproof load --k8s`: its flags, which are about what is written for Kubernetes and nothing else.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { isLoopbackName } from '../access/loopback.ts';
import { UserError } from '../lib/user-error.ts';
import { parseReference } from '../protocol/grammar/reference.ts';
import type { K8sOptions } from '../run/load/k8s/k8s.ts';
import type { Placement, Resources, Toleration } from '../run/load/k8s/pods.ts';
import {
  cores,
  isDnsLabel,
  isLabelKey,
  isLabelValue,
  isSubdomain,
  mebibytes,
  parseQuantity,
} from '../run/load/k8s/quantity.ts';
import type { LoadOptions } from '../run/load/load.ts';
import { version } from '../run/version.ts';
import { parseStartIn } from './load-words.ts';
import { contextOf } from './output.ts';
import { Terminal } from './terminal.ts';
import { type Call, type Flags, readDurationMs, wholeNumber } from './verb.ts';

const parallelismDefault = 4;
/** The operator starts them by one argument of a shell, in which some 350 have room (docs/scale.md). */
const parallelismMax = 300;
const k6ImageDefault = `pullproof-k6:${version}`;
const spreadDefault = 'kubernetes.io/hostname';

interface K8sFlag {
  readonly flag: string;
  /** It goes with --apply. */
  readonly applies?: true;
  readonly says: string;
  /** `earlier`: what it gave for the same flag before. */
  readonly read?: (text: string, earlier?: never) => unknown;
  readonly choices?: readonly string[];
}

const k8sFlags: readonly K8sFlag[] = [
  {
    flag: '--parallelism <n>',
    says: `runners that share the load (default: ${parallelismDefault})`,
    read: wholeNumber(1, parallelismMax),
  },
  { flag: '--k6-image <image>', says: `our build of k6 (default: ${k6ImageDefault})`, read: image },
  {
    flag: '--starter-image <image>',
    says: "by which runners are started; needs curl (default: the operator's)",
    read: image,
  },
  { flag: '--namespace <name>', says: 'namespace (default: that of kubectl)', read: namespace },
  {
    flag: '--results <way>',
    says: 'how the timelines of the runners come back (default: volume)',
    choices: ['volume', 'logs'],
  },
  {
    flag: '--storage-class <name>',
    says: 'class of the volume',
    read: named('a class of storage'),
  },
  { flag: '--cpu-request <q>', says: 'processors that a runner asks for (default: 1)', read: cpu },
  { flag: '--cpu-limit <q>', says: 'most processors for a runner (default: none)', read: cpu },
  {
    flag: '--memory-request <q>',
    says: 'memory that a runner asks for (default: by the number of users)',
    read: memory,
  },
  { flag: '--memory-limit <q>', says: 'most memory for a runner (default: none)', read: memory },
  {
    flag: '--node-selector <key=value>',
    says: 'nodes with this label only (repeatable)',
    read: every(nodeSelector),
  },
  {
    flag: '--toleration <key[=value][:effect]>',
    says: 'nodes with this taint, too (repeatable)',
    read: every(toleration),
  },
  {
    flag: '--spread [key]',
    says: `runners evenly over nodes, or over the values of this label (default: ${spreadDefault})`,
    read: spreadKey,
  },
  {
    flag: '--service-account <name>',
    says: 'whose pods they are; its token is not mounted (default: default)',
    read: named('a service account'),
  },
  {
    flag: '--image-pull-secret <name>',
    says: 'Secret of the cluster by which it pulls the images (repeatable)',
    read: every(named('a Secret')),
  },
  {
    flag: '--apply',
    says: 'run it by kubectl: applies the folder, follows the run, joins and removes it; without images, a folder written before',
  },
  {
    flag: '--kube-context <name>',
    says: 'and --apply, context of kubectl (default: its current one)',
    applies: true,
  },
  {
    flag: '--start-in <d>',
    says: 'and --apply, all runners begin so far ahead (default: 60s and more, for herds and loads below 5m)',
    read: parseStartIn,
    applies: true,
  },
  {
    flag: '--patience <d>',
    says: 'and --apply, wait so long for what may mend itself (default: by the reason, 20s to 10m)',
    read: readDurationMs,
    applies: true,
  },
];

export function addK8sFlags(command: Command): void {
  command.option('--k8s <dir>', 'do not run, but write a TestRun of k6-operator and all it needs');
  for (const { flag, says, read, choices } of k8sFlags) {
    const option = new Option(flag, `with --k8s, ${says}`);
    if (choices !== undefined) option.choices(choices);
    if (read !== undefined) option.argParser(read as (text: string, earlier: unknown) => unknown);
    command.addOption(option);
  }
}

/** @throws UserError (exit 2) for flags that say nothing without --k8s */
export function refuseWithoutK8s(flags: Flags): void {
  const given = k8sFlags.filter(
    ({ flag }) => flags[new Option(flag).attributeName()] !== undefined,
  );
  const wordsOf = (some: readonly K8sFlag[]) => some.map(({ flag }) => flag.split(' ')[0]);
  if (flags.k8s !== undefined) {
    const idle = wordsOf(flags.apply === true ? [] : given.filter(({ applies }) => applies));
    if (idle.length === 0) return;
    throw conflict(`${idle.join(', ')}: only with --apply`, 'Give --apply too, or leave them out.');
  }
  const words = wordsOf(given);
  if (words.length === 0) return;
  throw new UserError(
    'k8s-conflict',
    `${words.join(', ')}: only with --k8s`,
    'Give --k8s DIR too; on machines of your own, --segment shares the load.',
  );
}

/** Gives 0 when all is written, with --apply the exit code of the run. @throws UserError */
export async function describeForK8s(
  options: Omit<LoadOptions, 'outDir'>,
  flags: Flags,
  call: Call,
): Promise<number> {
  const { writeTestRun } = await import('../run/load/k8s/k8s.ts');
  const isApplied = flags.apply === true;
  if (flags.out !== undefined && !isApplied) {
    throw conflict(
      '--out names the folder of a run, and --k8s makes none',
      'Leave out --out, or add --apply.',
    );
  }
  const k8s = k8sOptionsOf(flags);
  const terminal = new Terminal(flags.quiet === true);
  const context = contextOf(flags, call, terminal);
  const written = await writeTestRun({ ...options, outDir: k8s.dir }, k8s, context);
  terminal.clear();
  if (!isApplied) process.stdout.write(written.readme);
  terminal.say(`written: ${k8s.dir}`);
  const own = options.images.map(({ registry }) => registry).find(isLoopbackName);
  if (own !== undefined) {
    terminal.say(`warning: ${own} is this machine here, and each runner itself in the cluster`);
  }
  if (!isApplied) return 0;
  const { applyFolder } = await import('./load-apply.ts');
  return await applyFolder(k8s.dir, written.secrets, [], flags, call);
}

/** @throws UserError (exit 2) for flags that contradict each other */
function k8sOptionsOf(flags: Flags): K8sOptions {
  const resources: Resources = {
    cpuRequest: flags.cpuRequest as string | undefined,
    cpuLimit: flags.cpuLimit as string | undefined,
    memoryRequest: flags.memoryRequest as string | undefined,
    memoryLimit: flags.memoryLimit as string | undefined,
  };
  refuseRequestsAboveLimits(resources);
  const results = (flags.results as K8sOptions['results'] | undefined) ?? 'volume';
  if (results === 'logs' && flags.storageClass !== undefined) {
    throw conflict(
      '--storage-class is of a volume, and --results logs needs none',
      'Leave out one of the two.',
    );
  }
  return {
    dir: flags.k8s as string,
    parallelism: (flags.parallelism as number | undefined) ?? parallelismDefault,
    k6Image: (flags.k6Image as string | undefined) ?? k6ImageDefault,
    starterImage: flags.starterImage as string | undefined,
    namespace: flags.namespace as string | undefined,
    results,
    storageClass: flags.storageClass as string | undefined,
    resources,
    placement: placementOf(flags),
  };
}

function placementOf(flags: Flags): Placement {
  const { spread } = flags;
  const selectors = (flags.nodeSelector ?? []) as [string, string][];
  const nodeSelector = Object.fromEntries(selectors);
  if (Object.keys(nodeSelector).length < selectors.length) {
    throw conflict(
      '--node-selector names a label twice, and a node has one value of it',
      'Give each label once.',
    );
  }
  return {
    nodeSelector,
    tolerations: (flags.toleration ?? []) as Toleration[],
    serviceAccount: flags.serviceAccount as string | undefined,
    pullSecrets: (flags.imagePullSecret ?? []) as string[],
    spreadOver: spread === true ? spreadDefault : (spread as string | undefined),
  };
}

function refuseRequestsAboveLimits(resources: Resources): void {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = resources;
  const pairs = [
    { what: 'cpu', request: cpuRequest, limit: cpuLimit, unit: cores },
    { what: 'memory', request: memoryRequest, limit: memoryLimit, unit: mebibytes },
  ];
  for (const { what, request, limit, unit } of pairs) {
    if (request === undefined || limit === undefined || unit(request) <= unit(limit)) continue;
    throw conflict(
      `--${what}-limit ${limit} is below --${what}-request ${request}`,
      `Ask for ${limit} at most, or raise the limit.`,
    );
  }
}

function conflict(message: string, hint: string): UserError {
  return new UserError('k8s-conflict', message, hint);
}

/** Of a flag that may be repeated; others are lists without it. */
function every<T>(read: (text: string) => T): (text: string, earlier?: readonly T[]) => T[] {
  return (text, earlier = []) => [...earlier, read(text)];
}

/** @throws UserError `reference-invalid` */
function image(text: string): string {
  parseReference(text);
  return text;
}

function namespace(text: string): string {
  if (isDnsLabel(text)) return text;
  throw new InvalidArgumentError('Write a namespace: small letters, digits and -, at most 63.');
}

function named(what: string): (text: string) => string {
  return (text) => {
    if (isSubdomain(text)) return text;
    throw new InvalidArgumentError(
      `Write the name of ${what}: small letters, digits, - and ., at most 253.`,
    );
  };
}

/** Kubernetes knows nothing finer. */
const coresMin = 0.001;

function cpu(text: string): string {
  const thousandths = (parseQuantity(text) ?? Number.NaN) / coresMin;
  const isWhole = Math.abs(thousandths - Math.round(thousandths)) < 1e-6;
  if (thousandths >= 1 && isWhole) return text;
  throw new InvalidArgumentError('Write processors, such as 2, 1.5 or 500m, at least 1m.');
}

/** What is less was meant otherwise: `m` is a thousandth. */
const mebibytesMin = 1;

function memory(text: string): string {
  if (mebibytes(text) >= mebibytesMin) return text;
  throw new InvalidArgumentError(
    'Write memory, such as 512Mi or 2Gi (M is a million, m a thousandth), at least 1Mi.',
  );
}

function nodeSelector(text: string): [string, string] {
  const [, key = '', value = ''] = /^([^=]+)=([^=]*)$/.exec(text) ?? [];
  if (isLabelKey(key) && isLabelValue(value)) return [key, value];
  throw new InvalidArgumentError(
    'Write a label of nodes, KEY=VALUE, such as kubernetes.io/arch=amd64.',
  );
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function toleration(text: string): Toleration {
  const [, key = '', value, effect] = /^([^=:]+)(?:=([^=:]*))?(?::([^:]+))?$/.exec(text) ?? [];
  const isKnown = effect === undefined || effects.includes(effect);
  if (!isLabelKey(key) || !isLabelValue(value ?? '') || !isKnown) {
    throw new InvalidArgumentError(
      `Write a taint, KEY[=VALUE][:EFFECT], with one of ${effects.join(', ')}, such as dedicated=load:NoSchedule.`,
    );
  }
  return {
    key,
    ...(value === undefined ? { operator: 'Exists' } : { operator: 'Equal', value }),
    ...(effect !== undefined && { effect }),
  };
}

/** @throws InvalidArgumentError, for an image as well that stands behind the flag */
function spreadKey(text: string): string {
  if (isLabelKey(text)) return text;
  throw new InvalidArgumentError(
    'Write a label of nodes, such as topology.kubernetes.io/zone. Without one, the flag goes behind the image.',
  );
}
