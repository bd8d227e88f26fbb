// What was read before it was deleted is gone as well: caches, in the registry and before it, keep what they served.
// What a plain deletion does is for the check that a row depends on.
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, headOf } from '../kit/ask.ts';
import { expectAbsent } from '../kit/blobs.ts';
import { expectHeadAbsent, givenDeleted } from '../kit/deletion.ts';
import { describe, expectReply, expectStatus, expectThat } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import { type Kind, kinds } from './kinds.ts';

export const readBeforeDeleteChecks: readonly Check[] = kinds.map((kind): Check => {
  const id = `${kind.judgedBy}-read`;
  return {
    id,
    level: 'MUST',
    section: kind.section,
    requirement: `DELETE of ${kind.title} that was read before, by GET and by HEAD, leaves 404 for both.`,
    why: 'What was deleted because it must not be there is what was in use, and is in the caches.',
    needs: ['push'],
    dependsOn: [kind.judgedBy, kind.pushedBy, kind.unknownBy],
    isAlone: kind.judgedBy !== 'delete-blob',
    *run(context) {
      const { below, shape } = yield* kind.push(context, id);
      const ways = [
        ['GET', shape],
        ['HEAD', headOf(shape)],
      ] as const;
      const session = () => context.session(context.repository, 'pull,push');
      for (const [, way] of ways) {
        yield* given(context, kind.pushedBy, function* () {
          expectStatus((yield* ask(context, way, session())).last, 200);
        });
      }
      yield* givenDeleted(context, below, kind.titles, kind.judgedBy);
      for (const [method, way] of ways) {
        const { last } = yield* ask(context, way, session());
        if (last.status !== 404) yield* givenGone(context, kind, `${id}-plain`);
        const expected = `status 404 for ${method} of ${below}, which was read before it was deleted`;
        expectThat(last.status === 404, expected, describe(last));
        expectReply(last);
      }
      return 'read, 202, then 404 by GET and HEAD';
    },
  };
});

/** What nobody has read is gone once it was deleted. @throws Void, Unsupported */
function* givenGone(context: CheckContext, kind: Kind, name: string): Talk<void> {
  const { below } = yield* kind.push(context, name);
  yield* givenDeleted(context, below, kind.titles, kind.judgedBy);
  yield* given(context, kind.judgedBy, () => expectAbsent(context, below));
  yield* given(context, kind.unknownBy, () => expectHeadAbsent(context, below));
}
