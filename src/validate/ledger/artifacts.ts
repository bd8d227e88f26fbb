// Ledger of image-spec: what manifest.md and artifacts-guidance.md say of artifacts.
import { permission } from './reasons.ts';
import type { DocumentSection } from './requirement.ts';

export const artifactSections: readonly DocumentSection[] = [
  {
    section: 'image-spec/manifest.md#guidance-for-an-empty-descriptor',
    keywords: {},
    requirements: [
      {
        id: 'empty-descriptor-content',
        level: 'MUST',
        keywords: 0,
        binds: 'document',
        says: 'What has the empty media type is {}: digest, size and embedded content.',
        rules: ['empty-descriptor'],
      },
    ],
  },
  {
    section: 'image-spec/manifest.md#guidelines-for-artifact-usage',
    keywords: { MUST: 2, SHOULD: 1, MAY: 2 },
    requirements: [
      {
        id: 'artifact-may-be-manifest',
        level: 'MAY',
        binds: 'document',
        says: 'Content that is no container image may have an image manifest.',
        unobservable: permission,
      },
      {
        id: 'artifact-config-type',
        level: 'MUST',
        binds: 'document',
        says: 'Its config is of a type of its own, or empty.',
        rules: ['artifact-image-config', 'artifact-unmarked'],
      },
      {
        id: 'artifact-type-with-empty',
        level: 'MUST',
        binds: 'document',
        says: 'Where its config is empty, it says the type of the artifact.',
        rules: ['manifest-artifact-type-missing'],
      },
      {
        id: 'artifact-one-layer',
        level: 'SHOULD',
        binds: 'document',
        says: 'An artifact that needs no layers has one that is not of size zero.',
        rules: ['manifest-layers-empty', 'artifact-layer-empty'],
      },
      {
        id: 'artifact-design',
        level: 'MAY',
        binds: 'program',
        says: 'The decision tree may be followed to design an artifact.',
        unobservable: permission,
      },
    ],
  },
  {
    section: 'image-spec/artifacts-guidance.md#guidance-for-artifacts-authors',
    keywords: { MAY: 1 },
    requirements: [
      {
        id: 'artifact-as-manifest',
        level: 'MAY',
        binds: 'document',
        says: 'Content that is no container image may have an image manifest.',
        unobservable: permission,
      },
      {
        id: 'artifact-config-other',
        level: 'SHOULD NOT',
        keywords: 0,
        binds: 'document',
        says: 'The config of such content is not of the type of image configurations.',
        rules: ['artifact-image-config', 'artifact-unmarked'],
      },
    ],
  },
];
