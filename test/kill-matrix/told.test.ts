// What is told of a registry that offers less than others: which verdict, and in which words.
import { expect, test } from 'vitest';
import { pushing, run } from './matrix.ts';

const said = [
  ['delete-tagged-400', 'delete-manifest', 'pass', 'one that a tag names is kept (400)'],
  [
    'delete-tagged-409',
    'delete-manifest-listed',
    'unsupported',
    'deletes no manifest that a tag names (409)',
  ],
  ['delete-tagged-405', 'delete-manifest-twice', 'pass', '404'],
  [
    'delete-named-405',
    'referrers-subject-deleted',
    'unsupported',
    'deletes no manifest that other manifests name (405)',
  ],
  [
    'delete-shared-409',
    'delete-blob-shared',
    'unsupported',
    'deletes no blob that another repository has (409)',
  ],
  [
    'delete-shared-405',
    'mount-outlives-source',
    'unsupported',
    'deletes no blob that another repository has (405)',
  ],
  ['delete-manifest-disabled-405', 'delete-manifest', 'unsupported', 'does not delete manifests'],
  ['delete-tag-denied', 'delete-tag', 'void', 'tags may not be deleted here (403)'],
  ['delete-tag-denied', 'delete-manifest', 'pass', '202'],
  ['delete-blob-denied', 'error-shape-push', 'pass', 'refusals'],
  ['delete-manifest-denied', 'error-code-push', 'pass', 'MANIFEST_INVALID'],
  ['referrers-refused-400', 'referrers-list', 'unsupported', 'no lists of referrers (400)'],
  ['referrers-refused-405', 'referrers-pages', 'unsupported', 'no lists of referrers (405)'],
  ['referrers-type-written', 'referrers-type', 'pass', 'index'],
  ['tags-refused-405', 'tags-list', 'unsupported', 'lists no tags (405)'],
  ['tags-refused-405', 'tags-new', 'unsupported', 'lists no tags (405)'],
  ['tags-list-absent', 'tags-list', 'fail', '404'],
  ['tags-list-absent', 'tags-new', 'void', 'tags-list'],
  ['tags-refused-403', 'token-two-scopes', 'pass', ''],
  ['index-refused', 'manifest-put-index-sparse', 'void', 'manifest-put-index'],
  ['index-refused', 'manifest-missing-code', 'void', 'manifest-put-index'],
  ['index-refused', 'referrers-list', 'void', 'manifest-put-artifact-index'],
  ['manifest-missing-424', 'manifest-missing-code', 'pass', '424 MANIFEST_BLOB_UNKNOWN'],
  ['sha512-malformed', 'manifest-refuse-digest-other-sha512', 'pass', '400'],
] as const;

test.each(said)('%s: %s is %s, %s', async (fault, id, verdict, words) => {
  const only = new Set([id]);
  const [result] = await run({ ...pushing, faults: [fault], only });
  expect(result?.verdict, result?.actual).toBe(verdict);
  expect(result?.actual).toContain(words);
});
