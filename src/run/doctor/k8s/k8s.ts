// `doctor --k8s DIR`: a folder with a pod that looks from a node, the image that it needs, and what to type.
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../../../lib/user-error.ts';
import { makeKubernetesFolder } from '../../kubernetes-folder.ts';
import { kubernetesYaml } from '../../kubernetes-yaml.ts';
import { version } from '../../version.ts';
import { hostRoot, nodePlaceholder, type PodOptions, podOf } from './pod.ts';

export interface K8sOptions extends Omit<PodOptions, 'name'> {
  readonly dir: string;
}

/** Of a name, as Kubernetes takes labels of hosts. */
const nameCharsMax = 63;
const nodeText = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Gives the README of the folder. @throws UserError (exit 2) */
export async function writePod(options: K8sOptions): Promise<string> {
  const { dir, node, image } = options;
  if (node !== undefined && !nodeText.test(node)) {
    throw new UserError(
      'k8s-conflict',
      `--node ${JSON.stringify(node)} is no name of a node`,
      'Write it as `kubectl get nodes` shows it.',
    );
  }
  if (/^(?:https?:\/\/)?[^/]*@(?!sha(?:256|512):)/i.test(image)) {
    throw new UserError(
      'target-credentials',
      'the image holds credentials, which would end up in the pod',
      'Leave out what stands before the @.',
    );
  }
  await makeKubernetesFolder(dir);
  const pod = { ...options, name: nameOf(dir) };
  const document = kubernetesYaml(podOf(pod));
  const readme = readmeOf(pod);
  await writeFile(join(dir, 'pod.yaml'), document);
  await writeFile(join(dir, 'Dockerfile'), dockerfile);
  await writeFile(join(dir, 'README.md'), readme);
  return readme;
}

function nameOf(dir: string): string {
  const word = basename(resolve(dir))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '');
  return `pullproof-doctor-${word}`.slice(0, nameCharsMax).replace(/-+$/, '');
}

const dockerfile = `# pullproof, for the pod beside this file.
FROM docker.io/library/node:24-slim
COPY pullproof-${version}.tgz /tmp/
RUN npm install --global --omit=dev /tmp/pullproof-${version}.tgz && rm /tmp/pullproof-${version}.tgz
ENTRYPOINT ["pullproof"]
`;

function readmeOf({ name, node, pullproofImage, image }: PodOptions): string {
  const place =
    node === undefined
      ? `1. Write the node into \`pod.yaml\`: \`kubectl get nodes\`, then \`sed -i 's/${nodePlaceholder}/NODE/' pod.yaml\`.`
      : `1. It runs on the node \`${node}\` (\`nodeName\` in \`pod.yaml\`).`;
  return `# ${name}: ${image}, pulled from a node

${place}
2. The node needs the image \`${pullproofImage}\` (\`--pullproof-image\`). In this folder, \`npm pack pullproof@${version}\` fetches the archive
   that the \`Dockerfile\` wants (in a checkout, \`npm ci && npm pack\` makes it); then \`docker build -t ${pullproofImage} .\` and push it. Where nodes can pull nothing:
   \`docker save ${pullproofImage} | ssh NODE ctr --namespace k8s.io images import -\`.

In this folder:

\`\`\`
kubectl apply -f pod.yaml
for try in $(seq 60); do kubectl logs --follow pod/${name} > results.json && break; sleep 2; done
kubectl describe pod/${name}
kubectl delete -f pod.yaml
pullproof report results.json
pullproof report results.json --format squid
\`\`\`

The loop waits two minutes and more for the container to begin; if it does not, the events at the end of \`describe\` say why (the
image is not there, the node has another name). \`hostNetwork\` and \`hostPath\` need a namespace of Pod Security \`privileged\`, mostly
\`kube-system\`: where \`apply\` is refused, write \`--namespace kube-system\` behind each \`kubectl\`.

What the pod is: in the network of the node (\`hostNetwork\`) with its resolver (\`dnsPolicy: Default\`), as root without any
capability, with \`/etc\` of the node read-only at \`${hostRoot}/etc\` (\`--root ${hostRoot}\`), and no token of the cluster. What it is not:
kubelet itself. It does not see the environment of the runtime's process where that is not set below \`/etc\`, certificates
that the node trusts without a file below \`/etc\`, what lies elsewhere (\`/var/lib/kubelet/config.json\`), credential plugins of
kubelet, nor pull secrets. To look with a pull secret of the pod's namespace, write into \`pod.yaml\`, nothing of the secret itself:

\`\`\`yaml
      args: [..., --authfile, /secret/.dockerconfigjson]
      volumeMounts:
        - { name: secret, mountPath: /secret, readOnly: true }
  volumes:
    - { name: secret, secret: { secretName: NAME } }
\`\`\`
`;
}
