// distribution-spec, "Referrers Tag Schema": whether clients of a registry without lists of referrers can
// keep them there. The check does what such clients do (referrers-tag.ts).

import type { JsonObject } from '../../lib/json.ts';
import { referrersTag } from '../../protocol/grammar/referrers-tag.ts';
import type { Check } from '../check.ts';
import { tryDelete } from '../kit/deletion.ts';
import { expectThat } from '../kit/expect.ts';
import { type ManifestFixture, named } from '../kit/manifests.ts';
import { referrer, sbomType, shown } from '../kit/referrers.ts';
import {
  addToTag,
  findReferrers,
  givenReferrer,
  indexInTag,
  referrersInTag,
  removeFromTag,
} from '../kit/referrers-tag.ts';
import { expectManifest, givenImage, givenNeeded } from '../kit/stored.ts';

export const referrerFallbackChecks: readonly Check[] = [
  {
    id: 'referrers-tag-schema',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#referrers-tag-schema',
    requirement:
      'The tag of the referrers tag schema takes an index, larger ones, and then an empty one.',
    why: 'Clients of registries without lists of referrers keep theirs there, down to the last.',
    needs: ['push'],
    dependsOn: ['manifest-put-subject'],
    *run(context) {
      const id = 'referrers-tag-schema';
      const subject = yield* givenImage(context, `${id} subject`);
      const annotations = named(context, `${id} typed`);
      const typed = referrer(context, `${id} typed`, subject, {
        artifactType: sbomType,
        annotations,
      });
      const byConfig = referrer(context, `${id} by config`, subject, {});
      let isListed = false;
      for (const fixture of [typed, byConfig, typed]) {
        yield* givenNeeded(context, fixture);
        isListed = yield* givenReferrer(context, fixture, subject);
        // Old clients use the tag whatever the registry has.
        if (isListed) yield* addToTag(context, fixture, subject);
      }
      // What its own lists say is for other checks.
      const find = isListed ? referrersInTag : findReferrers;
      expectSame(yield* find(context, subject), [typed, byConfig]);
      for (const fixture of [typed, byConfig]) {
        yield* tryDelete(context, `manifests/${fixture.content.digest}`);
        yield* removeFromTag(context, fixture, subject);
      }
      const { digest } = subject.content;
      const tag = referrersTag(digest);
      yield* expectManifest(context, tag, indexInTag(context, digest, []));
      return tag;
    },
  },
];

function expectSame(entries: readonly JsonObject[], wanted: readonly ManifestFixture[]): void {
  const digests = wanted.map(({ content }) => content.digest).toSorted();
  const found = entries.map(({ digest }) => `${digest}`).toSorted();
  expectThat(found.join() === digests.join(), digests.join(' and '), shown(entries));
}
