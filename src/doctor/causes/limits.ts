// Limits of the registry, and rules of this machine about signatures.
import { writtenText } from '../../access/written.ts';
import type { Cause } from './cause.ts';
import { probeLines, probesOf } from './kit/hosts.ts';
import { problemsOf } from './kit/problems.ts';
import { credentialLine, credentialsOf, isLoggedIn } from './kit/refusals.ts';
import { spoken } from './kit/says.ts';
import { isKind, metLine, ofTroubles, type Trouble } from './kit/troubles.ts';

const limitHeaders = [
  'ratelimit-limit',
  'ratelimit-remaining',
  'docker-ratelimit-source',
  'retry-after',
];

function limitLines({ pull }: Trouble): string[] {
  return limitHeaders.flatMap((name) => {
    const value = pull.exchanges
      .map(({ reply }) => reply.header(name))
      .findLast((one) => one !== undefined);
    return value === undefined ? [] : [`${name}: ${value.slice(0, 100)}`];
  });
}

const rateLimit: Cause = {
  id: 'rate-limit',
  title: 'The limit of pulls is reached',
  explanation:
    'The registry counts pulls by user, or by address for who is not logged in: all machines behind one address share it, and a pull that was meant to be logged in may be counted as anonymous.',
  says: spoken({
    podman:
      'initializing source docker://<image>: reading manifest <tag> in <repository>: toomanyrequests: <words of the registry>',
    docker: 'toomanyrequests: <words of the registry>',
    containerd:
      'failed to resolve reference "<image>": unexpected status from HEAD request to <url>: 429 Too Many Requests<…>',
  }),
  decidedBy:
    '429, the headers that say limit, rest and on whom it is counted, and the same request with and without the login.',
  remedy: [
    'Log in where the pull was anonymous; check that the daemon or node has the login, too.',
    'Keep a cache or mirror, and pull by digest what is there already.',
  ],
  who: 'you',
  seenIn: [
    'docker/hub-feedback#2464',
    'docker/hub-feedback#2505',
    'docker/hub-feedback#2025',
    'docker/docs#13499',
  ],
  find: ofTroubles((trouble, facts) => {
    const { failure } = trouble;
    if (!isKind(failure, 'rate-limited')) return undefined;
    const found = credentialsOf(trouble);
    return {
      at: failure.host,
      certainty: 'certain',
      probes: ['with-credential', 'without-credential'],
      evidence: [
        metLine(failure),
        ...limitLines(trouble),
        isLoggedIn(trouble) && found !== undefined
          ? credentialLine(found)
          : 'the pull is anonymous, and counted on its address',
        ...probeLines(facts, 'with-credential', failure.host),
        ...probeLines(facts, 'without-credential', failure.host),
      ],
    };
  }),
};

const signaturePolicy: Cause = {
  id: 'signature-policy',
  title: 'The signature policy of this machine refuses the image',
  explanation:
    'containers-policy.json decides by scope whether an image is taken: not at all (`reject`), or only with a signature of a given key. The key may be missing, or no signature is where the policy looks for one.',
  says: {
    podman:
      '<…>Source image rejected: <Running image docker://… is rejected by policy.|A signature was required, but no signature exists…>',
  },
  decidedBy:
    'The entry that applies, with file and line, whether its keys are there, and whether a signature is found where it looks.',
  remedy: [
    'Mend the entry: put the key where it says, or name the right scope; `podman image trust show` lists them.',
    'If the image ought to be signed, ask its publisher.',
  ],
  who: 'host administrator',
  seenIn: [
    'ublue-os/bluefin-lts#1292',
    'containers/podman#20727',
    'containers/podman#26613',
    'red-hat-storage/cephci#5679',
    'rhel-edge#416',
  ],
  find: (facts) => {
    const { policy } = facts.settings;
    if (policy === undefined || policy.kind === 'insecureAcceptAnything') return undefined;
    const missing = policy.keys.filter(({ exists }) => !exists);
    const isUnsigned = probesOf(facts, 'signature').some((one) => !one.held);
    if (policy.kind !== 'reject' && missing.length === 0 && !isUnsigned) return undefined;
    return {
      at: writtenText(policy.written),
      certainty: 'certain',
      probes: ['signature'],
      evidence: [
        `${policy.scope || 'default'}: ${policy.kind}`,
        ...missing.map(({ path }) => `the key ${path} is not there`),
        ...(policy.lookaside === undefined
          ? []
          : [`signatures are looked for at ${policy.lookaside}`]),
        ...probeLines(facts, 'signature'),
      ],
    };
  },
};

const policyUnusable: Cause = {
  id: 'policy-unusable',
  title: 'The policy of signatures is missing or cannot be read, and the client takes no image',
  explanation:
    'Podman, Buildah, Skopeo and CRI-O read policy.json (containers-policy.json(5)) before they ask anybody. Without one, or with one that is not well formed, they end there, whatever the image is.',
  says: {
    podman:
      'Error: <open <file>: no such file or directory|config file not found: no policy.json file found; searched paths: [<files>]|invalid policy in "<file>": <what is wrong>>',
  },
  decidedBy: 'The files that are looked for, in order, and what is wrong with the one that counts.',
  remedy: [
    'Mend the file at that line; or install containers-common, which has one that takes every image.',
  ],
  who: 'host administrator',
  seenIn: [],
  find: (facts) =>
    problemsOf(facts, /^policy-(?:missing|invalid)$/).map(({ written, message, hint }) => ({
      at: writtenText(written),
      certainty: 'certain',
      evidence: [message],
      remedy: [hint],
    })),
};

export const limits = [rateLimit, signaturePolicy, policyUnusable];
