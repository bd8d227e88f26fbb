// A pull from a registry with mirrors in front of it: who is asked first, and from where the rest comes. What
// goes from host to host request by request is in hosts.ts. Credentials are the registry's: mirrors get none but
// their own.
import { keep, rememberByObject } from '../../lib/remember.ts';
import type { ClientProfile, Credentials, HostTraits, Mirror } from '../client.ts';
import { PullFailure } from '../failure.ts';
import type { Descriptor } from '../grammar/manifest-document.ts';
import { encodeQueryComponent, hostOf } from '../grammar/uri.ts';
import { paceMs } from '../retry.ts';
import { openSession, type Session, type Sources } from '../session.ts';
import type { Phase, Talk } from '../talk.ts';
import { type BlobResult, fetchBlob, type Verification } from './blob.ts';
import { isOpening, onwards } from './hosts.ts';
import { type FetchedManifest, resolveManifest } from './manifest.ts';
import { ping } from './ping.ts';

/** What a reference names, and the dealings by which the pull goes on. */
export interface Resolved {
  readonly session: Session;
  readonly top: FetchedManifest;
}

/**
 * The beginning of a pull: from the registry's session and the origins of its mirrors to what the reference names.
 * @throws PullFailure
 */
export function* resolveByMirrors(
  registry: Session,
  mirrors: readonly (string | Mirror)[],
  reference: string,
  phase: Phase,
  registryDoes: Pick<Mirror, 'resolves' | 'pulls'> = {},
): Talk<Resolved> {
  const at = mirrors.map((mirror) => (typeof mirror === 'string' ? { url: mirror } : mirror));
  const hosts = [...at.map((mirror) => sessionAt(mirror, registry)), registry];
  if (registry.client.mirrors?.each === 'source') {
    return yield* resolveBySource(hosts, reference, phase);
  }
  const does = [...at, registryDoes];
  const pulling = hosts.filter((_, i) => does[i]?.pulls !== false);
  const resolving = hosts.filter((_, i) => does[i]?.resolves !== false);
  for (const host of hosts) {
    host.hosts = pulling;
    if (resolving.length < hosts.length) host.resolvers = resolving;
  }
  return { session: registry, top: yield* resolveManifest(registry, reference, phase) };
}

function sessionAt({ url, repository, credentials, traits }: Mirror, registry: Session): Session {
  const { client, actions, registryUrl } = registry;
  const { apiPath: _, ...plain } = client;
  const usual = mirrorClients(client.apiPath === undefined ? client : plain)(registryUrl);
  const own = clientAt(usual, traits);
  const name = repository ?? registry.repository;
  const session = signedIn(openSession(url, name, own, credentials, actions), traits);
  session.clock = registry.clock;
  session.random = registry.random;
  return session;
}

/** The client as it talks to a host that has traits of its own. */
export function clientAt(client: ClientProfile, traits: HostTraits | undefined): ClientProfile {
  if (traits === undefined) return client;
  const { apiPath, namespace } = traits;
  const headers = (traits.headers ?? []).filter(([name]) => !ofThisHostAlone.test(name));
  const ns = namespace === '' ? '' : `?ns=${encodeQueryComponent(namespace ?? '')}`;
  return {
    ...client,
    ...(apiPath !== undefined && { apiPath }),
    ...(headers.length > 0 && { registryHeaders: [...client.registryHeaders, ...headers] }),
    ...(namespace !== undefined && { namespace: ns }),
  };
}

/** Lines that no redirect takes along (net/http); `Authorization` is the session's. */
const ofThisHostAlone = /^(?:authorization|cookie2?|www-authenticate)$/i;

/** A session at a host whose traits may have it signed in already. */
export function signedIn(session: Session, traits: HostTraits | undefined): Session {
  const line = traits?.headers?.find(([name]) => /^authorization$/i.test(name));
  if (line !== undefined) session.authorization = line[1];
  return session;
}

/** The client as it talks to mirrors of this registry; made once, so that its requests can be remembered. */
const mirrorClients = rememberByObject((client: ClientProfile) => {
  const known = new Map<string, ClientProfile>();
  return (registryUrl: string): ClientProfile => {
    let made = known.get(registryUrl);
    if (made === undefined) {
      made = mirrorClient(client, hostOf(registryUrl));
      keep(known, registryUrl, made, registriesMax);
    }
    return made;
  };
});

const registriesMax = 1000;

function mirrorClient(client: ClientProfile, registry: string): ClientProfile {
  const { mirrors, retry } = client;
  if (mirrors?.each !== 'request') return client;
  const request = mirrors.request;
  const { request: _, layerRequest: __, ...rest } = retry ?? {};
  const namespace = mirrors.namespace && `?ns=${encodeQueryComponent(registry)}`;
  return {
    ...client,
    retry: request === undefined ? rest : { ...rest, request },
    ...(namespace !== undefined && { namespace }),
  };
}

/** What came as a manifest has settled the source, and is read, and hashed, only then. */
function isFinal(error: PullFailure): boolean {
  return ['interrupted', 'bad-manifest', 'wrong-digest'].includes(error.class);
}

/** Ping, token and manifest at one after another; the first that has it all is where the blobs are. */
function* resolveBySource(
  hosts: readonly Session[],
  reference: string,
  phase: Phase,
): Talk<Resolved> {
  const failed: PullFailure[] = [];
  for (let i = 0; i < hosts.length; i++) {
    const session = hosts[i] as Session;
    try {
      if (session.client.ping) yield* ping(session);
      const top = yield* resolveManifest(session, reference, phase);
      const goesOn = session.client.mirrors?.blobAgain !== undefined;
      session.sources = { current: session, left: goesOn ? hosts.slice(i + 1) : [] };
      return { session, top };
    } catch (error) {
      if (!(error instanceof PullFailure) || isFinal(error)) throw error;
      failed.push(error);
      if (i + 1 < hosts.length) yield onwards(error);
    }
  }
  throw alsoFailed('Mirrors', failed.pop() as PullFailure, failed);
}

/** The failure that counts, with those of the mirrors in front, in the words of containers/image. */
function alsoFailed(what: string, failure: PullFailure, others: readonly PullFailure[]) {
  if (others.length === 0) return failure;
  const told = others.map(({ host, message }) => `[${host}: ${message}]`).join(' ');
  failure.message = `(${what} also failed: ${told}): ${failure.message}`;
  return failure;
}

/** A blob from where the manifest was, or where that fails in one of some ways, from the next source. */
export function* fetchBlobBySource(
  session: Session,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const sources = session.sources as Sources;
  const fetchAt = (at: Session) => fetchTwice(at, sources, descriptor, phase, verification);
  const first = sources.current;
  let original: PullFailure;
  try {
    return yield* fetchAt(first);
  } catch (error) {
    original = goesElsewhere(error);
  }
  const failed: PullFailure[] = [];
  // Another blob has found a source meanwhile.
  const found = sources.current === first ? undefined : sources.current;
  for (let at = found ?? sources.left.shift(); at !== undefined; at = sources.left.shift()) {
    yield onwards(failed.at(-1) ?? original);
    try {
      if (at !== found && at.client.ping) yield* ping(at);
      const result = yield* fetchAt(at);
      sources.current = at;
      return result;
    } catch (error) {
      if (!(error instanceof PullFailure) || !isOpening(error)) throw error;
      failed.push(error);
      if (!isElsewhere(error)) break;
    }
  }
  throw alsoFailed('Fallback sources', original, failed);
}

/** Once more after a pause, where there is somewhere else to go and the trouble may pass. */
function* fetchTwice(
  at: Session,
  { left }: Sources,
  descriptor: Descriptor,
  phase: 'config' | 'layer',
  verification: Verification,
): Talk<BlobResult> {
  const again = at.client.mirrors?.blobAgain;
  try {
    return yield* fetchBlob(at, descriptor, phase, verification);
  } catch (error) {
    if (again === undefined || left.length === 0) throw error;
    if (!(error instanceof PullFailure) || !mayPass(error)) throw error;
    const waitMs = paceMs(again, 1, at.random?.() ?? 0.5);
    yield { waitMs, why: 'back-off', after: error };
  }
  return yield* fetchBlob(at, descriptor, phase, verification);
}

/** A 5xx, or that time ran out. */
function mayPass({ class: kind, status }: PullFailure): boolean {
  return status >= 500 || (status === 0 && (kind === 'dial-timeout' || kind === 'stalled'));
}

/** So or because this source lacks the blob, or has had enough of us. */
function isElsewhere(error: PullFailure): boolean {
  return mayPass(error) || error.class === 'blob-unknown' || error.class === 'rate-limited';
}

/** @throws what is no reason to ask elsewhere */
function goesElsewhere(error: unknown): PullFailure {
  if (error instanceof PullFailure && isOpening(error) && isElsewhere(error)) return error;
  throw error;
}

/** What of a pull's options says where it goes. */
interface Whither {
  readonly client: ClientProfile;
  readonly registryUrl: string;
  readonly repository: string;
  readonly credentials?: Credentials | undefined;
  readonly mirrors?: readonly (string | Mirror)[] | undefined;
  readonly traits?: HostTraits | undefined;
}

/** Whether the whole pull goes from host to host. */
export function goesInTurn({ mirrors, client }: Pick<Whither, 'mirrors' | 'client'>): boolean {
  return mirrors !== undefined && client.mirrors?.each === 'pull';
}

/** All of it at one mirror after another, and then at the registry. @throws PullFailure of the last */
export function* inTurn<O extends Whither, T>(options: O, talk: (options: O) => Talk<T>): Talk<T> {
  for (const mirror of options.mirrors ?? []) {
    const at = typeof mirror === 'string' ? { url: mirror } : mirror;
    const { url: registryUrl, repository = options.repository, credentials, traits } = at;
    const its = { registryUrl, repository, credentials, traits };
    const there = { ...options, ...its, mirrors: undefined };
    try {
      return yield* talk(there);
    } catch (error) {
      if (!(error instanceof PullFailure) || error.class === 'interrupted') throw error;
      yield onwards(error);
    }
  }
  return yield* talk({ ...options, mirrors: undefined });
}
