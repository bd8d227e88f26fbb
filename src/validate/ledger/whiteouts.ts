// Ledger of image-spec, layer.md: whiteouts.
import { ownTests } from './own-tests.ts';
import { atWork } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const whiteoutSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/layer.md#whiteouts',
    keywords: { MUST: 2, SHOULD: 2 },
    requirements: [
      {
        id: 'layer-whiteout-empty',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A whiteout is an empty file.',
        rules: ['layer-whiteout'],
      },
      {
        id: 'layer-whiteout-nameless',
        level: 'SHOULD',
        binds: 'document',
        says: 'A whiteout that names nothing is an error.',
        rules: ['layer-whiteout'],
      },
      {
        id: 'layer-whiteout-hidden',
        level: 'MUST',
        binds: 'program',
        says: 'A whiteout is not seen itself.',
        unobservable: atWork,
      },
      {
        id: 'layer-whiteout-lower',
        level: 'MUST',
        binds: 'program',
        says: 'A whiteout hides what lower layers have, and nothing of its own.',
        rules: ['layer-whiteout-own', 'layer-whiteout-folder'],
      },
      {
        id: 'layer-whiteout-prefix',
        level: 'MUST NOT',
        keywords: 0,
        binds: 'document',
        says: 'No other file has a name that begins with .wh.',
        rules: ['layer-whiteout', 'layer-aufs'],
      },
      {
        id: 'layer-whiteout-regular',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'A whiteout is a regular file.',
        rules: ['layer-whiteout', 'layer-whiteout-link'],
      },
      {
        id: 'layer-whiteout-first',
        level: 'SHOULD',
        binds: 'document',
        says: 'Whiteouts stand before the entries beside them.',
        rules: ['layer-whiteout-order', 'layer-whiteout-own'],
      },
    ],
  },
  {
    section: 'image-spec/layer.md#opaque-whiteout',
    keywords: { MUST: 1, SHOULD: 1 },
    requirements: [
      {
        id: 'layer-explicit',
        level: 'SHOULD',
        binds: 'program',
        says: 'Layers are made with explicit whiteouts, one for each name.',
        rules: ['layer-whiteout-opaque'],
      },
      {
        id: 'layer-opaque-accepted',
        level: 'MUST',
        binds: 'program',
        says: 'Both forms are understood.',
        client: [ownTests.whiteouts],
      },
    ],
  },
];
