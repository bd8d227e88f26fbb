// `load --k8s`: instead of running, writes what k6-operator needs to run the same on Kubernetes. The set-up
// is made here; `report merge` joins what the runners leave.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import {
  durationSecondsOf,
  type K6Plan,
  type PlannedImage,
  shapeNameOf,
} from '../../../../scenarios/lib/plan.ts';
import { certificatesIn } from '../../../drivers/network/trust.ts';
import { UserError } from '../../../lib/user-error.ts';
import type { Credentials } from '../../../protocol/client.ts';
import { hintOf } from '../../../protocol/failure.ts';
import { newResults, type RunContext } from '../../context.ts';
import { makeKubernetesFolder } from '../../kubernetes-folder.ts';
import { kubernetesYaml } from '../../kubernetes-yaml.ts';
import { packageRoot } from '../../package-root.ts';
import { memoryMiB } from '../k6/child.ts';
import { digestsOf, type LoadOptions, planOf, profileNamed, targetOf } from '../load.ts';
import { planCharsMax, planImagesName } from '../measure.ts';
import { bareRunName, timelinesFolder } from '../merge/parts.ts';
import { askedOf } from '../plan/asked.ts';
import { planDigest } from '../plan/digest.ts';
import { Logins } from '../plan/logins.ts';
import { equalShare, refuseEmptyShares } from '../plan/segment.ts';
import { leftBy } from '../push/push.ts';
import { bareLoad } from '../result/result.ts';
import { countedShapes } from '../result/window.ts';
import { type SetUp, setUpImages } from '../set-up.ts';
import { type Prepared, prepareReplay, readTrace, replayName } from '../trace/trace.ts';
import type { SecretWish } from './apply/secrets.ts';
import {
  caFileName,
  manifestsOf,
  planName,
  scenarioName,
  secretOf,
  type TestRunOptions,
} from './manifests.ts';
import { heapMiB } from './pods.ts';
import { readmeOf } from './readme.ts';

/** What the user decides of the pods and how they are described. */
export interface K8sOptions
  extends Pick<
    TestRunOptions,
    | 'namespace'
    | 'parallelism'
    | 'starterImage'
    | 'resources'
    | 'placement'
    | 'results'
    | 'storageClass'
  > {
  /** Folder for the manifests: new, or empty. */
  readonly dir: string;
  /** Image with our build of k6 (k6/Dockerfile). */
  readonly k6Image: string;
}

/** A log takes 8 MiB of a timeline (k6/timeline/records.go); one client that pulls makes some 20 kB a second. */
const logSecondsMax = 300;

function warnOfLongLogs({ shape }: K6Plan, context: RunContext): void {
  const seconds = countedShapes.includes(shapeNameOf(shape)) ? 0 : durationSecondsOf(shape);
  if (seconds <= logSecondsMax) return;
  context.say?.(
    `warning: the log of a runner takes a timeline of some ${logSecondsMax / 60} minutes, and this load lasts ${Math.ceil(seconds / 60)}: what comes later may be missing. Take --results volume`,
  );
}

/** What Kubernetes takes in one ConfigMap, less what the rest of the object needs. */
const configMapBytesMax = 1_000_000;
/** Of a name: the operator appends to it, and 63 is the most that Kubernetes takes. */
const nameCharsMax = 40;

export interface WrittenRun {
  readonly readme: string;
  /** What the runners read credentials from; nowhere in the folder. */
  readonly secrets: readonly SecretWish[];
}

/** @throws UserError (exit 2, or 3 when the set-up fails) */
export async function writeTestRun(
  options: LoadOptions,
  k8s: K8sOptions,
  context: RunContext,
): Promise<WrittenRun> {
  const { dir, k6Image, ...wishes } = k8s;
  const { parallelism } = wishes;
  refuseWhatStaysHere(options, parallelism);
  const ca = options.access.ca && certificatesAlone(options.access.ca);
  const scenario = await scenarioOf(options);
  await makeKubernetesFolder(dir);
  const platforms = options.mix?.platforms?.map(({ value }) => value) ?? [options.platform];
  const client = profileNamed(options.client);
  const { images, access, mirrors } = options;
  const trace = options.trace && (await readTrace(options.trace));
  const ready = await setUpImages(images, platforms, client, access, context, mirrors);
  if ('failure' in ready) {
    const { failure } = ready;
    throw new UserError('set-up-failed', failure.message, hintOf(failure), 3);
  }
  const replay = trace && (await prepareReplay(trace, ready, dir));
  const shape = replay?.shape ?? options.shape;
  const plan = planOf(options, ready, { engine: 'built' }, shape, context.seed);
  refuseEmptyShares(equalShare(1, parallelism), plan);
  const config = configOf(plan, scenario);
  for (const [file, text] of Object.entries(config.files)) await writeFile(join(dir, file), text);
  if (ca !== undefined) await writeFile(join(dir, caFileName), ca);
  const files = [...Object.keys(config.files), ...(replay === undefined ? [] : [replayName])];
  await refuseTooLarge(dir, files);
  const run: TestRunOptions = {
    ...wishes,
    name: nameOf(dir),
    image: k6Image,
    k6Outs: options.k6Outs ?? [],
    logins: config.logins.length,
    memoryMiB: memoryMiB(plan, 1 / parallelism),
    files,
    hasCa: ca !== undefined,
  };
  warnOfLittleMemory(run, context);
  if (run.results === 'logs') warnOfLongLogs(plan, context);
  for (const [file, document] of Object.entries(manifestsOf(run))) {
    await writeFile(join(dir, file), kubernetesYaml(document));
  }
  await mkdir(join(dir, timelinesFolder));
  const bare = bareRun(options, { plan, ready, parallelism, replay }, context);
  await writeFile(join(dir, bareRunName), `${JSON.stringify(bare, null, 2)}\n`);
  const readme = readmeOf(run, plan, {
    logins: config.logins.map((hosts, login) => ({
      hosts,
      isToken: config.credentials[login]?.identityToken !== undefined,
    })),
    shown: Object.keys(access.shown ?? {}),
  });
  await writeFile(join(dir, 'README.md'), readme);
  const secrets = config.credentials.flatMap((one, login) => loginSecret(run, login, one));
  return { readme, secrets };
}

/** Runners take a name and a password; what a login left instead is for the user to see to. */
function loginSecret(
  { name }: TestRunOptions,
  login: number,
  { username, password, identityToken }: Credentials,
): SecretWish[] {
  if (identityToken !== undefined) return [];
  const values = { username, password };
  return [{ name: secretOf(name, login), type: 'kubernetes.io/basic-auth', values }];
}

/** @throws UserError (exit 2) for what needs this program beside k6 */
function refuseWhatStaysHere(options: LoadOptions, parallelism: number): void {
  const { engine, shape, abortOnSlo, push, segment, trace } = options;
  const wanted =
    (engine === 'stock' && '--engine stock') ||
    (shape.name === 'breakpoint' && '--shape breakpoint') ||
    (abortOnSlo === true && '--abort-on-slo') ||
    (segment !== undefined && '--segment') ||
    // Its tags and content must be of one run alone, and a TestRun may be run again.
    (push?.cleanUp === true && 'cleanUp of pushes');
  if (wanted !== false) {
    throw new UserError(
      'k8s-conflict',
      `${wanted} does not go with --k8s: the runners are our build of k6 alone, which k6-operator gives its shares`,
      `Leave out ${wanted}, or run without --k8s.`,
    );
  }
  // The operator splits arguments at blanks, and a TestRun is no place for a password.
  const out = options.k6Outs?.find((one) => /\s|:\/\/[^/\s]*@/.test(one));
  if (out !== undefined) {
    throw new UserError(
      'k8s-conflict',
      'an output of k6 with blanks or credentials in its name cannot be written into a TestRun',
      'Leave them out of --k6-out, and set the variables of that output from a Secret in testrun.yaml.',
    );
  }
  if (trace === undefined) refuseEmptyShares(equalShare(1, parallelism), { shape, push });
}

/** The bundled scenario. @throws UserError `bundle-missing` in a checkout that was not built */
async function scenarioOf({ trace }: LoadOptions): Promise<string> {
  const file = join(packageRoot, 'dist', 'bundles', trace === undefined ? 'pull.js' : 'replay.js');
  return await readFile(file, 'utf8').catch((error: Error) => {
    throw new UserError(
      'bundle-missing',
      `the bundled scenario cannot be read: ${error.message}`,
      'In a checkout, run `npm run build` once; a package brings it.',
    );
  });
}

/** Files for the ConfigMap, and for each Secret that they count on the hosts that are shown it. */
function configOf(
  plan: K6Plan,
  scenario: string,
): { files: Record<string, string>; logins: string[][]; credentials: readonly Credentials[] } {
  const logins = new Logins();
  const images = plan.images.map((image) => logins.taken(image));
  const shape =
    plan.shape.kind === 'replay' ? { ...plan.shape, file: `./${replayName}` } : plan.shape;
  const inFile = JSON.stringify(images).length > planCharsMax;
  const written: K6Plan = {
    ...plan,
    shape,
    images: inFile ? [] : images,
    ...(inFile && { imagesFile: `./${planImagesName}` }),
    ...(plan.push !== undefined && { push: logins.taken(plan.push) }),
    loginsInEnvironment: logins.all.length,
    // Keys have no place in a ConfigMap.
    shown: undefined,
  };
  const files = {
    [scenarioName]: scenario,
    [planName]: `${JSON.stringify(written, null, 2)}\n`,
    ...(inFile && { [planImagesName]: JSON.stringify(images) }),
  };
  const hosts = logins.all.map((_, login) => hostsShown(written, images, login));
  return { files, logins: hosts, credentials: logins.all };
}

function hostsShown(
  { push }: K6Plan,
  images: readonly Pick<PlannedImage, 'registryUrl' | 'login'>[],
  login: number,
): string[] {
  const all = [...images, ...(push === undefined ? [] : [push])];
  const shown = all.filter((one) => one.login === login);
  return [...new Set(shown.map(({ registryUrl }) => new URL(registryUrl).host))];
}

/** What else the file holds, such as a private key, stays here. @throws UserError (exit 2) */
function certificatesAlone(ca: readonly string[]): string {
  const found = certificatesIn(ca);
  if (found.length > 0) return `${found.join('\n')}\n`;
  throw new UserError(
    'ca-unreadable',
    '--ca holds no certificate that can be read, and runners would trust nobody',
    'Give a PEM file with the CA certificate.',
  );
}

function warnOfLittleMemory(
  { memoryMiB: needMiB, resources }: TestRunOptions,
  context: RunContext,
) {
  const heap = heapMiB(needMiB, resources);
  if (heap >= needMiB) return;
  context.say?.(
    `warning: of --memory-limit ${resources.memoryLimit} k6 has ${heap} MiB for its heap, and these users need some ${needMiB} MiB: give more, or more runners`,
  );
}

async function refuseTooLarge(dir: string, files: readonly string[]): Promise<void> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(dir, file))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (bytes <= configMapBytesMax) return;
  throw new UserError(
    'config-map-too-large',
    `scenario and plan have ${bytes} bytes, and a ConfigMap takes ${configMapBytesMax}`,
    'Name fewer images, or cut the trace; or run `pullproof load --segment` on machines of your own.',
  );
}

/** Of the folder, as Kubernetes takes names. */
function nameOf(dir: string): string {
  const word = basename(resolve(dir))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-');
  return `pullproof-${word}`.slice(0, nameCharsMax).replace(/-+$/, '');
}

interface Planned {
  readonly plan: K6Plan;
  readonly ready: SetUp;
  readonly parallelism: number;
  readonly replay: Prepared | undefined;
}

/** What `report merge` has to know; its figures are in the timelines. */
function bareRun(
  options: LoadOptions,
  { plan, ready, parallelism, replay }: Planned,
  context: RunContext,
) {
  const results = newResults('load', targetOf(options), context);
  results.exitCode = 2;
  results.interrupted = 'Described for Kubernetes, not run here; report merge joins its timelines.';
  // The folder goes to other machines, and into repositories.
  results.environment.command = withoutFolders(results.environment.command);
  const bare = bareLoad(plan);
  if (bare.pushes !== undefined && plan.push !== undefined) {
    bare.pushes.left = [leftBy(plan.push, 0)];
  }
  results.load = {
    ...bare,
    asked: askedOf(plan),
    digests: digestsOf(options.images, ready),
    ...(ready.fromMock && { fromMock: true }),
    images: options.images.map((image) => image.text),
    slo: options.slos.map(({ expression }) => ({ expression, observed: 'not run', held: false })),
    plan: planDigest(plan),
    segment: { part: '0:1', of: equalShare(1, parallelism).of },
    ...(replay !== undefined && { replay: { ...replay.told, late: 0 } }),
  };
  return results;
}

/** Absolute paths down to their last name, also behind `=`; URLs stay. */
function withoutFolders(command: string): string {
  const quoted = command.replace(/(^|[ ='])'\/(?:[^'/]+\/)*([^'/]*)'/g, "$1'$2'");
  return quoted.replace(/(^|[ =])\/(?:[^ /]+\/)*([^ /]*)/g, '$1$2');
}
