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

/** A 4xx reply. */
export function expectRefusal(reply: HttpReply): void {
  const isRefused = reply.status >= 400 && reply.status < 500;
  expectThat(isRefused, 'a refusal, status 4xx', describe(reply));
  expectReply(reply);
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
  const { status, failure } = reply;
  if (failure === '' && status >= 400 && status < 500) return expectCode(reply, ...wanted);
  throw notGiven(context, check, describe(reply));
}
