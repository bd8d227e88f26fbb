// Ledger of image-spec, image-layout.md.
import { ownTests } from './own-tests.ts';
import { atWork, otherSpecs } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const imageLayoutSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/image-layout.md#oci-image-layout-specification',
    keywords: { MAY: 1 },
    requirements: [
      {
        id: 'layout-transport',
        level: 'MAY',
        binds: 'program',
        says: 'A layout may travel as an archive, a file system or by network.',
        rules: ['archive-malformed', 'archive-contents'],
      },
      {
        id: 'layout-archive',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'What travels as an archive is a whole one, of a layout.',
        rules: ['archive-malformed', 'archive-contents'],
      },
    ],
  },
  {
    section: 'image-spec/image-layout.md#content',
    keywords: { MUST: 6, SHOULD: 1, MAY: 2 },
    requirements: [
      {
        id: 'layout-blobs-opaque',
        level: 'SHOULD',
        binds: 'program',
        says: 'Blobs are taken as bytes of no known form.',
        unobservable: atWork,
      },
      {
        id: 'layout-has-blobs',
        level: 'MUST',
        binds: 'document',
        says: 'There is a folder blobs.',
        rules: ['layout-blobs'],
      },
      {
        id: 'layout-blobs-empty',
        level: 'MAY',
        binds: 'document',
        says: 'The folder blobs may be empty.',
        rules: ['layout-blobs'],
      },
      {
        id: 'layout-has-marker',
        level: 'MUST',
        binds: 'document',
        says: 'There is a file oci-layout.',
        rules: ['layout-marker'],
      },
      {
        id: 'layout-marker-object',
        level: 'MUST',
        binds: 'document',
        says: 'The file oci-layout is a JSON object.',
        rules: ['layout-object'],
      },
      {
        id: 'layout-marker-version',
        level: 'MUST',
        binds: 'document',
        says: 'The file oci-layout has an imageLayoutVersion.',
        rules: ['layout-version'],
      },
      {
        id: 'layout-marker-more',
        level: 'MAY',
        binds: 'document',
        says: 'The file oci-layout may have other members.',
        client: [ownTests.layouts],
      },
      {
        id: 'layout-has-index',
        level: 'MUST',
        binds: 'document',
        says: 'There is a file index.json.',
        rules: ['layout-index'],
      },
      {
        id: 'layout-index-form',
        level: 'MUST',
        binds: 'document',
        says: 'The file index.json is an image index.',
        rules: ['layout-index', 'index-*'],
      },
      {
        id: 'layout-files-unknown',
        level: 'SHOULD NOT',
        keywords: 0,
        binds: 'program',
        says: 'Other files in a layout are no error.',
        client: [ownTests.layouts],
      },
    ],
  },
  {
    section: 'image-spec/image-layout.md#blobs',
    keywords: { MUST: 3, SHOULD: 1, MAY: 2 },
    requirements: [
      {
        id: 'layout-blob-digest',
        level: 'MUST',
        keywords: 2,
        binds: 'document',
        says: 'The content of a blob matches the digest that its path spells.',
        rules: ['blob-digest'],
      },
      {
        id: 'layout-blob-name',
        level: 'MUST',
        binds: 'document',
        says: 'The path of a blob is made of an algorithm and an encoded part of the grammar.',
        rules: ['blob-name'],
      },
      {
        id: 'layout-blob-unreferenced',
        level: 'MAY',
        binds: 'document',
        says: 'There may be blobs that nothing refers to.',
        rules: ['blob-unreferenced'],
      },
      {
        id: 'layout-blob-missing',
        level: 'MAY',
        binds: 'document',
        says: 'Blobs that are referred to may be elsewhere.',
        rules: ['blob-missing', 'index-sparse'],
      },
      {
        id: 'layout-blob-elsewhere',
        level: 'SHOULD',
        binds: 'program',
        says: 'Blobs that are not there come from another store.',
        rules: ['blob-missing'],
      },
      {
        id: 'layout-blob-somewhere',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'What comes from no other store is in the layout.',
        rules: ['blob-missing'],
      },
    ],
  },
  {
    section: 'image-spec/image-layout.md#oci-layout-file',
    keywords: {},
    requirements: [
      {
        id: 'layout-version-value',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'The version is that of image-spec when the layout was last changed, 1.0.0.',
        rules: ['layout-version'],
      },
    ],
  },
  {
    section: 'image-spec/image-layout.md#indexjson-file',
    keywords: { MUST: 1, 'MUST NOT': 1, MAY: 1 },
    requirements: [
      {
        id: 'layout-index-required',
        level: 'MUST',
        binds: 'document',
        says: 'The file index.json is where reading begins.',
        rules: ['layout-index'],
      },
      {
        id: 'layout-ref-names',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A ref.name leads to one image, as a tag does.',
        rules: ['ref-name-duplicate'],
      },
      {
        id: 'layout-types-future',
        level: 'MAY',
        binds: 'specification',
        says: 'A later version may have other media types.',
        unobservable: otherSpecs,
      },
      {
        id: 'layout-types-unknown',
        level: 'MUST NOT',
        binds: 'program',
        says: 'A descriptor of an unknown media type is no error.',
        client: [ownTests.mediaTypes],
      },
    ],
  },
  {
    section: 'image-spec/image-layout.md#index-example',
    keywords: { SHOULD: 1 },
    requirements: [
      {
        id: 'layout-ref-name-valid',
        level: 'SHOULD',
        binds: 'document',
        says: 'A ref.name counts on the descriptors of index.json alone.',
        rules: ['annotation-ref-name-place'],
      },
    ],
  },
];
