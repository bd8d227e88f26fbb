// CRI-O (docs/client-facts.md 2).
import type { ClientProfile } from '../protocol/client.ts';
import { containers } from './containers.ts';

/** Without copy retries ("Copy retry"). Its second pull as an artifact after a failure is left out. */
export const crio: ClientProfile = {
  ...containers,
  name: 'cri-o',
  title: 'CRI-O 1.37 (containers/image 5.42)',
  userAgent: 'cri-o/1.37.0 go/go1.26.8 os/linux arch/amd64',
};
