// Which checks notice each fault: a snapshot of what the kill matrix saw (test/kill-matrix), a file for each
// room, kept by `UPDATE=1 npx vitest run test/kill-matrix`. Not loaded by a mock that serves.
import auth from './auth/noticed.json' with { type: 'json' };
import deletes from './deletes/noticed.json' with { type: 'json' };
import manifests from './manifests/noticed.json' with { type: 'json' };
import pull from './pull/noticed.json' with { type: 'json' };
import referrers from './referrers/noticed.json' with { type: 'json' };
import replies from './replies/noticed.json' with { type: 'json' };
import tags from './tags/noticed.json' with { type: 'json' };
import upload from './upload/noticed.json' with { type: 'json' };

const all: Readonly<Record<string, readonly string[]>> = {
  ...auth,
  ...deletes,
  ...manifests,
  ...pull,
  ...referrers,
  ...replies,
  ...tags,
  ...upload,
};

/** Ids of exactly the checks that notice the fault, sorted; none of one that is new or legal. */
export function noticing(fault: string): readonly string[] {
  return all[fault] ?? [];
}

/** Ids of the faults that the check notices. */
export function noticedOf(check: string): readonly string[] {
  return Object.keys(all).filter((fault) => noticing(fault).includes(check));
}
