// What kubectl must be allowed to do for a run, asked of the API server before anything is made.
import { UserError } from '../../../../lib/user-error.ts';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';

interface Right {
  readonly verbs: readonly string[];
  readonly resource: string;
  readonly group?: string;
  readonly subresource?: string;
  /** Absent: always needed. */
  readonly when?: 'volume' | 'logins';
}

const rights: readonly Right[] = [
  { verbs: ['get', 'create', 'patch', 'delete'], resource: 'testruns', group: 'k6.io' },
  { verbs: ['create', 'patch', 'delete'], resource: 'configmaps' },
  { verbs: ['list'], resource: 'pods' },
  { verbs: ['list'], resource: 'jobs', group: 'batch' },
  { verbs: ['list'], resource: 'events' },
  { verbs: ['get'], resource: 'pods', subresource: 'log' },
  { verbs: ['create', 'patch', 'delete'], resource: 'pods', when: 'volume' },
  { verbs: ['create'], resource: 'pods', subresource: 'exec', when: 'volume' },
  { verbs: ['get', 'create', 'patch'], resource: 'persistentvolumeclaims', when: 'volume' },
  { verbs: ['get', 'create', 'patch', 'delete'], resource: 'secrets', when: 'logins' },
];

/** `hasLogins`: Secrets are to be made. @throws UserError `cluster-forbidden` (exit 3) */
export async function refuseWithoutApiRights(
  { namespace, claim }: Pick<Described, 'namespace' | 'claim'>,
  hasLogins: boolean,
  kubectl: Kubectl,
): Promise<void> {
  const needed = rights.filter(({ when }) =>
    when === 'volume' ? claim !== undefined : when !== 'logins' || hasLogins,
  );
  const each = needed.flatMap(({ verbs, ...right }) => verbs.map((verb) => ({ ...right, verb })));
  const reviews = each.map(({ verb, resource, group = '', subresource }) => ({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { namespace, verb, resource, group, subresource } },
  }));
  const input = reviews.map((review) => JSON.stringify(review)).join('\n---\n');
  const words = [
    'create',
    '--validate=false',
    '-f',
    '-',
    '-o',
    'jsonpath={.status.allowed}{"\\n"}',
  ];
  const { code, stdout } = await kubectl.run(words, { input });
  const answers = stdout.trim().split('\n');
  // Where nobody may ask, the calls themselves will tell.
  if (code !== 0 || answers.length !== each.length) return;
  const denied = each.filter((_, at) => answers[at] !== 'true');
  if (denied.length === 0) return;
  const named = denied.map(({ verb, resource, group, subresource }) => {
    const dotted = group === undefined ? resource : `${resource}.${group}`;
    return `${verb} ${dotted}${subresource === undefined ? '' : `/${subresource}`}`;
  });
  throw new UserError(
    'cluster-forbidden',
    `in the namespace ${namespace} you may not ${named.join(', ')}`,
    claim !== undefined && denied.some(({ when }) => when === 'volume')
      ? 'Ask for these rights; --results logs needs none for volumes and pods, and --namespace names another namespace.'
      : 'Ask for these rights, or use another namespace (--namespace) or user (--kube-context).',
    3,
  );
}
