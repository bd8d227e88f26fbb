// Ledger of image-spec, layer.md; whiteouts are beside it.
import { atWork, making } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const layerSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/layer.md#gzip-media-types',
    keywords: {},
    requirements: [
      {
        id: 'layer-gzip',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A layer whose type ends in +gzip is packed by gzip.',
        rules: ['layer-compression', 'layer-not-compressed'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#zstd-media-types',
    keywords: {},
    requirements: [
      {
        id: 'layer-zstd',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A layer whose type ends in +zstd is packed by zstd.',
        rules: ['layer-compression', 'layer-not-compressed'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#distributable-format',
    keywords: { MUST: 1, 'MUST NOT': 1 },
    requirements: [
      {
        id: 'layer-is-tar',
        level: 'MUST',
        binds: 'document',
        says: 'A layer is a tar archive.',
        rules: ['layer-tar', 'layer-tar-end', 'layer-limits'],
      },
      {
        id: 'layer-paths-once',
        level: 'MUST NOT',
        binds: 'document',
        says: 'No path stands twice in a layer.',
        rules: ['layer-duplicate', 'layer-duplicate-folder', 'layer-below-file'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#file-types',
    keywords: {},
    requirements: [
      {
        id: 'layer-file-types',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Entries are files, folders, links, sockets, devices and pipes.',
        rules: ['layer-entry-type', 'layer-link'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#file-attributes',
    keywords: { MUST: 1, 'SHOULD NOT': 1 },
    requirements: [
      {
        id: 'layer-attributes',
        level: 'MUST',
        binds: 'document',
        says: 'Entries have times, owners, modes, extended attributes and the targets of links.',
        rules: ['layer-tar'],
      },
      {
        id: 'layer-attributes-names',
        level: 'SHOULD',
        keywords: 0,
        binds: 'program',
        says: 'Names of owners are not looked at where their numbers can be used.',
        unobservable: atWork,
      },
      {
        id: 'layer-sparse-files',
        level: 'SHOULD NOT',
        binds: 'document',
        says: 'There are no sparse files.',
        rules: ['layer-sparse'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#hardlinks',
    keywords: {},
    requirements: [
      {
        id: 'layer-hard-links',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A hard link is one more name of what is no folder.',
        rules: ['layer-hard-link', 'layer-hard-link-absolute'],
      },
      {
        id: 'layer-hard-link-targets',
        level: 'SHOULD',
        keywords: 0,
        binds: 'document',
        says: 'What a hard link names is in its own layer; otherwise it may fail to unpack.',
        rules: ['layer-hard-link-target', 'layer-hard-link-outside'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#platform-specific-attributes',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'layer-windows',
        level: 'MUST',
        binds: 'program',
        says: 'On Windows more attributes are understood.',
        unobservable: atWork,
      },
    ],
  },
  {
    section: 'image-spec/layer.md#creating',
    keywords: {},
    requirements: [
      {
        id: 'layer-relative',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Paths are relative to the root of the layer.',
        rules: ['layer-path-absolute'],
      },
      {
        id: 'layer-paths-of-folders',
        level: 'SHOULD',
        keywords: 0,
        binds: 'document',
        says: 'An entry is named by the folders that it lies in.',
        rules: ['layer-below-link'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#initial-root-filesystem',
    keywords: {},
    requirements: [
      {
        id: 'layer-root-folder',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'The root that changes are made to is a folder.',
        rules: ['layer-root'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#populate-a-comparison-filesystem',
    keywords: { 'MUST NOT': 1 },
    requirements: [
      {
        id: 'layer-snapshot',
        level: 'MUST NOT',
        binds: 'program',
        says: 'Changes to a snapshot do not reach what it was taken from.',
        unobservable: making,
      },
    ],
  },
  {
    section: 'image-spec/layer.md#representing-changes',
    keywords: { MUST: 1 },
    requirements: [
      {
        id: 'layer-removal',
        level: 'MUST',
        binds: 'document',
        says: 'What is to be removed is told by an entry with .wh. before its name.',
        rules: ['layer-whiteout'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#applying-changesets',
    keywords: {},
    requirements: [
      {
        id: 'layer-applied',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'Layers are applied below a root, which nothing in them leaves.',
        rules: ['layer-path'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#changeset-over-existing-files',
    keywords: { MUST: 2 },
    requirements: [
      {
        id: 'layer-folder-attributes',
        level: 'MUST',
        binds: 'program',
        says: 'A folder that is there already takes the attributes of the entry.',
        unobservable: atWork,
      },
      {
        id: 'layer-file-replaced',
        level: 'MUST',
        binds: 'program',
        says: 'Anything else that is there already is removed first.',
        unobservable: atWork,
      },
    ],
  },
  {
    section: 'image-spec/layer.md#non-distributable-layers',
    keywords: { SHOULD: 1, 'SHOULD NOT': 4, MAY: 1 },
    requirements: [
      {
        id: 'nondistributable-new',
        level: 'SHOULD NOT',
        binds: 'program',
        says: 'Nobody makes new layers that are not distributable.',
        rules: ['layer-nondistributable'],
      },
      {
        id: 'nondistributable-type',
        level: 'SHOULD',
        binds: 'document',
        says: 'Layers that are not distributable are told by their media type.',
        rules: ['layer-nondistributable'],
      },
      {
        id: 'nondistributable-upload',
        level: 'SHOULD NOT',
        binds: 'program',
        says: 'Such layers are not pushed.',
        unobservable: atWork,
      },
      {
        id: 'nondistributable-download',
        level: 'SHOULD NOT',
        binds: 'program',
        says: 'They are pulled like others.',
        unobservable: atWork,
      },
      {
        id: 'nondistributable-urls',
        level: 'MAY',
        binds: 'document',
        says: 'Their descriptors may say where they can be fetched.',
        rules: ['descriptor-urls'],
      },
      {
        id: 'nondistributable-told',
        level: 'SHOULD NOT',
        binds: 'program',
        says: 'That there are urls does not make a layer one of these.',
        unobservable: atWork,
      },
    ],
  },
];
