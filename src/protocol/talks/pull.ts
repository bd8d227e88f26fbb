// The pull conversation: reference → index → platform → manifest → config and layers, as one client
// does it. This is what conform proves, what load multiplies, and what a person's `podman pull` does.

import { keep, rememberByObject } from '../../lib/remember.ts';
import type { ClientProfile, Credentials, HostTraits, Mirror } from '../client.ts';
import { PullFailure } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { mediaTypes } from '../grammar/media-type.ts';
import {
  choosePlatform,
  formatPlatform,
  type Platform,
  type PlatformRule,
} from '../grammar/platform.ts';
import type { Quota } from '../quota.ts';
import { paceMs, retryAllPause } from '../retry.ts';
import { openSession, registryRequest, type Session } from '../session.ts';
import type { Talk } from '../talk.ts';
import { attestationOf, fetchAttestation } from './attestation.ts';
import { type BlobResult, fetchBlob, fetchBlobAtHosts, type Verification } from './blob.ts';
import { fetchInClosedRanges, layerSessionOf } from './closed-ranges.ts';
import { fetchLazily } from './lazy.ts';
import { type FetchedManifest, fetchManifest, resolveManifest } from './manifest.ts';
import {
  clientAt,
  fetchBlobBySource,
  goesInTurn,
  inTurn,
  type Resolved,
  resolveByMirrors,
  signedIn,
} from './mirrors.ts';
import { ping } from './ping.ts';
import { fetchInRanges } from './ranges.ts';

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
  readonly resolvesTo?: 'index' | 'manifest' | undefined;
  /** Digests of layers that the client's machine has already, and does not ask for. */
  readonly has?: ReadonlySet<string> | undefined;
  /** Milliseconds, for tokens that end; without it none does. */
  readonly clock?: (() => number) | undefined;
  /** From 0 to 1, for the jitter of waits and the like; without it, no chance is at work. */
  readonly random?: (() => number) | undefined;
  /** For a client that asks such first: origins, which are shown no credentials, or all that is known of them. */
  readonly mirrors?: readonly (string | Mirror)[] | undefined;
  /** What the registry itself has of its own, */
  readonly traits?: HostTraits | undefined;
  /** and what it may be asked for where there are mirrors; absent: everything. */
  readonly does?: Pick<Mirror, 'resolves' | 'pulls'> | undefined;
  /** Whether the node may start a pull now; without it, it may. */
  readonly quota?: Quota | undefined;
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
  /** Of what the reference itself names: index or manifest. */
  readonly topDigest: string;
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
  if (goesInTurn(options)) return yield* inTurn(options, locate);
  const { session, top } = yield* resolve(options);
  const { document, digest } = yield* toImage(session, top, options.platform);
  if (document.kind !== 'manifest') throw isIndexStill(session);
  const { config, layers } = document;
  const { digest: topDigest } = top;
  return { session, topDigest, digest, resolvedTo: resolvedTo(top), config, layers };
}

function* resolve(options: Omit<PullOptions, 'verification'>): Talk<Resolved> {
  const { reference, resolvesTo: phase = 'index', mirrors, does } = options;
  const session = sessionOf(options);
  if (mirrors !== undefined) {
    return yield* resolveByMirrors(session, mirrors, reference, phase, does);
  }
  if (session.client.ping) yield* ping(session);
  return { session, top: yield* resolveManifest(session, reference, phase) };
}

function sessionOf(options: Omit<PullOptions, 'verification'>): Session {
  const { registryUrl, repository, credentials, clock, random, traits } = options;
  const client = clientAt(options.client, traits);
  const session = signedIn(openSession(registryUrl, repository, client, credentials), traits);
  if (clock !== undefined) session.clock = clock;
  if (random !== undefined) session.random = random;
  return session;
}

function isIndexStill(session: Session): PullFailure {
  return unusable(session, 'an index where a manifest was expected');
}

function resolvedTo({ document }: FetchedManifest): LocatedImage['resolvedTo'] {
  return document.kind === 'index' ? 'index' : 'manifest';
}

/**
 * A whole pull, begun again from the ping on as often as the client does that.
 * @throws PullFailure
 */
export function* pull(options: PullOptions): Talk<PullResult> {
  if (goesInTurn(options)) return yield* inTurn(options, pull);
  const rule = options.client.retry?.pull;
  for (let tries = 1; ; tries++) {
    const random = rule === undefined ? 0 : (options.random?.() ?? 0.5);
    // "pull QPS exceeded": kubelet's back-off counts it like any failure.
    if (rule !== undefined && options.quota?.() === false && tries < rule.triesMax) {
      yield { waitMs: paceMs(rule, tries, random), why: 'quota' };
      continue;
    }
    // The steps of `locate` once more, here: every level of generators costs each request something.
    try {
      const phase = options.resolvesTo ?? 'index';
      let session = sessionOf(options);
      let top: FetchedManifest;
      if (options.mirrors === undefined) {
        if (session.client.ping) yield* ping(session);
        top = yield* resolveManifest(session, options.reference, phase);
      } else {
        ({ session, top } = yield* resolve(options));
      }
      const { document, digest } = yield* toImage(session, top, options.platform);
      if (document.kind !== 'manifest') throw isIndexStill(session);
      const { config, layers } = document;
      if (session.client.platformFromConfig && top.document === document && isOfImage(config)) {
        yield* fetchBlob(session, config, 'config', options.verification);
      }
      const image = fetchBlobs(session, config, layers, options);
      const attestation = attestationBeside(session, top, digest);
      const blobs = yield* attestation === undefined ? image : beside(image, attestation);
      let bytes = 0;
      let verifiedBytes = 0;
      for (let i = 0; i < blobs.length; i++) {
        const blob = blobs[i] as BlobResult;
        bytes += blob.bytes;
        verifiedBytes += blob.verifiedBytes;
      }
      return { digest, resolvedTo: resolvedTo(top), blobs: blobs.length, bytes, verifiedBytes };
    } catch (error) {
      const known = rule !== undefined && error instanceof PullFailure;
      const pause = known ? retryAllPause(rule, error, tries, random) : undefined;
      if (!known || pause === undefined) throw error;
      yield { ...pause, after: error };
    }
  }
}

/** Configs of artifacts have media types of their own, and no platform. */
function isOfImage({ mediaType }: Descriptor): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

interface Choice {
  platform: Platform;
  rule: PlatformRule;
  entry: Descriptor | undefined;
}

const lastChoices = new Map<readonly Descriptor[], Choice>();

/** `choosePlatform`, which answers at once when the same is asked of the same entries again. */
function chosenBefore(
  entries: readonly Descriptor[],
  platform: Platform,
  rule: PlatformRule,
): Descriptor | undefined {
  const last = lastChoices.get(entries);
  if (last !== undefined && last.platform === platform && last.rule === rule) return last.entry;
  const entry = choosePlatform(entries, platform, rule);
  keep(lastChoices, entries, { platform, rule, entry });
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

function layerFetcherOf({ lazy, ranges }: ClientProfile): typeof fetchLazily | undefined {
  if (lazy !== undefined) return fetchLazily;
  return ranges?.form === 'closed' ? fetchInClosedRanges : undefined;
}

function fetcherOf({ hosts, sources, client }: Session): typeof fetchBlob {
  if (client.ranges?.form === 'open') return fetchInRanges;
  if (hosts !== undefined) return fetchBlobAtHosts;
  return sources === undefined ? fetchBlob : fetchBlobBySource;
}

function* fetchBlobs(
  session: Session,
  config: Descriptor,
  layers: readonly Descriptor[],
  { verification, has }: Pick<PullOptions, 'verification' | 'has'>,
): Talk<BlobResult[]> {
  const { client } = session;
  // Whose layers come in ranges has slots for those.
  const limit = client.ranges === undefined ? client.parallelBlobs : layers.length;
  const unique =
    has === undefined
      ? distinct(layers)
      : distinct(layers).filter(({ digest }) => !has.has(digest));
  const fetchOne = fetcherOf(session);
  const fetchLayer = layerFetcherOf(client) ?? fetchOne;
  const reader = client.ranges === undefined ? session : layerSessionOf(session);
  const parallel: Talk<BlobResult>[] = [];
  // Indexed: closures and iterators are dear in k6's engine.
  for (let i = 0; i < unique.length; i++) {
    parallel.push(fetchLayer(reader, unique[i] as Descriptor, 'layer', verification));
  }
  const alone = fetchOne(session, config, 'config', verification);
  switch (client.config) {
    case 'first': {
      const first = yield* alone;
      const rest: BlobResult[] = yield { parallel, limit };
      rest.push(first);
      return rest;
    }
    case 'last': {
      const rest: BlobResult[] = yield { parallel, limit };
      rest.push(yield* alone);
      return rest;
    }
    case 'among':
      return yield { parallel: [alone, ...parallel], limit };
    case 'beside': {
      const both = [alone, together(parallel, limit)];
      const [first, rest]: [BlobResult, BlobResult[]] = yield { parallel: both, limit: 2 };
      rest.push(first);
      return rest;
    }
  }
}

/** Of the manifest with this digest, if the client asks for one and the index has one. */
function attestationBeside(
  session: Session,
  { document }: FetchedManifest,
  digest: string,
): Talk<void> | undefined {
  if (!session.client.attestations || document.kind !== 'index') return undefined;
  const entry = attestationOf(document.entries, digest);
  return entry && fetchAttestation(session, entry);
}

function* beside<T>(one: Talk<T>, other: Talk<void>): Talk<T> {
  const [result]: [T, undefined] = yield { parallel: [one, other], limit: 2 };
  return result;
}

/** A conversation of conversations, to run beside another. */
function* together<T>(parallel: readonly Talk<T>[], limit: number): Talk<T[]> {
  return yield { parallel, limit };
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
