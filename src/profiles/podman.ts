// podman, skopeo, buildah and CRI-O share go.podman.io/image; values read from its version 5.42.
import type { ClientProfile } from '../protocol/client.ts';
import { mediaTypes } from '../protocol/media-type.ts';

const manifestTypes = [
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
  mediaTypes.schema1Signed,
  mediaTypes.schema1,
  mediaTypes.dockerManifestList,
  mediaTypes.ociIndex,
];

export const podman: ClientProfile = {
  name: 'podman',
  title: 'podman (containers/image 5.42)',
  userAgent: 'containers/5.42.0 (github.com/containers/image)',
  registryHeaders: [['Docker-Distribution-API-Version', 'registry/2.0']],
  ping: true,
  resolve: 'get',
  acceptResolve: manifestTypes,
  acceptManifest: manifestTypes,
  acceptBlob: 'none',
  token: {
    withCredentials: 'get',
    clientId: 'containers/image',
    account: true,
    prefers: 'token',
  },
  platformRule: 'containers',
  configFirst: true,
  parallelBlobs: 6,
  redirectsMax: 10,
  referer: true,
  connections: 'per-pull',
  httpVersion: '1.1',
};
