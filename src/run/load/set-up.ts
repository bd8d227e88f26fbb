// The set-up of a load run, outside the measured window: each image is located once for each platform, as
// the client would, which also says what it consists of.

import type { PlannedImage } from '../../../scenarios/lib/plan.ts';
import type { NodeDriver, Recording } from '../../drivers/node.ts';
import { serverName } from '../../lib/mock-name.ts';
import type { ClientProfile } from '../../protocol/client.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import { formatPlatform, type Platform } from '../../protocol/grammar/platform.ts';
import { type LocatedImage, locate } from '../../protocol/talks/pull.ts';
import type { Access } from '../context.ts';
import type { Image } from '../target.ts';
import { unreachable } from '../unreachable.ts';
import { withDriver } from '../with-driver.ts';

export interface SetUp {
  readonly images: readonly PlannedImage[];
  /** Config and layers of each image for the first platform. */
  readonly blobs: readonly (readonly Descriptor[])[];
  /** All of them come from our mock, by what it says itself. */
  readonly fromMock: boolean;
}

interface Located {
  readonly planned: PlannedImage;
  readonly blobs: readonly Descriptor[];
  readonly fromMock: boolean;
}

/** Images located at a time. */
const parallelMax = 8;

/** @throws UserError when the registry cannot be talked to; a pull that fails is a result */
export function setUpImages(
  images: readonly Image[],
  platforms: readonly Platform[],
  client: ClientProfile,
  access: Access,
  signal: AbortSignal,
): Promise<SetUp | { failure: PullFailure }> {
  return withDriver(access, signal, async (driver) => {
    try {
      const located: Located[] = [];
      for (let at = 0; at < images.length; at += parallelMax) {
        const some = images.slice(at, at + parallelMax);
        const each = some.map((image) => setUpImage(image, platforms, client, driver));
        located.push(...(await Promise.all(each)));
      }
      return {
        images: located.map(({ planned }) => planned),
        blobs: located.map(({ blobs }) => blobs),
        fromMock: located.every(({ fromMock }) => fromMock),
      };
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      // A reply may repeat what it was sent, and this ends up in messages and results.
      error.message = driver.redactor.text(error.message);
      const problem = unreachable(error);
      if (problem !== undefined && !signal.aborted) throw problem;
      return { failure: error };
    }
  });
}

async function setUpImage(
  { registryUrl, repository, reference, credentials }: Image,
  platforms: readonly Platform[],
  client: ClientProfile,
  driver: NodeDriver,
): Promise<Located> {
  const where = { registryUrl, repository, reference, credentials, client };
  const layers: Record<string, string[]> = {};
  const recording: Recording = [];
  let first: LocatedImage | undefined;
  for (const platform of platforms) {
    const image = await driver.run(locate({ ...where, platform }), recording);
    first ??= image;
    layers[formatPlatform(platform)] = image.layers.map(({ digest }) => digest);
  }
  if (first === undefined) throw new Error('no platform to locate an image for');
  const resolvesTo = first.resolvedTo;
  const planned = { registryUrl, repository, reference, credentials, resolvesTo, layers };
  return {
    planned,
    blobs: [first.config, ...first.layers],
    fromMock: recording.some(({ reply }) => isMock(reply.headers)),
  };
}

function isMock(headers: readonly (readonly [name: string, value: string])[]): boolean {
  return headers.some(([name, value]) => /^server$/i.test(name) && value === serverName);
}
