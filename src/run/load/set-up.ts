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
import type { Access, RunContext } from '../context.ts';
import type { Image } from '../target.ts';
import { ticking } from '../ticking.ts';
import { unreachable } from '../unreachable.ts';
import { withDriver } from '../with-driver.ts';
import { SetUpProgress } from './set-up-progress.ts';

export interface SetUp {
  readonly images: readonly PlannedImage[];
  /** Config and layers of each image for the first platform. */
  readonly blobs: readonly (readonly Descriptor[])[];
  /** What each of the images' references named. */
  readonly digests: readonly string[];
  /** All of them come from our mock, by what it says itself. */
  readonly fromMock: boolean;
}

interface Located {
  readonly planned: PlannedImage;
  readonly blobs: readonly Descriptor[];
  readonly digest: string;
  readonly fromMock: boolean;
}

/** Images located at a time. */
const parallelMax = 8;

/** Why there is no set-up. */
export interface NoSetUp {
  readonly failure: PullFailure;
  /** Where it was when it was stopped, in words. */
  readonly stopped?: string;
}

/** @throws UserError when the registry cannot be talked to; a pull that fails is a result */
export function setUpImages(
  images: readonly Image[],
  platforms: readonly Platform[],
  client: ClientProfile,
  access: Access,
  context: RunContext,
  mirrors?: readonly string[],
): Promise<SetUp | NoSetUp> {
  const { signal } = context;
  const progress = new SetUpProgress(images.length, client, context.work);
  const watched = { ...access, onWait: progress.onWait };
  const work = () => withDriver(watched, signal, locateAll);
  return ticking(context, () => progress.line(), work);

  async function locateAll(driver: NodeDriver): Promise<SetUp | NoSetUp> {
    try {
      const located: Located[] = [];
      for (let at = 0; at < images.length; at += parallelMax) {
        const some = images.slice(at, at + parallelMax);
        const each = some.map(async (image) => {
          progress.begin(image);
          const one = await setUpImage(image, platforms, client, driver, mirrors);
          progress.end(image);
          return one;
        });
        located.push(...(await Promise.all(each)));
      }
      return {
        images: located.map(({ planned }) => planned),
        blobs: located.map(({ blobs }) => blobs),
        digests: located.map(({ digest }) => digest),
        fromMock: located.every(({ fromMock }) => fromMock),
      };
    } catch (error) {
      if (!(error instanceof PullFailure)) throw error;
      // Who stops it wants to know what it was stopped at.
      const failure = signal.aborted ? (progress.after ?? error) : error;
      // A reply may repeat what it was sent, and this ends up in messages and results.
      failure.message = driver.redactor.text(failure.message);
      if (signal.aborted) return { failure, stopped: progress.line() };
      const problem = unreachable(failure);
      if (problem !== undefined) throw problem;
      return { failure };
    }
  }
}

async function setUpImage(
  { registryUrl, repository, reference, credentials }: Image,
  platforms: readonly Platform[],
  client: ClientProfile,
  driver: NodeDriver,
  mirrors: readonly string[] | undefined,
): Promise<Located> {
  const where = { registryUrl, repository, reference, credentials, client, mirrors };
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
    digest: first.topDigest,
    fromMock: recording.some(({ reply }) => isMock(reply.headers)),
  };
}

function isMock(headers: readonly (readonly [name: string, value: string])[]): boolean {
  return headers.some(([name, value]) => /^server$/i.test(name) && value === serverName);
}
