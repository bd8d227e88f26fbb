// Which checks could see a fault: those that, on the sound mock, ask for something that it is aimed at. The
// others say to the mock, and hear from it, what they always do. `npm run test:all` runs them too.
import { isAimedAt } from '../../mocks/faults/engine.ts';
import type { CatalogueFault } from '../../mocks/faults/index.ts';
import { faults } from '../../mocks/faults/index.ts';
import { checks } from '../../src/checks/catalogue.ts';
import { run, type Seen, type Setup } from './matrix.ts';

/** Ids of checks by id of the fault. */
type Reach = ReadonlyMap<string, ReadonlySet<string>>;

const all: ReadonlySet<string> = new Set(checks.map(({ id }) => id));
const reaches = new Map<string, Promise<Reach>>();

/** Ids of the checks that could see the fault; all where it damages content, or a token that all share. */
export async function inReach({ id }: CatalogueFault, setup: Setup): Promise<ReadonlySet<string>> {
  const key = JSON.stringify(setup);
  const reach = reaches.get(key) ?? reachIn(setup);
  reaches.set(key, reach);
  return (await reach).get(id) ?? new Set();
}

/** By one run of all checks on the sound mock. */
async function reachIn(setup: Setup): Promise<Reach> {
  const reach = new Map<string, Set<string>>();
  const isShared = new Set(faults.filter(({ layer }) => layer === 'store').map(({ id }) => id));
  const aims = faults.map((fault) => {
    const behaviour = 'begin' in fault ? fault.begin() : fault;
    // What answers in place of the server is not asked for the status of its reply.
    return { fault, isBlind: 'instead' in behaviour && behaviour.instead !== undefined };
  });
  const see = ({ view, status, check }: Seen) => {
    for (const { fault, isBlind } of aims) {
      if (!isAimedAt(fault, view, isBlind ? undefined : status)) continue;
      // A token is asked for by one check, and used by others.
      const isOfOne = check !== undefined && view.place !== 'token';
      if (isOfOne) reach.set(fault.id, (reach.get(fault.id) ?? new Set()).add(check));
      else if (view.place === 'token' || status === 401) isShared.add(fault.id);
    }
  };
  await run(setup, see);
  return new Map(
    faults.map(({ id }) => [id, isShared.has(id) ? all : (reach.get(id) ?? new Set())]),
  );
}
