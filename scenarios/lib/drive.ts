// Runs a conversation in k6: callbacks instead of promises, because this is the hot path of a load
// generator and every promise costs the JavaScript engine a round through its job queue.
import {
  type Gate,
  type HttpReply,
  type HttpRequest,
  isGate,
  isParallel,
  isRequest,
  type Parallel,
  type Talk,
  type Wait,
  type Yielded,
} from '../../src/protocol/talk.ts';

/** Performs one request and calls back once, also when it fails (see HttpReply.failure). */
export type Perform = (request: HttpRequest, done: (reply: HttpReply) => void) => void;

/** Calls back after the pause. */
export type Pause = (wait: Wait, done: () => void) => void;

type Done<T> = (error: unknown, result: T | undefined) => void;

/** Drives `talk` to its end; `done` gets the error it threw, or its result. */
export function drive<T>(talk: Talk<T>, perform: Perform, pause: Pause, done: Done<T>): void {
  // One function for all answers: in this engine a closure costs as much as twenty calls.
  const advance = (answer: unknown, error?: unknown): void => {
    let next: IteratorResult<Yielded, T>;
    try {
      next = error === undefined ? talk.next(answer) : talk.throw(error);
    } catch (thrown) {
      done(thrown, undefined);
      return;
    }
    const { value } = next;
    if (next.done === true) done(undefined, value as T);
    else if (isRequest(value as Yielded)) perform(value as HttpRequest, advance);
    else if (isParallel(value as Yielded)) driveAll(value as Parallel, perform, pause, advance);
    else if (isGate(value as Wait | Gate)) (value as Gate).gate(() => advance(undefined));
    else pause(value as Wait, () => advance(undefined));
  };
  advance(undefined);
}

/** The rule of `Parallel`: started in order, at most `limit` under way, first error wins. */
function driveAll(
  { parallel, limit }: Parallel,
  perform: Perform,
  pause: Pause,
  done: (results: unknown[], error: unknown) => void,
): void {
  const total = parallel.length;
  if (total === 0) {
    done([], undefined);
    return;
  }
  const results: unknown[] = new Array(total);
  let next = 0;
  let running = 0;
  let failure: { error: unknown } | undefined;
  const startMore = (): void => {
    while (running < Math.max(1, limit) && next < total && failure === undefined) {
      const index = next++;
      running++;
      drive(parallel[index] as Talk<unknown>, perform, pause, (error, result) => {
        running--;
        if (error === undefined) results[index] = result;
        else failure ??= { error };
        if (next < total && failure === undefined) startMore();
        else if (running === 0) done(results, failure?.error);
      });
    }
  };
  startMore();
}
