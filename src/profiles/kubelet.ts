// kubelet on containerd and on CRI-O (docs/client-facts.md 7): the runtime's pull, begun again with the
// back-off of ImagePullBackOff and within registryPullQPS. A virtual user is a node whose pulls are serial
// (serializeImagePulls); for a node that pulls in parallel give as many users as it makes pulls.
import type { ClientProfile, RetryRule } from '../protocol/client.ts';
import { failureClasses } from '../protocol/failure-hints.ts';
import { containerd } from './containerd.ts';
import { crio } from './cri-o.ts';

/** "Back-off": 10 s doubling to 300 s. kubelet never stops; we do after the first wait of 300 s. */
const backOff: RetryRule = {
  triesMax: 7,
  statuses: [],
  failures: failureClasses.filter((kind) => kind !== 'interrupted'),
  firstMs: 10_000,
  growth: 'double',
  capMs: 300_000,
  spread: [1, 1],
};

/** "registryPullQPS / burst". */
const quota = { perSecond: 5, burst: 10 };

export const kubeletContainerd: ClientProfile = {
  ...containerd,
  name: 'kubelet-containerd',
  title: 'kubelet 1.36 on containerd 2.4',
  quota,
  // CRI's image_pull_progress_timeout, of a pull without a byte; ours is of a request without one.
  progressMs: 300_000,
  retry: { ...containerd.retry, pull: backOff },
};

export const kubeletCrio: ClientProfile = {
  ...crio,
  name: 'kubelet-cri-o',
  title: 'kubelet 1.36 on CRI-O 1.37',
  quota,
  retry: { ...crio.retry, pull: backOff },
};
