// Clusters without the operator: where it does not run, and where its kinds are not known.
import { expect, inject, test } from 'vitest';
import { reasons } from '../../src/run/load/k8s/apply/reasons.ts';
import { Fleet } from '../lib/cluster/fleet.ts';
import { withoutOperator } from '../lib/cluster/operator.ts';
import { until } from '../lib/cluster/until.ts';
import { Workspace } from '../lib/cluster/workspace.ts';

test('an operator that is not there is missed, and so are its kinds', async () => {
  const cluster = inject('cluster');
  const space = await Workspace.open(cluster);
  try {
    const fleet = new Fleet(space, await space.mock());
    await fleet.write(['--vus', '2', '--iterations', '4', '--results', 'logs']);
    await withoutOperator(cluster, async (removeKinds) => {
      const silent = await fleet.apply(['--patience', '15s']);
      expect(silent.code, silent.stderr).toBe(3);
      const reason = reasons.find(({ id }) => id === 'operator-silent');
      expect(silent.stderr).toContain(reason?.title);
      await until('nothing is left', async () => (await fleet.left()).length === 0);
      await removeKinds();
      const unknown = await fleet.apply();
      expect(unknown.code, unknown.stderr).toBe(3);
      expect(unknown.stderr).toContain('k6-operator');
      expect(unknown.stderr).toContain('hint: ');
    });
    const { code, stderr } = await fleet.apply(['--start-in', '20s']);
    expect(code, stderr).toBe(0);
  } finally {
    await space.close();
  }
});
