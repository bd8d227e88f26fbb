// The registry answers, and what is asked for is not there, not for this platform, or not what it should be.

import type { Endpoint } from '../../access/route.ts';
import type { PullFailure } from '../../protocol/failure.ts';
import { formatPlatform } from '../../protocol/grammar/platform.ts';
import type { Facts, TracedExchange, TracedPull } from '../facts.ts';
import type { Cause } from './cause.ts';
import { held, isSameName, probeLines, probesOf } from './kit/hosts.ts';
import { isHiddenMaybe } from './kit/refusals.ts';
import { codesOf, codesOfTagList, filterIn, hasPathTwice, isPage } from './kit/replies.ts';
import { spoken } from './kit/says.ts';
import { exchangeLine, isKind, metLine, ofTroubles, type Trouble } from './kit/troubles.ts';

const platformMissing: Cause = {
  id: 'platform-missing',
  title: 'The image is not made for this platform',
  explanation:
    'The index lists images by operating system, architecture and variant, and none fits what this client wants. Entries `unknown/unknown` are attestations, and odd variants (`arm/v8`) fit nobody.',
  says: spoken({
    podman:
      'choosing an image from manifest list docker://<image>: no image found in image index for architecture "<architecture>", variant "<variant>", OS "<os>"',
    docker: 'no matching manifest for <platform> in the manifest list entries',
    containerd: 'no match for platform in manifest: not found',
  }),
  decidedBy:
    'The platforms of the index against the one that is wanted, by the rules of the client.',
  remedy: ['Choose one that is there (`--platform`, `--arch`), or ask for a build for this one.'],
  who: 'image publisher',
  seenIn: [
    'assafelovic/gpt-researcher#1436',
    'docker/for-linux#434',
    'vllm-project/aibrix#1120',
    'open-telemetry/opentelemetry-demo#768',
  ],
  find: ofTroubles(({ failure, pull, endpoint }, facts) => {
    if (!isKind(failure, 'platform-missing')) return undefined;
    const there = (pull.platforms ?? []).map(formatPlatform);
    return {
      at: nameIn(endpoint, failure),
      certainty: 'certain',
      evidence: [
        `wanted: ${formatPlatform(facts.platform)}`,
        there.length === 0 ? 'the index names no platform' : `there: ${there.join(', ')}`,
      ],
    };
  }),
};

function nameIn(endpoint: Trouble['endpoint'], failure: PullFailure): string {
  return endpoint === undefined ? failure.host : `${endpoint.registry}/${endpoint.repository}`;
}

/** A registry that knows of manifests does not have this one; no page, no wrong path. */
function isUnknown({ failure, endpoint }: Trouble, facts: Facts): boolean {
  if (!isKind(failure, 'manifest-unknown') || isPage(failure)) return false;
  if (held(facts, 'one-accept', failure.host) === true) return false;
  const isMirrorPath =
    endpoint?.role === 'mirror' && held(facts, 'catalog-path', failure.host) === true;
  return !isMirrorPath && !/\/v2\/(?:[^?]*\/)?v2\//.test(failure.evidence.url);
}

/** The registry itself named what is missing: for the tag, or in the index. Undefined for what the user named. */
function namedBy({ failure, pull }: Trouble): string | undefined {
  const { reference = '' } = failure.evidence;
  const isOf = ({ phase, reply, host }: TracedExchange) =>
    (phase === 'index' || phase === 'manifest') &&
    reply.status === 200 &&
    isSameName(host, failure.host);
  const naming = reference.includes(':') ? pull.exchanges.findLast(isOf) : undefined;
  return naming === undefined ? undefined : exchangeLine(naming);
}

/** Of the repository or of the tag: some registries say of a manifest alone that it is unknown, of its tags why. */
function isRepositoryUnknown(trouble: Trouble, facts: Facts): boolean {
  const { failure } = trouble;
  if (namedBy(trouble) !== undefined) return false;
  if (held(facts, 'other-tag', failure.host) === true) return false;
  const isListed = codesOfTagList(failure, facts).includes('NAME_UNKNOWN');
  const codes = codesOf(failure, facts);
  return isListed || (codes.includes('NAME_UNKNOWN') && !codes.includes('MANIFEST_UNKNOWN'));
}

/** Some registries say it of any name, and list no tags of what they do not know. */
function isManifestAlone(failure: PullFailure, facts: Facts): boolean {
  const isListedEmpty = probesOf(facts, 'other-tag', failure.host).some(
    ({ reply, held: hasTags }) => reply?.status === 200 && !hasTags,
  );
  return codesOf(failure, facts).includes('MANIFEST_UNKNOWN') && !isListedEmpty;
}

const otherTag = 'whether the registry lists any tag of this repository';

const tagMissing: Cause = {
  id: 'tag-missing',
  title: 'The repository has no such tag or digest',
  explanation:
    'The registry knows the repository, and not this tag or digest: it is misspelt, was deleted, never pushed for this registry, or a replica lags behind.',
  says: spoken({
    podman:
      'initializing source docker://<image>: reading manifest <tag> in <repository>: manifest unknown<…>',
    docker: 'manifest for <image> not found: manifest unknown: <…>',
    containerd: 'failed to resolve reference "<image>": <image>: not found',
  }),
  decidedBy:
    '404 with the code MANIFEST_UNKNOWN, or other tags that can be seen there; and no NAME_UNKNOWN for the list of tags.',
  remedy: [
    'Look at the tags that are there (`skopeo list-tags docker://<registry>/<repository>`), and at the spelling.',
    'If the registry itself named the digest (for the tag, or in an index), have the image pushed again with all its platforms.',
  ],
  who: 'you',
  seenIn: ['bitnami/charts#36355', 'BerriAI/litellm#29348', 'ietf-tools/www#392'],
  find: ofTroubles((trouble, facts) => {
    const { failure, endpoint } = trouble;
    if (!isUnknown(trouble, facts)) return undefined;
    if (isRepositoryUnknown(trouble, facts)) return undefined;
    const named = namedBy(trouble);
    const isTag =
      named !== undefined ||
      isManifestAlone(failure, facts) ||
      held(facts, 'other-tag', failure.host) === true;
    const missing = named === undefined ? endpoint?.reference : failure.evidence.reference;
    const at = `${nameIn(endpoint, failure)} ${missing ?? ''}`.trim();
    const evidence = [
      metLine(failure),
      ...(named === undefined ? [] : [`the registry itself named this digest: ${named}`]),
      ...probeLines(facts, 'other-tag', failure.host),
    ];
    return isTag
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: otherTag, probes: ['other-tag'] };
  }),
};

const shownLogin =
  'a client that signs in by `/v2/` (`pullproof doctor --client podman`), and a login: this one showed nothing, and was told what an unknown name is told';

const repositoryMissing: Cause = {
  id: 'repository-missing',
  title: 'The registry has no such repository',
  explanation:
    'The registry does not know the repository: namespace or name are misspelt, or the image lives at another registry. Some say so of private ones, too.',
  says: spoken({
    podman:
      'initializing source docker://<image>: reading manifest <tag> in <repository>: name unknown<…>',
    docker:
      "pull access denied for <image>, repository does not exist or may require 'docker login': name unknown: <…>",
    containerd: 'failed to resolve reference "<image>": <image>: not found',
  }),
  decidedBy:
    '404 with the code NAME_UNKNOWN, for the manifest or for the list of tags. Where other tags are seen, or MANIFEST_UNKNOWN is all that is said, it is tag-missing. A registry that wants a login at `/v2/` may hide what is there from who shows none.',
  remedy: [
    'Check registry, namespace and name; official images of Docker Hub are in `library/`.',
    'If it is private, log in.',
  ],
  who: 'you',
  seenIn: [],
  find: ofTroubles((trouble, facts) => {
    const { failure, endpoint } = trouble;
    if (!isUnknown(trouble, facts) || namedBy(trouble) !== undefined) return undefined;
    const isRepository = isRepositoryUnknown(trouble, facts);
    const isManifest = isManifestAlone(failure, facts);
    const hasTags = held(facts, 'other-tag', failure.host) === true;
    if (!isRepository && (isManifest || hasTags)) return undefined;
    const at = nameIn(endpoint, failure);
    const evidence = [metLine(failure), ...probeLines(facts, 'other-tag', failure.host)];
    if (isRepository && isHiddenMaybe(trouble, facts))
      return {
        at,
        evidence: [...evidence, ...probeLines(facts, 'sign-in', failure.host)],
        certainty: 'possible',
        wouldTell: shownLogin,
        probes: ['sign-in'],
      };
    return isRepository
      ? { at, evidence, certainty: 'certain' }
      : { at, evidence, certainty: 'possible', wouldTell: otherTag, probes: ['other-tag'] };
  }),
};

function hasServed({ exchanges }: TracedPull, endpoint: Endpoint): boolean {
  return exchanges.some(
    ({ endpoint: own, phase, reply }) =>
      own === endpoint && (phase === 'index' || phase === 'manifest') && reply.status === 200,
  );
}

const blobMissing: Cause = {
  id: 'blob-missing',
  title: 'The manifest names a blob that the registry does not have',
  explanation:
    'The manifest is there, and 404 comes for its config or a layer: storage lost it, garbage collection took it, a replica or a proxy cache lags behind.',
  says: spoken({
    podman: '<…>reading blob <digest>: fetching blob: blob unknown<…>',
    docker: '<…>blob unknown: <…>',
    containerd:
      'failed to copy: httpReadSeeker: failed open: could not fetch content descriptor <digest> (<media type>) from remote: not found',
  }),
  decidedBy:
    '404 for a blob of a manifest that the same registry has just served, from itself or the host that it redirects to.',
  remedy: [
    'Push the image again, or have the registry mend its storage; try another replica or the upstream.',
  ],
  who: 'registry',
  seenIn: ['docker/hub-feedback#2039', 'goharbor/harbor#20131'],
  find: ofTroubles(({ failure, endpoint, pull }) => {
    if (!isKind(failure, 'blob-unknown')) return undefined;
    // A mirror that has none of it is asked for each part: it named no blob.
    if (endpoint?.role === 'mirror' && !hasServed(pull, endpoint)) return undefined;
    if (endpoint?.role === 'mirror' && (isPage(failure) || hasPathTwice(endpoint)))
      return undefined;
    return { at: failure.host, certainty: 'certain', evidence: [metLine(failure)] };
  }),
};

/** What came as a success, or from a filter, and is a page. */
function isPageInPlace(failure: PullFailure): boolean {
  if (filterIn(failure) !== undefined && failure.status >= 200) return true;
  const isSuccess = failure.status >= 200 && failure.status < 300;
  return (
    isSuccess &&
    (isPage(failure) ||
      isKind(
        failure,
        'wrong-digest other-content',
        'short-body other-content',
        'long-body other-content',
      ))
  );
}

const pageInPlace: Cause = {
  id: 'page-in-place',
  title: 'A page comes in place of what was asked for',
  explanation:
    'Something on the way answers for the registry or the CDN: a captive portal, the block page of a filter, a login page of a proxy, or the start page of another server.',
  says: spoken({
    podman: `parsing primary manifest as list for docker://<image>: unmarshaling OCI1Index "<page>": invalid character '<' looking for beginning of value`,
    docker: "<…>invalid character '<' looking for beginning of value",
    containerd:
      "failed to copy: httpReadSeeker: failed open: <image>: invalid character '<' looking for beginning of value",
  }),
  decidedBy:
    'HTML, or a text, where a manifest, a token or a blob is due, and what it says of its sender.',
  remedy: [
    'Open the URL in a browser on this machine: the page says who sends it. Sign in there, or have the host allowed.',
  ],
  who: 'network team',
  seenIn: ['fscarmen2/Cloudflare-Accel#13'],
  find: ofTroubles(({ failure, endpoint }) => {
    if (!isPageInPlace(failure)) return undefined;
    // A mirror asked under a wrong path shows its own start page.
    if (
      endpoint?.role === 'mirror' &&
      failure.hop === 'registry' &&
      filterIn(failure) === undefined
    ) {
      return undefined;
    }
    const filter = filterIn(failure);
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        metLine(failure),
        `Content-Type: ${failure.evidence.contentType || 'none'}`,
        ...(filter === undefined ? [] : [`the page names ${filter}`]),
      ],
    };
  }),
};

const wrongContent: Cause = {
  id: 'wrong-content',
  title: 'The bytes are not those of the digest',
  explanation:
    'A blob or manifest came whole, and its digest is another than was asked for: storage or a cache is corrupt, or a proxy changes what it passes on.',
  says: spoken({
    podman:
      '<…>writing blob: happened during read: Digest did not match, expected <digest>, got <digest>',
    docker: '<filesystem layer|image config|manifest> verification failed for digest <digest>',
    containerd:
      'failed commit on ref "<layer>": unexpected commit digest <digest>, expected <digest>: failed precondition',
  }),
  decidedBy:
    'The digest of what came against the one that was asked for, at this host; its repeats tell whether all copies are so.',
  remedy: [
    'Have the cache or storage of this host purged of this digest; compare with the upstream.',
  ],
  who: 'registry',
  seenIn: ['distribution/distribution#2168', 'goharbor/harbor#22555'],
  find: ofTroubles(({ failure }) => {
    if (!isKind(failure, 'wrong-digest') || isPageInPlace(failure)) return undefined;
    if (failure.reason === 'range-ignored') return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        metLine(failure),
        `expected ${failure.evidence.reference ?? 'another digest'}, got ${failure.evidence.digest ?? 'another one'}`,
      ],
    };
  }),
};

/** How many came, and how many should have by those who say so. */
function bytesLine({ evidence: { bytes, bytesAnnounced, bytesExpected } }: PullFailure): string {
  const due = [
    ...(bytesAnnounced === undefined ? [] : [`Content-Length says ${bytesAnnounced}`]),
    ...(bytesExpected === undefined ? [] : [`the descriptor says ${bytesExpected}`]),
  ];
  return [`${bytes} bytes came`, ...(due.length === 0 ? ['more were due'] : due)].join('; ');
}

const bodyCut: Cause = {
  id: 'body-cut',
  title: 'The body ends before it is complete',
  explanation:
    'Fewer bytes came than were announced: a server, proxy or cache ends the connection in the middle, for a time limit, a full disk or a limit of size. Most clients go on from there by Range a few times; a diagnosis asks once.',
  says: spoken({
    podman: '<…>unexpected EOF',
    docker: '<…>unexpected EOF',
    containerd: 'short read: expected <n> bytes but got <n>: unexpected EOF',
  }),
  decidedBy: 'Bytes that came against those that were announced.',
  remedy: [
    'Look for time and size limits in the proxies on the way (nginx: proxy_max_temp_file_size, proxy_read_timeout), and their disks.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }, { client: { name, resume } }) => {
    const isRange = failure.reason === 'range-ignored';
    const goesOn = resume?.after.includes('short-body') === true;
    if (!isRange && (!isKind(failure, 'short-body') || isPageInPlace(failure))) return undefined;
    return {
      at: failure.host,
      certainty: 'certain',
      evidence: [
        metLine(failure),
        bytesLine(failure),
        ...(isRange ? ['a part was asked for by Range, and something else came'] : []),
        ...(goesOn && !isRange
          ? [`${name} asks for the rest by Range, which was not done here: it may get there`]
          : []),
      ],
    };
  }),
};

const bodyTooLong: Cause = {
  id: 'body-too-long',
  title: 'More bytes come than the manifest announces',
  explanation:
    'What is served under this digest is longer than its descriptor says: a cache mixes objects, or the manifest is wrong.',
  says: spoken({
    podman:
      '<…>parsing image configuration: config validation failed: blob digest <digest> does not match expected <digest>',
    docker: 'image config verification failed for digest <digest>',
    containerd: 'failed to copy: httpReadSeeker: read past expected size <n>: failed precondition',
  }),
  decidedBy: 'Bytes that came against the size in the manifest.',
  remedy: [
    'Have the cache or storage of this host purged of this digest; push the image again if the manifest is wrong.',
  ],
  who: 'registry',
  seenIn: [],
  find: ofTroubles(({ failure }) => {
    if (!isKind(failure, 'long-body') || isPageInPlace(failure)) return undefined;
    return { at: failure.host, certainty: 'certain', evidence: [metLine(failure)] };
  }),
};

const manifestBroken: Cause = {
  id: 'manifest-broken',
  title: 'The manifest is none that this client can use',
  explanation:
    'What came for the manifest is no JSON, has no known media type, or is of the old schema 1, which clients of today refuse.',
  says: spoken({
    podman:
      'parsing primary manifest as list for docker://<image>: unmarshaling OCI1Index "<text>": <unexpected end of JSON input|invalid character …>',
    docker: '<unexpected end of JSON input|invalid character …>',
    containerd:
      'failed to copy: httpReadSeeker: failed open: <image>: <unexpected end of JSON input|invalid character …>',
  }),
  decidedBy: 'The text and media type of the manifest.',
  remedy: [
    'Look at it with `pullproof validate <image>`, and push the image again.',
    'Where its Content-Type is no type of manifests, have the registry, or what stands in front of it, send the right one.',
  ],
  who: 'image publisher',
  seenIn: [],
  find: ofTroubles(({ failure, endpoint }) => {
    if (!isKind(failure, 'bad-manifest') || isPageInPlace(failure)) return undefined;
    if (endpoint?.role === 'mirror' && isPage(failure)) return undefined;
    return {
      at: nameIn(endpoint, failure),
      certainty: 'certain',
      evidence: [
        metLine(failure),
        failure.message,
        `Content-Type: ${failure.evidence.contentType || 'none'}`,
      ],
    };
  }),
};

export const content = [
  platformMissing,
  tagMissing,
  repositoryMissing,
  blobMissing,
  pageInPlace,
  wrongContent,
  bodyCut,
  bodyTooLong,
  manifestBroken,
];
