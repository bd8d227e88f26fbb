// Ledger of distribution-spec, "Push": blobs that another repository has.
import { clientTests } from './client-tests.ts';
import type { LedgerSection } from './requirement.ts';

export const mountSections: readonly LedgerSection[] = [
  {
    section: 'distribution-spec/spec.md#mounting-a-blob-from-another-repository',
    keywords: { MUST: 2, SHOULD: 2, MAY: 5 },
    requirements: [
      {
        id: 'mount-done',
        level: 'MUST',
        keywords: 2,
        binds: 'registry',
        says: 'A blob that is mounted is there: 201, with a Location from which it can be pulled.',
        checks: [
          'mount-keeps-source',
          'mount-absent-untrue',
          'mount-deleted',
          'mount-after-delete',
          'mount-twice-at-once',
          'mount-unescaped',
          'mount',
          'mount-empty',
          'mount-sha512',
          'mount-location',
          'mount-head',
        ],
      },
      {
        id: 'mount-digest-differs',
        level: 'MAY',
        binds: 'registry',
        says: 'The digest in Docker-Content-Digest may be another one than the client named.',
        checks: ['mount-digest'],
      },
      {
        id: 'mount-digest-unused',
        level: 'MAY',
        binds: 'client',
        says: 'A client may do without this header.',
        checks: ['mount-digest'],
      },
      {
        id: 'mount-digest-verified',
        level: 'SHOULD',
        binds: 'client',
        says: 'A client that uses it holds the blob against it.',
        client: [clientTests.told],
      },
      {
        id: 'mount-from-anywhere',
        level: 'MAY',
        keywords: 2,
        binds: 'registry',
        says: 'A registry may mount without being told from where, if it finds the blob.',
        checks: ['mount-anonymous', 'mount-anonymous-*'],
      },
      {
        id: 'mount-declined',
        level: 'SHOULD',
        binds: 'registry',
        says: 'A registry that cannot mount the blob begins an upload (202).',
        checks: [
          'mount-or-upload',
          'mount-fresh',
          'mount-from-one',
          'mount-to-new',
          'mount-again',
          'mount-absent-*',
          'mount-anonymous',
          'mount-anonymous-*',
          'mount-digest-malformed',
        ],
      },
      {
        id: 'mount-declined-upload',
        level: 'MAY',
        binds: 'client',
        says: 'The client may go on with that upload.',
        checks: ['mount-absent-*-upload'],
      },
    ],
  },
];
