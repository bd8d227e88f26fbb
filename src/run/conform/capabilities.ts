// What the registry offers, told apart from what it does wrong: a table over verdicts and facts.
import type { Capability, CheckResult } from '../../../reports/results.ts';
import type { Facts } from '../../checks/check.ts';
import { matchesAny } from '../../lib/globs.ts';

interface Row {
  readonly name: string;
  /** Globs of checks that only hold where it is offered. */
  readonly by?: readonly string[];
  /** What the survey saw in passing; undefined where it saw nothing at all. */
  readonly seen?: (facts: Facts) => boolean | undefined;
}

/** Whether it was met: nothing is known of a registry whose image could not be read. */
const ifMet = (facts: Facts, seen: boolean) => (seen || facts.top !== undefined ? seen : undefined);

const rows: readonly Row[] = [
  {
    name: 'Pulling without authentication',
    seen: (facts) => ifMet(facts, facts.challenged === undefined),
  },
  { name: 'Bearer tokens', seen: (facts) => ifMet(facts, facts.schemes?.has('bearer') === true) },
  {
    name: 'Basic authentication',
    seen: (facts) => ifMet(facts, facts.schemes?.has('basic') === true),
  },
  { name: 'Redirects of blobs', seen: (facts) => ifMet(facts, facts.redirect !== undefined) },
  { name: 'Ranges of blobs', by: ['blob-range-closed', 'blob-range-open', 'blob-range-suffix'] },
  { name: 'Upload in one request (POST)', by: ['upload-single-post'] },
  { name: 'Upload in two requests (POST, PUT)', by: ['upload-post-put'] },
  { name: 'Upload in chunks (PATCH)', by: ['upload-chunk', 'upload-chunks'] },
  { name: 'Upload as a stream', by: ['upload-stream', 'upload-stream-put'] },
  { name: 'Cancelling an upload', by: ['upload-cancel'] },
  { name: 'Mount from another repository', by: ['mount', 'mount-location'] },
  { name: 'Mount without a source', by: ['mount-anonymous'] },
  { name: 'sha512 blobs', by: ['upload-*-sha512'] },
  { name: 'sha512 manifests', by: ['manifest-put-sha512'] },
  { name: 'Tag parameters', by: ['tag-parameters*'] },
  { name: 'List of tags', by: ['tags-list', 'tags-read'] },
  { name: 'Pages of the list of tags', by: ['tags-n', 'tags-pages', 'tags-read-n'] },
  { name: 'Catalog', by: ['catalog-new', 'catalog-read'] },
  { name: 'Referrers API', by: ['referrers-list', 'referrers-none', 'referrers-read'] },
  { name: 'Filter of referrers', by: ['referrers-filter', 'referrers-read-filter'] },
  { name: 'Deleting a tag', by: ['delete-tag'] },
  { name: 'Deleting a manifest', by: ['delete-manifest', 'delete-manifest-listed'] },
  { name: 'Deleting a blob', by: ['delete-blob'] },
];

/** A failed check says nothing about whether a thing is offered: it may be offered and broken. */
export function capabilitiesOf(results: readonly CheckResult[], facts: Facts): Capability[] {
  return rows.map(({ name, by = [], seen }) => {
    if (seen !== undefined) return { name, supported: seen(facts) ?? null, by: [] };
    const members = results.filter(({ id }) => matchesAny(by, id));
    const saying = (verdict: CheckResult['verdict']) =>
      members.filter((one) => one.verdict === verdict).map(({ id }) => id);
    const [held, absent] = [saying('pass'), saying('unsupported')];
    if (held.length > 0) return { name, supported: true, by: held };
    return { name, supported: absent.length > 0 ? false : null, by: absent };
  });
}

/** Globs that no check of a catalogue fits, for the test that keeps the table true. */
export function idleGlobs(ids: readonly string[]): string[] {
  const globs = rows.flatMap(({ by = [] }) => by);
  return globs.filter((glob) => !ids.some((id) => matchesAny([glob], id)));
}
