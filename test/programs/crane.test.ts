// The mock against the real crane (go-containerregistry), as the user whose password it prints. The CDN is
// another port here: crane follows no redirect to another private address.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { craneOf, type Run } from '../lib/clients.ts';
import { contentOf, demoImages, digestsIn, digestsOf, seeded, servedBy } from '../lib/content.ts';
import { writeLayout } from '../lib/docker-registry.ts';
import { blobGets, requestsIn } from '../lib/request-log.ts';
import { hasTools, runTool, testWith } from '../lib/tools.ts';

const test = testWith('crane');

describe('crane', () => {
  let mock: RunningMock;
  let crane: Run;
  const log = join(scratch(), 'requests.ndjson');
  const host = () => new URL(mock.registry).host;

  beforeAll(async () => {
    mock = await startMock({ cdnPlace: 'port', log });
    if (hasTools('crane')) crane = await craneOf(mock);
  });
  afterAll(() => mock.close());

  test.each(demoImages)('pull %s:%s, all of it through the CDN', async (repository, tag) => {
    const since = new Date().toISOString();
    const layout = join(scratch(), 'layout');
    await crane('pull', '--format', 'oci', `${host()}/${repository}:${tag}`, layout);
    expect(digestsIn(layout)).toEqual(await digestsOf(seeded(), repository, tag));
    const gets = blobGets(requestsIn(log, since));
    expect(gets.filter(({ role }) => role === 'edge').length).toBeGreaterThan(2);
    expect(gets.filter(({ role, status }) => role === 'registry' && status === 200)).toEqual([]);
    const toEdge = gets.filter(({ role }) => role === 'edge').flatMap(({ headers }) => headers);
    expect(toEdge.map(([name]) => name.toLowerCase())).not.toContain('authorization');
  });

  test.each(demoImages)('copy %s:%s to another repository', async (repository, tag) => {
    const copy = `team/copy-of-${repository.slice('demo/'.length)}`;
    await crane('copy', `${host()}/${repository}:${tag}`, `${host()}/${copy}:1`);
    expect(await digestsOf(servedBy(mock), copy, '1')).toEqual(
      await digestsOf(seeded(), repository, tag),
    );
  });

  test('push of an OCI layout', async () => {
    await crane('push', await writeLayout(), `${host()}/team/layout:1`);
    expect(await digestsOf(servedBy(mock), 'team/layout', '1')).toEqual(
      await digestsOf(seeded(), 'demo/app', 'latest'),
    );
  });

  test('pull of one platform to a tar, and push of the tar', async () => {
    const tar = join(scratch(), 'image.tar');
    await crane('pull', '--platform', 'linux/arm64', `${host()}/demo/app:latest`, tar);
    await crane('push', tar, `${host()}/team/tar:1`);
    const [top, ...blobs] = await contentOf(servedBy(mock), 'team/tar', '1');
    const original = await digestsOf(seeded(), 'demo/app', 'latest');
    // The manifest is in Docker's format now, around the same config and layers.
    expect(top?.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect(blobs).toHaveLength(4);
    expect(original).toEqual(expect.arrayContaining(blobs.map(({ digest }) => digest)));
  });

  test('digest, manifest, config and blob are those of the image', async () => {
    const [top, ...rest] = await contentOf(seeded(), 'demo/single', '1.0');
    const image = `${host()}/demo/single`;
    expect(await crane('digest', `${image}:1.0`)).toBe(top?.digest);
    expect(await crane('manifest', `${image}:1.0`)).toBe(top?.bytes.toString());
    expect(await crane('manifest', `${image}@${top?.digest}`)).toBe(top?.bytes.toString());
    const config = rest.find(({ mediaType }) => mediaType.includes('config'));
    expect(await crane('config', `${image}:1.0`)).toBe(config?.bytes.toString());
    expect(await crane('blob', `${image}@${config?.digest}`)).toBe(config?.bytes.toString());
  });

  test.each(demoImages)('validate %s:%s, layer by layer', async (repository, tag) => {
    const words = ['--platform', 'linux/amd64', '--remote', `${host()}/${repository}:${tag}`];
    expect(await crane('validate', ...words)).toMatch(/^PASS/);
  });

  test('catalog, ls, tag and delete', async () => {
    const image = `${host()}/team/tags`;
    await crane('copy', `${host()}/demo/single:1.0`, `${image}:1`);
    await crane('tag', `${image}:1`, '2');
    expect((await crane('ls', image)).split('\n')).toEqual(['1', '2']);
    const repositories = (await crane('catalog', host())).split('\n');
    expect(repositories).toEqual(expect.arrayContaining(['demo/app', 'team/tags']));
    await crane('delete', `${image}:2`);
    expect(await crane('ls', image)).toBe('1');
    await crane('delete', `${image}@${await crane('digest', `${image}:1`)}`);
    expect(await crane('ls', image)).toBe('');
    await expect(crane('manifest', `${image}:1`)).rejects.toThrow(/MANIFEST_UNKNOWN/);
  });

  test('append and mutate: new images on the layers that are there', async () => {
    const image = `${host()}/demo/single`;
    const folder = scratch();
    mkdirSync(join(folder, 'etc'));
    writeFileSync(join(folder, 'etc', 'added'), 'added');
    const tar = join(folder, 'layer.tar');
    expect((await runTool('tar', ['-cf', tar, '-C', folder, 'etc'])).code).toBe(0);
    const words = ['--set-base-image-annotations', '-b', `${image}:1.0`, '-f', tar];
    await crane('append', ...words, '-t', `${image}:appended`);
    await crane('mutate', '--label', 'a=b', `${image}:appended`, '-t', `${image}:labelled`);
    const layers = async (tag: string) => {
      const [top] = await contentOf(servedBy(mock), 'demo/single', tag);
      return JSON.parse(top?.bytes.toString() ?? '').layers;
    };
    const before = await layers('1.0');
    expect((await layers('appended')).slice(0, -1)).toEqual(before);
    expect(await layers('labelled')).toEqual(await layers('appended'));
    expect(await crane('config', `${image}:labelled`)).toContain('"a":"b"');
  });

  test('is refused a push without the password', async () => {
    const words = ['push', await writeLayout(), `${host()}/team/refused:1`];
    const { code, output } = await runTool('crane', words, { DOCKER_CONFIG: scratch() });
    expect(code).not.toBe(0);
    expect(output).toContain('UNAUTHORIZED');
    expect(await crane('catalog', host())).not.toContain('team/refused');
  });
});
