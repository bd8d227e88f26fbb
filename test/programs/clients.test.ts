// The mock against the clients it must satisfy: real skopeo, podman and buildah, through token server and
// CDN. What they have afterwards is what the mock has, digest by digest.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { scratch } from '../lib/cli.ts';
import { containersOf, skopeoPull } from '../lib/clients.ts';
import { contentOf, demoImages, digestsIn, digestsOf, seeded } from '../lib/content.ts';
import { runTool, testWith } from '../lib/tools.ts';

describe('the mock serves', () => {
  let mock: RunningMock;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock.close());

  const host = () => new URL(mock.registry).host;
  const test = testWith('skopeo');

  async function inspect(image: string, ...flags: string[]): Promise<string> {
    const words = ['inspect', '--tls-verify=false', ...flags, `docker://${host()}/${image}`];
    const { code, output } = await runTool('skopeo', words);
    expect(code, output).toBe(0);
    return output;
  }

  test.each(demoImages)('skopeo copy of %s:%s, every platform, to dir:', async (name, tag) => {
    const dir = join(scratch(), 'image');
    await skopeoPull(`${host()}/${name}:${tag}`, `dir:${dir}`);
    expect(digestsIn(dir)).toEqual(await digestsOf(seeded(), name, tag));
  });

  // Docker's format has no place in an OCI layout.
  test.each(demoImages.slice(0, 2))('skopeo copy of %s:%s to oci:', async (name, tag) => {
    const layout = join(scratch(), 'layout');
    await skopeoPull(`${host()}/${name}:${tag}`, `oci:${layout}:${tag}`, mock);
    expect(digestsIn(layout)).toEqual(await digestsOf(seeded(), name, tag));
  });

  test.each(demoImages)('skopeo inspect --raw of %s:%s, byte by byte', async (name, tag) => {
    const [top] = await contentOf(seeded(), name, tag);
    expect(await inspect(`${name}:${tag}`, '--raw')).toBe(top?.bytes.toString());
    expect(await inspect(`${name}@${top?.digest}`, '--raw')).toBe(top?.bytes.toString());
  });

  test('skopeo inspect, and --config', async () => {
    const [top, config, ...layers] = await contentOf(seeded(), 'demo/single', '1.0');
    expect(JSON.parse(await inspect('demo/single:1.0'))).toMatchObject({
      Name: `${host()}/demo/single`,
      Digest: top?.digest,
      RepoTags: ['1.0'],
      Architecture: 'amd64',
      Os: 'linux',
      Layers: layers.map(({ digest }) => digest),
    });
    const said = await inspect('demo/single:1.0', '--config', '--raw');
    expect(said).toBe(config?.bytes.toString());
  });

  test('skopeo is refused with a wrong password', async () => {
    const words = ['inspect', '--tls-verify=false', '--creds', 'demo:wrong'];
    const { code, output } = await runTool('skopeo', [...words, `docker://${mock.images[1]}`]);
    expect(code).not.toBe(0);
    expect(output).toContain('unauthorized');
  });

  describe.each(['podman', 'buildah'] as const)('%s', (tool) => {
    testWith(tool).each(demoImages)('pull of %s:%s', async (name, tag) => {
      const { run, access } = containersOf(tool, mock);
      const image = `${host()}/${name}:${tag}`;
      const id = (await run('pull', '--quiet', ...access, image)).slice(-64);
      // The identity of an image is the digest of its config; both programs check each layer's diff_id.
      const ofHere = await digestsOf(seeded(), name, tag);
      expect(ofHere).toContain(`sha256:${id}`);
    });
  });
});
