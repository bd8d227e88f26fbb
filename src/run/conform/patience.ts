// What a rate limit asks for: to wait as long as Retry-After says, and to ask again. A 429 is no verdict.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Perform } from '../../drivers/drive.ts';
import { retryAfterMs } from '../../protocol/grammar/http-date.ts';
import type { HttpReply, HttpRequest } from '../../protocol/talk.ts';

/** Pauses before one request; who is put off once more is left to the check. */
const pausesMax = 5;
/** Longer ones would hold up the run: what is put off for minutes is void. */
const pauseMsMax = 10_000;

/** Resolves after so many milliseconds, or once `signal` is aborted; never rejects. */
type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

/** `limited` is told of each 429, also of those that are not the last reply. */
export function patient(
  perform: Perform,
  limited: (request: HttpRequest, reply: HttpReply) => void,
  pause: Pause = sleepFor,
): Perform {
  return async (request, signal) => {
    let reply = await perform(request, signal);
    for (let pauses = 0; reply.status === 429; pauses++) {
      limited(request, reply);
      const ms = pauseMsOf(reply);
      if (ms === undefined || pauses === pausesMax || signal?.aborted === true) break;
      await pause(ms, signal);
      reply = await perform(request, signal);
    }
    return reply;
  };
}

const sleepFor: Pause = (ms, signal) =>
  sleep(ms, undefined, signal && { signal }).catch(() => undefined);

/** Of Retry-After, where it is not too long; undefined when there is nothing to wait for. */
function pauseMsOf(reply: HttpReply): number | undefined {
  const ms = retryAfterMs(reply);
  return ms !== undefined && ms <= pauseMsMax ? ms : undefined;
}
