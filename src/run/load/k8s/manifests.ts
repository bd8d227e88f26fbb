// What a load run is on Kubernetes: a TestRun of k6-operator and what it needs, as plain objects. Secrets
// are only ever referred to.
import {
  passwordVariable,
  planFileVariable,
  usernameVariable,
} from '../../../../scenarios/lib/plan.ts';

export interface TestRunOptions {
  /** Of the TestRun, and in front of the names of everything else. */
  readonly name: string;
  /** Runners, each with an equal share. */
  readonly parallelism: number;
  /** Image with our build of k6. */
  readonly image: string;
  /** Outputs of k6 beside ours. */
  readonly k6Outs: readonly string[];
  /** Credentials that the plan needs, each in a Secret of its own. */
  readonly logins: number;
  /** What k6 should keep to in each runner. */
  readonly memoryMiB: number;
  /** Files of the ConfigMap. */
  readonly files: readonly string[];
  readonly hasCa: boolean;
}

export const scenarioName = 'scenario.js';
export const planName = 'plan.json';
export const caName = 'ca.pem';

/** Where the operator mounts the ConfigMap of a script. */
const scriptFolder = '/test';
const resultsFolder = '/results';
const runnerVariable = 'PULLPROOF_RUNNER';
/** The user of k6/Dockerfile. */
const user = 12345;
const collectorImage = 'docker.io/library/busybox:1.37';

/** Files of the folder by name; each a document of its own. */
export function manifestsOf(options: TestRunOptions): Record<string, unknown> {
  return {
    'kustomization.yaml': kustomizationOf(options),
    'testrun.yaml': testRunOf(options),
    'results-claim.yaml': claimOf(options),
    'collector.yaml': collectorOf(options),
  };
}

/** Name of the Secret with `username` and `password` of a login. */
export function secretOf(name: string, login: number): string {
  return `${name}-login-${login + 1}`;
}

export function collectorName(name: string): string {
  return `${name}-collector`;
}

function kustomizationOf({ name, files }: TestRunOptions) {
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['testrun.yaml', 'results-claim.yaml'],
    configMapGenerator: [{ name, files: [...files] }],
    // kustomize does not know where a TestRun names its ConfigMap.
    generatorOptions: { disableNameSuffixHash: true },
  };
}

function testRunOf(options: TestRunOptions) {
  const { name, parallelism, image, logins, memoryMiB, hasCa } = options;
  const plan = { name: planFileVariable, value: `./${planName}` };
  return {
    apiVersion: 'k6.io/v1alpha1',
    kind: 'TestRun',
    metadata: { name },
    spec: {
      parallelism,
      script: { configMap: { name, file: scenarioName } },
      arguments: argumentsOf(options),
      // Of its own, so that no secret comes near it: the operator hands its variables on as arguments.
      initializer: { image, env: [plan], securityContext: { runAsNonRoot: true, runAsUser: user } },
      runner: {
        image,
        env: [
          plan,
          {
            name: runnerVariable,
            valueFrom: { fieldRef: { fieldPath: "metadata.labels['job-name']" } },
          },
          { name: 'K6_AUTO_EXTENSION_RESOLUTION', value: 'false' },
          { name: 'GOGC', value: '400' },
          { name: 'GOMEMLIMIT', value: `${memoryMiB}MiB` },
          ...(hasCa ? [{ name: 'SSL_CERT_FILE', value: `${scriptFolder}/${caName}` }] : []),
          ...Array.from({ length: logins }, (_, login) => loginVariables(name, login)).flat(),
        ],
        resources: { requests: { cpu: '1', memory: `${2 * memoryMiB}Mi` } },
        securityContext: { runAsNonRoot: true, runAsUser: user, fsGroup: user },
        volumes: [{ name: 'results', persistentVolumeClaim: { claimName: claimName(name) } }],
        volumeMounts: [{ name: 'results', mountPath: resultsFolder }],
      },
    },
  };
}

/** Kubernetes puts the variable in. As of `load` itself: what adds up is our output alone. */
function argumentsOf({ k6Outs }: TestRunOptions): string {
  const ours = `pullproof=${resultsFolder}/$(${runnerVariable}).ndjson`;
  const outs = [ours, ...k6Outs].map((out) => `--out ${out}`);
  return [...outs, '--no-thresholds', '--summary-mode disabled', '--no-usage-report'].join(' ');
}

function loginVariables(name: string, login: number) {
  const from = (key: string) => ({ secretKeyRef: { name: secretOf(name, login), key } });
  return [
    { name: usernameVariable(login), valueFrom: from('username') },
    { name: passwordVariable(login), valueFrom: from('password') },
  ];
}

function claimName(name: string): string {
  return `${name}-results`;
}

function claimOf({ name }: TestRunOptions) {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: claimName(name) },
    spec: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
  };
}

/** A pod from which the timelines can be copied: those of the runners have ended by then. */
function collectorOf({ name }: TestRunOptions) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: collectorName(name) },
    spec: {
      restartPolicy: 'Never',
      securityContext: { runAsNonRoot: true, runAsUser: user, fsGroup: user },
      containers: [
        {
          name: 'collector',
          image: collectorImage,
          command: ['sleep', '3600'],
          volumeMounts: [{ name: 'results', mountPath: resultsFolder }],
        },
      ],
      volumes: [{ name: 'results', persistentVolumeClaim: { claimName: claimName(name) } }],
    },
  };
}
