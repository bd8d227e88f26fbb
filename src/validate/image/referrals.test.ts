// A finding in one of many documents of an image says who leads to it.

import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { DocumentResult } from '../../../reports/results.ts';
import {
  dockerSave,
  type Files,
  json,
  layout,
  oci,
  put,
  putImage,
  putIndex,
  rightTar,
  tar,
  treeOf,
} from './cases/fixture.ts';
import { judgeTree } from './judge-tree.ts';

const refName = 'org.opencontainers.image.ref.name';
const linux = { os: 'linux', architecture: 'amd64' };

async function judge(files: Files): Promise<readonly DocumentResult[]> {
  const judged = await judgeTree(treeOf(files), {
    strict: false,
    layers: true,
    layerBytesMax: 1_000_000,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  return judged?.documents ?? [];
}

function emptyConfig(files: Files) {
  return { mediaType: `${oci}config.v1+json`, ...put(files, json({})) };
}

/** The documents that break a rule, and what leads to each. */
async function referralsOf(files: Files, rule: string) {
  const broken = (await judge(files)).filter(({ findings }) =>
    findings.some(({ ruleId }) => ruleId === rule),
  );
  return broken.map(({ referredBy }) => referredBy);
}

test('a config among a hundred manifests is traced to its tag, platform and manifest', async () => {
  const files: Files = new Map();
  const entries = Array.from(
    { length: 100 },
    (_, at): Record<string, unknown> => ({
      ...putImage(files, {
        config: { author: String(at) },
        ...(at === 57 && { manifest: { config: emptyConfig(files) } }),
      }),
      annotations: { [refName]: `v${at}` },
      platform: { ...linux, 'os.version': '1' },
    }),
  );
  const bad = String(entries[57]?.digest).replace(':', '/');
  expect(await referralsOf(layout(files, ...entries), 'config-rootfs')).toEqual([
    {
      path: `x/blobs/${bad}`,
      pointer: '/config',
      tag: 'v57',
      platform: 'linux(1)/amd64',
      others: 0,
    },
  ]);
});

test('what lies deeper has the tag from above and the platform from next to it', async () => {
  const files: Files = new Map();
  const image = putImage(files, { manifest: { config: emptyConfig(files) } });
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
  const index = putIndex(files, [{ ...image, platform }]);
  const named = { ...index, annotations: { [refName]: 'stable' } };
  const [referral] = await referralsOf(layout(files, named), 'config-rootfs');
  expect(referral).toMatchObject({ tag: 'stable', platform: 'linux/arm/v7' });
});

test('a layer that several images share is traced to the first, and the others are counted', async () => {
  const files: Files = new Map();
  const layer = gzipSync(tar({ path: '../a', content: 'x' }));
  const entries = ['a', 'b', 'c'].map((author) => ({
    ...putImage(files, { layer, config: { author } }),
    annotations: { [refName]: author },
  }));
  const [referral] = await referralsOf(layout(files, ...entries), 'layer-path');
  expect(referral).toMatchObject({ pointer: '/layers/0', tag: 'a', others: 2 });
});

test('what one reads as a blob is traced to who reads it as a config', async () => {
  const files: Files = new Map();
  const { digest, size } = emptyConfig(files);
  const layers = [{ mediaType: 'application/vnd.example', digest, size }];
  const artifact = putImage(files, { manifest: { layers } });
  const image = putImage(files, { manifest: { config: emptyConfig(files) } });
  const [referral] = await referralsOf(layout(files, artifact, image), 'config-rootfs');
  expect(referral).toMatchObject({
    path: `x/blobs/${String(image.digest).replace(':', '/')}`,
    others: 1,
  });
});

test('a manifest is traced to the index; what nothing refers to has no trace', async () => {
  const files: Files = new Map();
  const image = putImage(files, { manifest: { schemaVersion: 3 } });
  const judged = await judge(layout(files, image));
  const broken = judged.filter(({ findings }) => findings.length > 0);
  expect(broken.map(({ referredBy }) => referredBy)).toEqual([
    { path: 'x/index.json', pointer: '/manifests/0', others: 0 },
  ]);
  const valid = judged.filter((it) => it.valid);
  expect(valid.filter((it) => it.referredBy !== undefined)).toEqual([]);
});

test('in an archive of docker save the first tag leads to config and layers', async () => {
  const files = dockerSave({}, { os: 5 });
  files.set('a/layer.tar', Buffer.concat([rightTar, Buffer.from('x')]));
  const judged = await judge(files);
  const found = judged.flatMap(({ referredBy }) => referredBy ?? []);
  expect(found).toEqual([
    { path: 'x/manifest.json', pointer: '/0/Config', tag: 'demo/app:1', others: 0 },
    { path: 'x/manifest.json', pointer: '/0/Layers/0', tag: 'demo/app:1', others: 0 },
  ]);
});

test('a name may be no more than long, and shows no password', async () => {
  const files: Files = new Map();
  const image = putImage(files, { manifest: { schemaVersion: 3 } });
  const name = `https://user:hunter2@registry.example/${'a'.repeat(10_000)}`;
  const [referral] = await referralsOf(
    layout(files, { ...image, annotations: { [refName]: name } }),
    'manifest-schema-version',
  );
  expect(referral?.tag?.length).toBeLessThan(200);
  expect(referral?.tag).not.toContain('hunter2');
});
