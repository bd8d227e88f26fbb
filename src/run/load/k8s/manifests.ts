// What a load run is on Kubernetes: a TestRun of k6-operator and what it needs, as plain objects. Secrets
// are only ever referred to.
import {
  passwordVariable,
  planFileVariable,
  usernameVariable,
} from '../../../../scenarios/lib/plan.ts';
import {
  containerSecurity,
  heapMiB,
  helperResources,
  labelsOf,
  type Placement,
  placeOf,
  podSecurity,
  podUser,
  type Resources,
  runnerProbes,
  runnerResources,
  spreadOf,
} from './pods.ts';

/** How the timelines of the runners come back: as files of a volume, or as lines of their logs. */
export type ResultsWay = 'volume' | 'logs';

export interface TestRunOptions {
  /** Of the TestRun, and in front of the names of everything else. */
  readonly name: string;
  /** Absent: the one that kubectl uses. */
  readonly namespace?: string | undefined;
  /** Runners, each with an equal share. */
  readonly parallelism: number;
  /** Image with our build of k6. */
  readonly image: string;
  /** Image with curl, by which the operator starts the runners; absent: the operator's own. */
  readonly starterImage?: string | undefined;
  /** Outputs of k6 beside ours. */
  readonly k6Outs: readonly string[];
  /** Credentials that the plan needs, each in a Secret of its own. */
  readonly logins: number;
  /** What k6 should keep to in each runner. */
  readonly memoryMiB: number;
  readonly resources: Resources;
  readonly placement: Placement;
  readonly results: ResultsWay;
  readonly storageClass?: string | undefined;
  /** Files of the ConfigMap. */
  readonly files: readonly string[];
  readonly hasCa: boolean;
}

export const scenarioName = 'scenario.js';
export const planName = 'plan.json';
export const caFileName = 'ca.pem';

const caFolder = '/ca';
const resultsFolder = '/results';
const runnerVariable = 'PULLPROOF_RUNNER';

/** Files of the folder by name; each a document of its own. */
export function manifestsOf(options: TestRunOptions): Record<string, unknown> {
  return {
    'kustomization.yaml': kustomizationOf(options),
    'testrun.yaml': testRunOf(options),
    ...(options.results === 'volume' && {
      'results-claim.yaml': claimOf(options),
      'collector.yaml': collectorOf(options),
    }),
  };
}

/** Name of the Secret with `username` and `password` of a login. */
export function secretOf(name: string, login: number): string {
  return `${name}-login-${login + 1}`;
}

export function collectorName(name: string): string {
  return `${name}-collector`;
}

function caName(name: string): string {
  return `${name}-ca`;
}

function claimName(name: string): string {
  return `${name}-results`;
}

function kustomizationOf({ name, namespace, files, results, hasCa }: TestRunOptions) {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    ...(namespace !== undefined && { namespace }),
    resources: ['testrun.yaml', ...(results === 'volume' ? ['results-claim.yaml'] : [])],
    configMapGenerator: [{ name, files: [...files] }],
    ...(hasCa && { secretGenerator: [{ name: caName(name), files: [caFileName] }] }),
    // kustomize does not know where a TestRun names its ConfigMap.
    generatorOptions: { disableNameSuffixHash: true, labels: labelsOf(name) },
  };
}

function metadataOf(options: Pick<TestRunOptions, 'name' | 'namespace'>, name = options.name) {
  const { namespace } = options;
  return { name, ...(namespace !== undefined && { namespace }), labels: labelsOf(options.name) };
}

function testRunOf(options: TestRunOptions) {
  const { name, parallelism } = options;
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: metadataOf(options),
    spec: {
      parallelism,
      script: { configMap: { name, file: scenarioName } },
      arguments: argumentsOf(options),
      initializer: initializerOf(options),
      starter: starterOf(options),
      runner: runnerOf(options),
    },
  };
}

/** Nothing of ours asks the API of Kubernetes anything. The operator wants a text. */
const noToken = { automountServiceAccountToken: 'false' };

/** What all three pods of the operator have alike. */
function podOf({ name, placement }: TestRunOptions) {
  return {
    metadata: { labels: labelsOf(name) },
    ...noToken,
    ...placeOf(placement),
    securityContext: { ...podSecurity },
    containerSecurityContext: { ...containerSecurity },
  };
}

const plan = { name: planFileVariable, value: `./${planName}` };

/** Of its own, so that no secret comes near it: the operator hands its variables on as arguments. */
function initializerOf(options: TestRunOptions) {
  const { image, resources } = options;
  return { ...podOf(options), image, env: [plan], resources: helperResources(resources) };
}

/** The operator asks for little, within limits of its own, where none are given. */
function starterOf(options: TestRunOptions) {
  const { starterImage, resources } = options;
  const { cpuLimit, memoryLimit } = resources;
  const isLimited = cpuLimit !== undefined || memoryLimit !== undefined;
  return {
    ...podOf(options),
    ...(starterImage !== undefined && { image: starterImage }),
    ...(isLimited && { resources: helperResources(resources) }),
  };
}

function runnerOf(options: TestRunOptions) {
  const { name, image, logins, memoryMiB, resources, placement, results, hasCa } = options;
  const mounts = mountsOf(options);
  const security = { ...podSecurity, fsGroup: podUser };
  return {
    ...podOf(options),
    ...spreadOf(name, placement),
    image,
    env: [
      plan,
      ...(results === 'volume' ? [runnerNumber] : []),
      { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: 'false' },
      { name: 'GOGC', value: '400' },
      { name: 'GOMEMLIMIT', value: `${heapMiB(memoryMiB, resources)}MiB` },
      ...(hasCa ? [{ name: 'SSL_CERT_FILE', value: `${caFolder}/${caFileName}` }] : []),
      ...Array.from({ length: logins }, (_, login) => loginVariables(name, login)).flat(),
    ],
    resources: runnerResources(resources, memoryMiB),
    securityContext: results === 'volume' ? security : { ...podSecurity },
    ...runnerProbes,
    ...(mounts.length > 0 && {
      volumes: mounts.map(({ volume }) => volume),
      volumeMounts: mounts.map(({ mount }) => mount),
    }),
  };
}

const runnerNumber = {
  name: runnerVariable,
  valueFrom: { fieldRef: { fieldPath: "metadata.labels['job-name']" } },
};

function mountsOf({ name, results, hasCa }: TestRunOptions) {
  const ca = {
    volume: { name: 'ca', secret: { secretName: caName(name) } },
    mount: { name: 'ca', mountPath: caFolder, readOnly: true },
  };
  return [...(results === 'volume' ? [resultsMount(name)] : []), ...(hasCa ? [ca] : [])];
}

function resultsMount(name: string) {
  return {
    volume: { name: 'results', persistentVolumeClaim: { claimName: claimName(name) } },
    mount: { name: 'results', mountPath: resultsFolder },
  };
}

/** Kubernetes puts the variable in. As of `load` itself: what adds up is our output alone. */
function argumentsOf({ k6Outs, results }: TestRunOptions): string {
  const place = results === 'volume' ? `${resultsFolder}/$(${runnerVariable}).ndjson` : '-';
  const outs = [`pullproof=${place}`, ...k6Outs].map((out) => `--out ${out}`);
  return [...outs, '--no-thresholds', '--summary-mode disabled', '--no-usage-report'].join(' ');
}

function loginVariables(name: string, login: number) {
  const from = (key: string) => ({ secretKeyRef: { name: secretOf(name, login), key } });
  return [
    { name: usernameVariable(login), valueFrom: from('username') },
    { name: passwordVariable(login), valueFrom: from('password') },
  ];
}

function claimOf(options: TestRunOptions) {
  const { name, storageClass } = options;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(options, claimName(name)),
    spec: {
      accessModes: ['ReadWriteMany'],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage: '1Gi' } },
    },
  };
}

/** A shell that is process 1 heeds no signal that it has no trap for, and a sleep none at all. */
const waitForTheEnd = "trap 'exit 0' TERM INT; sleep 3600 & wait";

/** A pod from which the timelines can be copied: those of the runners have ended by then. */
function collectorOf(options: TestRunOptions) {
  const { name, image, placement, resources } = options;
  const { volume, mount } = resultsMount(name);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadataOf(options, collectorName(name)),
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      ...placeOf(placement),
      securityContext: { ...podSecurity, fsGroup: podUser },
      containers: [
        {
          name: 'collector',
          image,
          command: ['sh', '-c', waitForTheEnd],
          resources: helperResources(resources),
          securityContext: { ...containerSecurity },
          volumeMounts: [mount],
        },
      ],
      volumes: [volume],
    },
  };
}
