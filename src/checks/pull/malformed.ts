// Reading by what is no name: digests and repositories that the grammar does not allow. No store may be
// searched for them by the way.
import type { RequestShape } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, blobShape, headOf, manifestShape, rangeOf, smallBytesMax } from '../kit/ask.ts';
import { describe, expectReply, expectThat, fact, quote } from '../kit/expect.ts';
import { refusals } from '../kit/refusal.ts';

const section = 'distribution-spec/spec.md#error-codes';

/** Not there, as the table of endpoints has it, or no digest (`DIGEST_INVALID`). */
const digestStatuses = [400, 404];

export const malformedChecks: readonly Check[] = [
  {
    id: 'manifest-digest-malformed',
    level: 'COMPAT',
    section,
    requirement: 'GET of a manifest by a malformed digest is answered 4xx.',
    why: 'A digest that is cut and still finds something no longer says what is pulled.',
    needs: ['top'],
    covers: ['manifest-digest names'],
    *run(context) {
      const { digest } = fact(context.facts.top);
      return yield* expectRefused(context, malformedOf(digest), digestStatuses, (malformed) =>
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
    covers: ['blob names'],
    *run(context) {
      const { config } = fact(context.facts.image);
      return yield* expectRefused(
        context,
        malformedOf(config.digest),
        digestStatuses,
        (malformed) => blobShape(context, { ...config, digest: malformed }),
      );
    },
  },
  {
    id: 'manifest-digest-algorithms',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-manifests',
    requirement:
      'GET and HEAD of a manifest by a digest of another algorithm that nobody has pushed are answered 404, or 400 where the algorithm is not known.',
    why: 'Algorithms come and go; a router that does not know the form of one must not look like an outage.',
    needs: ['top'],
    covers: [
      'manifest-digest sha512',
      'manifest-digest names',
      'manifest-digest-head sha512',
      'manifest-digest-head names',
    ],
    *run(context) {
      const seen: string[] = [];
      for (const way of [whole, headOf]) {
        seen.push(
          yield* expectRefused(context, otherDigests(context), digestStatuses, (digest) =>
            way(manifestShape(context, digest)),
          ),
        );
      }
      return seen.join(', ');
    },
  },
  {
    id: 'blob-digest-algorithms',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pulling-blobs',
    requirement:
      'GET and HEAD of a blob, and GET of its range, by a digest of another algorithm that nobody has pushed are answered 404, or 400 where the algorithm is not known.',
    why: 'Algorithms come and go; a router that does not know the form of one must not look like an outage.',
    needs: ['image'],
    covers: [
      'blob sha512',
      'blob names',
      'blob-head sha512',
      'blob-head names',
      'blob-range sha512',
      'blob-range names',
    ],
    *run(context) {
      const { config } = fact(context.facts.image);
      const seen: string[] = [];
      for (const way of [whole, headOf, firstByteOf]) {
        seen.push(
          yield* expectRefused(context, otherDigests(context), digestStatuses, (digest) =>
            way(blobShape(context, { ...config, digest })),
          ),
        );
      }
      return seen.join(', ');
    },
  },
  {
    id: 'repository-malformed',
    level: 'COMPAT',
    section,
    requirement:
      'GET and HEAD of a manifest in a repository whose name is malformed are answered 4xx.',
    why: 'A misspelt image name must not look like an outage.',
    needs: ['top'],
    covers: ['manifest-tag names', 'manifest-tag-head names'],
    *run(context) {
      const seen: string[] = [];
      for (const way of [whole, headOf]) {
        seen.push(
          yield* expectRefused(context, malformedNames(context), refusals.name, (repository) =>
            way(manifestShape({ ...context, repository }, 'latest')),
          ),
        );
      }
      return seen.join(', ');
    },
  },
  {
    id: 'repository-malformed-tags',
    level: 'COMPAT',
    section,
    requirement: 'GET of the list of tags of a repository whose name is malformed is answered 4xx.',
    why: 'An empty list for a misspelt name says that the image was never released.',
    needs: ['top'],
    covers: ['tags names'],
    *run(context) {
      return yield* expectRefused(
        context,
        malformedNames(context),
        [...refusals.name, ...notOffered],
        (repository) => ({
          path: `/v2/${repository}/tags/list`,
          want: 'text',
          bodyBytesMax: smallBytesMax,
          phase: 'other',
        }),
      );
    },
  },
];

const whole = (shape: RequestShape) => shape;
const firstByteOf = (shape: RequestShape) => rangeOf(shape, '0-0');

/** There may be no such lists. */
const notOffered = [501];

function malformedNames({ repository }: CheckContext): readonly string[] {
  return [`${repository}/Pullproof`, `${repository}/-pullproof`];
}

/** Of a digest that exists: too short, in capitals, and what has not the form at all. */
function malformedOf(digest: string): readonly string[] {
  const [algorithm = '', hex = ''] = digest.split(':');
  const capitals = `${algorithm}:${hex.toUpperCase()}`;
  return [digest.slice(0, -1), `${algorithm}:${hex.slice(0, 12)}`, capitals, `${algorithm}:-`];
}

/** Well formed (image-spec descriptor.md, "Digests"): registered algorithms, and one with every separator. */
function otherDigests({ nonce }: CheckContext): readonly string[] {
  return [
    `sha512:${nonce.repeat(16)}`,
    `sha384:${nonce.repeat(12)}`,
    `blake3:${nonce.repeat(8)}`,
    `pullproof+a.b_c-d:Base64_url=${nonce}`,
  ];
}

function* expectRefused(
  context: CheckContext,
  names: readonly string[],
  statuses: readonly number[],
  shapeOf: (malformed: string) => RequestShape,
): Talk<string> {
  const seen = new Set<number>();
  for (const malformed of names) {
    const shape = shapeOf(malformed);
    const { method = 'GET' } = shape;
    const { last } = yield* ask(context, { ...shape, want: method === 'HEAD' ? 'none' : 'text' });
    const expected = `status ${statuses.join(' or ')} for ${method} of ${quote(malformed)}`;
    expectThat(statuses.includes(last.status), expected, describe(last));
    expectReply(last);
    seen.add(last.status);
  }
  return [...seen].join(', ');
}
