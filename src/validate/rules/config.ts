// Rules about image configurations that compare one part with another.

import { asArray, asObject } from '../../protocol/json.ts';
import type { ValueRule } from './rule.ts';

export const configRules: readonly ValueRule[] = [
  {
    id: 'config-history-mismatch',
    level: 'warning',
    spec: 'image-spec/config.md#properties',
    summary: 'A history has one entry for each layer, besides those marked as empty_layer.',
    fix: 'Mark steps without a layer by "empty_layer": true, or drop history.',
    kinds: ['config', 'docker-config'],
    check({ value }, report) {
      const history = asArray(value.history) ?? [];
      const diffIds = asArray(asObject(value.rootfs)?.diff_ids);
      const steps = history.filter((entry) => asObject(entry)?.empty_layer !== true).length;
      if (history.length > 0 && diffIds !== undefined && steps !== diffIds.length) {
        report('/history', `history tells of ${steps} layers, rootfs has ${diffIds.length}`);
      }
    },
  },
];
