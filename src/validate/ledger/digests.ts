// Ledger of image-spec, descriptor.md: digests and their algorithms.
import { ownTests } from './own-tests.ts';
import { atWork, permission } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const digestSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/descriptor.md#digests',
    keywords: { MUST: 1, SHOULD: 1, MAY: 1 },
    requirements: [
      {
        id: 'digest-form',
        level: 'MUST',
        binds: 'document',
        says: 'A digest fits the grammar: algorithm, colon, encoded part.',
        rules: ['digest-grammar'],
      },
      {
        id: 'digest-algorithm-form',
        level: 'MAY',
        binds: 'specification',
        says: 'An algorithm may narrow the grammar of the encoded part.',
        rules: ['digest-encoding'],
      },
      {
        id: 'digest-algorithm-unknown',
        level: 'SHOULD',
        binds: 'program',
        says: 'A digest of an algorithm that is not known is accepted when it fits the grammar.',
        client: [ownTests.algorithms],
      },
    ],
  },
  {
    section: 'image-spec/descriptor.md#verification',
    keywords: { SHOULD: 3, MAY: 1 },
    requirements: [
      {
        id: 'verification-digest',
        level: 'SHOULD',
        binds: 'program',
        says: 'Content is held against the digest before it is used.',
        rules: ['blob-digest'],
      },
      {
        id: 'verification-size',
        level: 'SHOULD',
        binds: 'program',
        says: 'The size is compared before the digest is computed.',
        rules: ['blob-size'],
      },
      {
        id: 'verification-cheap',
        level: 'SHOULD',
        binds: 'program',
        says: 'Nothing that is costly is done with content before.',
        unobservable: atWork,
      },
      {
        id: 'verification-canonical',
        level: 'MAY',
        binds: 'program',
        says: 'Content may be brought into a canonical form to keep digests stable.',
        unobservable: permission,
      },
    ],
  },
  {
    section: 'image-spec/descriptor.md#registered-algorithms',
    keywords: { SHOULD: 2 },
    requirements: [
      {
        id: 'digest-algorithm-sha256',
        level: 'SHOULD',
        binds: 'program',
        says: 'Digests are of SHA-256.',
        rules: ['digest-algorithm'],
      },
      {
        id: 'digest-algorithm-registered',
        level: 'SHOULD',
        binds: 'specification',
        says: 'Algorithms are registered with image-spec.',
        rules: ['digest-algorithm', 'blob-algorithm'],
      },
    ],
  },
  {
    section: 'image-spec/descriptor.md#sha-256',
    keywords: { MUST: 2, 'MUST NOT': 1 },
    requirements: [
      {
        id: 'sha256-verified',
        level: 'MUST',
        binds: 'program',
        says: 'Who uses descriptors can verify SHA-256.',
        rules: ['blob-digest'],
      },
      {
        id: 'sha256-form',
        level: 'MUST',
        binds: 'document',
        says: 'A digest of sha256 has 64 lower-case hex digits.',
        rules: ['digest-encoding'],
      },
      {
        id: 'sha256-upper-case',
        level: 'MUST NOT',
        binds: 'document',
        says: 'A digest of sha256 has no upper-case letters.',
        rules: ['digest-encoding'],
      },
    ],
  },
  {
    section: 'image-spec/descriptor.md#sha-512',
    keywords: { MUST: 1, 'MUST NOT': 1, MAY: 1 },
    requirements: [
      {
        id: 'sha512-verified',
        level: 'MAY',
        binds: 'program',
        says: 'Who uses descriptors may be able to verify SHA-512.',
        rules: ['blob-digest'],
      },
      {
        id: 'sha512-form',
        level: 'MUST',
        binds: 'document',
        says: 'A digest of sha512 has 128 lower-case hex digits.',
        rules: ['digest-encoding'],
      },
      {
        id: 'sha512-upper-case',
        level: 'MUST NOT',
        binds: 'document',
        says: 'A digest of sha512 has no upper-case letters.',
        rules: ['digest-encoding'],
      },
    ],
  },
  {
    section: 'image-spec/descriptor.md#blake3',
    keywords: { MUST: 2, 'MUST NOT': 1, MAY: 1 },
    requirements: [
      {
        id: 'blake3-length',
        level: 'MUST',
        binds: 'document',
        says: 'The hash of blake3 has 256 bits.',
        rules: ['digest-encoding'],
      },
      {
        id: 'blake3-verified',
        level: 'MAY',
        binds: 'program',
        says: 'Who uses descriptors may be able to verify BLAKE3.',
        rules: ['blob-algorithm'],
      },
      {
        id: 'blake3-form',
        level: 'MUST',
        binds: 'document',
        says: 'A digest of blake3 has 64 lower-case hex digits.',
        rules: ['digest-encoding'],
      },
      {
        id: 'blake3-upper-case',
        level: 'MUST NOT',
        binds: 'document',
        says: 'A digest of blake3 has no upper-case letters.',
        rules: ['digest-encoding'],
      },
    ],
  },
];
