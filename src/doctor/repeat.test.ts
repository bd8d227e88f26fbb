import { expect, test } from 'vitest';
import { createRegistry } from '../../mocks/index.ts';
import { examineWorld } from '../../test/lib/doctor-world.ts';
import { inProcess } from '../../test/lib/in-process.ts';
import type { Perform } from '../drivers/drive.ts';

/** How many requests for blobs were under way at once at most. */
async function atOnce(client: string): Promise<{ most: number; pulls: number }> {
  const perform = inProcess(createRegistry().fetch);
  let underWay = 0;
  let most = 0;
  const counting: Perform = async (request) => {
    const isBlob = request.ask.phase === 'config' || request.ask.phase === 'layer';
    if (!isBlob) return await perform(request);
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    const reply = await perform(request);
    underWay -= 1;
    return reply;
  };
  const { facts } = await examineWorld({
    client,
    world: { perform: counting },
    options: { probes: 4 },
  });
  expect(facts.pulls.map(({ failure }) => failure?.message)).toEqual(
    facts.pulls.map(() => undefined),
  );
  return { most, pulls: facts.pulls.length };
}

test('repeats ask no more at once than the client does', async () => {
  expect(await atOnce('crane')).toEqual({ most: 1, pulls: 4 });
  const { most, pulls } = await atOnce('containerd');
  expect(pulls).toBe(4);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(3);
});
