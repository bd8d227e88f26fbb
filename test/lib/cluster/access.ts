// Who may do what in the cluster: its certificate, the keys of its service accounts, and a token and a kubeconfig for
// each of its programs and for the administrator.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTls } from '../../../mocks/http/tls.ts';
import { apiPort, nodePlaces, serviceAddress } from './plan.ts';

interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export const administrator = 'admin';
const serviceNames = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

/** Names of kubeconfigs; those of kubelets are the nodes'. */
const identities: Readonly<Record<string, Identity>> = {
  [administrator]: { user: 'admin', groups: ['system:masters'] },
  'kube-controller-manager': { user: 'system:kube-controller-manager', groups: [] },
  'kube-proxy': { user: 'system:kube-proxy', groups: [] },
  'kube-scheduler': { user: 'system:kube-scheduler', groups: [] },
  ...Object.fromEntries(
    nodePlaces.map(({ name }) => [name, { user: `system:node:${name}`, groups: ['system:nodes'] }]),
  ),
};

/** Paths of what `writeAccess` leaves in a folder. */
export function accessIn(folder: string) {
  const own = join(folder, 'access');
  return {
    ca: join(own, 'ca.crt'),
    certificate: join(own, 'apiserver.crt'),
    key: join(own, 'apiserver.key'),
    tokens: join(own, 'tokens.csv'),
    accountKey: join(own, 'accounts.key'),
    accountPublicKey: join(own, 'accounts.pub'),
    kubeconfig: (name: string) => join(own, `${name}.kubeconfig`),
  };
}

export function writeAccess(folder: string): void {
  const files = accessIn(folder);
  mkdirSync(join(folder, 'access'), { mode: 0o700 });
  const addresses = [...nodePlaces.map(({ address }) => address), serviceAddress, '127.0.0.1'];
  const tls = makeTls([...addresses, ...serviceNames, 'localhost']);
  writeFileSync(files.ca, tls.ca);
  writeFileSync(files.certificate, tls.cert);
  writeFileSync(files.key, tls.key);
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(files.accountKey, accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(files.accountPublicKey, accounts.publicKey.export({ type: 'spki', format: 'pem' }));
  const lines: string[] = [];
  for (const [name, { user, groups }] of Object.entries(identities)) {
    const token = randomBytes(24).toString('hex');
    lines.push(`${token},${user},${name},"${groups.join(',')}"`);
    writeFileSync(files.kubeconfig(name), JSON.stringify(kubeconfigOf(tls.ca, token)));
  }
  writeFileSync(files.tokens, `${lines.join('\n')}\n`);
}

function kubeconfigOf(ca: string, token: string): object {
  const [{ address }] = nodePlaces;
  const server = `https://${address}:${apiPort}`;
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster }],
    users: [{ name: 'user', user: { token } }],
    contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
    'current-context': 'context',
  };
}
