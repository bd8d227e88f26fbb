// SOCI's parallel pull mode beside containerd (docs/client-facts.md 7): containerd resolves and reads the config,
// the snapshotter's own client the layers.
import type { ClientProfile } from '../protocol/client.ts';
import { containerd } from './containerd.ts';

// Its layers come from the registry alone, and a body that breaks off is the end.
const { mirrors: _, ...base } = containerd;
const { resume: __, acceptEncoding: ___, resolvesApart: ____, closesRefused: _____, ...own } = base;

/** "Parallel pull": chunks as its documentation advises for ECR; 3 at once for an image is its default. */
const ranges = { chunkBytes: 8 * 1024 * 1024, form: 'closed', atOnceMax: 3 } as const;

const reader: ClientProfile = {
  ...own,
  name: 'soci-snapshotter',
  title: 'soci-snapshotter 0.15, its layers',
  userAgent: 'soci-snapshotter/v0.15.0',
  acceptBlob: 'none',
  ranges,
  // The pooled transport of hashicorp/go-cleanhttp: as many idle connections as processors, of which we suppose 8.
  connections: 'kept',
  httpVersion: '2',
  idlePerHostMax: 9,
  idleMs: 90_000,
  retry: {
    // "Retry": 8 after the first, from 30 ms doubling to 300 s, an eighth of jitter; Retry-After.
    request: {
      triesMax: 9,
      statuses: [429, 500, 502, 503, 504],
      failures: ['dns', 'refused', 'dial-timeout', 'reset', 'stalled', 'bad-http', 'http2'],
      firstMs: 30,
      growth: 'double',
      capMs: 300_000,
      spread: [1, 1.125],
      retryAfter: 'seconds-or-date',
    },
  },
};

export const sociParallel: ClientProfile = {
  ...base,
  name: 'soci-parallel',
  title: 'soci-snapshotter 0.15 on containerd 2.4, parallel pull mode',
  ranges: { ...ranges, by: reader },
};
