// Ids of the checks of pushing blobs, which come in tables: a check for each form of upload and kind of
// content, and some more for each form.

/** Forms of upload, and with what content, besides the plain, each is checked. */
const forms = {
  'upload-post-put': ['-byte', '-sha512', '-large', '-gzip', '-again'],
  'upload-single-post': ['-byte', '-sha512', '-large', '-again'],
  'upload-stream-put': ['-byte', '-sha512'],
  'upload-chunk': ['-byte', '-sha512', '-again'],
  'upload-chunks': ['-sha512', '-again'],
  'upload-chunks-end': ['-sha512', '-large', '-again'],
  'upload-chunk-end': ['-byte', '-sha512'],
  'upload-chunks-byte-first': ['-sha512', '-again'],
  'upload-chunks-byte-last': ['-sha512', '-again'],
  'upload-chunks-byte-end': ['-sha512', '-again'],
  'upload-chunk-unranged': ['-sha512', '-again'],
  'upload-chunks-unranged': ['-sha512', '-again'],
  'upload-stream': ['-byte', '-sha512', '-large', '-again'],
  'upload-streams': ['-sha512', '-again'],
} as const;

type Form = keyof typeof forms;
const all = Object.keys(forms) as Form[];

/** Pushes of content with bytes in it, by these forms, default all. */
export function uploadsBy(...only: readonly Form[]): string[] {
  const chosen = only.length === 0 ? all : only;
  return chosen.flatMap((form) => [form, ...forms[form].map((kind) => form + kind)]);
}

/** Pushes of one kind of content. */
export function uploadsOf(kind: '-byte' | '-sha512' | '-large' | '-again'): string[] {
  return uploadsBy().filter((id) => id.endsWith(kind));
}

/** What is checked of the end of each form. */
export function uploadEnds(aspect: 'location' | 'digest' | 'head'): string[] {
  return all.map((form) => `${form}-${aspect}`);
}

/** An upload in place of a mount. */
const insteadOfMounts = [
  'mount-absent-blob-upload',
  'mount-absent-repository-upload',
  'mount-anonymous-absent',
] as const;

/** Checks that upload a blob with bytes in it, and read it back. */
export const uploadReads = [
  ...uploadsBy(),
  ...uploadEnds('location'),
  ...insteadOfMounts,
  'mount-anonymous',
  'upload-algorithm-other',
  'upload-algorithm-unannounced',
  'upload-known-wrong-digest-kept',
  'upload-resume',
  'upload-chunk-gap-resume',
  'upload-chunk-overlap-resume',
  'upload-chunk-repeated-resume',
  'upload-ended-blob',
  'upload-interleaved',
  'blob-two-repositories',
  'blob-twice-at-once',
  'blob-read-after-write',
  'pull-while-pushing',
];

/** Checks that mount a blob, and read it. */
export const mountReads = ['mount', 'mount-sha512', 'mount-location'] as const;

const content = ['upload-post-put', 'upload-single-post'].flatMap((form) =>
  ['', '-empty', '-byte', '-sha512', '-large'].map((kind) => form + kind),
);
const malformed = ['short', 'not-hex', 'upper', 'bare', 'unknown'];
const requests = ['status', 'chunk', 'end', 'cancel'];

/** Checks of which the first request is judged itself, not only what follows: all need a token for it. */
export const uploadBegins = [
  ...content,
  'upload-post-put-gzip',
  ...insteadOfMounts,
  ...malformed.map((id) => `upload-post-digest-${id}`),
  ...requests.flatMap((id) => [`upload-unknown-${id}`, `upload-unknown-${id}-code`]),
  'upload-post-wrong-digest',
  'upload-post-wrong-digest-absent',
  'upload-post-wrong-digest-code',
  'upload-sha512-wrong-digest',
  'upload-sha512-wrong-digest-absent',
  'upload-sha512-wrong-digest-code',
  'upload-algorithm-other',
  'upload-algorithm-unannounced',
  'upload-algorithm-unknown',
  'upload-several-open',
  'upload-start-least',
  'upload-start-unique',
  'upload-start-uuid',
  'blob-twice-at-once',
  'blob-two-repositories',
  'mount-digest-malformed',
  'mount-scope-refused',
];

/** Checks that send a whole blob with the PUT, and judge its reply. */
export const wholePuts = [
  ...['', '-byte', '-sha512', '-large', '-gzip'].map((kind) => `upload-post-put${kind}`),
  ...uploadsBy('upload-stream-put'),
  ...insteadOfMounts,
  ...[...malformed, 'empty', 'none'].map((id) => `upload-put-digest-${id}`),
  'upload-put-digest-unescaped',
  'upload-put-wrong-digest',
  'upload-sha512-wrong-digest',
  'upload-algorithm-other',
  'upload-algorithm-unannounced',
  'upload-several-open',
  'blob-twice-at-once',
  'blob-two-repositories',
];
