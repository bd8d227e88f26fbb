// Ledger of image-spec: spec.md, considerations.md and media-types.md.
import { ownTests } from './own-tests.ts';
import { atWork, otherSpecs, permission } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

const compliance =
  'Sums up the other requirements: `pullproof validate` as a whole is what holds a document to them.';

export const generalSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/spec.md#notational-conventions',
    keywords: { MUST: 6, 'MUST NOT': 4 },
    requirements: [
      {
        id: 'image-compliance',
        level: 'MUST',
        keywords: 6,
        binds: 'program',
        says: 'Who complies keeps every requirement of this level, and who breaks one does not.',
        unobservable: compliance,
      },
      {
        id: 'image-compliance-not',
        level: 'MUST NOT',
        keywords: 4,
        binds: 'program',
        says: 'Who complies keeps every prohibition of this level, and who breaks one does not.',
        unobservable: compliance,
      },
    ],
  },
  {
    section: 'image-spec/spec.md#understanding-the-specification',
    keywords: { MAY: 1 },
    requirements: [
      {
        id: 'image-spec-future',
        level: 'MAY',
        binds: 'specification',
        says: 'Later versions may add signatures and a way to name images.',
        unobservable: otherSpecs,
      },
    ],
  },
  {
    section: 'image-spec/considerations.md#extensibility',
    keywords: { 'MUST NOT': 1, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'content-unchanged',
        level: 'MUST NOT',
        binds: 'program',
        says: 'Who stores or copies content does not change its digest.',
        rules: ['blob-digest', 'blob-size', 'digest-header'],
      },
      {
        id: 'property-unknown-accepted',
        level: 'SHOULD NOT',
        binds: 'program',
        says: 'An unknown property is no error to who reads it.',
        client: [ownTests.properties],
      },
      {
        id: 'property-names',
        level: 'SHOULD',
        keywords: 0,
        binds: 'document',
        says: 'A property that is meant to be a known one is written as that.',
        rules: ['member-case', 'member-place', 'member-spelling'],
      },
    ],
  },
  {
    section: 'image-spec/considerations.md#canonicalization',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'canonical-serialization',
        level: 'SHOULD',
        binds: 'program',
        says: 'What becomes a blob is written in one canonical way.',
        unobservable: 'There is no one canonical way that a document could be held against.',
      },
    ],
  },
  {
    section: 'image-spec/considerations.md#json',
    keywords: { MUST: 2, 'MUST NOT': 1, SHOULD: 1, MAY: 1 },
    requirements: [
      {
        id: 'json-i-json',
        level: 'MUST',
        binds: 'document',
        says: 'JSON keeps to the limits of I-JSON.',
        rules: ['json-*'],
      },
      {
        id: 'json-encoding',
        level: 'MUST',
        binds: 'document',
        says: 'JSON is encoded in UTF-8.',
        rules: ['json-utf8', 'json-bom'],
      },
      {
        id: 'json-numbers',
        level: 'SHOULD',
        binds: 'document',
        says: 'Numbers are such as a double can hold.',
        rules: ['json-number-precision'],
      },
      {
        id: 'json-names-unique',
        level: 'MUST NOT',
        binds: 'document',
        says: 'No object has two members of the same name.',
        rules: ['json-duplicate-key'],
      },
      {
        id: 'json-canonical',
        level: 'MAY',
        binds: 'program',
        says: 'Who writes JSON may write it as RFC 8785 says.',
        unobservable: permission,
      },
    ],
  },
  {
    section: 'image-spec/media-types.md#oci-image-media-types',
    keywords: {},
    requirements: [
      {
        id: 'media-types-known',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Documents have the media types that the list gives them.',
        rules: ['kind-unknown', 'media-type-spelling'],
      },
      {
        id: 'media-types-nondistributable',
        level: 'SHOULD NOT',
        keywords: 0,
        binds: 'document',
        says: 'The media types of layers with restrictions are not used any more.',
        rules: ['layer-nondistributable'],
      },
    ],
  },
  {
    section: 'image-spec/media-types.md#media-type-conflicts',
    keywords: { MAY: 3, SHOULD: 3 },
    requirements: [
      {
        id: 'media-type-returned',
        level: 'MAY',
        binds: 'program',
        says: 'Who delivers a blob may say its media type.',
        unobservable: permission,
      },
      {
        id: 'media-type-expected',
        level: 'MAY',
        binds: 'program',
        says: 'Who fetches a blob may know its media type and digest beforehand.',
        unobservable: permission,
      },
      {
        id: 'media-type-believed',
        level: 'SHOULD',
        binds: 'program',
        says: 'Who expects no media type goes by the one that comes.',
        client: [ownTests.contentType],
      },
      {
        id: 'media-type-matched',
        level: 'SHOULD',
        binds: 'program',
        says: 'Who expects the media type that comes goes by it.',
        client: [ownTests.contentType],
      },
      {
        id: 'media-type-conflict',
        level: 'SHOULD',
        binds: 'program',
        says: 'Who expects another media type goes by it if the digest is right, else errs.',
        unobservable: atWork,
      },
      {
        id: 'media-type-conflict-warned',
        level: 'MAY',
        binds: 'program',
        says: 'Who meets another media type than expected may warn of it.',
        rules: ['content-type-mismatch', 'descriptor-type-mismatch'],
      },
      {
        id: 'media-type-one-document',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'One document cannot be read as two kinds.',
        rules: ['manifest-index-confusion'],
      },
    ],
  },
  {
    section: 'image-spec/media-types.md#compatibility-matrix',
    keywords: {},
    requirements: [
      {
        id: 'media-types-families',
        level: 'SHOULD',
        keywords: 0,
        binds: 'document',
        says: 'The formats of OCI and Docker are similar, and not the same.',
        rules: ['mixed-media-types'],
      },
    ],
  },
];
