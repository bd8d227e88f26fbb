// What the official suite and our checks say of the same registries, row by row, argued by hand: the sentence of
// the spec that decides, and who is right by it. tools/docs/official-findings.test.ts holds it complete.
import type { Check } from '../../src/checks/check.ts';

export interface Finding {
  /** Files in test/programs/registries, without `.yaml`. */
  readonly baselines: readonly string[];
  /** What the registry does. */
  readonly what: string;
  /** Failing cases of the official suite, as globs; none where it says nothing. */
  readonly official: readonly string[];
  /** Checks that fail, as globs; none where we say nothing. */
  readonly ours: readonly string[];
  /** At which level we say so; where `ours` is empty, what we say instead. */
  readonly level: Check['level'] | 'holds' | 'not offered';
  /** Section of the distribution spec, and what it says there. */
  readonly sentence: string;
  /** Who is right by the text, and why. */
  readonly right: string;
}

const distributions = ['docker-registry-2', 'distribution-3'];

/** Where the official suite is stricter than the text, or counts what is optional. */
const officialAlone: readonly Finding[] = [
  {
    baselines: [...distributions, 'crane'],
    what: 'has no referrers API (404), and sends no OCI-Subject',
    official: ['*/referrers', '*subject/push/manifest-by-*'],
    ours: [],
    level: 'not offered',
    sentence:
      'listing-referrers: "If the registry supports the referrers API, the registry MUST NOT return a `404`"; of OCI-Subject: "a registry implementation that supports the referrers API MUST"',
    right:
      'pullproof: the API is optional, and clients fall back to the tag schema. The suite has to be told (`OCI_API_REFERRER=false`)',
  },
  {
    baselines: [...distributions, 'crane'],
    what: 'keeps content pushed by sha512 under its sha256, and names that in Docker-Content-Digest',
    official: ['sha512 *', 'sha512/*', 'tag-param-sha512/*'],
    ours: [],
    level: 'holds',
    sentence:
      'pulling-manifests: it "MAY differ from the provided digest … it MAY be the case that the hashing algorithms used do not match"; pulling-blobs: it "MUST be a digest matching that of the response body"',
    right: 'pullproof: the sha256 of the bytes matches the bytes',
  },
  {
    baselines: distributions,
    what: 'refuses manifests by sha512 with 400',
    official: ['sha512/*', 'tag-param-sha512/*'],
    ours: [],
    level: 'not offered',
    sentence:
      'pushing-blobs: "uses an unsupported algorithm, the registry SHOULD respond with a response code `400`": no algorithm but sha256 has to be supported',
    right: 'pullproof: the refusal is what the text asks for',
  },
  {
    baselines: ['zot', 'zot-1.4'],
    what: 'answers a POST of a whole blob with 201 and Location, without Docker-Content-Digest',
    official: ['*/post only/blob-post-only'],
    ours: [],
    level: 'holds',
    sentence:
      'single-post: "MUST return a `201 Created` and MUST include the following header: Location"; no other header is named',
    right: 'pullproof: the header is asked of GET, HEAD and mounts only',
  },
  {
    baselines: ['zot-1.4'],
    what: 'takes no digests but sha256: others are 400',
    official: ['sha512 *', 'sha512/*', 'tag-param-sha512/*'],
    ours: [],
    level: 'not offered',
    sentence:
      'pushing-blobs: "uses an unsupported algorithm, the registry SHOULD respond with a response code `400`": no algorithm but sha256 has to be supported',
    right: 'pullproof: the refusal is what the text asks for (where it is a 500, we warn, too)',
  },
  {
    baselines: ['zot-1.4'],
    what: 'answers 404 to referrers in a repository that nothing was pushed to',
    official: ['empty/referrers'],
    ours: [],
    level: 'holds',
    sentence:
      'listing-referrers: "the registry MUST NOT return a `404 Not Found`"; pushing-manifests: "An attempt to pull a nonexistent repository MUST return response code `404 Not Found`"',
    right: 'neither sentence yields to the other, so pullproof asks in repositories that exist',
  },
];

/** What the official suite does not ask. */
const oursAlone: readonly Finding[] = [
  {
    baselines: ['crane', 'olareg'],
    what: 'names an upload by something that is no UUID',
    official: [],
    ours: ['upload-start-uuid'],
    level: 'MUST',
    sentence: 'post-then-put: "The `<blob-push-location>` MUST contain a UUID"',
    right: 'pullproof, by the letter; no client is known to look',
  },
  {
    baselines: ['olareg'],
    what: 'closes the connection of a list of tags with n=0',
    official: [],
    ours: ['tags-n-zero', 'tags-n-zero-link', 'tags-read-n-zero'],
    level: 'MUST',
    sentence:
      'listing-tags: "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include a `Link` header"',
    right: 'pullproof: the suite sends last, and never n',
  },
  {
    baselines: ['olareg'],
    what: 'answers referrers of a malformed digest with 200',
    official: [],
    ours: ['referrers-digest-malformed', 'referrers-read-malformed'],
    level: 'MUST',
    sentence:
      'listing-referrers: "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400 Bad Request` MUST be returned"',
    right: 'pullproof',
  },
  {
    baselines: ['olareg'],
    what: 'sends OCI-Filters-Applied with the first reply to a filter only, not with those from its cache',
    official: [],
    ours: ['referrers-filter-said', 'referrers-filter-none'],
    level: 'MUST',
    sentence:
      'listing-referrers: "If filtering is requested and applied, the response MUST include a header `OCI-Filters-Applied: artifactType`"',
    right: 'pullproof: the suite asks each filter once',
  },
  {
    baselines: ['olareg'],
    what: 'loses referrers that are pushed side by side',
    official: [],
    ours: ['referrers-pages'],
    level: 'MUST',
    sentence:
      'enabling-the-referrers-api: "Registries MUST include all newly pushed image manifests with a valid `subject` field"',
    right: 'pullproof: the suite pushes one after the other',
  },
  {
    baselines: ['olareg'],
    what: 'in memory, deletes a blob that is deleted already',
    official: [],
    ours: ['delete-blob-twice'],
    level: 'MUST',
    sentence: 'deleting-blobs: "If the blob is not found, a `404 Not Found` code MUST be returned"',
    right: 'pullproof: the suite deletes each blob once',
  },
  {
    baselines: ['zot', 'zot-1.4', 'crane'],
    what: 'refuses a manifest whose content is missing by another code',
    official: [],
    ours: ['manifest-put*-sparse', 'manifest-missing-code'],
    level: 'MUST',
    sentence:
      'push: "When a manifest is rejected for this reason, it MUST result in one or more `MANIFEST_BLOB_UNKNOWN` errors"',
    right: 'pullproof: the suite does not read codes (and leaves sparse manifests out unless told)',
  },
  {
    baselines: ['zot', 'zot-1.4', 'crane'],
    what: 'takes tags that are against the grammar',
    official: [],
    ours: ['tag-refuse-*'],
    level: 'MUST',
    sentence:
      'pulling-manifests: "as a tag MUST be at most 128 characters in length and MUST match the following regular expression"',
    right: 'pullproof: the suite pushes no such tag',
  },
  {
    baselines: ['zot', 'zot-1.4'],
    what: 'answers DELETE of a manifest in a repository that is not there with 400',
    official: [],
    ours: ['delete-unknown-repository'],
    level: 'MUST',
    sentence:
      'deleting-manifests: "If the repository does not exist, the response MUST return `404 Not Found`"',
    right: 'pullproof: the suite deletes in its own repositories only',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'does not know the Location of an earlier chunk any more, and cancels the upload',
    official: [],
    ours: ['upload-status-earlier'],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "The `<blob-push-location>` refers to the URL obtained from any preceding `POST` or `PATCH` request"',
    right: 'pullproof: the suite asks at the last Location',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'lists tags in the order of a folder, and knows no n',
    official: [],
    ours: ['tags-order*', 'tags-n', 'tags-n-zero', 'tags-read-*'],
    level: 'MUST',
    sentence:
      'listing-tags: "the tags MUST be in lexical … or "ASCIIbetical" … order"; "Otherwise, the response MUST include `<int>` results"',
    right: 'pullproof: the suite sends last, and never n, and does not look at the order',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'fails to delete a manifest (500) while another push writes a tag',
    official: [],
    ours: ['manifest-delete-*', 'delete-manifest'],
    level: 'MUST',
    sentence:
      'deleting-manifests: "Upon success, the registry MUST respond with a `202 Accepted` code"',
    right: 'pullproof: the suite does one thing at a time',
  },
  {
    baselines: ['crane'],
    what: 'keeps blobs by their digest alone: what another repository has can be read and deleted from any',
    official: [],
    ours: ['blob-other-repository', 'repository-unknown-content', 'delete-blob-other-repository'],
    level: 'MUST',
    sentence:
      'pulling-blobs: "If the blob is not found in the repository, the response code MUST be `404 Not Found`"',
    right: 'pullproof: the suite knows of no content that is elsewhere only',
  },
  {
    baselines: ['crane'],
    what: 'takes a last chunk out of order',
    official: [],
    ours: ['upload-end-*'],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "If the final chunk is uploaded out of order, the registry MUST respond with a `416`"',
    right: 'pullproof: the suite does not come as far, for the status of the upload fails before',
  },
  {
    baselines: ['crane'],
    what: 'lists all tags after the last one, and sha512 digests among them',
    official: [],
    ours: ['tags-last-end', 'tags-read-last', 'tags-no-digests'],
    level: 'MUST',
    sentence:
      'listing-tags: "up to `<int>` tags *after* `<tagname>` will be returned", and "each tags on the repository"',
    right: 'pullproof',
  },
  {
    baselines: ['crane'],
    what: 'serves and lists a manifest under its tags after it was deleted by its digest',
    official: [],
    ours: ['delete-manifest', 'delete-manifest-listed'],
    level: 'MUST',
    sentence:
      'deleting-manifests: "a `GET` to `/v2/<name>/manifests/<digest>` and any tag pointing to that digest will return a 404"',
    right: 'pullproof: the suite deletes tags first',
  },
  {
    baselines: ['crane'],
    what: 'answers a range that ends before it begins with 206',
    official: [],
    ours: ['blob-range-truth'],
    level: 'MUST',
    sentence: 'pulling-blobs: ranges "in accordance with RFC 9110 (section 14)"; RFC 9110 15.3.7',
    right:
      'pullproof: the suite has the case, and does not come to it where its blob could not be pushed',
  },
  {
    baselines: ['zot-1.4'],
    what: 'tells the length of the last chunk as the Range of the upload',
    official: [],
    ours: ['upload-range-cumulative'],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "The `<end-of-range>` value is the position of the last uploaded byte of the blob"',
    right: 'pullproof: the suite does not read this Range',
  },
  {
    baselines: ['zot-1.4'],
    what: 'sorts no list of tags that n does not cut, and writes Link without angle brackets, with n=0 as well',
    official: [],
    ours: ['tags-order', 'tags-read-order', 'tags-link', 'tags-n-zero-link'],
    level: 'MUST',
    sentence:
      'listing-tags: "the tags MUST be in lexical … or "ASCIIbetical" … order"; "If included, the `Link` header MUST be set according to RFC 5988"',
    right: 'pullproof: the suite sends last, and never n, and does not look at the order',
  },
  {
    baselines: ['zot-1.4'],
    what: 'lists referrers as a release candidate had it: no indexes, the type of the config alone, no OCI-Filters-Applied',
    official: [],
    ours: [
      'referrers-list',
      'referrers-index-*',
      'referrers-artifact-type',
      'referrers-filter-said',
    ],
    level: 'MUST',
    sentence:
      'listing-referrers: "Each descriptor is of an image manifest or index in the same `<name>` namespace with a `subject` field that specifies the value of `<digest>`"',
    right: 'pullproof: the suite skips the lists where a push brought no OCI-Subject',
  },
];

/** What both found. */
const both: readonly Finding[] = [
  {
    baselines: distributions,
    what: 'mounts a blob by its sha512 with 201, and serves it with 404',
    official: ['sha512 blobs/mount/blob-mount'],
    ours: ['mount-sha512'],
    level: 'MUST',
    sentence:
      'mounting-a-blob-from-another-repository: "The Location header will contain the registry URL to access the accepted layer file"',
    right: 'both',
  },
  {
    baselines: distributions,
    what: 'refuses layers that lie elsewhere with 500',
    official: ['non-distributable-layers/*'],
    ours: ['manifest-put*-foreign-layers'],
    level: 'COMPAT',
    sentence:
      'push: "A registry MAY reject a manifest … with descriptors in other fields that reference a manifest or blob that does not exist in the registry"',
    right: 'both: it may refuse them, but not by a failure of its own',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'takes chunks out of order',
    official: ['sha* blobs/chunked out-of-order*/blob-patch-chunked'],
    ours: [
      'upload-chunk-gap*',
      'upload-chunk-overlap',
      'upload-chunk-repeated',
      'upload-chunk-first',
      'upload-end-*',
    ],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "If a chunk is uploaded out of order, the registry MUST respond with a `416`"',
    right: 'both',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'begins a list anew whatever last says',
    official: ['*/tag-list'],
    ours: ['tags-last*'],
    level: 'MUST',
    sentence: 'listing-tags: "`<tagname>` will not be included in the results"',
    right: 'both',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'fails (500) at a manifest under a digest that is none',
    official: ['invalid-digest-format/*'],
    ours: ['manifest-refuse-digest-malformed', 'manifest-digest-malformed'],
    level: 'COMPAT',
    sentence:
      'pulling-manifests: "The `<tag-or-digest>` MUST NOT be in any other format"; what answers it is not said',
    right: 'both; the text gives no status, so it is a warning here',
  },
  {
    baselines: ['docker-registry-2'],
    what: 'refuses a range with 416 and the Content-Length of the blob, then closes the connection',
    official: ['*/range requests/range *'],
    ours: ['blob-range-refusal-whole'],
    level: 'MUST',
    sentence:
      'RFC 9110 8.6: Content-Length is that of the content; RFC 9112 8: the reply is incomplete',
    right: 'both; pullproof read the status only, before the suite was laid beside it',
  },
  {
    baselines: ['zot'],
    what: 'deduplicated, brings a blob into a repository when HEAD asks for it, deleted from there or never there',
    official: ['*/mount*/blob-delete'],
    ours: ['blob-other-repository'],
    level: 'MUST',
    sentence:
      'checking-if-content-exists-in-the-registry: "If the blob or manifest is not found in the repository, the response code MUST be `404 Not Found`"',
    right: 'both, each by another case',
  },
  {
    baselines: ['crane'],
    what: 'ends pushes of blobs and manifests without Location',
    official: [
      '*/blob-post-put',
      '*/blob-post-only',
      '*/blob-patch-*',
      '*/mount*/blob-mount*',
      '*/push/manifest-by-*',
    ],
    ours: ['upload-*-location', 'manifest-location-*'],
    level: 'MUST',
    sentence:
      'post-then-put: "the response MUST have code `201 Created` and MUST have the following header: Location"; pushing-manifests likewise',
    right: 'both',
  },
  {
    baselines: ['crane'],
    what: 'does not tell how far an upload is',
    official: ['*/chunked out-of-order*/blob-patch-chunked'],
    ours: ['upload-status*', 'upload-resume'],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "The response to an active upload `<blob-push-location>` MUST be a `204 No Content` response code"',
    right: 'both',
  },
  {
    baselines: ['crane'],
    what: 'refuses to cancel an upload with 400',
    official: ['*/post cancel/blob-post-cancel'],
    ours: ['upload-cancel*'],
    level: 'SHOULD',
    sentence: 'cancel-a-blob-upload: "If successful, the response SHOULD be a `204 No Content`"',
    right: 'both; the text says SHOULD, so it is a warning here',
  },
  {
    baselines: ['crane'],
    what: 'fails (500) at DELETE of a blob that is not there',
    official: ['*/blob-delete'],
    ours: ['delete-blob-unknown', 'delete-blob-twice'],
    level: 'MUST',
    sentence: 'deleting-blobs: "If the blob is not found, a `404 Not Found` code MUST be returned"',
    right: 'both',
  },
  {
    baselines: ['crane'],
    what: 'stores a manifest under a digest that it does not have, or that is none',
    official: ['bad-digest-image/*', 'invalid-digest-format/*'],
    ours: ['manifest-refuse-digest-*'],
    level: 'MUST',
    sentence:
      'pushing-manifests: "The Docker-Content-Digest header … MUST be equal to the client provided digest"',
    right: 'both',
  },
  {
    baselines: ['zot-1.4'],
    what: 'sends no OCI-Subject, although it has the referrers API',
    official: ['*subject/push/manifest-by-*'],
    ours: ['referrers-subject-header*'],
    level: 'MUST',
    sentence:
      'pushing-manifests-with-subject: "a registry implementation that supports the referrers API MUST respond with the response header `OCI-Subject: <subject digest>`"',
    right: 'both',
  },
  {
    baselines: ['zot-1.4'],
    what: 'begins a list anew whatever last says, where n does not cut it',
    official: ['*/tag-list'],
    ours: ['tags-last-alone', 'tags-last-end', 'tags-read-last'],
    level: 'MUST',
    sentence: 'listing-tags: "`<tagname>` will not be included in the results"',
    right: 'both',
  },
  {
    baselines: ['zot-1.4'],
    what: 'refuses a last chunk out of order by 400',
    official: ['*/chunked out-of-order and put chunk/*'],
    ours: ['upload-end-*'],
    level: 'MUST',
    sentence:
      'pushing-a-blob-in-chunks: "If the final chunk is uploaded out of order, the registry MUST respond with a `416`"',
    right: 'both',
  },
  {
    baselines: ['zot-1.4'],
    what: 'fails (500) at a single POST of a blob whose digest is another',
    official: ['*/bad digest post only/*'],
    ours: ['upload-post-wrong-digest', 'upload-post-digest-*'],
    level: 'SHOULD',
    sentence:
      'pushing-blobs: "if the client provided digest is invalid or uses an unsupported algorithm, the registry SHOULD respond with a response code `400`"',
    right: 'both; the text says SHOULD, so it is a warning here',
  },
  {
    baselines: ['zot-1.4'],
    what: 'refuses the last N bytes of a blob (416), and fails (500) at a range behind its end',
    official: ['*/range requests/range *'],
    ours: ['blob-range-suffix', 'blob-range-unsatisfiable'],
    level: 'SHOULD',
    sentence: 'pulling-blobs: ranges "in accordance with RFC 9110 (section 14)"',
    right: 'both; the text says SHOULD, so it is a warning here',
  },
  {
    baselines: ['zot-1.4'],
    what: 'refuses a PUT of a blob without Content-Length, as the suite sends the one of no bytes',
    official: ['*/empty/blob-post-put'],
    ours: ['upload-stream-put*'],
    level: 'COMPAT',
    sentence:
      'post-then-put: "Content-Length: <length>" is among its headers, and whether they have to be sent is not said',
    right: 'both; with Content-Length: 0 the blob of no bytes is taken',
  },
  {
    baselines: ['zot-1.4'],
    what: 'refuses layers that lie elsewhere with 400',
    official: ['non-distributable-layers/*'],
    ours: ['manifest-put*-foreign-layers'],
    level: 'COMPAT',
    sentence:
      'push: "A registry MAY reject a manifest … with descriptors in other fields that reference a manifest or blob that does not exist in the registry"',
    right: 'pullproof: it may refuse them, so it is a warning here',
  },
  {
    baselines: ['zot-1.4'],
    what: 'takes a digest that is none for a tag',
    official: ['invalid-digest-format/*'],
    ours: ['manifest-refuse-digest-malformed'],
    level: 'COMPAT',
    sentence:
      'pulling-manifests: "The `<tag-or-digest>` MUST NOT be in any other format"; what answers it is not said',
    right: 'both; the text gives no status, so it is a warning here',
  },
];

export const findings: readonly Finding[] = [...officialAlone, ...oursAlone, ...both];
