// Runs a conversation in k6: callbacks instead of promises, because this is the hot path of a load
// generator and every promise costs the JavaScript engine a round through its job queue.
import {
  type HttpReply,
  type HttpRequest,
  isParallel,
  isRequest,
  type Parallel,
  type Step,
  type Talk,
} from '../../src/protocol/talk.ts';

/** Performs one request and calls back once, also when it fails (see HttpReply.failure). */
export type Perform = (request: HttpRequest, done: (reply: HttpReply) => void) => void;

/** Calls back after so many milliseconds. */
export type Pause = (done: () => void, ms: number) => void;

type Done<T> = (error: unknown, result: T | undefined) => void;

/** Drives `talk` to its end; `done` gets the error it threw, or its result. */
export function drive<T>(talk: Talk<T>, perform: Perform, pause: Pause, done: Done<T>): void {
  const settle = (error: unknown, results: unknown): void => {
    advance(error === undefined ? undefined : { error }, results);
  };
  const answer = (reply: HttpReply): void => advance(undefined, reply);
  const advance = (failed: { error: unknown } | undefined, value: unknown): void => {
    let step: IteratorResult<Step, T>;
    try {
      step = failed === undefined ? talk.next(value) : talk.throw(failed.error);
    } catch (error) {
      done(error, undefined);
      return;
    }
    if (step.done === true) done(undefined, step.value);
    else if (isRequest(step.value)) perform(step.value, answer);
    else if (isParallel(step.value)) driveAll(step.value, perform, pause, settle);
    else pause(() => advance(undefined, undefined), step.value.waitMs);
  };
  advance(undefined, undefined);
}

/** The rule of `Parallel`: started in order, at most `limit` under way, first error wins. */
function driveAll(
  { parallel, limit }: Parallel,
  perform: Perform,
  pause: Pause,
  done: Done<unknown[]>,
): void {
  const total = parallel.length;
  if (total === 0) {
    done(undefined, []);
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
        else if (running === 0) done(failure?.error, results);
      });
    }
  };
  startMore();
}
