// Ledger of distribution-spec, "Push": blobs in one piece.
import { clientTests } from './client-tests.ts';
import type { LedgerSection } from './requirement.ts';

export const pushBlobSections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#push',
    keywords: { MUST: 2, MAY: 1 },
    requirements: [
      {
        id: 'subject-before',
        level: 'MUST',
        binds: 'registry',
        says: 'A manifest may come before the one that it names as subject.',
        checks: ['manifest-put*-subject-missing', 'referrers-subject-later'],
      },
      {
        id: 'missing-content-refused',
        level: 'MAY',
        binds: 'registry',
        says: 'A manifest that names other content which is not there may be refused.',
        checks: ['manifest-put*-sparse', 'manifest-refuse-missing-*'],
      },
      {
        id: 'missing-content-code',
        level: 'MUST',
        binds: 'registry',
        says: 'Then it is refused by MANIFEST_BLOB_UNKNOWN.',
        checks: ['manifest-missing-code', 'manifest-put*-sparse'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#pushing-blobs',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'upload-digest-refused',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A digest that is wrong, malformed or by an unknown algorithm is answered 400.',
        checks: ['upload-*-wrong-digest', 'upload-*-digest-*', 'upload-algorithm-unknown'],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#post-then-put',
    keywords: { MUST: 5, SHOULD: 1, 'SHOULD NOT': 1, MAY: 3 },
    requirements: [
      {
        id: 'upload-begins',
        level: 'MUST',
        keywords: 2,
        binds: 'registry',
        says: 'POST of an upload answers 202, and says in Location where it goes on.',
        checks: ['upload-post-put', 'upload-post-put-*', 'upload-start-*'],
      },
      {
        id: 'upload-location-unique',
        level: 'MUST',
        binds: 'registry',
        says: 'That place contains a UUID of its own for each upload.',
        checks: ['upload-start-uuid', 'upload-start-unique'],
      },
      {
        id: 'upload-location-relative',
        level: 'MAY',
        keywords: 2,
        binds: 'registry',
        says: 'It may be a whole URL or a path.',
        checks: ['upload-post-put'],
        client: [clientTests.uploads],
      },
      {
        id: 'upload-location-query',
        level: 'MAY',
        binds: 'registry',
        says: 'It may have a query that matters.',
        checks: ['upload-post-put'],
        client: [clientTests.uploads],
      },
      {
        id: 'upload-location-kept',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client goes on at exactly this place.',
        client: [clientTests.uploads],
      },
      {
        id: 'upload-location-assembled',
        level: 'SHOULD NOT',
        binds: 'client',
        says: 'A client does not make up such places itself.',
        client: [clientTests.uploads],
      },
      {
        id: 'upload-ends',
        level: 'MUST',
        keywords: 2,
        binds: 'registry',
        says: 'PUT of the bytes answers 201, with a Location from which the blob can be pulled.',
        checks: [
          'blob-second-repository',
          'upload-post-put',
          'upload-post-put-*',
          'upload-stream-put',
          'upload-stream-put-*',
        ],
      },
    ],
  },
  {
    section: 'distribution-spec/spec.md#single-post',
    keywords: { MUST: 4, SHOULD: 2, MAY: 1 },
    requirements: [
      {
        id: 'single-post-offered',
        level: 'MAY',
        binds: 'registry',
        says: 'A registry may take a blob by a single POST.',
        checks: ['upload-single-post', 'upload-single-post-*'],
      },
      {
        id: 'single-post-length',
        level: 'MUST',
        binds: 'client',
        says: 'Content-Length is the length of the blob.',
        client: [clientTests.bodies],
      },
      {
        id: 'single-post-digest',
        level: 'MUST',
        binds: 'client',
        says: 'The digest is that of the blob.',
        client: [clientTests.bodies],
      },
      {
        id: 'single-post-declined',
        level: 'SHOULD',
        keywords: 2,
        binds: 'both',
        says: 'A registry that does not take it begins an upload (202), and the client ends that by PUT.',
        checks: ['upload-single-post', 'upload-single-post-*'],
        client: [clientTests.singlePost],
      },
      {
        id: 'single-post-done',
        level: 'MUST',
        keywords: 2,
        binds: 'registry',
        says: 'Else it answers 201, with a Location from which the blob can be pulled.',
        checks: ['upload-single-post', 'upload-single-post-location', 'upload-single-post-head'],
      },
    ],
  },
];
