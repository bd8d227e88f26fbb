// skopeo copy to something that takes blobs side by side, such as oci: (docs/client-facts.md 2).
import type { ClientProfile } from '../protocol/client.ts';
import { containers, containers523 } from './containers.ts';

/** "Copy retry": --retry-times is 0 by default. */
export const skopeo: ClientProfile = {
  ...containers,
  name: 'skopeo',
  title: 'skopeo copy (containers/image 5.42)',
  userAgent: 'skopeo/1.21.0',
};

/** Debian 12; the config comes last (seen on the wire). Held against the real one in fidelity.test.ts. */
export const skopeo19: ClientProfile = {
  ...containers523,
  name: 'skopeo@1.9',
  title: 'skopeo copy 1.9 (containers/image 5.23; Debian 12)',
  userAgent: 'skopeo/1.9.3',
  config: 'last',
};
