// Files that real clients write, and that Debian ships: they are valid, and we read the same in them.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { credentialsFromFile } from '../../src/access/authfile.ts';
import { validateDocument } from '../../src/validate/index.ts';
import { scratch } from '../lib/cli.ts';
import { runTool, testWith } from '../lib/tools.ts';

function validateFile(path: string) {
  return validateDocument(readFileSync(path), { path });
}

describe('what a login writes', () => {
  let mock: RunningMock;
  let dir: string;
  beforeAll(async () => {
    mock = await startMock();
    dir = scratch();
  });
  afterAll(async () => {
    rmSync(dir, { recursive: true });
    await mock.close();
  });

  const tools = ['podman', 'skopeo'] as const;
  for (const tool of tools) {
    testWith(tool)(`${tool} login and logout: an auth file without any finding`, async () => {
      const folder = join(dir, tool);
      mkdirSync(folder);
      const path = join(folder, 'auth.json');
      const registry = new URL(mock.registry).host;
      const { username, password } = mock;
      const words = ['login', '--tls-verify=false', '--authfile', path];
      for (const scope of [registry, `${registry}/team/app`]) {
        const { code, output } = await runTool(tool, [
          ...words,
          ...['--username', username, '--password', password, scope],
        ]);
        expect(code, output).toBe(0);
      }
      expect(validateFile(path)).toMatchObject({ kind: 'auth-file', valid: true, findings: [] });
      expect(await credentialsFromFile(path, registry, 'team/app')).toEqual({ username, password });

      const { code, output } = await runTool(tool, ['logout', '--all', '--authfile', path]);
      expect(code, output).toBe(0);
      expect(validateFile(path)).toMatchObject({ kind: 'auth-file', valid: true, findings: [] });
    });
  }
});

describe('registries.conf', () => {
  const shipped = ['/etc/containers/registries.conf', '/usr/share/containers/registries.conf'];
  test.each(shipped.filter(existsSync))('%s, as it is shipped, has no error', (path) => {
    expect(validateFile(path)).toMatchObject({ kind: 'registries-conf', valid: true });
  });
  test.each(shortNames())('%s, as it is shipped, has no error', (path) => {
    expect(validateFile(path)).toMatchObject({ kind: 'registries-conf', valid: true });
  });

  /** What podman says of a file: nothing is pulled, the name is only looked up. */
  async function podmanReads(text: string): Promise<{ code: number; output: string }> {
    const folder = scratch();
    const path = join(folder, 'registries.conf');
    writeFileSync(path, text);
    const words = ['CONTAINERS_REGISTRIES_CONF=' + path, 'skopeo', 'inspect'];
    const result = await runTool('env', [...words, 'docker://127.0.0.1:1/none/none']);
    rmSync(folder, { recursive: true });
    return result;
  }
});

function shortNames(): string[] {
  return [];
}
