// One request at several hosts that may all have what is wanted, the mirrors of a registry before the registry
// itself: the next is asked where one fails before it has opened what is asked for.
import { failureOf, PullFailure } from '../failure.ts';
import type { Exchange } from '../redirect.ts';
import { exchange, knownOf, type RequestShape, type Session } from '../session.ts';
import type { Talk, Wait } from '../talk.ts';

/**
 * Whether it came about before any content came: a body that breaks off or is not what it should be is not
 * looked for elsewhere.
 */
export function isOpening({ status, phase, class: kind }: PullFailure): boolean {
  return kind !== 'interrupted' && (status < 200 || status >= 300 || phase === 'token');
}

/** What a client says of it in passing: the next host is asked at once. */
export function onwards(after: PullFailure): Wait {
  return { waitMs: 0, why: 'back-off', after };
}

/** The result of the first host that opens it. @throws PullFailure of the first host, as containerd tells it */
export function* fromHosts<T>(hosts: readonly Session[], ask: (host: Session) => Talk<T>): Talk<T> {
  let first: PullFailure | undefined;
  for (let i = 0; i < hosts.length; i++) {
    try {
      return yield* ask(hosts[i] as Session);
    } catch (error) {
      if (!(error instanceof PullFailure) || !isOpening(error)) throw error;
      first ??= error;
      if (i + 1 < hosts.length) yield onwards(error);
    }
  }
  throw first;
}

/** `exchange` at the hosts of the session, if it has several. @throws PullFailure where none opens it */
export function exchangeAnywhere(session: Session, shape: RequestShape): Talk<Exchange> {
  const { hosts } = session;
  if (hosts === undefined) return exchange(session, shape);
  return fromHosts(hosts, (host) => opened(host, shape));
}

/** An exchange that brought something, and at which host. */
export interface Opened extends Exchange {
  readonly host: Session;
}

/** @throws PullFailure for a reply without content */
export function* opened(host: Session, shape: RequestShape): Talk<Opened> {
  const met = yield* exchange(host, shape);
  const { status } = met.reply;
  if (status < 200 || status >= 300) throw failureOf(met.request, met.reply, knownOf(host, shape));
  return { ...met, host };
}
