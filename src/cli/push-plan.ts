// The section `push` of a plan: from its words to what the run makes of it.
import type { PlannedShape, Share, UploadForm } from '../../scenarios/lib/plan.ts';
import { UserError } from '../lib/user-error.ts';
import { chunksMax } from '../protocol/talks/push.ts';
import type { PlanFile, PushDocument } from '../run/load/plan/file.ts';
import { blobBytesMax, blobBytesOf, type PushWish } from '../run/load/push/push.ts';
import { type Image, parseImage } from '../run/target.ts';
import { parseRate } from './load-words.ts';
import { readSizeBytes } from './verb.ts';

const layersDefault = 3;
const bytesDefault = '1MB';
/** The least that S3 takes as a part. */
const chunkBytesDefault = '5MiB';
/** Users of a rate: pushes may take so many seconds before one is dropped. */
const rateSecondsMax = 20;
const vusMax = 10_000;

/** Undefined for a plan that pushes nothing. @throws UserError (exit 2) */
export function pushOf(
  plan: PlanFile,
  shape: PlannedShape,
  plainHttp: boolean,
): PushWish | undefined {
  const { push } = plan.document;
  if (push === undefined) return undefined;
  plan.make(['push'], () => refuseEndless(shape));
  const { rate, layers = layersDefault, blobs, cleanUp = false } = push;
  const perSecond = rate === undefined ? undefined : plan.read(['push', 'rate'], rate, parseRate);
  const ofRate = Math.min(vusMax, Math.ceil((perSecond ?? 0) * rateSecondsMax));
  const bytes = bytesOf(plan, push.bytes ?? bytesDefault);
  const { chunkBytes: chunk = chunkBytesDefault } = push;
  const chunkBytes = plan.read(['push', 'chunkBytes'], String(chunk), readSizeBytes);
  const largest = bytes.reduce((most, { value }) => Math.max(most, value), 0);
  const upload = formsOf(push.upload ?? 'monolithic');
  if (upload.some(({ value }) => value === 'chunked') && largest > chunkBytes * chunksMax) {
    plan.make(['push', 'chunkBytes'], () => {
      const problem = `${largest} bytes in chunks of ${chunkBytes} are more than ${chunksMax} requests`;
      throw new UserError('plan-conflict', problem, 'Make the chunks larger.');
    });
  }
  if (blobs !== undefined && blobs < layers) {
    plan.make(['push', 'blobs'], () => {
      const problem = `an image has ${layers} different layers, and there are ${blobs} blobs to choose from`;
      throw new UserError('plan-conflict', problem, 'Name more blobs, or fewer layers.');
    });
  }
  return {
    target: plan.make(['push', 'repository'], () => repositoryOf(push.repository, plainHttp)),
    vus: push.vus ?? Math.max(1, ofRate),
    ...(perSecond !== undefined && { perSecond }),
    layers,
    ...(blobs !== undefined && { blobs }),
    bytes,
    upload,
    chunkBytes,
    cleanUp,
  };
}

/** Pushes end with the pulls, so it must be known when that is. */
function refuseEndless({ kind, name }: PlannedShape): void {
  const lasting = kind === 'vus' || kind === 'rate' || kind === 'stages';
  if (lasting && name !== 'replay') return;
  throw new UserError(
    'plan-conflict',
    `pushes go beside pulls that last for a time, and the shape ${name ?? kind} ends with its last pull`,
    'Use vus or rate with a duration, or stages.',
  );
}

function repositoryOf(text: string, plainHttp: boolean): Image {
  const image = parseImage(text, plainHttp);
  if (!/[:@][^/]*$/.test(image.text)) return image;
  throw new UserError(
    'plan-conflict',
    `push.repository ${JSON.stringify(text)} names a tag or digest`,
    'Name the repository alone: each push gets a tag of its own.',
  );
}

function bytesOf(plan: PlanFile, bytes: NonNullable<PushDocument['bytes']>): Share<number>[] {
  const size = (text: string) => {
    const value = blobBytesOf(readSizeBytes(text));
    if (value <= blobBytesMax) return value;
    throw new UserError('plan-conflict', `${text} is more than 8 GiB`, 'Make the layers smaller.');
  };
  if (typeof bytes !== 'object') {
    return [{ value: plan.read(['push', 'bytes'], String(bytes), size), weight: 1 }];
  }
  return Object.entries(bytes).map(([text, weight]) => ({
    value: plan.read(['push', 'bytes', text], text, size),
    weight,
  }));
}

function formsOf(upload: NonNullable<PushDocument['upload']>): Share<UploadForm>[] {
  if (typeof upload === 'string') return [{ value: upload, weight: 1 }];
  const entries = Object.entries(upload) as [UploadForm, number][];
  return entries.map(([value, weight]) => ({ value, weight }));
}
