// `doctor --save`: what it keeps is what skopeo keeps, and read by skopeo; our own validator has nothing to say.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { cli, scratch } from '../lib/cli.ts';
import { filesIn } from '../lib/files.ts';
import { runTool, testWith } from '../lib/tools.ts';

const images = ['demo/app:latest', 'demo/legacy:1.0'];

async function saved(
  image: string,
  work: (save: (to: string) => Promise<void>, source: string) => Promise<void>,
) {
  const mock = await startMock();
  try {
    const source = `${new URL(mock.registry).host}/${image}`;
    await work(async (to) => {
      const words = ['doctor', `http://${source}`, '--probes', '1', '--save', to, '--quiet'];
      const { code, stdout, stderr } = await cli(words);
      expect(code, stdout + stderr).toBe(0);
      expect(stdout).toContain(`saved to ${to}`);
    }, source);
  } finally {
    await mock.close();
  }
}

async function skopeo(...words: string[]): Promise<string> {
  const { code, output } = await runTool('skopeo', words);
  expect(code, output).toBe(0);
  return output;
}

describe('an image that doctor saves', () => {
  testWith('skopeo').each(images)('%s is read by skopeo, and valid', async (image) => {
    await saved(image, async (save) => {
      const dir = scratch();
      const places = [
        `oci:${dir}/layout:1.2`,
        `dir:${dir}/dir`,
        `docker-archive:${dir}/a.tar:demo/app:1.2`,
      ];
      const layers: unknown[] = [];
      for (const place of places) {
        await save(place);
        const { Layers, Os } = JSON.parse(await skopeo('inspect', place));
        layers.push(Layers.length);
        expect(Os).toBe('linux');
        await skopeo('copy', '-q', place, `dir:${dir}/copy-${layers.length}`);
        const path = place.split(':')[1] ?? '';
        const judged = await cli(['validate', '--strict', '--layers', path]);
        expect(judged.code, judged.stdout).toBe(0);
      }
      expect(new Set(layers).size).toBe(1);
      // Nothing of the way there is left.
      expect(readdirSync(dir).filter((name) => name.includes('partial'))).toEqual([]);
    });
  });

  testWith('skopeo')('is in dir: what skopeo makes of it, byte for byte', async () => {
    await saved('demo/app:latest', async (save, source) => {
      const dir = scratch();
      await save(`dir:${dir}/ours`);
      await skopeo(
        'copy',
        '-q',
        '--src-tls-verify=false',
        `docker://${source}`,
        `dir:${dir}/theirs`,
      );
      expect(filesIn(join(dir, 'ours'))).toEqual(filesIn(join(dir, 'theirs')));
    });
  });

  testWith('podman')('is loaded by podman', async () => {
    await saved('demo/app:latest', async (save) => {
      const dir = scratch();
      await save(`docker-archive:${dir}/a.tar:localhost/demo/app:1.2`);
      const store = ['--root', `${dir}/root`, '--runroot', `${dir}/run`, '--storage-driver', 'vfs'];
      const { code, output } = await runTool('podman', [...store, 'load', '-i', `${dir}/a.tar`]);
      expect(code, output).toBe(0);
      expect(output).toContain('localhost/demo/app:1.2');
    });
  });
});
