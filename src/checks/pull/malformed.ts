// Reading by what is no name: digests and repositories that the grammar does not allow. No store may be
// searched for them by the way.
import type { RequestShape } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, blobShape, manifestShape } from '../kit/ask.ts';
import { expectReply, expectThat, fact, quote } from '../kit/expect.ts';

const section = 'distribution-spec/spec.md#error-codes';

export const malformedChecks: readonly Check[] = [
  {
    id: 'manifest-digest-malformed',
    level: 'COMPAT',
    section,
    requirement: 'GET of a manifest by a malformed digest is answered 4xx.',
    why: 'A digest that is cut and still finds something no longer says what is pulled.',
    needs: ['top'],
    *run(context) {
      const { digest } = fact(context.facts.top);
      return yield* expectRefused(context, malformedOf(digest), (malformed) =>
        manifestShape(context, malformed),
      );
    },
  },
  {
    id: 'blob-digest-malformed',
    level: 'COMPAT',
    section,
    requirement: 'GET of a blob by a malformed digest is answered 4xx.',
    why: 'A digest that is cut and still finds something no longer says what is pulled.',
    needs: ['image'],
    *run(context) {
      const { config } = fact(context.facts.image);
      return yield* expectRefused(context, malformedOf(config.digest), (malformed) =>
        blobShape(context, { ...config, digest: malformed }),
      );
    },
  },
  {
    id: 'repository-malformed',
    level: 'COMPAT',
    section,
    requirement: 'GET of a manifest in a repository whose name is malformed is answered 4xx.',
    why: 'A misspelt image name must not look like an outage.',
    needs: ['top'],
    *run(context) {
      const names = [`${context.repository}/Pullproof`, `${context.repository}/-pullproof`];
      return yield* expectRefused(context, names, (repository) =>
        manifestShape({ ...context, repository }, 'latest'),
      );
    },
  },
];

/** Of a digest that exists: too short, in capitals, and what has not the form at all. */
function malformedOf(digest: string): readonly string[] {
  const [algorithm = '', hex = ''] = digest.split(':');
  const capitals = `${algorithm}:${hex.toUpperCase()}`;
  return [digest.slice(0, -1), `${algorithm}:${hex.slice(0, 12)}`, capitals, `${algorithm}:-`];
}

function* expectRefused(
  context: CheckContext,
  names: readonly string[],
  shapeOf: (malformed: string) => RequestShape,
): Talk<string> {
  const statuses = new Set<number>();
  for (const malformed of names) {
    const { last } = yield* ask(context, { ...shapeOf(malformed), want: 'text' });
    expectReply(last);
    const isRefused = last.status >= 400 && last.status < 500;
    const expected = `a status of 4xx for ${quote(malformed)}`;
    expectThat(isRefused, expected, `status ${last.status}`);
    statuses.add(last.status);
  }
  return [...statuses].join(', ');
}
