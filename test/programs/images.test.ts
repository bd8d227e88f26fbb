// `pullproof mock --images`: what skopeo and podman wrote is served again with the same digests, and images
// that are only described can be pulled by both.
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningMock } from '../../mocks/server.ts';
import { cli, scratch } from '../lib/cli.ts';
import { containersOf, skopeoPull } from '../lib/clients.ts';
import { digestsIn } from '../lib/content.ts';
import { runTool, testWith } from '../lib/tools.ts';

type Said = Omit<RunningMock, 'close'>;

/** Mocks of one test, to be ended. */
const running: { child: ChildProcess; ended: Promise<unknown> }[] = [];

afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGINT');
    await ended;
  }
});

/** The built `mock` on free ports; resolves to the line that it prints when it listens. */
async function mock(...words: string[]): Promise<Said> {
  const all = ['mock', '--port', '0', '--cdn-port', '0', '--quiet', ...words];
  const env = { XDG_CACHE_HOME: scratch() };
  return await new Promise<Said>((resolve, reject) => {
    const ended = cli(all, {
      env,
      onStart(child) {
        running.push({ child, ended: new Promise((over) => child.once('close', over)) });
        let line = '';
        child.stdout?.on('data', (chunk) => {
          line += chunk;
          if (line.includes('\n')) resolve(JSON.parse(line));
        });
      },
    });
    ended.then(({ stderr }) => reject(new Error(`the mock has ended: ${stderr}`)), reject);
  });
}

function images(...sources: string[]): Promise<Said> {
  return mock(...sources.flatMap((source) => ['--images', source]));
}

async function skopeo(...words: string[]): Promise<string> {
  const { code, output } = await runTool('skopeo', words);
  expect(code, output).toBe(0);
  return output;
}

/** Everything of the image, by digest. */
async function pulled(image: string | undefined): Promise<string[]> {
  const layout = join(scratch(), 'layout');
  await skopeoPull(image ?? '', `dir:${layout}`);
  return digestsIn(layout);
}

const described = `
images:
  - repository: team/app-{n}
    repositories: 2
    tags: [latest]
    platforms: [linux/amd64, linux/arm64]
    layers: { min: 3, max: 5 }
    layerSize: { lognormal: { median: 300KB, sigma: 1, max: 3MB } }
    shared: { layers: 2 }
  - repository: team/plain
    layers: 2
    layerSize: 1.5MB
    compression: none
  - repository: team/legacy
    layers: 3
    layerSize: { list: [2MB, 4KB, 70KB] }
    format: docker
  - repository: team/legacy-plain
    layers: 1
    layerSize: 100KB
    format: docker
    compression: none
`;

function describedFile(): string {
  const file = join(scratch(), 'images.yaml');
  writeFileSync(file, described);
  return file;
}

describe('synthetic images', () => {
  testWith('skopeo')('skopeo copies every one, and twice the same', async () => {
    const first = await images(describedFile());
    expect(first.images).toHaveLength(5);
    const second = await images(describedFile());
    for (const [at, image] of first.images.entries()) {
      expect(await pulled(second.images[at])).toEqual(await pulled(image));
    }
  });

  testWith('podman')('podman pulls every one and unpacks its layers', async () => {
    const said = await images(describedFile());
    const { run, access } = containersOf('podman', { ...said, close: async () => undefined });
    for (const image of said.images) {
      expect(await run('pull', ...access, '--quiet', image)).toMatch(/[0-9a-f]{64}/);
    }
  });

  testWith('skopeo')(
    'a large layer: its end by a range, and all of it with its digest',
    async () => {
      const said = await mock('--images', largeFile(), '--auth', 'none', '--redirect', 'none');
      const [image = ''] = said.images;
      const manifest = JSON.parse(
        await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${image}`),
      );
      const [{ digest, size }] = manifest.layers;
      expect(size).toBeGreaterThan(190e6);
      const url = `${said.registry}/v2/huge/blobs/${digest}`;
      const Range = `bytes=${size - 1000}-${size - 1}`;
      const reply = await fetch(url, { headers: { Range } });
      expect(reply.status).toBe(206);
      expect((await reply.arrayBuffer()).byteLength).toBe(1000);
      const whole = await fetch(url);
      const hash = createHash('sha256');
      for await (const chunk of whole.body ?? []) hash.update(chunk);
      expect(`sha256:${hash.digest('hex')}`).toBe(digest);
    },
  );
});

function largeFile(): string {
  const file = join(scratch(), 'huge.yaml');
  writeFileSync(file, 'images: [{ repository: huge, layers: 1, layerSize: 200MB }]');
  return file;
}

describe('what skopeo wrote is served again', () => {
  testWith('skopeo')('an OCI layout, all platforms', async () => {
    const [image = ''] = (await images('small')).images;
    const folder = join(scratch(), 'layout');
    await skopeoPull(image, `oci:${folder}:team/app:1.0`);
    await skopeoPull(image, `oci:${folder}:two`);
    const again = await images(folder);
    expect(again.images.map((it) => it.slice(it.indexOf('/') + 1))).toEqual([
      'team/app:1.0',
      'layout:two',
    ]);
    for (const it of again.images) expect(await pulled(it)).toEqual(await pulled(image));
    const renamed = await images(`${folder}=my/own`);
    expect(renamed.images[1]).toMatch(/my\/own:two$/);
  });

  testWith('skopeo').each(['plain', 'gzip'])('an oci-archive, %s', async (how) => {
    const image = (await images('small')).images[1] ?? '';
    const archive = join(scratch(), 'archive.tar');
    await skopeo(
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      `docker://${image}`,
      `oci-archive:${archive}:a/b:1`,
    );
    if (how === 'gzip') writeFileSync(archive, gzipSync(readFileSync(archive)));
    const again = await images(archive);
    expect(again.images).toEqual([expect.stringMatching(/\/a\/b:1$/)]);
    expect(await pulled(again.images[0])).toEqual(await pulled(image));
  });

  testWith('skopeo').each(['plain', 'gzip'])('a docker-archive, %s', async (how) => {
    const image = (await images('small')).images[1] ?? '';
    const archive = join(scratch(), 'archive.tar');
    await skopeo(
      'copy',
      '--quiet',
      '--src-tls-verify=false',
      `docker://${image}`,
      `docker-archive:${archive}:a/b:1`,
    );
    const inside = join(scratch(), 'inside');
    mkdirSync(inside);
    const { code } = await runTool('tar', ['-xf', archive, '-C', inside]);
    expect(code).toBe(0);
    if (how === 'gzip') writeFileSync(archive, gzipSync(readFileSync(archive)));
    const again = await images(archive);
    const [manifest, ...blobs] = await blobsOf(again.images[0]);
    // Config and layers as they are in the archive.
    const files = readdirSync(inside).map((name) => join(inside, name));
    const known = files.flatMap((file) =>
      /(?:[0-9a-f]{64})\.(?:json|tar)$/.test(file) ? [digest(readFileSync(file))] : [],
    );
    expect(blobs.length).toBe(4);
    for (const blob of blobs) expect(known).toContain(blob);
    expect(manifest).toBe('application/vnd.docker.distribution.manifest.v2+json');
    expect(await pulled(again.images[0])).toEqual(expect.arrayContaining(blobs));
  });

  testWith('podman', 'skopeo')('what podman save wrote, pulled by podman', async () => {
    const said = await images('small');
    const source = said.images[1] ?? '';
    const close = async () => undefined;
    const { run, access } = containersOf('podman', { ...said, close });
    await run('pull', ...access, '--quiet', source);
    const archive = join(scratch(), 'saved.tar');
    await run('save', '--quiet', '-o', archive, source);
    const again = await images(archive);
    expect(again.images).toEqual([expect.stringMatching(/\/demo\/single:1\.0$/)]);
    const other = containersOf('podman', { ...again, close });
    const id = await other.run('pull', ...other.access, '--quiet', again.images[0] ?? '');
    const [, config] = await blobsOf(again.images[0]);
    expect(config).toBe(`sha256:${id.slice(-64)}`);
  });
});

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Media type of the manifest, digests of config and layers. */
async function blobsOf(image = ''): Promise<string[]> {
  const raw = await skopeo('inspect', '--raw', '--tls-verify=false', `docker://${image}`);
  const { mediaType, config, layers } = JSON.parse(raw);
  return [mediaType, config.digest, ...layers.map((layer: { digest: string }) => layer.digest)];
}

describe('the command line', () => {
  test('many: the line stays short', async () => {
    const said = await images('many');
    expect(said.images).toHaveLength(100);
    expect(said.imageCount).toBe(10_000);
  });

  test('typical has dozens of images', async () => {
    const { imageCount } = await images('typical');
    expect(imageCount).toBeGreaterThan(50);
  });

  const broken = (make: (dir: string) => string) => make(scratch());
  test.each([
    ['nothing there', () => './no-such-file.tar', /no-such-file\.tar/],
    ['a folder of other things', () => scratch(), /layout/],
    [
      'a key that is unknown',
      () =>
        broken((dir) => {
          const file = join(dir, 'bad.yaml');
          writeFileSync(file, 'images:\n  - repository: a\n    layerz: 3\n');
          return file;
        }),
      /bad\.yaml:3:5/,
    ],
    [
      'a tar that is cut short',
      () =>
        broken((dir) => {
          const file = join(dir, 'cut.tar');
          writeFileSync(file, readFileSync(tarOf(dir)));
          truncateSync(file, 1_000);
          return file;
        }),
      /cut\.tar/,
    ],
  ])('%s: exit code 2, with the name and a hint', async (_, make, says) => {
    const { code, stdout, stderr } = await cli([
      'mock',
      '--port',
      '0',
      '--cdn-port',
      '0',
      '--images',
      make(),
    ]);
    expect(code, stderr).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(says);
    expect(stderr).toContain('hint:');
  });
});

/** A header and what it announces, nothing else. */
function tarOf(dir: string): string {
  const file = join(dir, 'whole.tar');
  const header = Buffer.alloc(512);
  header.write('manifest.json', 0);
  header.write('00000002000\0', 124);
  header.write(' '.repeat(8), 148);
  header.write('0ustar\u000000', 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  writeFileSync(file, Buffer.concat([header, Buffer.alloc(1024 + 1024)]));
  return file;
}
