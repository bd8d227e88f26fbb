// What there is to ask of a registry, and in which state of things: the matrix of endpoints and states. A check
// says which cells it covers (`covers` in check.ts), test/kill-matrix/cells.test.ts holds it to that, and docs/conform.md shows
// how many cover each, so that gaps are seen.

/** Requests, as the table of endpoints of the distribution spec has them, and tokens. */
export const endpoints = {
  ping: 'GET /v2/',
  'ping-head': 'HEAD /v2/',
  'manifest-tag': 'GET manifest by tag',
  'manifest-tag-head': 'HEAD manifest by tag',
  'manifest-digest': 'GET manifest by digest',
  'manifest-digest-head': 'HEAD manifest by digest',
  blob: 'GET blob',
  'blob-head': 'HEAD blob',
  'blob-range': 'GET range of a blob',
  tags: 'GET tags list',
  referrers: 'GET referrers',
  catalog: 'GET catalog',
  token: 'token',
  'upload-start': 'POST upload',
  mount: 'POST mount',
  'upload-chunk': 'PATCH upload',
  'upload-end': 'PUT upload',
  'upload-status': 'GET upload',
  'upload-cancel': 'DELETE upload',
  'manifest-put': 'PUT manifest',
  'tag-delete': 'DELETE tag',
  'manifest-delete': 'DELETE manifest',
  'blob-delete': 'DELETE blob',
} as const;

/** When it is asked, of what, and by whom. */
export const states = {
  first: 'first ask',
  second: 'asked again',
  'head-first': 'HEAD before GET',
  'get-first': 'GET before HEAD',
  'at-once': 'several at once',
  fresh: 'fresh connection',
  redirected: 'redirected',
  empty: 'empty',
  one: 'one entry',
  many: 'many',
  largest: 'largest allowed',
  sha512: 'sha512',
  names: 'forms of name',
  token: 'with a token',
  anonymous: 'without, or a bad one',
} as const;

export type Endpoint = keyof typeof endpoints;
export type State = keyof typeof states;
export type Cell = `${Endpoint} ${State}`;

/** States that show in the requests of a check, so that a test can hold what it declares against them. */
export const observable: ReadonlySet<State> = new Set<State>([
  'first',
  'second',
  'head-first',
  'get-first',
  'at-once',
  'fresh',
  'sha512',
  'token',
  'anonymous',
]);

const lists = ['tags', 'referrers', 'catalog'] as const;
const uploads = [
  'upload-start',
  'mount',
  'upload-chunk',
  'upload-end',
  'upload-status',
  'upload-cancel',
] as const;
const deletions = ['tag-delete', 'manifest-delete', 'blob-delete'] as const;
const writes = [...uploads, 'manifest-put', ...deletions] as const;
/** What changes something, which a run that only reads never asks for. */
export const writing: ReadonlySet<Endpoint> = new Set(writes);
const pings = ['ping', 'ping-head'] as const;

interface Senseless {
  readonly why: string;
  readonly endpoints: readonly Endpoint[];
  readonly states: readonly State[];
  /** Only where a run reads and pushes nothing. */
  readonly isOfReading?: true;
}

/** Cells that mean nothing, or that nobody can see from outside, and why. */
export const senseless: readonly Senseless[] = [
  {
    why: 'HEAD and GET before each other are for what has both',
    endpoints: [...lists, 'token', ...writes],
    states: ['head-first', 'get-first'],
  },
  {
    why: 'GET before any HEAD is the first ask',
    endpoints: ['manifest-tag', 'manifest-digest', 'blob', 'blob-range'],
    states: ['get-first'],
  },
  {
    why: 'HEAD before any GET is the first ask',
    endpoints: ['manifest-tag-head', 'manifest-digest-head', 'blob-head'],
    states: ['head-first'],
  },
  {
    why: 'HEAD of a blob is that of its ranges, too',
    endpoints: ['blob-range'],
    states: ['head-first'],
  },
  {
    why: 'GET /v2/ brings nothing that a HEAD could be before, and comes first in every run',
    endpoints: pings,
    states: ['head-first', 'get-first'],
  },
  {
    why: 'a run begins with GET /v2/, or with a request that says as much',
    endpoints: ['ping-head'],
    states: ['first'],
  },
  {
    why: 'every run has a token before its first check, where there is any to be had',
    endpoints: ['token'],
    states: ['first'],
  },
  {
    why: 'its names are those of repositories, whose forms other rows have',
    endpoints: ['catalog'],
    states: ['names'],
  },
  {
    why: 'it has no content, entries, digests or names of its own',
    endpoints: [...pings, 'token'],
    states: ['empty', 'one', 'many', 'largest', 'sha512', 'names'],
  },
  {
    why: 'HEAD brings no content; of how much it speaks is in the row of GET',
    endpoints: ['manifest-tag-head', 'manifest-digest-head', 'blob-head'],
    states: ['empty', 'one', 'many', 'largest'],
  },
  {
    why: 'a manifest is never empty',
    endpoints: ['manifest-tag', 'manifest-digest', 'manifest-put'],
    states: ['empty'],
  },
  {
    why: 'a blob has no entries',
    endpoints: ['blob', 'blob-range'],
    states: ['one', 'many'],
  },
  {
    why: 'nothing of nothing: no range of an empty blob can be satisfied (RFC 9110 14.1.2)',
    endpoints: ['blob-range'],
    states: ['empty'],
  },
  {
    why: 'tags and repositories have no digest',
    endpoints: ['tags', 'catalog', 'tag-delete', 'upload-status', 'upload-cancel', 'upload-chunk'],
    states: ['sha512'],
  },
  {
    why: 'a tag is no digest',
    endpoints: ['manifest-tag', 'manifest-tag-head'],
    states: ['sha512'],
  },
  {
    why: 'where an upload goes on may be a signed URL, which needs no token (spec.md, "POST then PUT")',
    endpoints: ['upload-chunk', 'upload-end', 'upload-status', 'upload-cancel'],
    states: ['anonymous'],
  },
  {
    why: 'no text sets a limit that could be reached',
    endpoints: ['blob', 'blob-range', ...lists, 'upload-end', 'upload-chunk', 'mount'],
    states: ['largest'],
  },
  {
    why: 'it begins, moves or takes away one thing, of which the rows of reading have the kinds',
    endpoints: ['upload-start', 'upload-status', 'upload-cancel', ...deletions],
    states: ['empty', 'one', 'many', 'largest'],
  },
  {
    why: 'the name of an upload is the registry’s own',
    endpoints: ['upload-chunk', 'upload-end', 'upload-status', 'upload-cancel'],
    states: ['names'],
  },
  {
    why: 'an upload is a list of chunks, not of entries',
    endpoints: ['mount', 'upload-end'],
    states: ['one', 'many'],
  },
  {
    why: 'a chunk has bytes, and a list of none is no chunk',
    endpoints: ['upload-chunk'],
    states: ['empty', 'one'],
  },
  {
    why: 'a registry has at least the repository that is read, and may have any others',
    endpoints: ['catalog'],
    states: ['empty', 'one'],
  },
  {
    why: 'whether anything is redirected, and by which status, is up to the registry: what is redirected is followed, by whichever status, in every check',
    endpoints: [
      ...pings,
      'manifest-tag',
      'manifest-tag-head',
      'manifest-digest',
      'manifest-digest-head',
      ...lists,
      'token',
      ...writes,
    ],
    states: ['redirected'],
  },
  {
    why: 'a run that only reads finds what there is, and nothing says how large a manifest may be here',
    endpoints: ['manifest-tag', 'manifest-digest'],
    states: ['largest'],
    isOfReading: true,
  },
  {
    why: 'the token is what is asked for',
    endpoints: ['token'],
    states: ['token'],
  },
  {
    why: 'who may list all repositories is for the operator to say',
    endpoints: ['catalog'],
    states: ['token', 'anonymous', 'at-once', 'fresh'],
  },
];

/** `isReading`: in a run that only reads. */
export function whySenseless(
  endpoint: Endpoint,
  state: State,
  isReading = false,
): string | undefined {
  const found = senseless.find(
    ({ endpoints: rows, isOfReading = false, states: columns }) =>
      rows.includes(endpoint) && columns.includes(state) && (isReading || !isOfReading),
  );
  return found?.why;
}
