import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ImageContent } from '../content.ts';
import { ExpectedLayers } from './expected.ts';

it('tells of layers in their order, not in that of their ends', async () => {
  const blobs = ['lower', 'middle', 'upper'].map((text) => Buffer.from(text));
  const digests = blobs.map((blob) => `sha256:${createHash('sha256').update(blob).digest('hex')}`);
  const layers = new ExpectedLayers();
  for (const digest of digests) layers.add(digest, { compression: undefined, diffIds: [] });
  const content = {
    async stream(_, open) {
      const sinks = digests.map((digest) => open(digest));
      for (const [at, sink] of [...sinks.entries()].reverse()) {
        await sink.write(blobs[at] as Buffer);
        await sink.end();
      }
      return new Map();
    },
  } satisfies Partial<ImageContent> as unknown as ImageContent;
  const options = {
    layers: true,
    layerBytesMax: 1_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  };
  const told: string[] = [];
  await layers.inspect(content, options, (digest) => told.push(digest));
  expect(told).toEqual(digests);
});
