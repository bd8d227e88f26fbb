// What must hold before anything is made: a cluster that answers, with the operator, and no run of the name under way.
import { UserError } from '../../../../lib/user-error.ts';
import type { Described } from './described.ts';
import type { Kubectl } from './kubectl.ts';
import { objectsOf } from './look.ts';
import { refuseWithoutApiRights } from './rights.ts';
import { mustHaveWorked, troubleOf, userErrorOf } from './said.ts';
import { type SecretWish, sortSecrets } from './secrets.ts';

export const testRuns = 'testruns.k6.io';
/** Stages in which nothing runs any more. */
const over: ReadonlySet<string | undefined> = new Set(['finished', 'error']);
const deleteMs = 90_000;

export interface Ready {
  /** To be made, and deleted at the end. */
  readonly secrets: readonly SecretWish[];
  /** The claim was there before: it is the user's. */
  readonly hasClaim: boolean;
}

/** Of a run that has ended only its TestRun is in the way, and is deleted. @throws UserError */
export async function preflight(
  described: Described,
  wishes: readonly SecretWish[],
  kubectl: Kubectl,
): Promise<Ready> {
  const { name, claim } = described;
  const said = mustHaveWorked(
    await kubectl.run(['get', testRuns, name, '--ignore-not-found', '-o', 'json']),
  );
  await refuseWithoutApiRights(described, wishes.length > 0, kubectl);
  const secrets = await sortSecrets(described, wishes, kubectl);
  const hasClaim = claim !== undefined && (await isThere('persistentvolumeclaim', claim, kubectl));
  const [earlier] = objectsOf(said.stdout);
  if (earlier !== undefined) {
    const isGoing = earlier.metadata?.deletionTimestamp !== undefined;
    if (!isGoing && !over.has(earlier.status?.stage)) throw underWay(described, kubectl);
    await deleteTestRun(name, kubectl);
  }
  return { secrets, hasClaim };
}

async function isThere(kind: string, name: string, kubectl: Kubectl): Promise<boolean> {
  const said = await kubectl.run(['get', kind, name, '-o', 'name']);
  if (said.code === 0) return true;
  if (troubleOf(said) === 'not-found') return false;
  throw userErrorOf(said);
}

function underWay({ name, namespace }: Described, kubectl: Kubectl): UserError {
  return new UserError(
    'testrun-under-way',
    `a TestRun ${name} is under way in the namespace ${namespace}`,
    `Wait for it, or end it: \`${kubectl.typed('delete', testRuns, name)}\`. Another name comes from another folder.`,
    2,
  );
}

/** With its jobs and pods: the operator starts none beside those of an earlier run. @throws UserError */
async function deleteTestRun(name: string, kubectl: Kubectl): Promise<void> {
  const words = ['delete', testRuns, name, '--ignore-not-found', '--cascade=foreground'];
  const timeout = `--timeout=${deleteMs / 1000}s`;
  mustHaveWorked(await kubectl.run([...words, timeout], { timeoutMs: deleteMs }));
}
