import { mediaTypes } from '../../../src/protocol/grammar/media-type.ts';
import {
  content,
  contentDigest,
  expectDeviations,
  image,
  type Pusher,
} from '../../../test/lib/push-deviations.ts';
import { digestOf } from '../../store.ts';
import { shapeFaults } from './shapes.ts';

const bytes = Buffer.from(JSON.stringify(image()));
const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
const layer = { digest: contentDigest, size: content.length };
const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';

/** Status of the manifest after an image that it may list. */
const push = (document: object) => async (client: Pusher) => {
  await client.pushBlob();
  await client.pushManifest(image());
  return (await client.pushManifest(document)).status;
};

const indexOf = (...manifests: readonly object[]) =>
  push({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
const of = (platform: object) =>
  indexOf({ ...entry, platform: { architecture: 'amd64', ...platform } });

const docker = image({ mediaType: mediaTypes.dockerManifest });
const dockerBytes = Buffer.from(JSON.stringify(docker));
const mixed = async (client: Pusher) => {
  await client.pushBlob();
  const digest = digestOf(dockerBytes);
  await client.pushManifest(docker, digest, {
    headers: { 'content-type': mediaTypes.dockerManifest },
  });
  const { length: size } = dockerBytes;
  return indexOf({ mediaType: mediaTypes.dockerManifest, digest, size })(client);
};

expectDeviations(shapeFaults, [
  { id: 'index-twice-crash', look: indexOf(entry, entry), faulty: 500, sound: 201 },
  {
    id: 'index-unknown-platform-refused',
    look: of({ os: 'unknown' }),
    faulty: 400,
    sound: 201,
  },
  {
    id: 'index-os-version-refused',
    look: of({ os: 'windows', 'os.version': '10.0' }),
    faulty: 400,
    sound: 201,
  },
  { id: 'index-mixed-refused', look: mixed, faulty: 400, sound: 201 },
  {
    id: 'layer-zstd-refused',
    look: push(image({ layers: [{ ...layer, mediaType: mediaTypes.ociLayerZstd }] })),
    faulty: 400,
    sound: 201,
  },
  {
    id: 'layer-size-overflow',
    look: push(image({ layers: [{ ...layer, mediaType: foreign, size: 2 ** 31 }] })),
    faulty: 500,
    sound: 201,
  },
]);
