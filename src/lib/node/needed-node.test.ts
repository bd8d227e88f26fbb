// Which Node will do: what package.json says.
import { expect, test } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { wrongNode } from './needed-node.ts';

test('the oldest that will do is that of package.json', () => {
  const oldest = manifest.engines.node.replace('>=', '');
  expect(wrongNode('20.19.4')).toContain(oldest);
  for (const version of ['22.17.1', '18.20.8', '4.0.0']) expect(wrongNode(version)).toBeDefined();
  for (const version of [`${oldest}.0`, '22.20.1', '23.0.0', '26.10.0', '100.0.0'])
    expect(wrongNode(version)).toBeUndefined();
});
