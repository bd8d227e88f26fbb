// One pull from the reference to the last layer, by the very conversation that load runs multiply.
import { podman } from '../../profiles/podman.ts';
import { pull } from '../../protocol/talks/pull.ts';
import { type Check, Unsupported } from '../check.ts';
import { isServedHere } from '../kit/blobs.ts';

/** Larger images are not pulled whole by a check. */
const imageBytesMax = 1024 * 1024 * 1024;

export const wholePullChecks: readonly Check[] = [
  {
    id: 'pull-platform',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#pull',
    requirement: 'The image can be pulled the way podman pulls it, every byte verified.',
    why: 'This is what the registry is for; single requests may all work and a pull still fail.',
    needs: ['reference'],
    *run(context) {
      const { image } = context.facts;
      if (image !== undefined && !image.layers.every(isServedHere)) {
        throw new Unsupported('the image has layers that lie outside of the registry');
      }
      const size = image?.layers.reduce((sum, layer) => sum + layer.size, image.config.size) ?? 0;
      if (size > imageBytesMax) throw new Unsupported(`the image has ${size} bytes`);
      const platform = context.facts.entry?.platform;
      const result = yield* pull({
        registryUrl: context.registryUrl,
        repository: context.repository,
        reference: context.reference,
        platform: platform ?? { os: 'linux', architecture: 'amd64' },
        client: podman,
        credentials: context.credentials,
        verification: 'all',
      });
      return `${result.blobs} blobs, ${result.verifiedBytes} of ${result.bytes} bytes verified`;
    },
  },
];
