// The matrix: every fault by every client, by its program and by its profile.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from './clients.ts';
import { differencesOf, type Look } from './compare.ts';
import { isKnown } from './differences.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { type Outcome, pullByProfile, pullByProgram } from './pulls.ts';
import { type Logged, Rig } from './rig.ts';
import { saidApart } from './speech.ts';

export interface Side extends Outcome {
  readonly requests: readonly Logged[];
}

export interface Cell {
  readonly fault: string;
  readonly client: string;
  readonly differences: readonly string[];
  readonly program: Side;
  readonly profile: Side;
}

/** Programs of all clients start one after the other, so that the machine is not busy with all at once. */
const programsPerSecond = 10;
let nextStart = 0;

async function turn(): Promise<void> {
  const now = performance.now();
  nextStart = Math.max(now, nextStart) + 1000 / programsPerSecond;
  await sleep(nextStart - now);
}

function byPrograms(client: Client, faults: readonly Fault[]): Promise<Side[]> {
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

async function byProfile(client: Client, faults: readonly Fault[]): Promise<Side[]> {
  const rigs = await Promise.all(faults.map((fault) => Rig.open(fault)));
  try {
    const outcomes = await pullByProfile(client, rigs);
    return outcomes.map((outcome, at) => ({ ...outcome, requests: (rigs[at] as Rig).log }));
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()));
  }
}

/** How often a cell is looked at again whose sides differ: on a busy machine anything may come late. */
const looksMax = 4;

/** Clients at once: more would only wait for each other. */
const atOnceMax = 2;
let running = 0;
const waiting: (() => void)[] = [];

/** All cells of a client, and what differs in them. */
export async function cellsOf(client: Client): Promise<Cell[]> {
  if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve));
  running++;
  try {
    return await lookAt(client);
  } finally {
    running--;
    waiting.shift()?.();
  }
}

async function lookAt(client: Client): Promise<Cell[]> {
  const mine = faults.filter(
    ({ id, clients }) =>
      clients?.includes(client.profile) !== false && client.faults?.includes(id) !== false,
  );
  const cells = new Map<string, Cell>();
  const looks = new Map<string, Look[]>();
  let open = mine;
  for (let look = 0; look < looksMax && open.length > 0; look++) {
    const [programs, profiles] = await Promise.all([
      byPrograms(client, open),
      byProfile(client, open),
    ]);
    for (const [at, fault] of open.entries()) {
      const [program, profile] = [programs[at] as Side, profiles[at] as Side];
      const cell = { fault: fault.id, client: client.profile, program, profile };
      const earlier = looks.get(fault.id) ?? [];
      const differences = differencesOf(fault, cell, earlier);
      looks.set(fault.id, [...earlier, cell]);
      // What an older version says is not held against today's words.
      const isToday = !client.profile.includes('@') && fault.random !== true;
      const said = isToday && differences.length === 0 ? saidApart(cell) : undefined;
      if (said !== undefined) differences.push(`says: ${said.program}; profile: ${said.profile}`);
      cells.set(fault.id, { ...cell, differences });
    }
    open = mine.filter(({ id }) => cells.get(id)?.differences.length !== 0 && !isKnown(client, id));
  }
  return [...cells.values()];
}

/** Names a file to which all cells are written as JSON. */
const dumpVariable = 'PULL_ORACLE_DUMP';

export function dump(cells: readonly Cell[]): void {
  const file = process.env[dumpVariable];
  if (file !== undefined) writeFileSync(file, JSON.stringify(cells, undefined, 1));
}
