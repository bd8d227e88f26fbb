// What kubectl says when something does not work, and what that means for a run.
import { UserError } from '../../../../lib/user-error.ts';

/** How a call of kubectl ended. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `away`: another try may work. */
type Trouble =
  | 'config'
  | 'operator'
  | 'refused'
  | 'forbidden'
  | 'login'
  | 'not-found'
  | 'conflict'
  | 'away'
  | 'other';

/** The first that fits counts. */
const troubles: readonly (readonly [RegExp, Trouble])[] = [
  [
    /context .* does not exist|[Mm]issing or incomplete configuration|Error in configuration|error loading config|current-context|no such host.*kubeconfig/,
    'config',
  ],
  [/doesn't have a resource type "testruns"|no matches for kind "TestRun"/, 'operator'],
  [/violates PodSecurity|exceeded quota|admission webhook|denied the request/, 'refused'],
  [/\(Forbidden\)|is forbidden: /, 'forbidden'],
  [/You must be logged in|\(Unauthorized\)|getting credentials/, 'login'],
  [/\(NotFound\)/, 'not-found'],
  [/Apply failed with \d+ conflict/, 'conflict'],
  [
    /was refused|Unable to connect|[Tt]imeout|timed out|deadline exceeded|ServiceUnavailable|TooManyRequests|InternalError|connection reset|connection lost|EOF|etcdserver|unable to return a response|did not end within|said nothing within|no route to host/,
    'away',
  ],
];

export function troubleOf({ stderr }: Said): Trouble {
  return troubles.find(([pattern]) => pattern.test(stderr))?.[1] ?? 'other';
}

const wordsCharsMax = 600;

/** kubectl's own words in one line, without what it says on the way. */
export function wordsOf({ stderr, code }: Said): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter(
    (line) => !/^(?:[EWI]\d{4} |Warning: |command terminated with)/.test(line),
  );
  const words = (telling.length > 0 ? telling : lines).join(' ').replace(/\s+/g, ' ').trim();
  if (words === '') return `it ended with ${code}`;
  return words.length > wordsCharsMax ? `${words.slice(0, wordsCharsMax)}…` : words;
}

const operatorUrl = 'https://github.com/grafana/k6-operator';

interface Telling {
  readonly code: string;
  readonly message: (words: string) => string;
  readonly hint: string;
  readonly exitCode: 2 | 3;
}

/** What a user is told where a call had to work. */
const told: Readonly<Record<Trouble, Telling>> = {
  config: {
    code: 'kubectl-config',
    message: (words) => `kubectl does not know which cluster is meant: ${words}`,
    hint: 'Set KUBECONFIG, or name one of `kubectl config get-contexts` with --kube-context.',
    exitCode: 2,
  },
  operator: {
    code: 'operator-missing',
    message: () => 'the cluster does not know the kind TestRun: k6-operator is not installed there',
    hint: `Install it (${operatorUrl}), or name another cluster with --kube-context.`,
    exitCode: 3,
  },
  refused: {
    code: 'pod-refused',
    message: (words) => `the cluster refuses what the run needs: ${words}`,
    hint: 'Change what its words name, in the flags of load or in the namespace, or use another one: --namespace.',
    exitCode: 3,
  },
  forbidden: {
    code: 'cluster-forbidden',
    message: (words) => `the cluster does not let you: ${words}`,
    hint: 'Ask for these rights, or use another namespace (--namespace) or another user (--kube-context).',
    exitCode: 3,
  },
  login: {
    code: 'cluster-login',
    message: (words) => `the cluster does not know who you are: ${words}`,
    hint: 'Log in as your cluster wants it, until `kubectl get pods` works.',
    exitCode: 3,
  },
  'not-found': {
    code: 'kubectl-failed',
    message: (words) => `kubectl: ${words}`,
    hint: 'Make what is missing; a namespace by `kubectl create namespace NAME`.',
    exitCode: 3,
  },
  conflict: {
    code: 'apply-conflict',
    message: (words) => `something of these names is there, and not ours to change: ${words}`,
    hint: 'Rename the folder (the names come from it), or take away what is there.',
    exitCode: 2,
  },
  away: {
    code: 'cluster-unreachable',
    message: (words) => `the cluster cannot be reached: ${words}`,
    hint: 'Look with `kubectl version`; --kube-context names another cluster, KUBECONFIG another file.',
    exitCode: 3,
  },
  other: {
    code: 'kubectl-failed',
    message: (words) => `kubectl: ${words}`,
    hint: 'Mend what it says, and try again.',
    exitCode: 3,
  },
};

export function userErrorOf(said: Said): UserError {
  const { code, message, hint, exitCode } = told[troubleOf(said)];
  return new UserError(code, message(wordsOf(said)), hint, exitCode);
}

/** @throws UserError for a call that failed */
export function mustHaveWorked(said: Said): Said {
  if (said.code !== 0) throw userErrorOf(said);
  return said;
}
