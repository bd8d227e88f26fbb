// Every fault of the mock and every legal oddity, under the eyes of `doctor`: its verdict is that of the client's own
// conversation, each pull that fails has declared causes, those of doctor-causes.json, and one that works has none.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { faults } from '../../mocks/faults/index.ts';
import { createRegistry } from '../../mocks/index.ts';
import { causes, findCauses } from '../../src/doctor/causes/index.ts';
import { profiles } from '../../src/profiles/index.ts';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { PullFailure } from '../../src/protocol/failure.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { pulled } from '../lib/client-talk.ts';
import { examineWorld } from '../lib/doctor-world.ts';

/** One that asks `/v2/` first, and one that does not. */
const clients = ['podman', 'containerd'];
/** Rooms of what a pull meets; the others are about what it never asks. */
const rooms = ['auth', 'pull', 'replies'];

/** Faults left out, and why. */
const leftOut: Readonly<Record<string, string>> = {
  'blob-body-dripped': 'each byte takes its time',
};

/** Where what the client does again brings another end than what it does once. */
const again: Readonly<Record<string, string>> = {
  'edge-cold-timeout': 'the object is there when it is asked for again',
};

/** Where the network of the test shows other certificates than the fault speaks of. */
const unexplained: Readonly<Record<string, string>> = {
  'edge-certificate-unknown': 'the scripted certificates are good ones',
};

async function endOf(fault: string, client: ClientProfile): Promise<'works' | 'fails'> {
  const registry = createRegistry({ faults: [fault], stallMs: 20, slowMs: 1, dripMs: 1 });
  try {
    await pulled(client, registry);
    return 'works';
  } catch (error) {
    if (error instanceof PullFailure) return 'fails';
    throw error;
  }
}

const declared = new Set(causes.map(({ id }) => id));
const own = faults.filter(({ room, id }) => rooms.includes(room) && leftOut[id] === undefined);

/** By fault and client, what is found; faults that nothing comes of are not in it. */
type Snapshot = Record<string, Record<string, readonly string[]>>;
const file = join(packageRoot, 'test/kill-matrix/doctor-causes.json');
const known: Snapshot = JSON.parse(readFileSync(file, 'utf8'));
const seen: Snapshot = {};
const isUpdate = process.env.UPDATE === '1';

describe.each(clients)('%s', (client) => {
  const profile = profiles[client] as ClientProfile;
  test.each(own.map(({ id }) => id))('%s', async (id) => {
    const { facts } = await examineWorld({ client, mock: { faults: [id] } });
    const found = [...new Set(findCauses(facts).map(({ cause }) => cause.id))].sort();
    const failure = facts.pulls[0]?.failure;
    const end = failure === undefined ? 'works' : 'fails';
    if (again[id] === undefined) expect(end, failure?.message).toBe(await endOf(id, profile));
    expect(found.length > 0 ? 'fails' : 'works', found.join()).toBe(end);
    if (unexplained[id] === undefined) {
      expect(found.filter((cause) => !declared.has(cause))).toEqual([]);
    }
    if (found.length > 0) seen[id] = { ...seen[id], [client]: found };
    if (!isUpdate) expect(found, hint).toEqual(known[id]?.[client] ?? []);
  });
});

const hint =
  'Where that is right: UPDATE=1 npx vitest run test/kill-matrix/doctor.test.ts, and review the diff.';

afterAll(() => {
  if (isUpdate) writeFileSync(file, `${JSON.stringify(seen, null, 2)}\n`);
});
