// Image references as people write them, `[registry/]repository[:tag][@digest]`, completed the way
// every client does it (docker.io, library/, latest). Scheme prefixes are left to the command line.

import { UserError } from '../../lib/user-error.ts';
import { isWellFormedDigest } from './digest.ts';

export interface Reference {
  /** `host[:port]` as it was written; `docker.io` when none was. */
  readonly registry: string;
  readonly repository: string;
  /** At least one of tag and digest is there. With both, the digest says what is pulled. */
  readonly tag?: string;
  readonly digest?: string;
}

const defaultRegistry = 'docker.io';
const defaultTag = 'latest';

const referenceCharsMax = 1_024;
/** Distribution's own limit; it counts the repository alone. */
const repositoryCharsMax = 255;
const portMax = 65_535;
const shownCharsMax = 100;

const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const repositoryPattern = new RegExp(`^${pathComponent}(?:/${pathComponent})*$`);
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const label = '[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*';
const registryPattern = new RegExp(
  `^(?:${label}(?:\\.${label})*|\\[[A-Fa-f0-9:]+\\])(?::([0-9]{1,5}))?$`,
);
const imageId = /^[a-f0-9]{64}$/;

/** Whether clients accept the text as a repository: grammar of the spec, at most 255 characters. */
export function isRepository(text: string): boolean {
  return text.length <= repositoryCharsMax && repositoryPattern.test(text);
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** Whether the text is `host[:port]` as a reference may hold it: name, IPv4 or bracketed IPv6. */
export function isRegistry(text: string): boolean {
  const match = text.length <= referenceCharsMax ? registryPattern.exec(text) : null;
  return match !== null && Number(match[1] ?? 0) <= portMax;
}

/**
 * Reads and completes a reference.
 * @throws UserError `reference-invalid`, naming the part that is wrong.
 */
export function parseReference(text: string): Reference {
  refuseWhatIsNoReference(text);
  const at = text.indexOf('@');
  const nameAndTag = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = nameAndTag.indexOf(':', nameAndTag.lastIndexOf('/') + 1);
  const name = colon < 0 ? nameAndTag : nameAndTag.slice(0, colon);
  const tag = colon < 0 ? undefined : nameAndTag.slice(colon + 1);
  const { registry, repository } = splitName(name);

  refuseBadName(text, registry, repository);
  if (tag !== undefined && !isTag(tag)) {
    throw invalid(text, `the tag ${show(tag)} is not valid`, tagHint);
  }
  if (digest !== undefined && !isWellFormedDigest(digest)) {
    throw invalid(text, `the digest ${show(digest)} is not valid`, digestHint);
  }
  if (digest !== undefined) {
    return tag === undefined
      ? { registry, repository, digest }
      : { registry, repository, tag, digest };
  }
  return { registry, repository, tag: tag ?? defaultTag };
}

/** The complete form, which `parseReference` reads back to the same parts. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

const tagHint =
  'A tag has letters, digits, "_", "." and "-", at most 128, and starts with none of ".-".';
const digestHint = 'A digest looks like sha256: and 64 lower-case hex digits.';
const nameHint =
  'A repository has lower-case letters and digits, separated by "/", ".", "_", "__" or dashes.';
const formHint = 'Write it as registry.example.com:5000/team/app:tag or …@sha256:<64 hex digits>.';

function refuseWhatIsNoReference(text: string): void {
  if (text === '') {
    throw invalid(text, 'it is empty', formHint);
  }
  if (text.length > referenceCharsMax) {
    throw invalid(text, `it has more than ${referenceCharsMax} characters`, formHint);
  }
  if (text.includes('://')) {
    throw invalid(text, 'a reference has no scheme', `Leave out what ends in "://". ${formHint}`);
  }
  if (imageId.test(text)) {
    const hint = 'A registry does not know image IDs: name the repository, with a tag or a digest.';
    throw invalid(text, '64 hex digits are an image ID', hint);
  }
}

/** The first component is a registry when it cannot be a Docker Hub user's name. */
function splitName(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isRegistryName =
    first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const registry = isRegistryName ? first : defaultRegistry;
  const repository = isRegistryName ? name.slice(slash + 1) : name;
  if (registry !== defaultRegistry && registry !== `index.${defaultRegistry}`) {
    return { registry, repository };
  }
  const isOfficial = repository !== '' && !repository.includes('/');
  return {
    registry: defaultRegistry,
    repository: isOfficial ? `library/${repository}` : repository,
  };
}

function refuseBadName(text: string, registry: string, repository: string): void {
  if (!isRegistry(registry)) {
    const hint =
      'A registry is a host name or address with an optional port, such as 127.0.0.1:5000.';
    throw invalid(text, `the registry ${show(registry)} is not valid`, hint);
  }
  if (repository.length > repositoryCharsMax) {
    const problem = `the repository has more than ${repositoryCharsMax} characters`;
    throw invalid(text, problem, 'Clients refuse longer names: choose a shorter one.');
  }
  if (repository === '') {
    throw invalid(text, 'it names no repository', formHint);
  }
  if (isRepository(repository)) {
    return;
  }
  const isOnlyCase = isRepository(repository.toLowerCase());
  throw invalid(
    text,
    isOnlyCase
      ? 'the repository must be lower case'
      : `the repository ${show(repository)} is not valid`,
    isOnlyCase ? `Write ${show(repository.toLowerCase())}.` : nameHint,
  );
}

function invalid(text: string, problem: string, hint: string): UserError {
  return new UserError(
    'reference-invalid',
    `${show(text)} is no image reference: ${problem}`,
    hint,
  );
}

/** Quoted and escaped, so that control characters of a pasted line do not reach the terminal. */
function show(text: string): string {
  const clipped = text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text;
  return JSON.stringify(clipped);
}
