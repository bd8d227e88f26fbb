// The matrix: every fault by every client, by its program and by its profile.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { type Client, type Outcome, pullByProfile, pullByProgram } from './pulls.ts';
import { type Logged, Rig } from './rig.ts';

export interface Side extends Outcome {
  readonly requests: readonly Logged[];
}

export interface Cell {
  readonly fault: string;
  readonly client: string;
  readonly program: Side;
  readonly profile: Side;
}

/** Programs of all clients start one after the other, so that the machine is not busy with all at once. */
const programsPerSecond = 8;
let nextStart = 0;

async function turn(): Promise<void> {
  const now = performance.now();
  nextStart = Math.max(now, nextStart) + 1000 / programsPerSecond;
  await sleep(nextStart - now);
}

export function byPrograms(client: Client, faults: readonly Fault[]): Promise<Side[]> {
  return Promise.all(
    faults.map(async (fault) => {
      await turn();
      const rig = await Rig.open(fault);
      try {
        const outcome = await pullByProgram(client, rig);
        return { ...outcome, requests: rig.log };
      } finally {
        await rig.close();
      }
    }),
  );
}

export async function byProfile(client: Client, faults: readonly Fault[]): Promise<Side[]> {
  const rigs = await Promise.all(faults.map((fault) => Rig.open(fault)));
  try {
    const outcomes = await pullByProfile(client, rigs);
    return outcomes.map((outcome, at) => ({ ...outcome, requests: (rigs[at] as Rig).log }));
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()));
  }
}

/** Names a file to which all cells are written as JSON. */
const dumpVariable = 'PULL_ORACLE_DUMP';

export function dump(cells: readonly Cell[]): void {
  const file = process.env[dumpVariable];
  if (file !== undefined) writeFileSync(file, JSON.stringify(cells, undefined, 1));
}
