// Runs a conversation to its end over any function that performs one request.
import {
  type HttpReply,
  type HttpRequest,
  isGate,
  isParallel,
  isRequest,
  type Parallel,
  type Talk,
  type Wait,
} from '../protocol/talk.ts';

/**
 * Performs one request; resolves also when it fails (see HttpReply.failure), never rejects. Once `signal`
 * is aborted, the reply is not waited for; those who know nothing of it may go on.
 */
export type Perform = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpReply>;

/** Performs a pause, of a conversation mostly; resolves early when the run is to stop, never rejects. */
export type Pause = (ms: number, wait?: Wait) => Promise<void>;

const sleep: Pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The result of the conversation; rejects with what it throws. */
export async function drive<T>(talk: Talk<T>, perform: Perform, pause = sleep): Promise<T> {
  let next = talk.next();
  while (next.done !== true) {
    const wanted = next.value;
    if (isRequest(wanted)) {
      next = talk.next(await perform(wanted));
      continue;
    }
    if (!isParallel(wanted)) {
      if (isGate(wanted)) await new Promise<void>((pass) => wanted.gate(pass));
      else if (wanted.waitMs > 0 || wanted.after !== undefined) await pause(wanted.waitMs, wanted);
      next = talk.next();
      continue;
    }
    const outcome = await driveAll(wanted, perform, pause);
    next = 'error' in outcome ? talk.throw(outcome.error) : talk.next(outcome.results);
  }
  return next.value;
}

/** The rule of `Parallel`: started in order, at most `limit` under way, first error wins. */
async function driveAll(
  { parallel, limit }: Parallel,
  perform: Perform,
  pause: Pause,
): Promise<{ results: unknown[] } | { error: unknown }> {
  const results: unknown[] = new Array(parallel.length);
  const errors: unknown[] = [];
  let next = 0;
  const worker = async () => {
    while (next < parallel.length && errors.length === 0) {
      const index = next++;
      try {
        results[index] = await drive(parallel[index] as Talk<unknown>, perform, pause);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), parallel.length) }, worker));
  return errors.length > 0 ? { error: errors[0] } : { results };
}
