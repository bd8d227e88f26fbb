// What a check takes for given because another check demands it. Where that does not hold there is nothing to
// judge: the check is void, and names the other one, which it has to declare (`dependsOn`).
import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import { Broken, type CheckContext, Void } from '../check.ts';
import type { Asked } from './ask.ts';
import { describe } from './expect.ts';

/** Times that it is done while servers fail by themselves: a set-up is no place to fail a check. */
const givenTriesMax = 4;
const pauseMsMin = 20;

/**
 * What `check` demands, done or looked at once more; from its start again where a server failed by itself
 * meanwhile, so it must be of a kind that can be done twice. @throws Void where it does not hold
 */
export function* given<T>(context: CheckContext, check: string, talk: () => Talk<T>): Talk<T> {
  expectDeclared(context, check);
  for (let tries = 1; ; tries++) {
    const before = context.stumbles.length;
    try {
      return yield* talk();
    } catch (error) {
      const isSpoilt = context.stumbles.length > before && isOfServer(error);
      const isOver = tries === givenTriesMax || context.hasFailed(check);
      if (!isSpoilt || isOver) throw asNotGiven(context, check, error);
      yield { waitMs: pauseMsMin * 2 ** tries, why: 'back-off' };
    }
  }
}

function isOfServer(error: unknown): error is Broken | PullFailure {
  return error instanceof Broken || error instanceof PullFailure;
}

function asNotGiven(context: CheckContext, check: string, error: unknown): unknown {
  return isOfServer(error) ? notGiven(context, check, error.message) : error;
}

/** The whole reply, a 200, to something that `check` demands. @throws Void */
export function* givenReply(
  context: CheckContext,
  check: string,
  asking: Talk<Asked>,
): Talk<Asked> {
  const asked = yield* givenAnswer(context, check, asking);
  if (asked.last.failure !== '') throw notGiven(context, check, describe(asked.last));
  return asked;
}

/** As `givenReply`, but a body that breaks off is for the caller to judge. @throws Void */
export function* givenAnswer(
  context: CheckContext,
  check: string,
  asking: Talk<Asked>,
): Talk<Asked> {
  expectDeclared(context, check);
  let asked: Asked;
  try {
    asked = yield* asking;
  } catch (error) {
    throw asNotGiven(context, check, error);
  }
  if (asked.last.status !== 200) throw notGiven(context, check, describe(asked.last));
  return asked;
}

/** For the caller to throw: what `check` demands does not hold. */
export function notGiven(context: CheckContext, check: string, because: string): Void {
  expectDeclared(context, check);
  return new Void(`depends on ${check}, which does not hold here: ${because}`, { check, because });
}

/** @throws Error, our own bug, where the check that runs depends on another one and does not say so */
function expectDeclared({ running }: CheckContext, check: string): void {
  if (running === undefined || running.dependsOn?.includes(check) === true) return;
  throw new Error(`${running.id} depends on ${check} and does not declare it (dependsOn)`);
}
