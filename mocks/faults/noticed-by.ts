// Groups of checks that notice the same faults, as words for the lists of the catalogue.

/** Checks that push a blob with bytes in it, and read it back. */
export const pushedBytesReads = ['upload-post-put', 'upload-single-post'] as const;

/** Checks that push a blob, empty ones too, and read it back. */
export const pushedBlobReads = [
  ...pushedBytesReads,
  'upload-post-put-empty',
  'upload-single-post-empty',
] as const;
