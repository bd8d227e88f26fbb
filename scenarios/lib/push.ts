// One iteration of the pushes beside the pulls: one made-up image, pushed and measured as a whole. Digests
// are computed before its clock starts, as a builder has them before it pushes.

import crypto from 'k6/crypto';
import exec from 'k6/execution';
import type { ClientProfile } from '../../src/protocol/client.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';
import type { SeededContent } from '../../src/protocol/talk.ts';
import { type PushOptions, push, type Upload } from '../../src/protocol/talks/push.ts';
import { type Course, fail, pauseOf } from './course.ts';
import { drive } from './drive.ts';
import type { Engine } from './engine.ts';
import './metrics.ts';
import { type K6Plan, type PlannedPush, tagPrefixOf } from './plan.ts';
import { type ChosenBlob, configText, layersOf, manifestText } from './push-choice.ts';

/** Calls back with the digest of made-up content. Only our k6 does that. */
export type DigestOf = (content: SeededContent, done: (digest: string) => void) => void;

/** Runs one push. */
export function pushOnce(
  plan: K6Plan,
  client: ClientProfile,
  engine: Engine,
  digestOf: DigestOf,
): void {
  const { push: planned } = plan;
  if (planned === undefined) throw new Error('the plan names nothing to push');
  const number = exec.scenario.iterationInTest;
  const blobs = layersOf(planned, number);
  withDigests(blobs, digestOf, (digests) => {
    const layers = blobs.map((blob, at) => uploadOf(blob, digests[at] as string, planned));
    send(optionsOf(plan, planned, client, number, layers), engine);
  });
}

function withDigests(
  blobs: readonly ChosenBlob[],
  digestOf: DigestOf,
  done: (digests: readonly string[]) => void,
): void {
  const digests: string[] = [];
  let missing = blobs.length;
  blobs.forEach(({ content }, at) => {
    digestOf(content, (digest) => {
      digests[at] = digest;
      missing--;
      if (missing === 0) done(digests);
    });
  });
}

function uploadOf(
  { content, form }: ChosenBlob,
  digest: string,
  { chunkBytes }: PlannedPush,
): Upload {
  return {
    digest,
    size: content.size,
    part: (from, to) => ({ ...content, from, to }),
    chunkBytes: form === 'chunked' ? chunkBytes : undefined,
  };
}

function optionsOf(
  { platform }: K6Plan,
  { registryUrl, repository, credentials, run }: PlannedPush,
  client: ClientProfile,
  number: number,
  layers: readonly Upload[],
): PushOptions {
  const tag = tagPrefixOf(run) + number;
  const config = textUpload(configText(platform, tag, layers));
  const text = manifestText(config, layers);
  const manifest = { text, digest: sha256(text), mediaType: mediaTypes.ociManifest };
  return { registryUrl, repository, tag, client, credentials, layers, config, manifest };
}

/** Of ASCII alone: a character is a byte. */
function textUpload(text: string): Upload {
  const part: Upload['part'] = (from, to) => text.slice(from, to);
  return { digest: sha256(text), size: text.length, part };
}

function sha256(text: string): string {
  return `sha256:${crypto.sha256(text, 'hex')}`;
}

function send(options: PushOptions, engine: Engine): void {
  const { perform, now, add, endPull } = engine;
  const course: Course = { of: 'push', whose: { client: options.client.name }, retried: false };
  const started = now();
  add('push_started', 1);
  drive(push(options), perform, pauseOf(engine, course), (error, result) => {
    if (options.client.connections === 'per-pull') endPull();
    if (error !== undefined || result === undefined) return fail(engine, course, error);
    const { bytes, known } = result;
    add('push_ok', 1, 'push_duration', now() - started, 'push_bytes', bytes, 'push_known', known);
  });
}
