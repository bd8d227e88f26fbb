// What a folder of `load --k8s` describes, as kustomize puts it together: what will be in the cluster, by which names.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { K6Plan } from '../../../../../scenarios/lib/plan.ts';
import { UserError } from '../../../../lib/user-error.ts';
import { bareRunName } from '../../merge/parts.ts';
import { planName } from '../manifests.ts';
import type { Kubectl } from './kubectl.ts';
import { wordsOf } from './said.ts';

export interface Described {
  readonly dir: string;
  /** Of the TestRun. */
  readonly name: string;
  /** As the folder says; else kubectl's own. */
  readonly namespace: string;
  readonly parallelism: number;
  readonly image: string;
  readonly plan: K6Plan;
  /** Names of Secrets that runners need, and the folder does not make. */
  readonly secrets: readonly string[];
  /** The claim that timelines are written to; none: they come by the logs of the runners. */
  readonly claim: string | undefined;
  /** It, where the folder makes it, as a document for kubectl. */
  readonly claimDocument: string | undefined;
  /** ConfigMaps and Secrets that the folder makes, as `kind/name`. */
  readonly made: readonly string[];
}

interface Manifest {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec?: {
    readonly parallelism?: number;
    readonly runner?: {
      readonly image?: string;
      readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef?: Ref } }[];
      readonly volumes?: readonly Volume[];
    };
  };
}

interface Ref {
  readonly name?: string;
}

interface Volume {
  readonly secret?: { readonly secretName?: string };
  readonly persistentVolumeClaim?: { readonly claimName?: string };
}

const planBytesMax = 8 * 1024 * 1024;

/** @throws UserError (exit 2) for a folder that is none of `load --k8s` */
export async function readDescribed(dir: string, kubectl: Kubectl): Promise<Described> {
  const isOurs = await stat(join(dir, bareRunName)).then(
    (found) => found.isFile(),
    () => false,
  );
  if (!isOurs) throw unusable(dir, `there is no ${bareRunName} in it`);
  const said = await kubectl.run(['kustomize', dir]);
  if (said.code !== 0) throw unusable(dir, wordsOf(said));
  const all = parseAllDocuments(said.stdout).map((document) => document.toJS() as Manifest);
  const testRun = all.find(({ kind }) => kind === 'TestRun');
  const { name, namespace } = testRun?.metadata ?? {};
  const runner = testRun?.spec?.runner;
  if (testRun === undefined || name === undefined || runner === undefined) {
    throw unusable(dir, 'its kustomization.yaml has no TestRun with a name and a runner');
  }
  const volumes = runner.volumes ?? [];
  const read = (runner.env ?? []).flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []);
  const mounted = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
  const named = (wanted: string) => all.filter(({ kind }) => kind === wanted);
  const claim = volumes.flatMap(({ persistentVolumeClaim: one }) => one?.claimName ?? [])[0];
  const namesOf = (wanted: string) => named(wanted).flatMap(({ metadata }) => metadata?.name ?? []);
  const ofFolder = named('PersistentVolumeClaim').find(({ metadata }) => metadata?.name === claim);
  const needed = new Set([...read, ...mounted]);
  for (const secret of namesOf('Secret')) needed.delete(secret);
  return {
    dir,
    name,
    namespace: namespace ?? (await defaultNamespace(kubectl)),
    parallelism: testRun.spec?.parallelism ?? 1,
    image: runner.image ?? 'grafana/k6:latest',
    plan: await readPlan(dir),
    secrets: [...needed],
    claim,
    claimDocument: ofFolder && JSON.stringify(ofFolder),
    made: [
      ...namesOf('ConfigMap').map((one) => `configmap/${one}`),
      ...namesOf('Secret').map((one) => `secret/${one}`),
    ],
  };
}

/** Where kubectl runs in a pod, by its service account. */
const namespaceOfPod = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** As kubectl would take it. */
async function defaultNamespace(kubectl: Kubectl): Promise<string> {
  const words = ['config', 'view', '--minify', '-o', 'jsonpath={.contexts[0].name} {..namespace}'];
  const { stdout } = await kubectl.run(words);
  const [context, namespace] = stdout.trim().split(' ');
  if (context) return namespace ?? 'default';
  const ofPod = await readFile(namespaceOfPod, 'utf8').catch(() => '');
  return ofPod.trim() || 'default';
}

/** @throws UserError (exit 2) */
async function readPlan(dir: string): Promise<K6Plan> {
  const file = join(dir, planName);
  try {
    if ((await stat(file)).size > planBytesMax) throw new Error('it is too large');
    return JSON.parse(await readFile(file, 'utf8')) as K6Plan;
  } catch (error) {
    throw unusable(dir, `${planName}: ${(error as Error).message}`);
  }
}

function unusable(dir: string, why: string): UserError {
  return new UserError(
    'k8s-folder',
    `--k8s ${dir} cannot be applied: ${why}`,
    'Name a folder that `load --k8s` wrote, or name images to write it anew.',
  );
}
