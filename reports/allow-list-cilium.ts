// A CiliumNetworkPolicy that lets pods of its namespace reach the hosts, by name (toFQDNs).
// https://docs.cilium.io/en/stable/security/policy/language/#dns-based

import {
  type AllowedHost,
  allowedHosts,
  byPort,
  headLines,
  isAddress,
  isPattern,
} from './allow-list-hosts.ts';
import type { DoctorResult, Results } from './results.ts';

export function ciliumPolicy(results: Results, doctor: DoctorResult): string {
  const { hosts, leftOut } = allowedHosts(doctor);
  return [
    ...headLines(results, doctor),
    '# It is for pods that pull by themselves, such as builds: what kubelet pulls goes out from the node, which no',
    '# policy of a namespace sees. In a matchPattern a star stands for one label.',
    ...leftOut.map((name) => `# Left out, no name: ${name}`),
    'apiVersion: cilium.io/v2',
    'kind: CiliumNetworkPolicy',
    'metadata:',
    '  name: pullproof-registries',
    'spec:',
    '  endpointSelector: {}',
    '  egress:',
    '    # Cilium learns addresses from the answers of DNS, so that it has to see them.',
    '    - toEndpoints:',
    '        - matchLabels:',
    '            k8s:io.kubernetes.pod.namespace: kube-system',
    '            k8s:k8s-app: kube-dns',
    '      toPorts:',
    '        - ports:',
    '            - port: "53"',
    '              protocol: ANY',
    '          rules:',
    '            dns:',
    '              - matchPattern: "*"',
    ...byPort(hosts).flatMap(([port, ofPort]) => [
      ...ruleLines('toFQDNs', port, ofPort.filter(({ host }) => !isAddress(host)).map(nameLine)),
      ...ruleLines('toCIDR', port, ofPort.filter(({ host }) => isAddress(host)).map(addressLine)),
    ]),
    '',
  ].join('\n');
}

function ruleLines(kind: string, port: number, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [
    `    - ${kind}:`,
    ...lines,
    '      toPorts:',
    '        - ports:',
    `            - port: "${port}"`,
    '              protocol: TCP',
  ];
}

function nameLine({ host, reason }: AllowedHost): string {
  return `        - ${isPattern(host) ? 'matchPattern' : 'matchName'}: "${host}" # ${reason}`;
}

function addressLine({ host, reason }: AllowedHost): string {
  const bare = host.replace(/^\[|\]$/g, '');
  return `        - "${bare}/${host.startsWith('[') ? 128 : 32}" # ${reason}`;
}
