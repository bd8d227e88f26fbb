// What a refusal says: judging the codes of the spec's table.

import { parseErrorBody } from '../../protocol/grammar/errors.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { describe, expectReply, expectThat } from './expect.ts';
import { notGiven } from './given.ts';

/** Codes of the errors in the reply; none where the body is none or of another kind. */
function codesOf(reply: HttpReply): string[] {
  return parseErrorBody(reply.text).errors.map(({ code }) => code);
}

/**
 * What may refuse a request, by what is wrong with it: the statuses of the table of endpoints, those by which
 * registries of the field say the same, and those of RFC 9110 15.5 that fit. Others say something untrue.
 */
export const refusals = {
  /** A manifest that is none: 404 by the table, 415 and 422 of its type and content. */
  content: [400, 404, 405, 415, 422],
  /** Bytes under a digest that is not theirs, or that is there already and may not be replaced. */
  digest: [400, 403, 404, 405, 409, 412, 422],
  /** A manifest that names what is not there: a conflict, a precondition, or a dependency that fails. */
  missing: [400, 403, 404, 405, 409, 412, 422, 424],
  /** A name that the grammar does not have; who may do what may be looked at first. */
  name: [400, 401, 403, 404, 405, 414, 422],
  /** A chunk that does not fit. */
  chunk: [400, 416, 422],
  /** An upload of another repository, which the session may not open. */
  upload: [400, 401, 403, 404, 416],
} as const satisfies Record<string, readonly number[]>;

/** One of the statuses that fit. */
export function expectRefusal(reply: HttpReply, kind: keyof typeof refusals): void {
  const statuses: readonly number[] = refusals[kind];
  const isRefused = statuses.includes(reply.status);
  expectThat(isRefused, `a refusal: status ${statuses.join(', ')}`, describe(reply));
  expectReply(reply);
}

/** One of the codes is among those of the refusal. */
export function hasCode(reply: HttpReply, ...wanted: readonly string[]): boolean {
  return isClientError(reply) && codesOf(reply).some((code) => wanted.includes(code));
}

function isClientError({ status, failure }: HttpReply): boolean {
  return failure === '' && status >= 400 && status < 500;
}

/** Where the refusal has codes, one of these is among them; its body may be of any kind (spec.md). */
export function expectCode(reply: HttpReply, ...wanted: readonly string[]): string {
  const codes = codesOf(reply);
  if (codes.length === 0) return `${reply.status}, without a code`;
  const isRight = codes.some((code) => wanted.includes(code));
  expectThat(isRight, `code ${wanted.join(' or ')}`, `${reply.status} ${codes.join(', ')}`);
  return `${reply.status} ${codes.join(', ')}`;
}

/** As `expectCode`. @throws Void where nothing was refused, which the other check judges */
export function expectCodeIfRefused(
  context: CheckContext,
  check: string,
  reply: HttpReply,
  ...wanted: readonly string[]
): string {
  if (isClientError(reply)) return expectCode(reply, ...wanted);
  throw notGiven(context, check, describe(reply));
}
