// What was shown, or not shown, to the registry.
import { writtenText } from '../../access/written.ts';
import type { Facts } from '../facts.ts';
import type { Cause, Found } from './cause.ts';
import { held, isSameName, nameOf, probeLines } from './kit/hosts.ts';
import { credentialProblems, isPullable, problemsOf } from './kit/problems.ts';
import {
  credentialLine,
  credentialsOf,
  endedWords,
  isHiddenMaybe,
  isLoggedIn,
  isPublicAnyway,
  isRefusal,
  isRefusedLater,
  isSecretRefused,
  lookedLines,
  schemeOf,
} from './kit/refusals.ts';
import { codesOf, isBlockedEarly } from './kit/replies.ts';
import { spoken } from './kit/says.ts';
import { isKind, metLine, ofTroubles, type Trouble, troublesOf } from './kit/troubles.ts';

const refusedByToken = spoken({
  podman:
    'initializing source docker://<image>: fetching manifest <tag> in <repository>: unable to retrieve auth token: invalid username/password: unauthorized: <words of the registry>',
  docker: 'unauthorized: <words of the registry>',
  containerd:
    'failed to resolve reference "<image>": failed to authorize: failed to fetch oauth token: unexpected status from <GET|POST> request to <url>: 401 Unauthorized',
});

const refusedByRegistry = spoken({
  podman:
    'initializing source docker://<image>: reading manifest <tag> in <repository>: <requested access to the resource is denied|unauthorized: …>',
  docker:
    "pull access denied for <image>, repository does not exist or may require 'docker login': <denied|unauthorized>: <words of the registry>",
  containerd:
    'failed to resolve reference "<image>": server message: insufficient_scope: authorization failed',
});

/** An anonymous request that was refused, or counted among those of everybody at this address. */
function isMissed(trouble: Trouble): boolean {
  return !isLoggedIn(trouble) && (isRefusal(trouble) || isKind(trouble.failure, 'rate-limited'));
}

const staleLogin: Cause = {
  id: 'stale-login',
  title: 'A stored login is refused, and without it the image can be had',
  explanation:
    'An old login for this registry is still stored. Clients show it although the image is public, and a registry refuses who shows something wrong, where it would have answered who shows nothing.',
  says: refusedByToken,
  decidedBy: 'The same request with the credential is refused, and without it answered.',
  remedy: ['Log out (`podman logout <registry>`, `docker logout <registry>`), or log in again.'],
  who: 'you',
  seenIn: [
    'aws/containers-roadmap#1296',
    'awslabs/amazon-ecr-credential-helper#286',
    'docker-valhalla#122',
    'charon#574',
    'kubelet-summary-exporter#5',
  ],
  find: ofTroubles((trouble, facts) => {
    const found = credentialsOf(trouble);
    if (!isRefusal(trouble) || !isLoggedIn(trouble) || found === undefined) return undefined;
    if (!isPublicAnyway(facts, trouble) || endedWords(trouble, facts) !== undefined)
      return undefined;
    return {
      at: found.written?.in ?? trouble.failure.host,
      certainty: 'certain',
      probes: ['without-credential'],
      evidence: [
        metLine(trouble.failure),
        credentialLine(found),
        ...probeLines(facts, 'without-credential', trouble.failure.host),
      ],
    };
  }),
};

const tokenExpired: Cause = {
  id: 'token-expired',
  title: 'The stored login has run out',
  explanation:
    'What is stored as password is a token with an end: 12 hours at ECR, an hour elsewhere. It was right when it was stored, and nothing renews it.',
  says: refusedByToken,
  decidedBy:
    'The words of the registry ("authorization token has expired"), or the end that is written in the token itself (JWT, `exp`).',
  remedy: [
    'Log in again (`aws ecr get-login-password | podman login …`).',
    'Let a credential helper or credential provider fetch it each time (docker-credential-ecr-login; kubelet credential provider), in place of a stored one.',
  ],
  who: 'you',
  seenIn: [
    'aws/containers-roadmap#1507',
    'upmc-enterprises/registry-creds#68',
    'kubernetes/kubernetes#69141',
    'fluxcd/image-reflector-controller#71',
    'kubernetes/cloud-provider-aws#348',
  ],
  find: ofTroubles((trouble, facts) => {
    const found = credentialsOf(trouble);
    if (!isRefusal(trouble) || !isLoggedIn(trouble) || found === undefined) return undefined;
    const words = endedWords(trouble, facts);
    if (words === undefined) return undefined;
    return {
      at: found.written?.in ?? trouble.failure.host,
      certainty: 'certain',
      evidence: [
        metLine(trouble.failure),
        words,
        credentialLine(found),
        ...probeLines(facts, 'without-credential', trouble.failure.host),
      ],
    };
  }),
};

const loginRefused: Cause = {
  id: 'login-refused',
  title: 'User or password is wrong',
  explanation:
    'The registry does not take the credential that was found for it, and gives nothing without one.',
  says: refusedByToken,
  decidedBy:
    'The token server, or a registry with Basic, answers 401 to the credential; without it the request is refused as well, or that was not tried.',
  remedy: [
    'Log in again. With two-factor login or single sign-on, registries want an access token in place of the password.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const found = credentialsOf(trouble);
    if (!isSecretRefused(trouble) || found === undefined) return undefined;
    if (isPublicAnyway(facts, trouble) || endedWords(trouble, facts) !== undefined)
      return undefined;
    return {
      at: found.written?.in ?? trouble.failure.host,
      certainty: 'certain',
      evidence: [metLine(trouble.failure), credentialLine(found)],
    };
  }),
};

const hubNames = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

function isHub({ endpoint }: Trouble): boolean {
  return hubNames.includes(nameOf(endpoint?.registry ?? ''));
}

/** Logins under keys that the client never looks up (src/access/credentials/notes.ts). */
function unusedKeys(trouble: Trouble) {
  return isMissed(trouble) ? credentialProblems(trouble, /^auth-key-unused$/) : [];
}

const hubKey: Cause = {
  id: 'hub-key',
  title: 'The login for Docker Hub is stored under a key that is not looked up',
  explanation:
    'Docker, kubelet and those like them look for Docker Hub under `https://index.docker.io/v1/` for historical reasons. An entry `docker.io` is not found, so that the pull is anonymous: private images are refused, others fall under the limit of the address.',
  says: { docker: refusedByRegistry.docker ?? '', kubelet: refusedByRegistry.kubelet ?? '' },
  decidedBy:
    'The keys in the file against the key that the client looks up; the request went out anonymously.',
  remedy: [
    'Write the entry under `https://index.docker.io/v1/` (what `docker login` without a name does).',
  ],
  who: 'you',
  seenIn: [
    'docker/hub-feedback#1484',
    'titansoft-pte-ltd/imagepullsecret-patcher#26',
    'kubernetes/kubernetes#19219',
  ],
  find: ofTroubles((trouble) => (isHub(trouble) ? ofUnusedKey(trouble) : undefined)),
};

function ofUnusedKey(trouble: Trouble): Found | undefined {
  const [first] = unusedKeys(trouble);
  if (first === undefined) return undefined;
  return {
    at: writtenText(first.written),
    certainty: 'certain',
    evidence: [
      metLine(trouble.failure),
      'the request showed no credential',
      ...unusedKeys(trouble).map(({ message }) => message),
    ],
  };
}

const authKeyMismatch: Cause = {
  id: 'auth-key-mismatch',
  title: 'A login for this host is stored for another port or path',
  explanation:
    'The auth file has an entry for this host, but for another port or another namespace than the image is in, so that the client does not use it and asks anonymously.',
  says: refusedByRegistry,
  decidedBy:
    'The keys in the file against those that the client looks up; the request went out anonymously.',
  remedy: ['Log in to exactly what the image names: `podman login <host>[:<port>][/<namespace>]`.'],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble) => (isHub(trouble) ? undefined : ofUnusedKey(trouble))),
};

/** Files with a login for this registry that are another's, or that this user may not read; a sentence each. */
function foreignFiles(trouble: Trouble, { settings }: Facts): string[] {
  if (!isMissed(trouble)) return [];
  const notes = credentialProblems(trouble, ofAnother);
  const registry = trouble.endpoint?.registry ?? '';
  const others = (settings.otherAuthFiles ?? [])
    .filter(({ path }) => !notes.some(({ written }) => written.in === path))
    .filter(({ holds }) => holds.some((key) => isSameName(key, registry)))
    .map(({ path, user }) => `${path}, of ${user}, has an entry for ${nameOf(registry)}`);
  return [...notes.map(({ message }) => message), ...others];
}

const ofAnother = /^(?:auth-file-elsewhere|auth-file-unreadable|runtime-folder-absent)$/;

const authFileOfAnotherUser: Cause = {
  id: 'auth-file-of-another-user',
  title: 'The login is in a file of another user or client',
  explanation:
    'A login belongs to the user and the client that made it: `sudo podman pull` does not see that of `podman login`, a service does not see that of a shell, and Docker does not read the file of podman.',
  says: refusedByRegistry,
  decidedBy:
    'The files that the client looks for, in order, of which none has the registry; and a file beside them that has it, or one that this user may not read.',
  remedy: [
    'Log in as the user that pulls (`sudo podman login …`), or name the file: `--authfile`, REGISTRY_AUTH_FILE, DOCKER_CONFIG.',
  ],
  who: 'you',
  seenIn: [
    'containers/podman#19307',
    'containers/podman#25464',
    'containers/podman#12473',
    'containers/podman#1457',
    'containers/buildah#5333',
  ],
  find: ofTroubles((trouble, facts) => {
    const notes = foreignFiles(trouble, facts);
    const found = credentialsOf(trouble);
    if (notes.length === 0 || found === undefined || unusedKeys(trouble).length > 0)
      return undefined;
    return {
      at: `user ${facts.settings.user}`,
      certainty: 'certain',
      evidence: [
        metLine(trouble.failure),
        'the request showed no credential',
        ...notes,
        ...lookedLines(found),
      ],
    };
  }),
};

/** What a helper of another host would say is not known. */
const ofHelper = /^helper-(?!not-asked)/;
const ofStore = /^creds-store-ignored$/;
const ofSecret = /^pull-secret-/;
const ofEntry = /^(?:auth-entry-|password-line-end$|auth-file-malformed$)/;

const credentialHelper: Cause = {
  id: 'credential-helper',
  title: 'The credential helper does not work here',
  explanation:
    'The configuration says that a program gives the credential (`credHelpers`, `credsStore`). It is not installed, not on the PATH of whoever pulls, made for another system, or fails. Clients end there, even where the image is public.',
  says: {
    podman:
      '<…>error getting credentials - err: exec: "docker-credential-<helper>": executable file not found in $PATH, out: ``',
    docker:
      'error getting credentials - err: exec: "docker-credential-<helper>": executable file not found in $PATH, out: ``',
  },
  decidedBy:
    'The line that names the helper, the PATH that was searched, and what the helper itself said; and whether the image can be had without.',
  remedy: [
    'Install docker-credential-<helper> where the client finds it, or take the line out of the file and log in again.',
    'Files that came from another system (`desktop`, `osxkeychain`, `wincred`) name helpers that do not exist here.',
  ],
  who: 'you',
  seenIn: [
    'rancher-sandbox/rancher-desktop#9516',
    'containers/podman-desktop#5375',
    'docker/docker-credential-helpers#296',
    'deck#86',
    'loki-syslog-aio#16',
  ],
  find: (facts) => {
    const isMissing = troublesOf(facts).some(isMissed);
    const problems = problemsOf(
      facts,
      isMissing ? new RegExp(`${ofHelper.source}|${ofStore.source}`) : ofHelper,
    );
    return problems.map(
      ({ written, message, isFatal }): Found => ({
        at: writtenText(written),
        certainty: 'certain',
        isHarmless: !isFatal && isPullable(facts),
        evidence: [
          `${writtenText(written)}: ${message}`,
          ...probeLines(facts, 'without-credential'),
        ],
      }),
    );
  },
};

const pullSecret: Cause = {
  id: 'pull-secret',
  title: 'The pull secret is not what a kubelet can use for this image',
  explanation:
    'A Secret of Kubernetes must have the right type and key, valid base64 without a line feed too many, and an entry that matches the image. One that does not is passed over in silence, and the pull is anonymous. It must be in the namespace of the pod, too, which the file alone does not show.',
  says: {
    kubelet:
      'Failed to pull image "<image>": failed to pull and unpack image "<image>": failed to resolve reference "<image>": server message: insufficient_scope: authorization failed',
  },
  decidedBy:
    'What the Secret decodes to: its type, its keys, the registries that it has entries for, and which of them matches.',
  remedy: [
    'Make it anew: `kubectl create secret docker-registry <name> --docker-server=<registry> …`, in the namespace of the pod, and name it in `imagePullSecrets`.',
  ],
  who: 'you',
  seenIn: ['kubernetes/kubernetes#499', 'openshift/origin#14541', 'IBM/portieris#174'],
  find: (facts) => {
    const problems = problemsOf(facts, ofSecret);
    const [first] = problems;
    if (first === undefined) return undefined;
    return {
      at: writtenText(first.written),
      certainty: 'certain',
      isHarmless: !first.isFatal && isPullable(facts),
      evidence: problems.map(({ written, message }) => `${writtenText(written)}: ${message}`),
    };
  },
};

const authEntryBroken: Cause = {
  id: 'auth-entry-broken',
  title: 'The stored login cannot be used as it is written',
  explanation:
    'The auth file has an entry for this registry that says nothing the client can use: no base64, no colon, nothing but a mark that a helper has it, or a line feed at the end of the password, which is sent along.',
  says: refusedByRegistry,
  decidedBy:
    'File, line and key of the entry, and what is wrong with it; the request was refused without it, or with it.',
  remedy: [
    'Log in again, which writes the entry anew.',
    'By hand: `printf %s user:password | base64 -w0`, without a line feed.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble) => {
    if (!isRefusal(trouble) && !isMissed(trouble)) return undefined;
    const [first, ...more] = credentialProblems(trouble, ofEntry);
    if (first === undefined) return undefined;
    return {
      at: writtenText(first.written),
      certainty: 'certain',
      evidence: [metLine(trouble.failure), first.message, ...more.map(({ message }) => message)],
    };
  }),
};

/** Something finer says why nothing, or the wrong thing, was shown. */
function hasFiner(trouble: Trouble, facts: Facts): boolean {
  const { source } = isLoggedIn(trouble) ? ofEntry : anyOf;
  return (
    credentialProblems(trouble, new RegExp(source)).length > 0 ||
    problemsOf(facts, ofHelper).length > 0 ||
    foreignFiles(trouble, facts).length > 0
  );
}

const anyOf = new RegExp(
  [/^auth-key-unused$/, ofAnother, ofHelper, ofStore, ofSecret, ofEntry]
    .map(({ source }) => source)
    .join('|'),
);

const pullSecretRemedy = [
  'Make a pull secret (`kubectl create secret docker-registry <name> --docker-server=<registry> …`) in the namespace of the pod, and name it in `imagePullSecrets`.',
  'Try it beforehand: `pullproof doctor … --pull-secret FILE`.',
];

const loginNeeded: Cause = {
  id: 'login-needed',
  title: 'This registry gives nothing to who is not logged in',
  explanation:
    'The registry asks every request for user and password (Basic), and no credential for it was found.',
  says: spoken({
    podman: '<…>unauthorized: <words of the registry>',
    docker: '<unauthorized: …|no basic auth credentials>',
    containerd:
      'failed to resolve reference "<image>": <unexpected status from HEAD request to … 401 Unauthorized|pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials>',
  }),
  decidedBy:
    'A 401 whose challenge is Basic, to a request without a credential, and the files that were looked through.',
  remedy: ['Log in: `podman login <registry>`, or a pull secret in a cluster.'],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const found = credentialsOf(trouble);
    if (!isRefusal(trouble) || isLoggedIn(trouble) || schemeOf(trouble) !== 'basic')
      return undefined;
    if (hasFiner(trouble, facts)) return undefined;
    return {
      at: trouble.failure.host,
      certainty: 'certain',
      evidence: [metLine(trouble.failure), ...(found === undefined ? [] : lookedLines(found))],
      ...(facts.client.name.startsWith('kubelet') && { remedy: pullSecretRemedy }),
    };
  }),
};

const privateOrAbsent: Cause = {
  id: 'private-or-absent',
  title: 'The image is private, or it does not exist: the registry does not say which',
  explanation:
    'Registries refuse in the same words whoever may not see a repository and whoever asks for one that is not there, so that nobody learns what exists. Only somebody with the right can tell.',
  says: refusedByRegistry,
  decidedBy:
    'Refused after a token was granted, or at the token for this repository, by a credential that is good or without one; what the token granted, and whether another tag can be seen.',
  remedy: [
    'Check the name letter by letter: host, namespace, repository.',
    'Log in as somebody who may read it (or have the right given to this user).',
  ],
  who: 'you',
  seenIn: ['docker/hub-feedback#1103', 'boring-registry#163'],
  find: ofTroubles((trouble, facts) => {
    const { failure, endpoint } = trouble;
    if (isHiddenMaybe(trouble, facts) && codesOf(failure, facts).includes('NAME_UNKNOWN'))
      return {
        at: `${endpoint?.registry}/${endpoint?.repository}`,
        certainty: 'possible',
        wouldTell:
          'a login: the registry has logins, and told this client, that showed none, what an unknown name is told',
        probes: ['sign-in'],
        evidence: [metLine(failure), ...probeLines(facts, 'sign-in', failure.host)],
      };
    if (!isRefusal(trouble) || isSecretRefused(trouble) || failure.status === 400) return undefined;
    if (!isLoggedIn(trouble) && schemeOf(trouble) === 'basic') return undefined;
    if (isPublicAnyway(facts, trouble) || endedWords(trouble, facts) !== undefined)
      return undefined;
    if (hasFiner(trouble, facts) || isBlockedEarly(trouble)) return undefined;
    const found = credentialsOf(trouble);
    const who =
      isLoggedIn(trouble) && found !== undefined
        ? credentialLine(found)
        : 'the request was anonymous';
    return {
      at:
        trouble.endpoint === undefined
          ? failure.host
          : `${trouble.endpoint.registry}/${trouble.endpoint.repository}`,
      certainty: 'certain',
      probes: ['other-tag'],
      evidence: [
        metLine(failure),
        who,
        ...probeLines(facts, 'other-tag'),
        ...(held(facts, 'with-credential', failure.host) === undefined
          ? []
          : probeLines(facts, 'with-credential', failure.host)),
      ],
    };
  }),
};

const tokenShortLived: Cause = {
  id: 'token-short-lived',
  title: 'The token ran out in the middle of the pull',
  explanation:
    'The registry took its own token at first and refused it later in the same pull: it lives shorter than the pull takes, was revoked, or the clocks of registry and token server differ.',
  says: spoken({
    podman: '<…>parsing image configuration: fetching blob: unauthorized: <words of the registry>',
    docker:
      'error pulling image configuration: download failed after attempts=<n>: unauthorized: <words of the registry>',
    containerd:
      'failed to copy: httpReadSeeker: failed open: unexpected status from GET request to <url>: 401 Unauthorized<…>',
  }),
  decidedBy:
    'The same token was answered before, and then refused with 401; and whether it is taken again for something else.',
  remedy: [
    "Look at the lifetime of tokens (`expires_in`) at the token server, and at its clock and the registry's.",
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    const isAtRegistry = failure.hop !== 'token' && isKind(failure, 'unauthorized');
    if (!isAtRegistry || !isRefusedLater(trouble)) return undefined;
    const at = failure.host;
    if (held(facts, 'other-tag', at) !== true)
      return { at, certainty: 'certain', evidence: [metLine(failure)] };
    return {
      at,
      certainty: 'possible',
      wouldTell:
        'the log of the registry: it took the same token again afterwards, for the list of tags, and may mean that its storage refuses it this blob',
      probes: ['other-tag'],
      evidence: [metLine(failure), ...probeLines(facts, 'other-tag', at)],
    };
  }),
};

export const credentials = [
  staleLogin,
  tokenExpired,
  loginRefused,
  hubKey,
  authKeyMismatch,
  authFileOfAnotherUser,
  credentialHelper,
  pullSecret,
  authEntryBroken,
  loginNeeded,
  privateOrAbsent,
  tokenShortLived,
];
