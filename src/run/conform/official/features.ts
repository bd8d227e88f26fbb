// What the official suite reports on, held against our checks: each entry of `apis:` and `data:` of its results.yaml, the cases
// of its junit.xml that decide it, and the checks here that are about the same.

/** One entry of the official results. */
export interface Feature {
  /** As in results.yaml, and on the page that is made of submissions. */
  readonly name: string;
  readonly kind: 'api' | 'data';
  /** Globs of names of test cases, without the suite's own name before them. */
  readonly cases: readonly string[];
  /**
   * Globs of our checks; the first is one check, which tells whether the registry offers this at all. None: nothing
   * here asks for it.
   */
  readonly checks: readonly string[];
  /** Globs of checks that `checks` would take and should not. */
  readonly but?: readonly string[];
}

/** What the page of submissions marks as required. */
export const requiredFeatures: readonly string[] = [
  ...['Blob get', 'Blob head', 'Manifest get by digest', 'Manifest get by tag'],
  ...['Manifest head by digest', 'Manifest head by tag', 'Blobs sha256', 'Image', 'Index'],
];

const ways = (name: string, but: readonly string[] = []) => ({
  checks: [name, `${name}-*`],
  but: [...but, '*-sha512', '*-wrong-digest*', '*-digest-*'],
});

const apis: readonly Omit<Feature, 'kind'>[] = [
  { name: 'Ping', cases: ['ping'], checks: ['ping', 'ping-*'] },
  { name: 'Tag listing', cases: ['empty/tag list', '*/tag-list'], checks: ['tags-list', 'tags-*'] },
  { name: 'Tag delete', cases: ['*/tag-delete'], checks: ['delete-tag', 'delete-tag-*'] },
  {
    name: 'Tag delete atomic',
    cases: ['*/tag-delete'],
    checks: ['delete-tag', 'delete-tag-listed', 'delete-tag-read'],
  },
  {
    name: 'Manifest delete',
    cases: ['*/manifest-delete'],
    checks: ['delete-manifest', 'delete-manifest-*', 'manifest-delete-*', 'delete-index-*'],
  },
  {
    name: 'Manifest delete atomic',
    cases: ['*/manifest-delete'],
    checks: ['delete-manifest', 'delete-manifest-listed', 'delete-manifest-read'],
  },
  { name: 'Blob delete', cases: ['*/blob-delete'], checks: ['delete-blob', 'delete-blob-*'] },
  {
    name: 'Blob delete atomic',
    cases: ['*/blob-delete'],
    checks: ['delete-blob', 'delete-blob-read'],
  },
  {
    name: 'Blob push',
    cases: ['*/blob-post-put', '*/blob-post-only', '*/blob-patch-*', '*/blob-mount*'],
    checks: ['upload-post-put', 'upload-post-put-*', 'upload-start-*', 'push-first'],
    but: ['*-sha512', '*-digest-*'],
  },
  { name: 'Blob post put', cases: ['*/blob-post-put'], ...ways('upload-post-put') },
  { name: 'Blob post only', cases: ['*/blob-post-only'], ...ways('upload-single-post') },
  {
    name: 'Blob chunked',
    cases: ['*/blob-patch-chunked'],
    checks: ['upload-chunk', 'upload-chunk-*', 'upload-chunks*', 'upload-end-*', 'upload-range*'],
    but: ['*-sha512', '*-unranged*', 'upload-range-stream'],
  },
  {
    name: 'Blob streaming',
    cases: ['*/blob-patch-stream'],
    checks: ['upload-stream', 'upload-stream-*', 'upload-streams*'],
    but: ['*-sha512'],
  },
  {
    name: 'Blob upload cancel',
    cases: ['*/blob-post-cancel'],
    checks: ['upload-cancel', 'upload-cancel-*'],
  },
  {
    name: 'Blob mount',
    cases: ['*/blob-mount'],
    checks: ['mount', 'mount-*'],
    but: ['mount-anonymous*', '*-sha512', 'mount-or-upload'],
  },
  {
    name: 'Blob anonymous mount',
    cases: ['*/blob-mount-anonymous'],
    checks: ['mount-anonymous', 'mount-anonymous-*'],
  },
  {
    name: 'Blob get',
    cases: ['*/blob-get', '*/get-missing'],
    checks: ['blob-layers', 'blob-config', 'blob-unknown', 'blob-large', 'blob-length'],
  },
  {
    name: 'Blob get range',
    cases: ['*/range *'],
    checks: ['blob-range-closed', 'blob-range-*'],
    but: ['*-sha512'],
  },
  { name: 'Blob head', cases: ['*/blob-head'], checks: ['blob-head', 'blob-head-*'] },
  {
    name: 'Manifest put by digest',
    cases: ['*/push/manifest-by-digest', '*/manifest-put'],
    checks: ['manifest-put-image', 'manifest-put-*', 'manifest-location-*'],
    but: ['manifest-put-tagged-*', '*-sha512*'],
  },
  {
    name: 'Manifest put by tag',
    cases: ['*/push/manifest-by-tag'],
    checks: ['manifest-put-tagged-image', 'manifest-put-tagged-*'],
    but: ['*-sha512*'],
  },
  {
    name: 'Manifest put with tag params',
    cases: ['tag-param*/push/*'],
    checks: ['tag-parameters', 'tag-parameters-*'],
  },
  {
    name: 'Manifest put with subject',
    cases: ['*subject/push/*'],
    checks: ['referrers-subject-header', 'referrers-subject-header-*', 'manifest-put*-subject*'],
  },
  {
    name: 'Manifest get by digest',
    cases: ['*/pull/manifest-by-digest', 'missing-manifest/by-digest', '*/manifest-get'],
    checks: ['manifest-by-digest', 'manifest-get-*', 'manifest-unknown-digest'],
    but: ['*-sha512*'],
  },
  {
    name: 'Manifest get by tag',
    cases: ['*/pull/manifest-by-tag', 'missing-manifest/by-tag'],
    checks: ['manifest-by-tag', 'manifest-by-tag-*', 'manifest-unknown-tag'],
    but: ['*-sha512*'],
  },
  {
    name: 'Manifest head by digest',
    cases: ['*/manifest-head-by-digest'],
    checks: ['manifest-head', 'manifest-head-*'],
    but: ['*-sha512*', 'manifest-head-first-tag'],
  },
  {
    name: 'Manifest head by tag',
    cases: ['*/manifest-head-by-tag'],
    checks: ['manifest-head', 'manifest-head-first-tag', 'manifest-head-length'],
  },
  {
    name: 'Referrers',
    cases: ['empty/referrers', '*/referrers'],
    checks: ['referrers-list', 'referrers-*'],
    but: ['referrers-subject-header*'],
  },
];

/** Kind of content; the folder of its cases; how our checks of manifests call it. */
const contents: readonly (readonly [string, string, ...string[]])[] = [
  ['Image', 'image', 'image'],
  ['Image Uncompressed', 'image-uncompressed'],
  ['Image with Large Manifest', 'large-manifest', 'large'],
  ['Index', 'index', 'index'],
  ['Nested Index', 'nested-index', 'index-nested'],
  ['Empty Index', 'empty-index', 'index-empty'],
  ['Artifact', 'artifact', 'artifact'],
  ['Artifact Index', 'artifact-index', 'artifact-index'],
  ['Artifact without Layers', 'artifact-without-layers'],
  ['Artifacts with Subject', 'artifacts-with-subject', 'subject'],
  ['Index with Subject', 'index-with-subject', 'artifact-index'],
  ['Missing Subject', 'missing-subject', 'subject-missing'],
  ['Data Field', 'data-field', 'data'],
  ['Non-distributable Layers', 'non-distributable-layers', 'foreign-layers'],
  ['Custom Fields', 'custom-fields', 'custom-fields'],
  ['No Layers', 'no-layers', 'no-layers'],
  ['Sparse Manifests', 'sparse', 'image-sparse', 'index-sparse'],
  ['Digest Algorithm sha512', 'sha512', 'sha512'],
];

const forms = ['put', 'put-tagged', 'location', 'get', 'by-tag', 'type', 'head', 'again', 'delete'];

const blobs = (algorithm: string, but: readonly string[]): Omit<Feature, 'kind'> => {
  const suffix = algorithm === 'sha512' ? '-sha512' : '';
  const every = ['post-put', 'single-post', 'chunk', 'chunks', 'stream'];
  const ids = every.flatMap((way) => [`upload-${way}${suffix}`]);
  return {
    name: `Blobs ${algorithm}`,
    cases: [`${algorithm} blobs/*`],
    checks: [
      ...ids,
      `mount${suffix}`,
      ...(suffix === '' ? ['upload-*-head'] : ['upload-*-sha512']),
    ],
    but,
  };
};

const data: readonly Omit<Feature, 'kind'>[] = [
  blobs('sha256', ['*-sha512*']),
  blobs('sha512', ['*-wrong-digest*']),
  ...contents.map(([name, folder, ...ids]) => ({
    name,
    cases: [`${folder}/*`],
    checks: ids.flatMap((id) => forms.map((form) => `manifest-${form}-${id}`)),
  })),
  { name: 'Tag Param', cases: ['tag-param-sha256/*'], checks: ['tag-parameters'] },
  { name: 'Tag Param sha512', cases: ['tag-param-sha512/*'], checks: [] },
  {
    name: 'Bad Digest Image',
    cases: ['bad-digest-image/*'],
    checks: ['manifest-refuse-digest-other'],
  },
  {
    name: 'Invalid Manifest Digest',
    cases: ['invalid-digest-format/*'],
    checks: ['manifest-refuse-digest-malformed', 'manifest-digest-malformed'],
  },
];

export const features: readonly Feature[] = [
  ...apis.map((one) => ({ ...one, kind: 'api' as const })),
  ...data.map((one) => ({ ...one, kind: 'data' as const })),
];
