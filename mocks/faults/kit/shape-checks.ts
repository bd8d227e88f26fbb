// Ids of the checks that push, read and delete each shape of manifest, and of those that read tags, as words
// for the lists of faults.

/** Shapes that everything is done with. */
const plain = [
  'image',
  'image-untyped',
  'annotations',
  'custom-fields',
  'data',
  'foreign-layers',
  'no-layers',
  'empty-layer',
  'repeated-layer',
  'many-layers',
  'layer-types',
  'index',
  'index-untyped',
  'index-empty',
  'index-nested',
  'artifact',
  'artifact-config',
  'artifact-index',
  'subject',
  'subject-missing',
  'docker-image',
  'docker-list',
  'odd-type',
  'indented',
  'key-order',
  'odd-json',
] as const;
/** Plain shapes that name none which has bytes. */
const withoutBlobs: readonly string[] = [
  'index',
  'index-untyped',
  'index-empty',
  'index-nested',
  'artifact-index',
  'subject',
  'docker-list',
  'odd-type',
];
/** Shapes that name a blob which has bytes. */
export const shapesWithBlobs: readonly string[] = [
  ...plain.filter((shape) => !withoutBlobs.includes(shape)),
  'large',
];
const sha512 = ['sha512-layers', 'sha512'] as const;
const sparse = ['index-sparse', 'image-sparse'] as const;

/** What is done with a shape: the first part of the check's id. */
export type ShapeCheck =
  | 'manifest-put'
  | 'manifest-put-tagged'
  | 'manifest-location'
  | 'manifest-get'
  | 'manifest-by-tag'
  | 'manifest-type'
  | 'manifest-head'
  | 'manifest-again'
  | 'manifest-delete';

const shapesOf: Readonly<Record<ShapeCheck, readonly string[]>> = {
  'manifest-put': [...plain, ...sha512, ...sparse, 'large'],
  'manifest-put-tagged': [...plain, ...sha512, ...sparse],
  'manifest-location': plain,
  'manifest-get': [...plain, ...sha512, 'large'],
  'manifest-by-tag': [...plain, ...sha512],
  'manifest-type': [...plain, ...sha512, 'large'],
  'manifest-head': [...plain, ...sha512],
  'manifest-again': [...plain, ...sha512],
  'manifest-delete': [...plain, ...sha512],
};

/** These checks of every shape that they know, or of these shapes alone. */
export function ofShapes(check: ShapeCheck, only?: readonly string[]): string[] {
  const shapes = shapesOf[check].filter((shape) => only?.includes(shape) ?? true);
  return shapes.map((shape) => `${check}-${shape}`);
}

/** As `ofShapes`, of every shape but these. */
export function ofShapesBut(check: ShapeCheck, ...without: readonly string[]): string[] {
  return ofShapes(
    check,
    shapesOf[check].filter((shape) => !without.includes(shape)),
  );
}

/** The checks that push a tag and read it again. */
export const tagReads: readonly string[] = [
  'tag-name-longest',
  'tag-name-upper-case',
  'tag-name-underscore-first',
  'tag-name-digit-first',
  'tag-name-punctuation',
  'tag-name-like-digest',
  'tag-moved',
  'tag-after-miss',
  'tag-case',
  'tag-two-of-one',
];
