// containerd (CRI, ctr, nerdctl); values read from its version 2.4.2, core/remotes/docker.
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/media-type.ts';

export const containerd: ClientProfile = {
  name: 'containerd',
  title: 'containerd 2.4',
  userAgent: 'containerd/v2.4.2',
  registryHeaders: [],
  ping: false,
  resolve: 'head',
  acceptResolve: [
    [
      mediaTypes.dockerManifest,
      mediaTypes.dockerManifestList,
      mediaTypes.ociManifest,
      mediaTypes.ociIndex,
      '*/*',
    ].join(', '),
  ],
  acceptManifest: 'descriptor',
  acceptBlob: 'descriptor',
  token: {
    withCredentials: 'post-then-get',
    clientId: 'containerd-client',
    account: false,
    prefers: 'token',
  },
  platformRule: 'containerd',
  configFirst: true,
  parallelBlobs: 3,
  redirectsMax: 10,
  referer: true,
  connections: 'kept',
  httpVersion: '1.1',
};
