// The pod that looks at a pull from a node, as a plain object.

export interface PodOptions {
  readonly name: string;
  /** Undefined: a placeholder. */
  readonly node?: string | undefined;
  /** With pullproof in it. */
  readonly pullproofImage: string;
  /** What is to be pulled, and the flags of that run. */
  readonly image: string;
  readonly words: readonly string[];
}

export const nodePlaceholder = 'node-name-goes-here';
/** Where the files of the node lie in the pod. */
export const hostRoot = '/host';

/** Runs beside kubelet: in its network, with its resolver and its configuration, and changes nothing. */
export function podOf({ name, node, pullproofImage, image, words }: PodOptions) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/name': 'pullproof-doctor' } },
    spec: {
      nodeName: node ?? nodePlaceholder,
      hostNetwork: true,
      // The resolver of the node, not that of the cluster.
      dnsPolicy: 'Default',
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 5,
      activeDeadlineSeconds: 600,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'doctor',
          image: pullproofImage,
          imagePullPolicy: 'IfNotPresent',
          command: ['pullproof', 'doctor', image, ...words],
          args: ['--root', hostRoot, '--format', 'json', '--quiet', '--out', '/tmp/run'],
          workingDir: '/tmp',
          // The owner of what kubelet reads, and nothing that root may do besides.
          securityContext: {
            runAsUser: 0,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
            seccompProfile: { type: 'RuntimeDefault' },
          },
          resources: {
            requests: { cpu: '100m', memory: '128Mi' },
            limits: { memory: '512Mi' },
          },
          volumeMounts: [
            { name: 'etc', mountPath: `${hostRoot}/etc`, readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'etc', hostPath: { path: '/etc', type: 'Directory' } },
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      ],
    },
  };
}
