// Files that real clients write, and that Debian ships: they are valid, and we read the same in them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type RunningMock, startMock } from '../../mocks/server.ts';
import { findCredentials } from '../../src/access/credentials/find-credentials.ts';
import { thisHost } from '../../src/access/host-view.ts';
import { registriesConfCases } from '../../src/validate/cases/registries-conf.ts';
import type { Source } from '../../src/validate/cases/rule-case.ts';
import { rules, validateDocument } from '../../src/validate/index.ts';
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
      const wanted = { registry, repository: 'team/app' };
      const found = await findCredentials(wanted, tool, thisHost(), { authfile: path });
      expect(found).toMatchObject({ credentials: { username, password }, problems: [] });

      const { code, output } = await runTool(tool, ['logout', '--all', '--authfile', path]);
      expect(code, output).toBe(0);
      expect(validateFile(path)).toMatchObject({ kind: 'auth-file', valid: true, findings: [] });
    });
  }
});

describe('registries.conf', () => {
  const files = ['/etc/containers/registries.conf', '/usr/share/containers/registries.conf'];
  const folders = ['/etc/containers/registries.conf.d', '/usr/share/containers/registries.conf.d'];
  const dropIns = folders
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.conf'));
  const shipped = [...files.filter(existsSync), ...dropIns];

  testWith('podman')('as Debian ships it, has no error', () => {
    expect(shipped).not.toEqual([]);
    for (const path of shipped) {
      expect(validateFile(path)).toMatchObject({ path, kind: 'registries-conf', valid: true });
    }
  });

  const errorIds = rules.filter(({ level }) => level === 'error').map(({ id }) => id);
  /** skopeo finds some errors at a pull only, and older ones still load version 1. */
  const foundLater = ['registries-version-1', 'registries-name', 'registries-wildcard'];
  const refused = new Set(errorIds.filter((id) => !foundLater.includes(id)));
  /** Older ones refuse what is a warning, since newer ones read it. */
  const mayBeRefused = new Set([...errorIds, 'toml-bom', 'toml-version']);

  testWith('skopeo')('skopeo refuses what is an error, and loads the rest', async () => {
    const home = scratch();
    const surprises: unknown[] = [];
    for (const { rule, bad, good, paths } of registriesConfCases) {
      const isSurprise = (await isLoaded(home, bad, paths?.bad))
        ? refused.has(rule)
        : !mayBeRefused.has(rule);
      if (isSurprise) surprises.push([rule, 'bad', bad]);
      if (!(await isLoaded(home, good, paths?.good))) surprises.push([rule, 'good', good]);
    }
    expect(surprises).toEqual([]);
    rmSync(home, { recursive: true });
  });
});

/** Asks for an image that nobody serves: a file, or a drop-in, that is refused says so before. */
async function isLoaded(home: string, source: Source, name = 'registries.conf'): Promise<boolean> {
  const folder = join(home, '.config', 'containers');
  const [main, file] = [join(folder, 'registries.conf'), join(folder, name)];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(main, '');
  writeFileSync(file, String(source));
  const image = 'docker://127.0.0.1:1/none/none';
  const words = ['--registries-conf', main, 'inspect', '--no-creds', image];
  const { output } = await runTool('skopeo', words, { HOME: home });
  rmSync(file);
  expect(output).toMatch(/pinging container registry|loading registries configuration/);
  return !output.includes('loading registries configuration');
}
