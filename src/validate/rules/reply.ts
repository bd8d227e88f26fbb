// Rules about replies of registries and token servers that compare one part with another.

import { asArray, asObject, asString } from '../../lib/json.ts';
import { errorCodes } from '../../protocol/grammar/errors.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';
import { withdrawnArtifact } from './media-role.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

/** The lists of a reply, by kind: the member that is sorted. */
const listMembers: Readonly<Record<string, string>> = {
  'tag-list': 'tags',
  catalog: 'repositories',
};

function namesOf({ kind, value }: JudgedDocument): { member: string; names: string[] } {
  const member = listMembers[kind] ?? '';
  return { member, names: (asArray(value[member]) ?? []).map((name) => asString(name) ?? '') };
}

/** Position of the first name that stands before its predecessor; -1 when there is none. */
function firstUnsorted(names: readonly string[]): number {
  return names.findIndex((name, at) => at > 0 && name < (names[at - 1] as string));
}

/** The spec knows two orders: by byte, and without regard to case. */
function checkOrder(document: JudgedDocument, report: Report): void {
  const { member, names } = namesOf(document);
  const at = firstUnsorted(names);
  if (at >= 0 && firstUnsorted(names.map((name) => name.toLowerCase())) >= 0) {
    const detail = `${quote(names[at])} comes after ${quote(names[at - 1])}`;
    report(`/${member}/${at}`, detail);
  }
}

function checkRepeated(document: JudgedDocument, report: Report): void {
  const { member, names } = namesOf(document);
  const seen = new Set<string>();
  for (const [at, name] of names.entries()) {
    if (name !== '' && seen.has(name)) {
      report(`/${member}/${at}`, `${quote(name)} is here a second time`);
    }
    seen.add(name);
  }
}

/** Codes of Docker's registry beyond the table of OCI; clients know some of them. */
const dockerCodes = new Set([
  'UNKNOWN',
  'UNAVAILABLE',
  'RANGE_INVALID',
  'TAG_INVALID',
  'MANIFEST_UNVERIFIED',
  'PAGINATION_NUMBER_INVALID',
]);

function checkCodes({ value }: JudgedDocument, report: Report): void {
  for (const [at, entry] of (asArray(value.errors) ?? []).entries()) {
    const code = asString(asObject(entry)?.code) ?? '';
    if (/^[A-Z_]+$/.test(code) && !errorCodes.has(code)) {
      const origin = dockerCodes.has(code) ? "a code of Docker's alone" : 'in no table';
      report(`/errors/${at}/code`, `${quote(code)} is ${origin}`);
    }
  }
}

/** Types that have a subject. */
const referring: readonly string[] = [mediaTypes.ociManifest, mediaTypes.ociIndex];

function checkReferrerTypes({ parts }: JudgedDocument, report: Report): void {
  for (const { descriptor, pointer } of parts) {
    const mediaType = asString(descriptor.mediaType);
    if (mediaType !== undefined && !referring.includes(mediaType)) {
      const what = withdrawnArtifact.test(mediaType)
        ? 'an artifact manifest, which was removed before image-spec 1.1'
        : 'neither manifest nor index of OCI';
      report(`${pointer}/mediaType`, `${quote(mediaType)} is ${what}`);
    }
  }
}

function checkArtifactTypes({ parts }: JudgedDocument, report: Report): void {
  for (const { descriptor, pointer } of parts) {
    const isManifest = descriptor.mediaType === mediaTypes.ociManifest;
    if (isManifest && (descriptor.artifactType ?? '') === '') {
      report(pointer, 'the entry of a manifest has no artifactType');
    }
  }
}

function checkReferrersOnce({ parts }: JudgedDocument, report: Report): void {
  const firstByDigest = new Map<string, string>();
  for (const { descriptor, pointer } of parts) {
    const digest = asString(descriptor.digest);
    if (digest === undefined) continue;
    const first = firstByDigest.get(digest);
    if (first === undefined) firstByDigest.set(digest, pointer);
    else report(`${pointer}/digest`, `the entry at ${first} is for the same manifest`);
  }
}

function checkToken({ value }: JudgedDocument, report: Report): void {
  const { token, access_token: accessToken } = value;
  // Of another type than string is the schema's finding.
  if ((token ?? '') === '' && (accessToken ?? '') === '') {
    report('', 'there is neither token nor access_token in it');
  }
}

function checkTokensAgree({ value }: JudgedDocument, report: Report): void {
  const token = asString(value.token) ?? '';
  const accessToken = asString(value.access_token) ?? '';
  if (token !== '' && accessToken !== '' && token !== accessToken) {
    report('/access_token', 'token and access_token differ');
  }
}

const tokenSpec = 'docker-registry/token.md#requesting-a-token';
const referrersSpec = 'distribution-spec/spec.md#listing-referrers';

export const replyRules: readonly ValueRule[] = [
  {
    id: 'token-missing',
    level: 'error',
    spec: tokenSpec,
    summary: 'A token reply holds a token, as token or as access_token.',
    fix: 'Send token, and access_token with the same value for clients of OAuth2.',
    kinds: ['token-reply'],
    check: checkToken,
  },
  {
    id: 'token-conflict',
    level: 'warning',
    spec: tokenSpec,
    summary: 'When a reply has both token and access_token, they are the same.',
    fix: 'Send the same value twice: some clients read the first, others the second.',
    kinds: ['token-reply'],
    check: checkTokensAgree,
  },
  {
    id: 'error-code-unknown',
    level: 'warning',
    spec: 'distribution-spec/spec.md#error-codes',
    summary: 'Error codes are those of the table in the spec.',
    fix: 'Use the code of the table that comes nearest; clients act upon those.',
    kinds: ['error-reply'],
    check: checkCodes,
  },
  {
    id: 'tag-list-order',
    level: 'error',
    spec: 'distribution-spec/spec.md#listing-tags',
    summary: 'Tags are listed in order, by byte or without regard to case.',
    fix: 'Sort the tags: clients ask for the next page by the last tag of this one.',
    kinds: ['tag-list'],
    check: checkOrder,
  },
  {
    id: 'catalog-order',
    level: 'warning',
    spec: 'docker-registry/api.md#listing-repositories',
    summary: 'Repositories are listed in order.',
    fix: 'Sort the names: clients ask for the next page by the last name of this one.',
    kinds: ['catalog'],
    check: checkOrder,
  },
  {
    id: 'list-repeated',
    level: 'warning',
    spec: 'distribution-spec/spec.md#listing-tags',
    summary: 'Every tag or repository is listed once.',
    fix: 'List each name once; check what joins the pages.',
    kinds: ['tag-list', 'catalog'],
    check: checkRepeated,
  },
  {
    id: 'referrers-media-type',
    level: 'error',
    spec: referrersSpec,
    summary: 'Referrers are image manifests or indexes: only these have a subject.',
    fix: 'List manifests by their own media type, and nothing without a subject.',
    kinds: ['referrers'],
    check: checkReferrerTypes,
  },
  {
    id: 'referrers-artifact-type',
    level: 'error',
    spec: referrersSpec,
    summary: 'The entry of an image manifest has an artifactType.',
    fix: "Set the manifest's artifactType, or without one the media type of its config.",
    kinds: ['referrers'],
    check: checkArtifactTypes,
  },
  {
    id: 'referrers-repeated',
    level: 'warning',
    spec: referrersSpec,
    summary: 'Every referrer is listed once.',
    fix: 'List each manifest once; check what joins the pages.',
    kinds: ['referrers'],
    check: checkReferrersOnce,
  },
];
