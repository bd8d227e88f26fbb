// What the built command line loads to judge one good file: time to start is mostly that.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';

const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
const digest = `sha256:${'0'.repeat(64)}`;
const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };
const tellLoaded = `process.on('exit', () => process.stderr.write(process.moduleLoadList.join('\\n')))`;

test('one good file takes none of the large builtins', () => {
  const file = join(scratch(), 'manifest.json');
  writeFileSync(file, JSON.stringify({ schemaVersion: 2, config, layers: [] }));
  const words = ['--import', `data:text/javascript,${encodeURIComponent(tellLoaded)}`];
  const { status, stderr } = spawnSync(
    process.execPath,
    [...words, launcher, 'validate', '--kind', 'manifest', '--quiet', file],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  const loaded = new Set(stderr.split('\n').map((line) => line.replace('NativeModule ', '')));
  expect(loaded).toContain('fs');
  for (const large of [
    'crypto',
    'child_process',
    'fs/promises',
    'http',
    'zlib',
    'worker_threads',
  ]) {
    expect(loaded).not.toContain(large);
  }
});
