// The client that the checks speak as: nobody's habits, every current manifest type accepted.
import type { ClientProfile } from '../../protocol/client.ts';
import { mediaTypes } from '../../protocol/grammar/media-type.ts';

const manifestTypes = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifestList,
  mediaTypes.dockerManifest,
];

export const neutral: ClientProfile = {
  name: 'pullproof',
  title: 'pullproof itself',
  userAgent: 'pullproof',
  registryHeaders: [],
  ping: false,
  resolve: 'get',
  acceptResolve: [manifestTypes.join(', ')],
  acceptManifest: [manifestTypes.join(', ')],
  acceptBlob: 'none',
  token: {
    withCredentials: 'get',
    clientId: 'pullproof',
    account: true,
    prefers: 'token',
    // distribution wants the right to delete for the cancelling of an upload, and says so by a challenge.
    challengeScope: 'if-insufficient',
    refused: 'renew',
  },
  platformRule: 'containers',
  config: 'first',
  parallelBlobs: 4,
  redirectsMax: 10,
  ignoresTypes: true,
  referer: false,
  connections: 'kept',
  idlePerHostMax: 2,
  idleMs: 90_000,
  httpVersion: '1.1',
};
