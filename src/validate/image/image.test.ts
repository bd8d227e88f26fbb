import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  dockerSave,
  type Files,
  imageLayout,
  layout,
  oci,
  put,
  putImage,
  rightTar,
  sha256,
  treeOf,
} from './cases/fixture.ts';
import { casesLayerBytesMax, imageCases, rulesElsewhere } from './cases/image-cases.ts';
import { judgeTree } from './judge-tree.ts';
import { archiveMalformed, imageRules } from './rules.ts';
import { contentOfTree } from './tree-content.ts';
import { ImageWalk } from './walk.ts';

const options = {
  strict: false,
  layers: true,
  layerBytesMax: casesLayerBytesMax,
  signal: new AbortController().signal,
  progress: () => undefined,
};

async function rulesBroken(files: Files): Promise<string[]> {
  const judged = await judgeTree(treeOf(files), options);
  const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
  return [...new Set(findings.map(({ ruleId }) => ruleId))].filter((id) => !aside.includes(id));
}

/** Notes about what is legal and not for every client: cases of other rules may have them. */
const aside = ['digest-algorithm', 'artifact-unmarked', 'index-entry-type'];

/** What breaks along with a rule, because the case has to leave something behind. */
const beside: Readonly<Record<string, readonly string[]>> = {
  'blob-missing': ['blob-unreferenced'],
  'index-depth': ['blob-unreferenced'],
};

describe('every rule across documents', () => {
  test.each(imageCases.map((it, at) => [it.rule, at, it] as const))(
    '%s (%i): bad',
    async (rule, _, it) => {
      const broken = await rulesBroken(it.bad());
      expect(broken.filter((id) => !beside[rule]?.includes(id))).toEqual([rule]);
    },
  );

  test.each(imageCases.map((it, at) => [it.rule, at, it] as const))(
    '%s (%i): good',
    async (_, __, it) => {
      expect(await rulesBroken(it.good())).toEqual([]);
    },
  );

  test.each([
    ['null, as Go writes an empty list', { Layers: null }, []],
    ['a text', { Layers: 'a/layer.tar' }, ['save-manifest']],
    ['not there', { Layers: undefined }, ['save-manifest']],
  ])('Layers of an archive of docker save may be null alone: %s', async (_, manifest, broken) => {
    expect(
      await rulesBroken(dockerSave(manifest, { rootfs: { type: 'layers', diff_ids: [] } })),
    ).toEqual(broken);
  });

  test.each([
    ['json-syntax', '[{'],
    ['json-trailing-data', '[] x'],
    ['json-duplicate-key', '[{"Config":"a","Config":"b"}]'],
    ['document-limits', '['.repeat(100_000)],
  ])('%s: manifest.json of docker save is a text like any other', async (rule, text) => {
    const files = dockerSave();
    files.set('manifest.json', Buffer.from(text));
    expect(await rulesBroken(files)).toContain(rule);
  });

  test.each([
    ['blob-digest', (file: Uint8Array) => file.fill(0, 20, 30)],
    ['blob-size', () => undefined],
  ])('%s: of a layer that is looked into it is told once', async (rule, damage) => {
    const size = gzipSync(rightTar).length;
    const changes = rule === 'blob-size' ? { size: size + 1 } : {};
    const files = imageLayout({ layerDescriptor: changes });
    damage(files.get(`blobs/${sha256(gzipSync(rightTar)).replace(':', '/')}`) as Uint8Array);
    const judged = await judgeTree(treeOf(files), options);
    const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
    expect(findings.map(({ ruleId }) => ruleId)).toEqual([rule]);
  });

  test('index.json may refer to images of Docker, unless the user says otherwise', async () => {
    const files: Files = new Map();
    const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
    const entry = { mediaType, digest: sha256(rightTar), size: 1 };
    layout(files, entry);
    const levelsOf = async (levels = {}) => {
      const judged = await judgeTree(treeOf(files), { ...options, strict: true, levels });
      const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
      return findings.filter(({ ruleId }) => ruleId === 'mixed-media-types').map((it) => it.level);
    };
    expect(await levelsOf()).toEqual(['note']);
    expect(await levelsOf({ 'mixed-media-types': 'warning' })).toEqual(['error']);
  });

  // The damage is told by who read the archive.
  test('what a damaged archive lacks is not told beside the damage', async () => {
    const files = imageLayout();
    for (const file of ['oci-layout', 'index.json']) files.delete(file);
    const damage = { rule: archiveMalformed, detail: 'it ends too early' };
    const judged = await judgeTree({ ...treeOf(files), problems: [damage] }, options);
    const findings = judged?.documents.flatMap((document) => document.findings) ?? [];
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test.each(['manifest', 'config'])('a %s beyond the limits of documents is told', async (kind) => {
    const files: Files = new Map();
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    const mediaType = `${oci}${kind}.v1+json`;
    layout(files, { mediaType, ...put(files, Buffer.from(deep)) });
    expect(await rulesBroken(files)).toContain('document-limits');
  });

  test.each([
    [['https://example.com/layer'], []],
    [undefined, ['content-unavailable']],
  ])('a registry need not have layers with urls: %j', async (urls, rules) => {
    const files = imageLayout({ layerDescriptor: { urls } });
    const content = contentOfTree(treeOf(files), (digest) => `blobs/${digest.replace(':', '/')}`);
    const walk = new ImageWalk(
      {
        ...content,
        blob: async () => 'unchecked',
        stream: async (digests) => new Map([...digests].map((digest) => [digest, 'HTTP 404'])),
      },
      options,
    );
    await walk.judge('x', files.get('index.json') as Uint8Array);
    await walk.inspectLayers();
    const findings = walk.documents.flatMap((document) => document.findings);
    expect(findings.map(({ ruleId }) => ruleId)).toEqual(rules);
  });

  test('what is a blob to one manifest may be the config of another', async () => {
    const files: Files = new Map();
    const image = putImage(files);
    const [config, layer] = [...files].map(([file, { length }]) => ({
      mediaType: 'application/vnd.example.file',
      digest: file.slice('blobs/'.length).replace('/', ':'),
      size: length,
    }));
    const artifact = putImage(files, { manifest: { layers: [config, layer] } });
    for (const order of [
      [artifact, image],
      [image, artifact],
    ]) {
      expect(await rulesBroken(layout(new Map(files), ...order))).toEqual([]);
    }
  });

  test('has a case', () => {
    const tested = new Set([...imageCases.map(({ rule }) => rule), ...rulesElsewhere]);
    expect([...tested].sort()).toEqual(imageRules.map(({ id }) => id).sort());
  });
});
