// What a rate limit says (RFC 6585, section 4; RFC 9110, section 10.2.3), should one come. No limit is run
// into on purpose.
import { parseRetryAfter } from '../../protocol/grammar/http-date.ts';
import type { Check } from '../check.ts';
import { absentTag, askOnce, manifestShape } from '../kit/ask.ts';
import { expectThat, quote } from '../kit/expect.ts';

const section = 'distribution-spec/spec.md#error-codes';

/** Of replies of the whole run, so it comes after all others that read. */
export const rateLimitChecks: readonly Check[] = [
  {
    id: 'rate-limit-retry-after',
    level: 'SHOULD',
    judgesLimits: true,
    section,
    requirement: 'A 429, should one come, says in Retry-After when to come again.',
    why: 'Clients that are not told try again at once, and are shut out for longer.',
    needs: ['top'],
    *run(context) {
      // What is not there is what limits are the strictest for. No limit is run into on purpose.
      yield* askOnce(context, manifestShape(context, absentTag(context)));
      const { limited = [] } = context.facts;
      for (const { request, reply } of limited) {
        const value = reply.header('Retry-After');
        const actual = value === undefined ? 'none' : `Retry-After: ${quote(value)}`;
        const expected = `Retry-After in the 429 for ${request.ask.method} ${quote(request.url)}`;
        expectThat(parseRetryAfter(value ?? '') !== undefined, expected, actual);
      }
      return limited.length === 0 ? 'no 429 came' : `${limited.length} times 429 with Retry-After`;
    },
  },
];
