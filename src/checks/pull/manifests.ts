// distribution-spec, "Pulling manifests": GET by tag and by digest, the bytes and digests that come.

import { asInteger, asObject, asString, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import type { RequestShape, Session } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import {
  type Asked,
  absentDigest,
  absentRepository,
  absentTag,
  ask,
  blobShape,
  expectDigestHeader,
  headOf,
  manifestShape,
  servedDigest,
} from '../kit/ask.ts';
import {
  describe,
  expectContent,
  expectDigest,
  expectStatus,
  expectThat,
  fact,
  quote,
} from '../kit/expect.ts';
import { givenReply, notGiven } from '../kit/given.ts';

const section = 'distribution-spec/spec.md#pulling-manifests';

/** Of what is no manifest, this much is shown. */
const textCharsMax = 60;
/** Entries of an index that are fetched; larger indexes are sampled from their start. */
const childrenMax = 100;

export const manifestChecks: readonly Check[] = [
  {
    id: 'manifest-by-tag',
    level: 'MUST',
    section,
    requirement: 'GET of the manifest that the reference names answers 200 with the manifest.',
    why: 'Every pull begins with this request.',
    needs: ['reference'],
    // Of an image or of an index, whichever it names.
    covers: ['manifest-tag second', 'manifest-tag token', 'manifest-tag one', 'manifest-tag many'],
    *run(context) {
      const { last } = yield* ask(context, manifestShape(context, context.reference));
      expectStatus(last, 200);
      expectThat(last.bytes > 0, 'a manifest in the body', 'an empty body');
      const actual = `${last.bytes} bytes: ${quote(last.text.slice(0, textCharsMax))}`;
      expectThat(isManifest(last.text), 'a manifest in the body', actual);
      return `200, ${last.bytes} bytes`;
    },
  },
  {
    id: 'manifest-by-digest',
    level: 'MUST',
    section,
    requirement: 'GET of a manifest by its digest answers 200 with bytes that hash to this digest.',
    why: 'Images pinned by digest, and every platform of an index, are pulled this way.',
    needs: ['top'],
    covers: ['manifest-digest second', 'manifest-digest token', 'manifest-digest one'],
    *run(context) {
      const digest = context.facts.entry?.digest ?? (yield* servedDigest(context));
      const { last } = yield* ask(context, manifestShape(context, digest));
      expectStatus(last, 200);
      if (algorithmOf(digest) !== undefined) expectDigest(last, digest);
      return `200, ${last.bytes} bytes that hash to ${digest}`;
    },
  },
  {
    id: 'manifest-tag-digest-closes',
    level: 'MUST',
    section,
    requirement: 'What a tag names can also be pulled by the digest of its bytes, byte for byte.',
    why: 'Clients resolve a tag once and then pull by digest; Kubernetes and lock files do so later.',
    needs: ['top'],
    covers: ['manifest-digest first'],
    *run(context) {
      const { reference } = context;
      if (reference.includes(':')) throw new Unsupported('the reference is a digest, not a tag');
      const digest = yield* servedDigest(context);
      const { last } = yield* ask(context, manifestShape(context, digest));
      expectStatus(last, 200);
      expectDigest(last, digest);
      return `${reference} is ${digest}, and this can be pulled`;
    },
  },
  {
    id: 'manifest-digest-header',
    level: 'MUST',
    section,
    requirement:
      'GET of a manifest names its digest in Docker-Content-Digest, by tag and by digest.',
    why: 'Tools that lock, sign, mirror or compare images take the digest from this header.',
    needs: ['top'],
    dependsOn: ['manifest-by-digest', 'manifest-by-tag'],
    *run(context) {
      const { digest } = fact(context.facts.top);
      const byTag = manifestShape(context, context.reference);
      const tagged = yield* givenReply(context, 'manifest-by-tag', ask(context, byTag));
      const claim = yield* expectDigestHeader(context, tagged.exchanges, digest, byTag);
      const own = context.facts.entry?.digest ?? (yield* servedDigest(context));
      const byDigest = manifestShape(context, own);
      const pinned = yield* givenReply(context, 'manifest-by-digest', ask(context, byDigest));
      yield* expectDigestHeader(context, pinned.exchanges, pinned.last.digest, byDigest);
      return `Docker-Content-Digest: ${claim}`;
    },
  },
  {
    id: 'manifest-unknown-tag',
    level: 'MUST',
    section,
    requirement: 'GET of a tag that does not exist answers 404.',
    why: 'Builds ask whether a tag is free; another status makes them fail or overwrite.',
    needs: ['top'],
    covers: ['manifest-tag first'],
    run: (context) => expectUnknown(context, absentTag(context)),
  },
  {
    id: 'manifest-unknown-case',
    level: 'MUST',
    section,
    requirement: 'GET of a tag that exists in small letters only, in capitals, answers 404.',
    why: 'Stores that ignore case hand out the image of one branch for that of another.',
    needs: ['push', 'top'],
    // The tag of the run, which nobody else has in capitals.
    run: (context) => expectUnknown(context, context.reference.toUpperCase()),
  },
  {
    id: 'manifest-unknown-digest',
    level: 'MUST',
    section,
    requirement: 'GET of a manifest by a digest that nobody has pushed answers 404.',
    why: 'Mirrors and caches tell "not here" from "broken" by this status.',
    needs: ['top'],
    covers: ['manifest-digest first'],
    run: (context) => expectUnknown(context, absentDigest(context)),
  },
  {
    id: 'manifest-not-blob',
    level: 'COMPAT',
    section,
    requirement: 'The digest of a config blob under /manifests/ is unknown.',
    why: 'What is served as a manifest is read as one: a blob that anybody made up then decides.',
    needs: ['image'],
    *run(context) {
      const { config } = fact(context.facts.image);
      const { last } = yield* ask(context, manifestShape(context, config.digest));
      expectStatus(last, 404);
      return `404 for ${config.digest}`;
    },
  },
  {
    id: 'repository-unknown',
    level: 'MUST',
    section,
    requirement: 'GET of a manifest in a repository that does not exist answers 404.',
    why: 'A misspelt image name must not look like an outage.',
    needs: ['top'],
    run: expectUnknownRepository,
  },
  {
    id: 'repository-unknown-content',
    level: 'MUST',
    section,
    requirement:
      'A manifest and a blob that one repository has are 404 by their digests in one that does not exist.',
    why: 'One store or cache behind all repositories opens private images to whoever knows a digest.',
    needs: ['image'],
    covers: ['manifest-digest anonymous'],
    run: expectNotElsewhere,
  },
  {
    id: 'manifest-children',
    level: 'MUST',
    section,
    requirement: 'Each manifest of an index that the registry has is served whole, by its digest.',
    why: 'One damaged platform breaks the image on the machines of that platform only.',
    needs: ['index'],
    dependsOn: ['index-complete'],
    covers: ['manifest-digest many'],
    *run(context) {
      let served = 0;
      const children = yield* fetchChildren(context);
      for (const { entry, asked } of children) {
        if (asked.last.status === 404) continue; // an index may be sparse: index-complete tells
        expectContent(asked.last, entry);
        served++;
      }
      if (served === 0) throw notGiven(context, 'index-complete', 'none of the manifests is there');
      return `${served} of ${fact(context.facts.index).length} manifests are what the index says`;
    },
  },
  {
    id: 'index-complete',
    level: 'COMPAT',
    section,
    requirement: 'Every manifest that an index lists is in the repository.',
    why: 'The spec permits sparse indexes, yet each missing platform is an image that cannot run.',
    needs: ['index'],
    covers: ['manifest-digest many'],
    *run(context) {
      const children = yield* fetchChildren(context);
      const missing = children.filter(({ asked }) => asked.last.status === 404);
      const [first] = missing;
      const actual = `404 for ${missing.length} of ${children.length}, first ${first?.entry.digest}`;
      expectThat(missing.length === 0, 'all manifests of the index', actual);
      return `none of ${children.length} is missing`;
    },
  },
];

/**
 * Whether this is a manifest of any kind: an object of JSON that says what it is by its version or its
 * type (image-spec manifest.md, image-index.md). Its fields are for others to judge.
 */
function isManifest(text: string): boolean {
  const document = asObject(parseJson(text));
  if (document === undefined) return false;
  const { schemaVersion, mediaType } = document;
  return asInteger(schemaVersion) !== undefined || asString(mediaType) !== undefined;
}

function* expectUnknown(context: CheckContext, reference: string): Talk<string> {
  const { last } = yield* ask(context, manifestShape(context, reference));
  expectStatus(last, 404);
  return `404 for ${reference}`;
}

/** A repository has its own scope, so the check authenticates for it anew, as a client would. */
function* askElsewhere(
  context: CheckContext,
  shape: RequestShape,
  session = sessionElsewhere(context),
): Talk<HttpReply> {
  let asked: Asked;
  try {
    asked = yield* ask(context, shape, session);
  } catch (error) {
    const refused = error instanceof PullFailure && [400, 401, 403, 404].includes(error.status);
    if (!refused || context.facts.challenged === undefined) throw error;
    throw hidden(error.status);
  }
  const { last } = asked;
  const challenges = last.status === 401 && last.header('WWW-Authenticate') !== undefined;
  const denies = last.status === 403 && context.facts.challenged !== undefined;
  if (last.failure === '' && (challenges || denies)) throw hidden(last.status);
  return last;
}

function sessionElsewhere(context: CheckContext, repository = absentRepository(context)): Session {
  return { ...context.session(), repository, authorization: '' };
}

function* expectUnknownRepository(context: CheckContext): Talk<string> {
  const repository = absentRepository(context);
  const last = yield* askElsewhere(context, manifestShape({ ...context, repository }, 'latest'));
  expectStatus(last, 404);
  return `404 for ${repository}`;
}

/** Content that is there in the repository of the run must not be found in one that does not exist. */
function* expectNotElsewhere(context: CheckContext): Talk<string> {
  const elsewhere = { ...context, repository: absentRepository(context) };
  const { config } = fact(context.facts.image);
  const manifest = manifestShape(elsewhere, fact(context.facts.top).digest);
  const blob = blobShape(elsewhere, config);
  const session = sessionElsewhere(context);
  // No HEAD of the blob: zot makes the repository by it, and this may be a run that only reads.
  for (const shape of [manifest, blob, headOf(manifest)]) {
    const last = yield* askElsewhere(context, shape, session);
    const expected = `status 404 for ${shape.method ?? 'GET'} ${shape.path}`;
    expectThat(last.status === 404, expected, describe(last));
  }
  return `404 in ${elsewhere.repository}`;
}

/** Authorization comes before existence and is outside the spec: it may hide which names exist. */
function hidden(status: number): Unsupported {
  return new Unsupported(`the registry hides unknown names behind authorization (${status})`);
}

function* fetchChildren(context: CheckContext): Talk<{ entry: Descriptor; asked: Asked }[]> {
  const children: { entry: Descriptor; asked: Asked }[] = [];
  for (const entry of fact(context.facts.index).slice(0, childrenMax)) {
    children.push({ entry, asked: yield* ask(context, manifestShape(context, entry.digest)) });
  }
  return children;
}
