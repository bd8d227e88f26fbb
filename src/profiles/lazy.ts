// A lazy snapshotter beside containerd: stargz, every layer read to its end (docs/client-facts.md 7).
import type { ClientProfile } from '../protocol/client.ts';
import { containerd } from './containerd.ts';

// What its own reading of layers does at mirrors has not been looked at.
const { mirrors: _, ...withoutMirrors } = containerd;

export const lazy: ClientProfile = {
  ...withoutMirrors,
  name: 'lazy',
  title: 'stargz-snapshotter 0.19 on containerd 2.4, reading whole layers',
  // "Data" and "Sizes/timing": pieces of 50 000 bytes, one range a request (its single-range mode).
  lazy: { chunkBytes: 50_000, acceptEncoding: 'identity' },
  retry: {
    // "Retry": 5, from 30 ms to 300 s.
    request: {
      triesMax: 5,
      statuses: [408, 429, 500, 502, 503, 504],
      failures: ['reset', 'dial-timeout', 'stalled'],
      firstMs: 30,
      growth: 'double',
      capMs: 300_000,
      spread: [1, 1],
    },
  },
};
