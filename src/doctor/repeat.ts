// Asks for some blobs of a traced pull again, for the redirects: registries lead to several hosts by turns, and one
// pull shows but some of them. Of each blob only the very beginning is read.
import { drive } from '../drivers/drive.ts';
import type { ClientProfile } from '../protocol/client.ts';
import { PullFailure } from '../protocol/failure.ts';
import type { Descriptor } from '../protocol/grammar/manifest-document.ts';
import { openSession, type Session } from '../protocol/session.ts';
import { fetchBlob } from '../protocol/talks/blob.ts';
import { clientAt, signedIn } from '../protocol/talks/mirrors.ts';
import type { TracedPull } from './facts.ts';
import { originAt } from './places.ts';
import { type Traced, told, traitsOf, withoutRetries } from './trace.ts';
import { type Means, type Performed, Tracer } from './tracer.ts';

/** Read of each blob. */
const beginningBytes = 1024;

/** None where the pull came to no manifest. `times`: repeats, all side by side. */
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
  const limits = { ...means.limits, wholeBytes: 0, firstBytes: beginningBytes };
  const again: Means = { ...means, limits, isWhole: false, sinkOf: undefined };
  const runs = Array.from({ length: times }, () => repeat(from, blobs, client, again));
  return await Promise.all(runs);
}

/** Its endpoint has what is wanted, and has let us in. */
function isWelcome({ hop, phase, reply }: Performed): boolean {
  const isContent = phase === 'index' || phase === 'manifest' || phase === 'config';
  return hop === 'registry' && isContent && reply.status >= 200 && reply.status < 400;
}

async function repeat(
  from: Performed,
  blobs: readonly Descriptor[],
  client: ClientProfile,
  means: Means,
): Promise<Traced> {
  const { endpoint, request } = from;
  const tracer = new Tracer(means, [endpoint], means.limits.connectMs);
  const traits = traitsOf(endpoint);
  const own = clientAt(withoutRetries(client), traits);
  const failures: PullFailure[] = [];
  const ask = async (blob: Descriptor, at: number) => {
    const session: Session = openSession(
      originAt(endpoint),
      endpoint.repository,
      own,
      endpoint.credentials.credentials,
    );
    signedIn(session, traits);
    session.authorization = request.authorization;
    try {
      const phase = at === 0 ? 'config' : 'layer';
      await drive(fetchBlob(session, blob, phase, 'all'), tracer.perform, async () => undefined);
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      failures.push(error);
    }
  };
  await Promise.all(blobs.map(ask));
  const performed = tracer.performed.toSorted((a, b) => a.startedMs - b.startedMs);
  const [failure] = failures;
  const pull: TracedPull = {
    exchanges: performed.map(told),
    passedOver: [],
    ...(failure !== undefined && { failure }),
  };
  return { pull, performed };
}

/** Distinct ones, from the first to the last at even distances. */
function someOf(blobs: readonly Descriptor[], most: number): Descriptor[] {
  const distinct = [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
  if (distinct.length <= most) return distinct;
  const step = (distinct.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, at) => distinct[Math.round(at * step)] as Descriptor);
}
