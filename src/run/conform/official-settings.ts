// The settings of the official suite (opencontainers/distribution-spec, conformance/), as a table: the
// variables of today, the keys of oci-conformance.yaml, and the variables of before. docs/conform.md
// shows the same table to people.

/** What a setting does here. */
export type Effect =
  | 'registry'
  | 'tls'
  | 'repository'
  | 'otherRepository'
  | 'username'
  | 'password'
  | 'reportDir'
  | 'version'
  | 'push'
  | 'tags'
  | 'manifests'
  /** Understood, and nothing needs to be done. */
  | 'nothing'
  /** Has no counterpart: the user is told so. */
  | 'noCounterpart'
  /** Checks that are left out when the setting is false. */
  | { readonly off: readonly string[] }
  /** Checks that are left out when the setting is true. */
  | { readonly on: readonly string[] }
  /** Sections of the spec whose checks are left out when the setting is false. */
  | { readonly offSections: readonly string[] };

export interface Setting {
  readonly effect: Effect;
  /** Variable, with `OCI_` in front. */
  readonly name: string;
  /** Path in the YAML file. */
  readonly key?: string;
  /** The variables that came before it, with the same meaning. */
  readonly before?: readonly string[];
  /** `list`: separated by blanks or commas. */
  readonly kind: 'text' | 'boolean' | 'list';
}

const pulling = [
  'pull',
  'pulling-manifests',
  'pulling-blobs',
  'checking-if-content-exists-in-the-registry',
];

const general: readonly Setting[] = [
  {
    name: 'OCI_REGISTRY',
    key: 'registry',
    kind: 'text',
    effect: 'registry',
    before: ['OCI_ROOT_URL'],
  },
  { name: 'OCI_TLS', key: 'tls', kind: 'text', effect: 'tls' },
  {
    name: 'OCI_REPO1',
    key: 'repo1',
    kind: 'text',
    effect: 'repository',
    before: ['OCI_NAMESPACE'],
  },
  {
    name: 'OCI_REPO2',
    key: 'repo2',
    kind: 'text',
    effect: 'otherRepository',
    before: ['OCI_CROSSMOUNT_NAMESPACE'],
  },
  { name: 'OCI_USERNAME', key: 'username', kind: 'text', effect: 'username' },
  { name: 'OCI_PASSWORD', key: 'password', kind: 'text', effect: 'password' },
  {
    name: 'OCI_RESULTS_DIR',
    key: 'resultsDir',
    kind: 'text',
    effect: 'reportDir',
    before: ['OCI_REPORT_DIR'],
  },
  { name: 'OCI_VERSION', key: 'version', kind: 'text', effect: 'version' },
  { name: 'OCI_LOG', key: 'logging', kind: 'text', effect: 'nothing' },
  { name: 'OCI_DEBUG', kind: 'text', effect: 'nothing' },
  { name: 'OCI_CACHE_AUTH', key: 'cacheAuth', kind: 'text', effect: 'nothing' },
  { name: 'OCI_HIDE_SKIPPED_WORKFLOWS', kind: 'text', effect: 'nothing' },
  // Manifests always go first here.
  { name: 'OCI_DELETE_MANIFEST_BEFORE_BLOBS', kind: 'text', effect: 'nothing' },
  { name: 'OCI_FILTER_TEST', key: 'filterTest', kind: 'text', effect: 'noCounterpart' },
  { name: 'OCI_AUTH_SCOPE', kind: 'text', effect: 'noCounterpart' },
];

const apis: readonly Setting[] = [
  { name: 'OCI_API_PING', key: 'apis.ping', kind: 'boolean', effect: { off: ['ping', 'ping-*'] } },
  {
    name: 'OCI_API_PULL',
    key: 'apis.pull',
    kind: 'boolean',
    effect: { offSections: pulling },
    before: ['OCI_TEST_PULL'],
  },
  {
    name: 'OCI_API_PUSH',
    key: 'apis.push',
    kind: 'boolean',
    effect: 'push',
    before: ['OCI_TEST_PUSH'],
  },
  {
    name: 'OCI_API_TAGS_LIST',
    key: 'apis.tags.list',
    kind: 'boolean',
    effect: { offSections: ['listing-tags', 'content-discovery'] },
    before: ['OCI_TEST_CONTENT_DISCOVERY'],
  },
  {
    name: 'OCI_API_REFERRER',
    key: 'apis.referrer',
    kind: 'boolean',
    effect: { offSections: ['listing-referrers', 'pushing-manifests-with-subject'] },
    before: ['OCI_TEST_CONTENT_DISCOVERY'],
  },
  ...(['tags', 'manifests', 'blobs'] as const).flatMap((kind): Setting[] => {
    return [
      {
        name: `OCI_API_${kind.toUpperCase()}_DELETE`,
        key: `apis.${kind}.delete`,
        kind: 'boolean',
        effect: { offSections: [`deleting-${kind}`] },
        before: ['OCI_TEST_CONTENT_MANAGEMENT'],
      },
      {
        name: `OCI_API_${kind.toUpperCase()}_ATOMIC`,
        key: `apis.${kind}.atomic`,
        kind: 'boolean',
        effect: 'noCounterpart',
      },
    ];
  }),
  ...(['blobs', 'manifests'] as const).map((kind): Setting => {
    const one = kind.slice(0, -1);
    return {
      name: `OCI_API_${kind.toUpperCase()}_DIGEST_HEADER`,
      key: `apis.${kind}.digestHeader`,
      kind: 'boolean',
      effect: { off: [`${one}-digest-header`, `${one}-head-digest`] },
    };
  }),
  {
    name: 'OCI_API_BLOBS_MOUNT_ANONYMOUS',
    key: 'apis.blobs.mountAnonymous',
    kind: 'boolean',
    effect: { off: ['mount-anonymous*'] },
    before: ['OCI_AUTOMATIC_CROSSMOUNT'],
  },
  {
    name: 'OCI_API_BLOBS_UPLOAD_CANCEL',
    key: 'apis.blobs.uploadCancel',
    kind: 'boolean',
    effect: { off: ['upload-cancel*'] },
  },
  {
    name: 'OCI_API_MANIFESTS_TAG_PARAM',
    key: 'apis.manifests.tagParam',
    kind: 'boolean',
    effect: { off: ['tag-parameters*'] },
  },
];

/** Variable, key, shapes of our table of data. */
const shapes: readonly (readonly [string, string, ...string[]])[] = [
  ['IMAGE', 'image', 'image'],
  ['INDEX', 'index', 'index'],
  ['INDEX_LIST', 'indexList', 'index-nested'],
  ['SPARSE', 'sparse', 'index-sparse', 'image-sparse'],
  ['ARTIFACT', 'artifact', 'artifact', 'artifact-config'],
  ['SUBJECT', 'subject', 'subject'],
  ['SUBJECT_MISSING', 'subjectMissing', 'subject-missing'],
  ['ARTIFACT_LIST', 'artifactList', 'artifact-index'],
  ['SUBJECT_LIST', 'subjectList', 'artifact-index'],
  ['DATA_FIELD', 'dataField', 'data'],
  ['NONDISTRIBUTABLE', 'nondistributable', 'foreign-layers'],
  ['CUSTOM_FIELDS', 'customFields', 'custom-fields'],
  ['NO_LAYERS', 'noLayers', 'no-layers'],
  ['EMPTY_BLOB', 'emptyBlob', 'empty-layer'],
  ['SHA512', 'sha512', 'sha512', 'sha512-layers'],
];

const forms = ['put', 'put-tagged', 'location', 'get', 'by-tag', 'type', 'head', 'again', 'delete'];
const blobGlobs: Readonly<Record<string, readonly string[]>> = {
  EMPTY_BLOB: ['upload-*-empty', 'mount-empty'],
  SHA512: ['upload-*-sha512', 'mount-sha512'],
};

const data: readonly Setting[] = shapes.map(([name, key, ...ids]) => {
  const manifests = ids.flatMap((id) => forms.map((form) => `manifest-${form}-${id}`));
  const off = [...manifests, ...(blobGlobs[name] ?? [])];
  return { name: `OCI_DATA_${name}`, key: `data.${key}`, kind: 'boolean', effect: { off } };
});

const readOnly: readonly Setting[] = [
  {
    name: 'OCI_RO_DATA_TAGS',
    key: 'roData.tags',
    kind: 'list',
    effect: 'tags',
    before: ['OCI_TAG_NAME', 'OCI_TAG_LIST'],
  },
  {
    name: 'OCI_RO_DATA_MANIFESTS',
    key: 'roData.manifests',
    kind: 'list',
    effect: 'manifests',
    before: ['OCI_MANIFEST_DIGEST'],
  },
  // All blobs of the images are read anyway.
  {
    name: 'OCI_RO_DATA_BLOBS',
    key: 'roData.blobs',
    kind: 'list',
    effect: 'nothing',
    before: ['OCI_BLOB_DIGEST'],
  },
  { name: 'OCI_RO_DATA_REFERRERS', key: 'roData.referrers', kind: 'list', effect: 'noCounterpart' },
  {
    name: 'OCI_SKIP_EMPTY_LAYER_PUSH_TEST',
    kind: 'boolean',
    effect: { on: forms.map((form) => `manifest-${form}-no-layers`) },
  },
];

/** Names the file itself. */
export const configVariable = 'OCI_CONFIGURATION';

export const settings: readonly Setting[] = [...general, ...apis, ...data, ...readOnly];
