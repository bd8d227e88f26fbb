// podman (docs/client-facts.md 2).
import type { ClientProfile } from '../protocol/client.ts';
import { containers, containers523, copyRetry } from './containers.ts';

export const podman: ClientProfile = {
  ...containers,
  name: 'podman',
  title: 'podman (containers/image 5.42)',
  // "User-Agent": podman sets none, so that it is the library's.
  userAgent: 'containers/5.42.0 (github.com/containers/image)',
  retry: { ...containers.retry, pull: copyRetry },
};

/** Podman 5.6: another place is asked for the manifest alone, not for blobs. Else as today's. */
export const podman5: ClientProfile = {
  ...podman,
  name: 'podman@5',
  title: 'podman 5 (containers/image 5.36)',
  userAgent: 'containers/5.36.2 (github.com/containers/image)',
  mirrors: { each: 'source' },
};

/** Debian 12; statuses are no reason to begin anew. Held against the real one in fidelity.test.ts, pull-oracle. */
export const podman43: ClientProfile = {
  ...containers523,
  name: 'podman@4.3',
  title: 'podman 4.3 (containers/image 5.23; Debian 12)',
  userAgent: 'containers/5.23.1 (github.com/containers/image)',
  retry: { ...containers.retry, pull: { ...copyRetry, statuses: [] } },
};
