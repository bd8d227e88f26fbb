// DIR/README.md of `load --k8s`: every step by hand, as lines for a shell in that folder, and where to look when it does not go on.
import type { K6Plan } from '../../../../scenarios/lib/plan.ts';
import { shellWord } from '../../../lib/shell-word.ts';
import { timelinesFolder } from '../merge/parts.ts';
import { needsStart } from './apply/start-at.ts';
import { collectorName, secretOf, type TestRunOptions } from './manifests.ts';
import { labelsOf, podUser, runnerResources } from './pods.ts';

/** The one that the operator is installed into where nobody says otherwise. */
const operator = '-n k6-operator-system deployment/k6-operator-controller-manager';

/** Who is shown what. */
interface Shown {
  /** For each Secret the hosts that are shown it, and whether it has a token in place of a password. */
  readonly logins: readonly { readonly hosts: readonly string[]; readonly isToken: boolean }[];
  /** Hosts that are shown a client certificate here. */
  readonly shown: readonly string[];
}

export function readmeOf(run: TestRunOptions, plan: K6Plan, { logins, shown }: Shown): string {
  const { name, parallelism } = run;
  return `# ${name}: ${parallelism} runners of k6-operator

Written by \`pullproof load --k8s\`. The short way is \`pullproof load --k8s . --apply\` in this folder, which does all that follows. By hand, each line of a block is for a shell in this folder.
${[
  beforeOf(run),
  secretsOf(run, logins),
  certificatesOf(shown),
  startOf(run, plan),
  runOf(run),
  stuckOf(run),
  collectOf(run),
  againOf(run, logins.length, needsStart(plan.shape)),
].join('')}`;
}

function block(lines: readonly string[]): string {
  return `\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n`;
}

/** `kubectl`, where everything of this run is. */
function kubectl({ namespace }: TestRunOptions): string {
  return namespace === undefined ? 'kubectl' : `kubectl -n ${namespace}`;
}

function beforeOf(run: TestRunOptions): string {
  const { image, starterImage, namespace, results } = run;
  const needs = [
    'k6-operator (https://github.com/grafana/k6-operator), watching the namespace.',
    ...(namespace === undefined
      ? []
      : [`The namespace: \`kubectl create namespace ${namespace}\`.`]),
    roomOf(run),
    ...(results === 'volume' ? [volumeOf(run)] : []),
    starterImage === undefined
      ? "The image of the starter is the operator's default, from ghcr.io, a tag that moves: `--starter-image` names another one."
      : `The image of the starter, \`${starterImage}\`: it needs \`sh\` and \`curl\`.`,
    `The image of the runners, \`${image}\`: k6 with pullproof's extension, built and pushed once. \`--k6-image\` names another one.`,
  ];
  return `
## What must be there

${needs.map((need) => `- ${need}`).join('\n')}
${block([
  `docker build -t ${shellWord(image)} "$(pullproof env --k6-source)"`,
  `docker push ${shellWord(image)}`,
])}`;
}

function roomOf({ parallelism, resources, memoryMiB }: TestRunOptions): string {
  const { requests, limits } = runnerResources(resources, memoryMiB);
  const asks = `${requests.cpu} CPU and ${requests.memory} of memory`;
  const most = [limits?.cpu && `${limits.cpu} CPU`, limits?.memory && `${limits.memory} of memory`];
  const bound = most.filter((one) => one !== undefined).join(' and ');
  return `Room for ${parallelism} runners, each of which asks for ${asks}${bound === '' ? '' : ` and may use ${bound}`} (\`--cpu-request\`, \`--memory-request\`, \`--cpu-limit\`, \`--memory-limit\`).`;
}

function volumeOf({ storageClass }: TestRunOptions): string {
  const whose =
    storageClass === undefined
      ? "of the cluster's default class (`--storage-class` names another one)"
      : `of class \`${storageClass}\``;
  return `A volume ${whose} that all runners can write to (\`ReadWriteMany\`) **as user ${podUser}**. \`fsGroup\` asks for that, which folders of a node (hostPath) and most NFS servers do not heed: there, \`chown ${podUser}\` the folder that is exported. A cluster without such volumes: \`--results logs\`.`;
}

function secretsOf(run: TestRunOptions, logins: Shown['logins']): string {
  if (logins.length === 0) return '';
  const labels = Object.entries(labelsOf(run.name)).map(([key, value]) => `${key}=${value}`);
  const lines = logins.flatMap(({ hosts, isToken }, login) => {
    const secret = secretOf(run.name, login);
    return [
      `# for ${hosts.join(', ')}`,
      `${kubectl(run)} create secret generic ${secret} --type=kubernetes.io/basic-auth --from-literal=username=${isToken ? "'<token>'" : 'USER'} --from-file=password=${isToken ? 'TOKEN-FILE' : 'PASSWORD-FILE'}`,
      `${kubectl(run)} label secret ${secret} ${labels.join(' ')}`,
    ];
  });
  return `
## Credentials

They are not in this folder; the runners read them from Secrets. ${wordsOf(logins)}
${block(lines)}`;
}

function wordsOf(logins: Shown['logins']): string {
  const token = 'TOKEN-FILE is a file with the identity token that a login left';
  const password = 'USER is the name, PASSWORD-FILE a file with the password';
  const parts = [
    ...(logins.some(({ isToken }) => !isToken) ? [password] : []),
    ...(logins.some(({ isToken }) => isToken) ? [token] : []),
  ];
  return `${parts.join('; ')}, and nothing else: no line feed at its end.`;
}

function certificatesOf(shown: readonly string[]): string {
  if (shown.length === 0) return '';
  return `
**The runners show no client certificate.** Here ${shown.join(', ')} would be shown one from certs.d. Its key is not in this folder, and a registry that insists on one refuses these pulls: let the runners in without, or share the load by \`pullproof load --segment\` on machines of your own.
`;
}

/** Image pulls and the operator's own steps are over by then, where nothing is amiss. */
const aheadSeconds = 120;

/** By the Node that pullproof runs on: no shell adds to a time in the same words everywhere. */
const writeStartAt = `node -e 'const fs = require("fs"); const plan = JSON.parse(fs.readFileSync("plan.json")); plan.startAt = new Date(Date.now() + ${aheadSeconds}e3).toISOString(); fs.writeFileSync("plan.json", JSON.stringify(plan, null, 2));'`;

function startOf({ parallelism }: TestRunOptions, { shape, startAt }: K6Plan): string {
  if (parallelism === 1 || !(startAt !== undefined || needsStart(shape))) return '';
  const now = startAt === undefined ? '' : ` Now it is ${startAt}.`;
  return `
## A common start

The operator starts the runners one after the other, and without a common start they hardly overlap in a load as short as this one. They wait for the time in \`startAt\` of \`plan.json\`, and one that is not ready by then begins at once.${now} This sets it ${aheadSeconds / 60} minutes ahead, as \`--start-at\` does when the folder is written; apply soon after.
${block([writeStartAt])}`;
}

function runOf(run: TestRunOptions): string {
  const { name } = run;
  const stage = `${kubectl(run)} get testrun ${name} -o jsonpath='{.status.stage}'`;
  return `
## Run, and wait for the end

The second line says every 5 s where it is (\`initialization\`, \`created\`, \`started\`), and ends at \`finished\`, \`error\` or Ctrl-C. To stop the load early: \`${kubectl(run)} delete testrun ${name}\`.
${block([
  'kubectl apply --server-side -k .',
  `while stage=$(${stage}); do echo "$stage"; case $stage in finished | error) break ;; esac; sleep 5; done`,
])}`;
}

function stuckOf(run: TestRunOptions): string {
  const { name, results } = run;
  const at = kubectl(run);
  const ours = `-l app.kubernetes.io/instance=${name}`;
  const rows = [
    [
      'nothing, for a minute',
      `\`kubectl logs ${operator} --tail=20\``,
      'no operator, or one that watches other namespaces',
    ],
    [
      '`initialization`',
      `\`${at} describe job,pod ${ours}\`, \`${at} logs job/${name}-initializer\``,
      'the image cannot be pulled; pods are refused (Pod Security, quota)',
    ],
    [
      '`created`',
      `\`${at} describe pod ${ours}\``,
      `no node has the room; a Secret is missing; ${results === 'volume' ? 'the claim has no volume; ' : ''}the image cannot be pulled`,
    ],
    [
      '`started`, long after the load should be over',
      `\`${at} get pods ${ours}\`, \`${at} logs job/${name}-starter\``,
      `a runner failed${results === 'volume' ? ` (the volume is not writable for user ${podUser})` : ''}; the starter did not reach one`,
    ],
    [
      '`error`',
      `\`${at} logs job/${name}-1 --tail=20\``,
      'final: mend the reason, delete the TestRun, begin again',
    ],
  ];
  return `
When a stage does not pass:

| it stays at | look at | usual reasons |
|---|---|---|
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
`;
}

function collectOf(run: TestRunOptions): string {
  const ways = { volume: copyLines, logs: logLines };
  return `
## Collect and join

${run.results === 'volume' ? 'The timelines are copied, and then removed from the volume.' : 'Each runner wrote its timeline to its log, which is kept until the TestRun is deleted.'} The last line writes the report; its exit code is that of \`load\`.
${block([...ways[run.results](run), 'pullproof report merge .'])}`;
}

function copyLines(run: TestRunOptions): string[] {
  const at = kubectl(run);
  const pod = collectorName(run.name);
  return [
    `${at} apply -f collector.yaml`,
    `${at} wait --for=condition=Ready pod/${pod} --timeout=5m`,
    `${at} cp ${pod}:/results ${timelinesFolder} && ${at} exec ${pod} -- sh -c 'rm -f /results/${run.name}-*.ndjson'`,
    `${at} delete pod ${pod}`,
  ];
}

function logLines(run: TestRunOptions): string[] {
  const file = `${timelinesFolder}/${run.name}-$runner.log`;
  const last = run.parallelism;
  return [
    `for runner in $(seq ${last}); do ${kubectl(run)} logs job/${run.name}-$runner > ${file}; done`,
  ];
}

function againOf(run: TestRunOptions, logins: number, isShort: boolean): string {
  const { name, results } = run;
  const at = kubectl(run);
  const secrets = Array.from({ length: logins }, (_, login) => secretOf(name, login));
  const gone = results === 'volume' ? ', the claim, and with it what is in the volume,' : '';
  return `
## Again, or away

To run it again, from ${isShort && run.parallelism > 1 ? 'the common start' : '`kubectl apply`'} on:
${block([`${at} delete testrun ${name}`, `rm -f ${timelinesFolder}/*`])}
To take everything away from the cluster${gone} instead:
${block([
  'kubectl delete -k .',
  ...(secrets.length > 0 ? [`${at} delete secret ${secrets.join(' ')}`] : []),
])}`;
}
