// The pull conversation: reference → index → platform → manifest → config and layers, as one client
// does it. This is what conform proves, what load multiplies, and what a person's `podman pull` does.
import { type BlobResult, fetchBlob, type Verification } from './blob.ts';
import type { ClientProfile, Credentials } from './client.ts';
import { PullFailure } from './failure.ts';
import { type FetchedManifest, fetchManifest, resolveManifest } from './manifest.ts';
import type { Descriptor } from './manifest-document.ts';
import { ping } from './ping.ts';
import { choosePlatform, formatPlatform, type Platform, type PlatformRule } from './platform.ts';
import { rememberByObject } from './remember.ts';
import { openSession, registryRequest, type Session } from './session.ts';
import type { Talk } from './talk.ts';

/** Indexes inside indexes are followed this deep. */
const indexDepthMax = 4;

export interface PullOptions {
  /** Origin of the registry, no path. */
  readonly registryUrl: string;
  readonly repository: string;
  /** Tag or digest. */
  readonly reference: string;
  readonly platform: Platform;
  readonly client: ClientProfile;
  readonly credentials?: Credentials | undefined;
  readonly verification: Verification;
  /** What the reference is known to name; decides the phase under which its request is measured. */
  readonly resolvesTo?: 'index' | 'manifest';
}

export interface PullResult {
  /** Digest of the platform's manifest. */
  readonly digest: string;
  /** What the reference itself names. */
  readonly resolvedTo: 'index' | 'manifest';
  readonly blobs: number;
  /** Bytes of config and layers, and how many of them were checked by digest. */
  readonly bytes: number;
  readonly verifiedBytes: number;
}

/** What a pull knows before it asks for the first blob. */
export interface LocatedImage {
  readonly session: Session;
  /** Digest of the platform's manifest. */
  readonly digest: string;
  readonly resolvedTo: 'index' | 'manifest';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/**
 * The first half of a pull: from the reference to the manifest of the platform.
 * @throws PullFailure
 */
export function* locate(options: Omit<PullOptions, 'verification'>): Talk<LocatedImage> {
  const { client, registryUrl, repository } = options;
  const session = openSession(registryUrl, repository, client, options.credentials);
  if (client.ping) yield* ping(session);
  const top = yield* resolveManifest(session, options.reference, options.resolvesTo ?? 'index');
  const image = yield* toImage(session, top, options.platform);
  const { document, digest } = image;
  if (document.kind !== 'manifest') {
    throw unusable(session, 'an index where a manifest was expected');
  }
  const resolvedTo = top.document.kind === 'index' ? 'index' : 'manifest';
  return { session, digest, resolvedTo, config: document.config, layers: document.layers };
}

/** @throws PullFailure */
export function* pull(options: PullOptions): Talk<PullResult> {
  const { session, digest, resolvedTo, config, layers } = yield* locate(options);
  const blobs = yield* fetchBlobs(session, config, layers, options.verification);
  let bytes = 0;
  let verifiedBytes = 0;
  for (let i = 0; i < blobs.length; i++) {
    const blob = blobs[i] as BlobResult;
    bytes += blob.bytes;
    verifiedBytes += blob.verifiedBytes;
  }
  return { digest, resolvedTo, blobs: blobs.length, bytes, verifiedBytes };
}

interface Choice {
  platform: Platform;
  rule: PlatformRule;
  entry: Descriptor | undefined;
}

const lastChoices = new WeakMap<readonly Descriptor[], Choice>();

/** `choosePlatform`, which answers at once when the same is asked of the same entries again. */
function chosenBefore(
  entries: readonly Descriptor[],
  platform: Platform,
  rule: PlatformRule,
): Descriptor | undefined {
  const last = lastChoices.get(entries);
  if (last !== undefined && last.platform === platform && last.rule === rule) return last.entry;
  const entry = choosePlatform(entries, platform, rule);
  lastChoices.set(entries, { platform, rule, entry });
  return entry;
}

/** The same layer twice in a manifest is fetched once, as every client does. */
const distinct = rememberByObject((layers: readonly Descriptor[]) =>
  layers.filter((layer, i) => layers.findIndex(({ digest }) => digest === layer.digest) === i),
);

/** From whatever the reference named to the manifest of one platform. */
function* toImage(
  session: Session,
  top: FetchedManifest,
  platform: Platform,
): Talk<FetchedManifest> {
  let fetched = top;
  for (let depth = 0; depth < indexDepthMax && fetched.document.kind === 'index'; depth++) {
    const { entries } = fetched.document;
    const entry = chosenBefore(entries, platform, session.client.platformRule);
    if (entry === undefined) {
      const wanted = formatPlatform(platform);
      throw failure(session, 'platform-missing', `no manifest for ${wanted} in ${fetched.digest}`);
    }
    fetched = yield* fetchManifest(session, entry, 'manifest');
  }
  if (fetched.document.kind === 'schema1') {
    throw unusable(session, 'a Docker schema 1 manifest, which clients no longer pull');
  }
  return fetched;
}

function* fetchBlobs(
  session: Session,
  config: Descriptor,
  layers: readonly Descriptor[],
  verification: Verification,
): Talk<BlobResult[]> {
  const { client } = session;
  const limit = client.parallelBlobs;
  const unique = distinct(layers);
  const parallel = unique.map((layer) => fetchBlob(session, layer, 'layer', verification));
  if (!client.configFirst) {
    parallel.unshift(fetchBlob(session, config, 'config', verification));
    return yield { parallel, limit };
  }
  const first = yield* fetchBlob(session, config, 'config', verification);
  const rest: BlobResult[] = yield { parallel, limit };
  return [first, ...rest];
}

function unusable(session: Session, what: string): PullFailure {
  return failure(session, 'bad-manifest', `the reference leads to ${what}`);
}

/** A failure of the content rather than of one request. */
function failure(session: Session, kind: 'platform-missing' | 'bad-manifest', message: string) {
  const path = `/v2/${session.repository}/manifests/`;
  const request = registryRequest(session, { path, want: 'none', bodyBytesMax: 0, phase: 'index' });
  return new PullFailure(kind, request, 200, `${session.repository}: ${message}`);
}
