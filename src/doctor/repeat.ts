// Asks for some blobs of a traced pull again, for the redirects: registries lead to several hosts by turns, and one
// pull shows but some of them. Of each blob only the very beginning is read.
import { drive } from '../drivers/drive.ts';
import type { ClientProfile } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import type { Descriptor } from '../protocol/grammar/manifest-document.ts';
import { openSession, type Session } from '../protocol/session.ts';
import type { HttpReply, HttpRequest } from '../protocol/talk.ts';
import { fetchBlob } from '../protocol/talks/blob.ts';
import { clientAt, signedIn } from '../protocol/talks/mirrors.ts';
import type { TracedPull } from './facts.ts';
import type { Limits } from './limits.ts';
import { hostPortOf, originAt } from './places.ts';
import { type Traced, told, traitsOf, withoutRetries } from './trace.ts';
import { type Means, type Performed, Tracer } from './tracer.ts';

/** Read of each blob. */
const beginningBytes = 1024;

/**
 * None where the pull came to no manifest. `times`: repeats; all together ask no more at once than the client does, since
 * there are servers that take one after another and refuse several. What time leaves no room for is not asked.
 */
export async function repeatBlobs(
  traced: Traced,
  client: ClientProfile,
  means: Means,
  times: number,
): Promise<Traced[]> {
  const { manifest } = traced.pull;
  const from = traced.performed.findLast(isWelcome);
  if (manifest === undefined || from === undefined) return [];
  const blobs = someOf([manifest.config, ...manifest.layers], means.limits.blobsAgain);
  const limits = {
    ...means.limits,
    wholeBytes: 0,
    firstBytes: beginningBytes,
    blobsMs: means.limits.probeMs,
    ...lessTime(traced, means),
  };
  const again: Means = { ...means, limits, isWhole: false, sinkOf: undefined };
  const silent = new SilentHosts(traced.performed);
  const runs = Array.from({ length: times }, () => new Repeat(from, client, again, silent));
  const waiting = runs.flatMap((run) => blobs.map((blob, at) => () => run.ask(blob, at)));
  const endsAt = performance.now() + means.limits.blobsMs;
  const inTurn = async () => {
    while (performance.now() < endsAt) {
      const ask = waiting.shift();
      if (ask === undefined) return;
      await ask();
    }
  };
  await Promise.all(Array.from({ length: client.parallelBlobs }, inTurn));
  return runs.map((run) => run.traced()).filter(({ performed }) => performed.length > 0);
}

/** Hosts that let a connection or a handshake wait to the end: what they are asked again fails as at first, at once. */
class SilentHosts {
  readonly #replies = new Map<string, Promise<HttpReply>>();

  constructor(performed: readonly Performed[]) {
    for (const { host, reply } of performed) {
      if (isSilent(reply)) this.#replies.set(host, Promise.resolve(reply));
    }
  }

  /** Where several ask a host that is new, one of them finds out for all. */
  async ask(request: HttpRequest, perform: Tracer['perform']): Promise<HttpReply> {
    const host = hostPortOf(request.url);
    const before = this.#replies.get(host);
    const known = await before;
    if (known !== undefined && isSilent(known)) return known;
    const asked = perform(request);
    if (before === undefined) this.#replies.set(host, asked);
    return await asked;
  }
}

function isSilent({ status, failure, remoteAddress }: HttpReply): boolean {
  const isLate = failure === 'dial-timeout' || failure === 'stalled' || failure === 'dns';
  return status === 0 && isLate && remoteAddress === '';
}

/** Where time ran out already, the same is not waited for as long again. */
function lessTime({ pull: { failure } }: Traced, { limits: { probeMs } }: Means): Partial<Limits> {
  const isOverdue = failure?.class === 'stalled' || failure?.class === 'dial-timeout';
  return isOverdue ? { replyMs: probeMs, connectMs: probeMs } : {};
}

/** Its endpoint has what is wanted, and has let us in. */
function isWelcome({ hop, phase, reply }: Performed): boolean {
  const isContent = phase === 'index' || phase === 'manifest' || phase === 'config';
  return hop === 'registry' && isContent && reply.status >= 200 && reply.status < 400;
}

class Repeat {
  readonly #from: Performed;
  readonly #client: ClientProfile;
  readonly #silent: SilentHosts;
  readonly #tracer: Tracer;
  readonly #failures: PullFailure[] = [];

  constructor(from: Performed, client: ClientProfile, means: Means, silent: SilentHosts) {
    this.#from = from;
    this.#client = withoutRetries(client);
    this.#silent = silent;
    this.#tracer = new Tracer(means, [from.endpoint], means.limits.connectMs);
  }

  async ask(blob: Descriptor, at: number): Promise<void> {
    const { endpoint, request } = this.#from;
    const traits = traitsOf(endpoint);
    const session: Session = openSession(
      originAt(endpoint),
      endpoint.repository,
      clientAt(this.#client, traits),
      endpoint.credentials.credentials,
    );
    signedIn(session, traits);
    session.authorization = request.authorization;
    try {
      const phase = at === 0 ? 'config' : 'layer';
      const perform = (one: HttpRequest) => this.#silent.ask(one, this.#tracer.perform);
      await drive(fetchBlob(session, blob, phase, 'all'), perform, async () => undefined);
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      this.#failures.push(error);
    }
  }

  traced(): Traced {
    const performed = this.#tracer.performed.toSorted((a, b) => a.startedMs - b.startedMs);
    const [failure] = this.#failures;
    const pull: TracedPull = {
      exchanges: performed.map(told),
      passedOver: [],
      ...(failure !== undefined && { failure }),
    };
    return { pull, performed };
  }
}

/** Distinct ones, from the first to the last at even distances. */
function someOf(blobs: readonly Descriptor[], most: number): Descriptor[] {
  const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  if (distinct.length <= most) return distinct;
  const step = (distinct.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => distinct[Math.round(at * step)] as Descriptor);
}
