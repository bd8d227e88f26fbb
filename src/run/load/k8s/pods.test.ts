import { describe, expect, test } from 'vitest';
import { heapMiB, helperResources, runnerResources, spreadOf } from './pods.ts';

describe('what pods ask for', () => {
  test('stays within their limits, whatever is given', () => {
    expect(runnerResources({}, 100)).toEqual({ requests: { cpu: '1', memory: '200Mi' } });
    expect(runnerResources({ cpuLimit: '500m', memoryLimit: '128Mi' }, 100)).toEqual({
      requests: { cpu: '500m', memory: '128Mi' },
      limits: { cpu: '500m', memory: '128Mi' },
    });
    expect(runnerResources({ cpuRequest: '2', cpuLimit: '4', memoryLimit: '1Gi' }, 100)).toEqual({
      requests: { cpu: '2', memory: '200Mi' },
      limits: { cpu: '4', memory: '1Gi' },
    });
    expect(helperResources({ cpuLimit: '10m', memoryRequest: '32Mi' })).toEqual({
      requests: { cpu: '10m', memory: '32Mi' },
      limits: { cpu: '10m' },
    });
  });

  test('the heap ends below a limit of memory', () => {
    expect(heapMiB(100, {})).toBe(100);
    expect(heapMiB(100, { memoryLimit: '1Gi' })).toBe(100);
    expect(heapMiB(100, { memoryLimit: '100Mi' })).toBeLessThan(100);
  });
});

test('runners alone are spread', () => {
  const placement = { nodeSelector: {}, tolerations: [], pullSecrets: [] };
  expect(spreadOf('fleet', placement)).toEqual({});
  const spread = spreadOf('fleet', { ...placement, spreadOver: 'zone' });
  expect(spread.topologySpreadConstraints).toMatchObject([
    { topologyKey: 'zone', labelSelector: { matchLabels: { k6_cr: 'fleet', runner: 'true' } } },
  ]);
});
