// Why a run on Kubernetes does not get on: by which signs it is told, how long it may mend itself, and what to do.
// docs/reference/kubernetes.md is made of this table.
import type { Role } from './look.ts';

/** Where it is seen: the pod's condition PodScheduled, a container that waits, one that ended, a warning, the run itself. */
export type SignKind = 'schedule' | 'container' | 'end' | 'event' | 'run';

export interface Reason {
  /** For ever: code of the error. */
  readonly id: string;
  readonly sign: SignKind;
  /** Of the sign, as Kubernetes names it (those of the run itself: signs.ts); absent: any. */
  readonly named?: readonly string[];
  /** One of these stands in its message, in capitals or not; absent: whatever does. */
  readonly says?: readonly string[];
  /** Absent: any. */
  readonly role?: Role;
  /** How long it may last: kubelet, scheduler and operator try again, and others may bring what is missing. 0: it stays. */
  readonly seconds: number;
  /** Where the cluster adds a node for it. */
  readonly secondsGrowing?: number;
  /** Shown while it lasts, from so many seconds on. */
  readonly quietSeconds?: number;
  /** Once the load goes on, the other runners go on without this one. */
  readonly spares?: true;
  /** Behind the name of who has it. */
  readonly title: string;
  /** One sentence or two; `{image}` is the image of the pod, `{flag}` the flag that names it. */
  readonly remedy: string;
}

const pulling = ['ErrImagePull', 'ImagePullBackOff'] as const;
const mounting = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume'] as const;
const volumeRemedy =
  'Look at the claim: `kubectl describe pvc`. --storage-class names a class that all nodes can mount (ReadWriteMany), and --results logs does without a volume.';
const referenceRemedy =
  'Make it as the README.md of the folder says, or name the images again, so that load makes the Secrets itself.';
const refusedRemedy =
  'Change the run as its words say, or use a namespace that takes such pods: --namespace.';

/** The first row that fits a sign counts. */
export const reasons: readonly Reason[] = [
  {
    id: 'claim-not-bound',
    sign: 'schedule',
    says: [
      'persistentvolumeclaim',
      'persistent volumes to bind',
      "PersistentVolume's node affinity",
      'non-existent pv',
    ],
    seconds: 60,
    title: 'the claim for the timelines has no volume',
    remedy: volumeRemedy,
  },
  {
    id: 'unschedulable',
    sign: 'schedule',
    seconds: 90,
    secondsGrowing: 900,
    title: 'no node takes the pod',
    remedy:
      'Ask for less per runner (--cpu-request, --memory-request) or for fewer runners (--parallelism), or let them onto other nodes (--node-selector, --toleration).',
  },
  {
    id: 'claim-not-bound',
    sign: 'event',
    named: ['ProvisioningFailed', 'FailedBinding', 'VolumeMismatch'],
    seconds: 60,
    title: 'the claim for the timelines gets no volume',
    remedy: volumeRemedy,
  },
  {
    id: 'image-name-invalid',
    sign: 'container',
    named: ['InvalidImageName'],
    seconds: 0,
    title: 'the image has no valid name',
    remedy: 'Write {flag} as HOST/REPOSITORY:TAG; it is {image}.',
  },
  {
    id: 'image-never-pulled',
    sign: 'container',
    named: ['ErrImageNeverPull'],
    seconds: 0,
    title: 'the image is not on the node, and may not be pulled',
    remedy: 'Change imagePullPolicy in testrun.yaml, or bring {image} to every node.',
  },
  {
    id: 'image-absent',
    sign: 'container',
    named: pulling,
    says: [
      'not found',
      'manifest unknown',
      'unauthorized',
      'denied',
      'forbidden',
      'authentication required',
      'insufficient_scope',
      'no match for platform',
      'no matching manifest',
      'certificate',
    ],
    seconds: 20,
    title: 'the registry does not give the image',
    remedy:
      'Push {image} to where the cluster can pull it; {flag} names another, --image-pull-secret the Secrets to pull with.',
  },
  {
    id: 'image-not-pulled',
    sign: 'container',
    named: [
      'ErrImagePull',
      'ImagePullBackOff',
      'RegistryUnavailable',
      'ImageInspectError',
      'SignatureValidationFailed',
    ],
    seconds: 150,
    title: 'the image cannot be pulled',
    remedy: 'Look whether the nodes reach the registry of {image}; {flag} names another.',
  },
  {
    id: 'image-runs-as-root',
    sign: 'container',
    named: ['CreateContainerConfigError'],
    says: ['runAsNonRoot'],
    seconds: 0,
    title: 'the image would run as root, which the pod may not',
    remedy: 'Build {image} from the folder k6/, whose Dockerfile names a user by number.',
  },
  {
    id: 'reference-missing',
    sign: 'container',
    named: ['CreateContainerConfigError'],
    seconds: 30,
    title: 'a Secret or ConfigMap is missing',
    remedy: referenceRemedy,
  },
  {
    id: 'container-not-started',
    sign: 'container',
    named: ['CreateContainerError', 'RunContainerError', 'CrashLoopBackOff', 'PostStartHookError'],
    seconds: 60,
    title: 'the container does not start',
    remedy: 'Look whether {image} is our build of k6, for the processors of the nodes.',
  },
  {
    id: 'reference-missing',
    sign: 'event',
    named: mounting,
    says: ['secret "', 'configmap "', 'references non-existent'],
    seconds: 30,
    title: 'a Secret or ConfigMap is missing',
    remedy: referenceRemedy,
  },
  {
    id: 'volume-elsewhere',
    sign: 'event',
    named: mounting,
    says: ['Multi-Attach'],
    seconds: 60,
    title: 'the volume is at another node, and may be at one alone',
    remedy: volumeRemedy,
  },
  {
    id: 'volume-not-mounted',
    sign: 'event',
    named: mounting,
    seconds: 150,
    title: 'the volume cannot be mounted',
    remedy: volumeRemedy,
  },
  {
    id: 'network-missing',
    sign: 'event',
    named: ['FailedCreatePodSandBox'],
    seconds: 120,
    title: 'the node cannot set the pod up',
    remedy:
      'This is for who runs the cluster: its network plugin or container runtime fails there.',
  },
  {
    id: 'pod-security',
    sign: 'event',
    named: ['FailedCreate'],
    says: ['violates PodSecurity'],
    seconds: 0,
    title: 'Pod Security of the namespace refuses the pod',
    remedy: refusedRemedy,
  },
  {
    id: 'quota-exceeded',
    sign: 'event',
    named: ['FailedCreate'],
    says: ['exceeded quota', 'failed quota'],
    seconds: 60,
    title: 'the quota of the namespace has no room for the pod',
    remedy:
      'Ask for less (--cpu-request, --memory-request, --parallelism), or use another --namespace.',
  },
  {
    id: 'service-account-missing',
    sign: 'event',
    named: ['FailedCreate'],
    says: ['serviceaccount', 'service account'],
    seconds: 20,
    title: 'there is no such service account',
    remedy: 'Make it, or name another with --service-account.',
  },
  {
    id: 'pod-refused',
    sign: 'event',
    named: ['FailedCreate'],
    seconds: 20,
    title: 'the cluster refuses the pod',
    remedy: refusedRemedy,
  },
  {
    id: 'node-gone',
    sign: 'event',
    named: ['NodeNotReady'],
    seconds: 60,
    spares: true,
    title: 'its node does not answer any more',
    remedy: 'Look at `kubectl get nodes`. What this runner did not hand over is missing.',
  },
  {
    id: 'image-not-ours',
    sign: 'end',
    says: [
      'unknown module',
      'k6 executable not found',
      "invalid output type 'pullproof'",
      'exec format error',
      'executable file not found',
      'no such file or directory: unknown',
    ],
    seconds: 0,
    title: 'the image is not our build of k6',
    remedy: 'Build {image} from the folder k6/ of this version, for the processors of the nodes.',
  },
  {
    id: 'out-of-memory',
    sign: 'end',
    named: ['OOMKilled'],
    seconds: 0,
    spares: true,
    title: 'it took more memory than its limit',
    remedy: 'Allow more (--memory-limit), or share the load by more runners (--parallelism).',
  },
  {
    id: 'pod-evicted',
    sign: 'end',
    named: [
      'Evicted',
      'Preempting',
      'Terminated',
      'NodeShutdown',
      'NodeLost',
      'DeletionByTaintManager',
      'EvictionByEvictionAPI',
      'PreemptionByScheduler',
      'TerminationByKubelet',
      'Deleted',
    ],
    seconds: 0,
    spares: true,
    title: 'it was taken off its node',
    remedy:
      'Ask for what it needs (--cpu-request, --memory-request), on nodes that stay (--node-selector).',
  },
  {
    id: 'initializer-failed',
    sign: 'end',
    role: 'initializer',
    seconds: 0,
    title: 'k6 cannot read the script or the plan',
    remedy:
      'Read its last words, kept beside the report. Write the folder anew with the version that is in {image}.',
  },
  {
    id: 'starter-failed',
    sign: 'end',
    role: 'starter',
    seconds: 0,
    title: 'the operator could not start the runners',
    remedy:
      'Look whether a NetworkPolicy keeps pods of the namespace from port 6565 of the runners.',
  },
  {
    id: 'collector-failed',
    sign: 'end',
    role: 'collector',
    seconds: 0,
    title: 'the pod that looks at the volume ended',
    remedy: volumeRemedy,
  },
  {
    id: 'runner-failed',
    sign: 'end',
    role: 'runner',
    seconds: 0,
    spares: true,
    title: 'k6 failed',
    remedy: 'Read its last words, kept beside the report.',
  },
  {
    id: 'operator-silent',
    sign: 'run',
    named: ['unseen'],
    seconds: 30,
    title: 'nobody takes up the TestRun: k6-operator does not run, or not for this namespace',
    remedy:
      'Look at its pods: `kubectl get pods --all-namespaces -l control-plane=controller-manager`.',
  },
  {
    id: 'operator-stuck',
    sign: 'run',
    named: ['no-initializer', 'no-runners', 'no-pod'],
    seconds: 60,
    quietSeconds: 15,
    title: 'the operator makes no pod for it',
    remedy: 'Read the log of k6-operator: it may lack rights in this namespace.',
  },
  {
    id: 'runners-unreachable',
    sign: 'run',
    named: ['not-started'],
    seconds: 60,
    quietSeconds: 15,
    title: 'all runners are up, and the operator does not start them',
    remedy:
      'Look whether a NetworkPolicy keeps k6-operator from port 6565 of the runners, and read its log.',
  },
  {
    id: 'testrun-error',
    sign: 'run',
    named: ['error'],
    seconds: 10,
    quietSeconds: 10,
    title: 'the operator gave the TestRun up',
    remedy:
      'Read the log of k6-operator: `arguments` or `parallelism` in testrun.yaml are not to its liking.',
  },
  {
    id: 'testrun-gone',
    sign: 'run',
    named: ['gone'],
    seconds: 5,
    title: 'somebody deleted the TestRun',
    remedy: 'Run it again, when nobody else does.',
  },
  {
    id: 'runner-overdue',
    sign: 'run',
    named: ['overdue'],
    seconds: 0,
    title: 'the runners should have ended long ago',
    remedy:
      'Look at them: `kubectl get pods -o wide`. A node that is gone takes five minutes to be noticed.',
  },
  {
    id: 'container-slow',
    sign: 'container',
    seconds: 600,
    quietSeconds: 20,
    title: 'still starting',
    remedy: 'Look at its events: `kubectl describe pod`.',
  },
];
