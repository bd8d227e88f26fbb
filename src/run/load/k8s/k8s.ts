// `load --k8s`: instead of running, writes what k6-operator needs to run the same on Kubernetes. The set-up
// is made here; `report merge` joins what the runners leave.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { UserError } from '../../../lib/user-error.ts';
import { hintOf } from '../../../protocol/failure.ts';
import { newResults, type RunContext } from '../../context.ts';
import { makeKubernetesFolder } from '../../kubernetes-folder.ts';
import { kubernetesYaml } from '../../kubernetes-yaml.ts';
import { packageRoot } from '../../package-root.ts';
import { memoryMiB } from '../k6/child.ts';
import { type LoadOptions, planOf, profileNamed, targetOf } from '../load.ts';
import { planCharsMax, planImagesName } from '../measure.ts';
import { bareRunName, timelinesFolder } from '../merge/parts.ts';
import { planDigest } from '../plan/digest.ts';
import { Logins } from '../plan/logins.ts';
import { equalShare, refuseEmptyShares } from '../plan/segment.ts';
import { leftBy } from '../push/push.ts';
import { bareLoad } from '../result/result.ts';
import { setUpImages } from '../set-up.ts';
import { type Prepared, prepareReplay, readTrace, replayName } from '../trace/trace.ts';
import {
  caName,
  collectorName,
  manifestsOf,
  planName,
  scenarioName,
  secretOf,
  type TestRunOptions,
} from './manifests.ts';

export interface K8sOptions {
  /** Folder for the manifests: new, or empty. */
  readonly dir: string;
  readonly parallelism: number;
  /** Image with our build of k6 (k6/Dockerfile). */
  readonly k6Image: string;
}

/** What Kubernetes takes in one ConfigMap, less what the rest of the object needs. */
const configMapBytesMax = 1_000_000;
/** Of a name: the operator appends to it, and 63 is the most that Kubernetes takes. */
const nameCharsMax = 40;

/** Gives the README of the folder. @throws UserError (exit 2, or 3 when the set-up fails) */
export async function writeTestRun(
  options: LoadOptions,
  { dir, parallelism, k6Image }: K8sOptions,
  context: RunContext,
): Promise<string> {
  refuseWhatStaysHere(options, parallelism);
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
  const config = configOf(plan, scenario, access.ca);
  for (const [file, text] of Object.entries(config.files)) await writeFile(join(dir, file), text);
  const files = [...Object.keys(config.files), ...(replay === undefined ? [] : [replayName])];
  await refuseTooLarge(dir, files);
  const run: TestRunOptions = {
    name: nameOf(dir),
    parallelism,
    image: k6Image,
    k6Outs: options.k6Outs ?? [],
    logins: config.logins,
    memoryMiB: memoryMiB(plan, 1 / parallelism),
    files,
    hasCa: access.ca !== undefined,
  };
  for (const [file, document] of Object.entries(manifestsOf(run))) {
    await writeFile(join(dir, file), kubernetesYaml(document));
  }
  await mkdir(join(dir, timelinesFolder));
  const bare = bareRun(options, plan, parallelism, replay, context);
  await writeFile(join(dir, bareRunName), `${JSON.stringify(bare, null, 2)}\n`);
  const readme = readmeOf(run, Object.keys(access.shown ?? {}));
  await writeFile(join(dir, 'README.md'), readme);
  return readme;
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

/** Files for the ConfigMap, and the number of Secrets that they count on. */
function configOf(
  plan: K6Plan,
  scenario: string,
  ca: readonly string[] | undefined,
): { files: Record<string, string>; logins: number } {
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
    ...(ca !== undefined && { [caName]: ca.join('\n') }),
  };
  return { files, logins: logins.all.length };
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

/** What `report merge` has to know; its figures are in the timelines. */
function bareRun(
  options: LoadOptions,
  plan: K6Plan,
  parallelism: number,
  replay: Prepared | undefined,
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

/** `shown`: hosts that are shown a client certificate here. */
function readmeOf(
  { name, parallelism, image, logins }: TestRunOptions,
  shown: readonly string[],
): string {
  const secrets = Array.from(
    { length: logins },
    (_, login) =>
      `kubectl create secret generic ${secretOf(name, login)} --type=kubernetes.io/basic-auth \\
  --from-literal=username=USER --from-file=password=/dev/stdin < PASSWORD-FILE`,
  );
  const certificates =
    shown.length === 0
      ? ''
      : `
**The runners show no client certificate.** Here ${shown.join(', ')} would be shown one from certs.d. Its key is not in this folder, and
a registry that insists on one refuses these pulls: let the runners in without, or share the load by \`pullproof load --segment\` on machines of your own.
`;
  const collector = collectorName(name);
  return `# ${name}: ${parallelism} runners of k6-operator

1. The operator must be installed (https://github.com/grafana/k6-operator), and the image \`${image}\` be where the cluster can pull it:
   \`docker build -t ${image} k6/\` in pullproof's own folder, then push it; another name goes into \`testrun.yaml\` (or \`--k6-image\`).
2. The claim in \`results-claim.yaml\` asks for a volume that all runners can write to; set \`storageClassName\` if the cluster's default has none such.
${secrets.length === 0 ? '' : `3. Credentials are read from Secrets, which are not in this folder (the password file without a line feed at its end):\n\n\`\`\`\n${secrets.join('\n')}\n\`\`\`\n`}${certificates}
In this folder: run, wait until it has finished, fetch the timelines and join them:

\`\`\`
kubectl apply --server-side -k .
kubectl wait --for=jsonpath='{.status.stage}'=finished testrun/${name} --timeout=24h
kubectl apply -f collector.yaml
kubectl wait --for=condition=Ready pod/${collector}
kubectl cp ${collector}:/results ${timelinesFolder}
kubectl delete pod ${collector}
pullproof report merge .
\`\`\`

To run it again: \`kubectl delete testrun ${name}\`, and remove the timelines here and in the volume.
`;
}
