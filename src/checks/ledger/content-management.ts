// Ledger of distribution-spec, "Content Management": deleting tags, manifests and blobs.
import { clientTests } from './client-tests.ts';
import { permission } from './reasons.ts';
import type { LedgerSection } from './requirement.ts';

export const contentManagementSections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#content-management',
    keywords: { MAY: 4 },
    requirements: [
      {
        id: 'deletion-offered',
        level: 'MAY',
        keywords: 2,
        binds: 'registry',
        says: 'A registry may delete, or not.',
        checks: ['delete-tag', 'delete-manifest', 'delete-blob'],
      },
      {
        id: 'tag-deletion-offered',
        level: 'MAY',
        keywords: 2,
        binds: 'registry',
        says: 'It may delete tags, or manifests alone.',
        checks: ['delete-tag', 'delete-manifest'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#deleting-tags',
    keywords: { MUST: 2 },
    requirements: [
      {
        id: 'tag-deleted',
        level: 'MUST',
        binds: 'registry',
        says: 'DELETE of a tag is answered 202.',
        checks: ['delete-tag', 'delete-tag-*'],
      },
      {
        id: 'tag-deletion-disabled',
        level: 'MUST',
        binds: 'registry',
        says: 'Where tags are not deleted, the answer is 400 or 405.',
        checks: ['delete-tag'],
      },
      {
        id: 'tag-deleted-gone',
        level: 'MUST',
        keywords: 0,
        binds: 'registry',
        says: 'A deleted tag is 404.',
        checks: ['delete-tag', 'delete-tag-*'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#deleting-manifests',
    keywords: { MUST: 3, SHOULD: 1, MAY: 2 },
    requirements: [
      {
        id: 'manifest-deleted',
        level: 'MUST',
        binds: 'registry',
        says: 'DELETE of a manifest is answered 202.',
        checks: ['delete-manifest', 'delete-manifest-*', 'manifest-delete-*'],
      },
      {
        id: 'manifest-deleted-nowhere',
        level: 'MUST',
        binds: 'registry',
        says: 'In a repository that does not exist it is answered 404.',
        checks: ['delete-unknown-repository'],
      },
      {
        id: 'manifest-deletion-disabled',
        level: 'MUST',
        binds: 'registry',
        says: 'Where manifests are not deleted, the answer is 400 or 405.',
        checks: ['delete-manifest', 'manifest-delete-*'],
      },
      {
        id: 'manifest-deleted-gone',
        level: 'MUST',
        keywords: 0,
        binds: 'registry',
        says: 'A deleted manifest is 404, by digest and by every tag.',
        checks: ['delete-manifest', 'delete-manifest-*', 'manifest-delete-*'],
      },
      {
        id: 'manifest-deleted-referrer',
        level: 'SHOULD',
        binds: 'client',
        says: 'Who deletes a referrer takes it from the list in the tag of its subject, if there is one.',
        client: [clientTests.referrersKept],
      },
      {
        id: 'manifest-deleted-referrer-conditional',
        level: 'MAY',
        binds: 'client',
        says: 'It may push that list on condition that nobody else changed it.',
        unobservable: permission,
      },
      {
        id: 'manifest-deleted-referrers-tag',
        level: 'MAY',
        binds: 'client',
        says: 'Who deletes a subject may delete the tag with its list.',
        unobservable: permission,
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#deleting-blobs',
    keywords: { MUST: 3 },
    requirements: [
      {
        id: 'blob-deleted',
        level: 'MUST',
        binds: 'registry',
        says: 'DELETE of a blob is answered 202.',
        checks: ['mount-outlives-source', 'delete-blob', 'delete-blob-*'],
      },
      {
        id: 'blob-deleted-not-found',
        level: 'MUST',
        binds: 'registry',
        says: 'DELETE of a blob that is not there is answered 404.',
        checks: ['delete-blob-unknown', 'delete-blob-twice'],
      },
      {
        id: 'blob-deletion-disabled',
        level: 'MUST',
        binds: 'registry',
        says: 'Where blobs are not deleted, the answer is 400 or 405.',
        checks: ['delete-blob'],
      },
    ],
  },
];
