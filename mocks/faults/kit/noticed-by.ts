// Groups of checks that notice the same faults, as words for the lists of the catalogue.
import { mountReads, uploadEnds, uploadReads } from './upload-checks.ts';

/** Checks that push a blob with bytes in it, and read it back. */
export const pushedBytesReads = [...uploadReads, ...mountReads, 'upload-race'];

/** Checks that push a blob, empty ones too, and read it back. */
export const pushedBlobReads = [
  ...pushedBytesReads,
  'upload-post-put-empty',
  'upload-single-post-empty',
  'mount-empty',
];

/** Checks that ask for HEAD of a blob that was pushed. */
export const pushedBlobHeads = [...uploadEnds('head'), 'upload-post-put-empty-head', 'mount-head'];

/** The group without some of its checks. */
export function except(group: readonly string[], ...ids: readonly string[]): string[] {
  return group.filter((id) => !ids.includes(id));
}
