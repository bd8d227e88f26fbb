// What the pods of a TestRun have in common: rights that the strictest Pod Security allows, where they may run, what
// they ask of a node.
import { cores, mebibytes } from './quantity.ts';

/** Where pods may run, and as whom. */
export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly serviceAccount?: string | undefined;
  /** Names of Secrets by which nodes pull the images. */
  readonly pullSecrets: readonly string[];
  /** Label of nodes over whose values the runners are spread evenly. */
  readonly spreadOver?: string | undefined;
}

export interface Toleration {
  readonly key: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect?: string;
}

/** Quantities as Kubernetes writes them; absent: ours, or none. */
export interface Resources {
  readonly cpuRequest?: string | undefined;
  readonly cpuLimit?: string | undefined;
  readonly memoryRequest?: string | undefined;
  readonly memoryLimit?: string | undefined;
}

/** The user of k6/Dockerfile. */
export const podUser = 12345;

/** Of a pod. */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: podUser,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** Of a container: only here may these stand. */
export const containerSecurity = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const;

/** Those that every object of ours carries, by which all of a TestRun is found. */
export function labelsOf(name: string): Record<string, string> {
  return { 'app.kubernetes.io/managed-by': 'pullproof', 'app.kubernetes.io/instance': name };
}

/** As a TestRun and a pod name them alike. */
export function placeOf({ nodeSelector, tolerations, serviceAccount, pullSecrets }: Placement) {
  return {
    ...(Object.keys(nodeSelector).length > 0 && { nodeSelector: { ...nodeSelector } }),
    ...(tolerations.length > 0 && { tolerations: tolerations.map((one) => ({ ...one })) }),
    ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
    ...(pullSecrets.length > 0 && { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
  };
}

/**
 * Evenly over the values of a label of nodes, and on no node otherwise. Nodes that no runner tolerates do not count:
 * they would stay empty, and nothing could be even.
 */
export function spreadOf(name: string, { spreadOver }: Placement) {
  if (spreadOver === undefined) return {};
  const constraint = {
    maxSkew: 1,
    topologyKey: spreadOver,
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: { k6_cr: name, runner: 'true' } },
  };
  return { topologySpreadConstraints: [constraint] };
}

const runnerCpu = '1';
/** Of pods that look at the script once, or wait. */
const helperCpu = '50m';
const helperMemory = '64Mi';

/** What a runner asks for and may use. `needMiB`: what the heap of its k6 keeps to, which is half of what it asks for. */
export function runnerResources(resources: Resources, needMiB: number) {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = resources;
  return {
    requests: {
      cpu: cpuRequest ?? least(cores, runnerCpu, cpuLimit),
      memory: memoryRequest ?? least(mebibytes, `${2 * needMiB}Mi`, memoryLimit),
    },
    ...limitsOf(resources),
  };
}

/** Limits are those of the runners, as a quota of the namespace may ask each pod for them. */
export function helperResources(resources: Resources) {
  const { cpuRequest, cpuLimit, memoryRequest, memoryLimit } = resources;
  return {
    requests: {
      cpu: least(cores, least(cores, helperCpu, cpuRequest), cpuLimit),
      memory: least(mebibytes, least(mebibytes, helperMemory, memoryRequest), memoryLimit),
    },
    ...limitsOf(resources),
  };
}

function limitsOf({ cpuLimit, memoryLimit }: Resources): {
  limits?: { readonly cpu?: string; readonly memory?: string };
} {
  if (cpuLimit === undefined && memoryLimit === undefined) return {};
  const limits = {
    ...(cpuLimit !== undefined && { cpu: cpuLimit }),
    ...(memoryLimit !== undefined && { memory: memoryLimit }),
  };
  return { limits };
}

function least(unit: (quantity: string) => number, ours: string, limit: string | undefined) {
  return limit !== undefined && unit(limit) < unit(ours) ? limit : ours;
}

/** Of a memory limit, for the heap; the rest is for stacks, buffers of the kernel and what k6 maps. */
const heapShare = 0.8;

/** What k6's collector keeps to: what the plan needs, and always below the limit that would end the runner. */
export function heapMiB(needMiB: number, { memoryLimit }: Resources): number {
  if (memoryLimit === undefined) return needMiB;
  return Math.min(needMiB, Math.floor(mebibytes(memoryLimit) * heapShare));
}

/** Where k6 serves its REST API, by which the operator starts a runner. */
const status = { httpGet: { path: '/v1/status', port: 6565, scheme: 'HTTP' } };

/**
 * A runner whose processors are all busy answers late, and the kubelet's defaults (1 s, three times) end it or take
 * it out of its service in mid-load. Ready: asked every 2 s, so that none waits long for its start, and for good
 * after that, as an answer may take 30 s and fail 20 times (10 minutes). Alive: only what has been silent for 10
 * minutes (20 times 30 s) has hung.
 */
export const runnerProbes = {
  readinessProbe: { ...status, periodSeconds: 2, timeoutSeconds: 30, failureThreshold: 20 },
  livenessProbe: { ...status, periodSeconds: 30, timeoutSeconds: 30, failureThreshold: 20 },
};
