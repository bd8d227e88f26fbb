// Ledger of distribution-spec, "Backwards Compatibility" and "Upgrade Procedures".
import { clientTests } from './client-tests.ts';
import { permission } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

const upgrade = 'Seen only when a registry is brought to a new version between push and list.';

export const compatibilitySections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#backwards-compatibility',
    keywords: { MUST: 2 },
    requirements: [
      {
        id: 'older-registries',
        level: 'MUST',
        binds: 'client',
        says: 'A client gets on with registries of older versions, and with parts of this one.',
        client: [clientTests.older, clientTests.pulls],
      },
      {
        id: 'older-registries-fallback',
        level: 'MUST',
        binds: 'client',
        says: 'Where a newer part is missing, it does without as the spec says.',
        client: [clientTests.referrersKept, clientTests.referrersRead],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#unavailable-referrers-api',
    keywords: { MUST: 2 },
    requirements: [
      {
        id: 'referrers-unavailable-push',
        level: 'MUST',
        binds: 'client',
        says: 'Who pushes a subject looks whether there are lists of referrers, or keeps one in a tag.',
        client: [clientTests.referrersKept],
      },
      {
        id: 'referrers-unavailable-query',
        level: 'MUST',
        binds: 'client',
        says: 'Who asks for a list and gets 404 asks for that tag.',
        client: [clientTests.referrersRead],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#referrers-tag-schema',
    keywords: { MUST: 3, MAY: 1 },
    requirements: [
      {
        id: 'referrers-tag-name',
        level: 'MUST',
        binds: 'client',
        says: "The tag is the digest's two parts with a hyphen between, as far as tags can spell them.",
        client: [clientTests.referrersTag],
      },
      {
        id: 'referrers-tag-algorithm',
        level: 'MUST',
        binds: 'client',
        says: 'Of the algorithm it takes 32 characters.',
        client: [clientTests.referrersTag],
      },
      {
        id: 'referrers-tag-encoded',
        level: 'MUST',
        binds: 'client',
        says: 'Of the rest it takes 64 characters.',
        client: [clientTests.referrersTag],
      },
      {
        id: 'referrers-tag-conditional',
        level: 'MAY',
        binds: 'client',
        says: 'The list may be pushed on condition that nobody else changed it.',
        unobservable: permission,
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#enabling-the-referrers-api',
    keywords: { MUST: 2, MAY: 1 },
    requirements: [
      {
        id: 'referrers-enabled-listed',
        level: 'MUST',
        binds: 'registry',
        says: 'Manifests that were pushed before, and are in the list of a tag, are among the referrers.',
        unobservable: upgrade,
      },
      {
        id: 'referrers-enabled-others',
        level: 'MAY',
        binds: 'registry',
        says: 'Others that were pushed before may be.',
        unobservable: upgrade,
      },
      {
        id: 'referrers-enabled-new',
        level: 'MUST',
        binds: 'registry',
        says: 'All that are pushed from then on are.',
        checks: ['referrers-list', 'referrers-subject-later'],
      },
    ],
  },
];
