// Each client's library pulls from registries in which one thing goes wrong, and our profile of the client pulls
// from the same, by real k6: they agree in what comes of it, in what is asked where, in who is shown
// credentials, and in their waits.
import { spawnSync } from 'node:child_process';
import { describe, expect } from 'vitest';
import { hasTools, testWith } from '../../lib/tools.ts';
import { clients } from './clients.ts';
import { knownDifferences } from './differences.ts';
import { type Cell, cellsOf, dump } from './matrix.ts';
import { unsharing } from './pulls.ts';

const matrixMsMax = 900_000;
const canMount = hasTools('unshare') && spawnSync('unshare', [...unsharing, 'true']).status === 0;
const all: Cell[] = [];

describe.concurrent('a profile does what its client does under every fault', () => {
  for (const client of clients) {
    testWith(client.program, 'unshare', 'k6')(
      `${client.profile}, beside ${client.program}`,
      async ({ skip }) => {
        if (!canMount) skip('needs the right to mount, for host names of its own');
        const cells = await cellsOf(client);
        all.push(...cells);
        dump(all);
        const known = knownDifferences.filter((entry) => entry.client === client.profile);
        const ids = known.flatMap((entry) => entry.ids);
        const unknown = cells
          .filter(({ fault, differences }) => differences.length > 0 && !ids.includes(fault))
          .map(({ fault, differences }) => `${fault}: ${differences.join('; ')}`);
        const always = known.filter(({ sometimes }) => !sometimes).flatMap((entry) => entry.ids);
        const healed = always.filter(
          (id) => cells.find(({ fault }) => fault === id)?.differences.length === 0,
        );
        expect({ unknown, healed }).toEqual({ unknown: [], healed: [] });
      },
      matrixMsMax,
    );
  }
});
