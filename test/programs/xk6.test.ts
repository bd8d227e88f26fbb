// The extension as others build it: by the real xk6, out of the folder k6/; each of its examples runs in the k6 that comes
// of it. With the flags of our own build, so that Go compiles only what is new.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startMock } from '../../mocks/server.ts';
import { buildVariables, buildWords } from '../../src/run/load/k6/sources.ts';
import { packageRoot } from '../../src/run/package-root.ts';
import { scratch } from '../lib/cli.ts';
import { ask, openRegistry } from '../lib/content.ts';
import { runTool, testWith } from '../lib/tools.ts';

const msMax = 600_000;
const folder = join(packageRoot, 'k6');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

testWith('xk6', 'go', 'k6')(
  'xk6 builds the extension in; its examples run',
  {
    timeout: msMax,
  },
  async () => {
    const [, path] = /^module (\S+)/m.exec(read('go.mod')) ?? [];
    const [, version] = /^\tgo\.k6\.io\/k6\/v2 (\S+)$/m.exec(read('go.mod')) ?? [];
    const k6 = join(scratch(), 'k6');
    const flags = buildWords(k6).filter((word) => /^-[^o]/.test(word));
    const words = [`-pgo=${join(folder, 'cmd/k6/default.pgo')}`, ...flags].flatMap((flag) => [
      '--build-flags',
      flag,
    ]);
    const extension = `${path}=${folder}`;
    // Not -mod=readonly: xk6 writes the go.mod of its main module step by step.
    const variables = { ...buildVariables, GOFLAGS: '' };
    const build = ['build', version ?? '', '--with', extension, '--output', k6, ...words];
    const built = await runTool('xk6', build, variables);
    expect(built.code, built.output).toBe(0);
    const said = await runTool(k6, ['version']);
    expect(said.output).toContain(`k6 ${version} `);
    expect(said.output).toMatch(/xk6-pullproof .*k6\/x\/pullproof \[js\]/);
    expect(said.output).toMatch(/xk6-pullproof .*pullproof \[output\]/);
    await runExamples(k6);
  },
);

/** Each against a blob of a mock, and once with a digest that is another's. */
async function runExamples(k6: string): Promise<void> {
  const mock = await startMock({ auth: 'none', redirect: 'none' });
  try {
    const source = openRegistry(new URL(mock.registry).host);
    const reply = await ask(source, 'demo/single', 'manifests/1.0', {
      headers: { Accept: 'application/vnd.oci.image.manifest.v1+json' },
    });
    const { config } = (await reply.json()) as { config: { digest: string } };
    const blob = `${mock.registry}/v2/demo/single/blobs/${config.digest}`;
    for (const example of readdirSync(join(folder, 'examples'))) {
      const timeline = join(scratch(), 'timeline.ndjson');
      const script = join(folder, 'examples', example);
      const run = (url: string) =>
        runTool(k6, ['run', '-e', `URL=${url}`, '--out', `pullproof=${timeline}`, script]);
      const good = await run(blob);
      expect(good.code, good.output).toBe(0);
      expect(readFileSync(timeline, 'utf8')).toContain('"blob"');
      const bad = await run(`${blob}#/sha256:${'0'.repeat(64)}`);
      expect(bad.code, bad.output).not.toBe(0);
    }
  } finally {
    await mock.close();
  }
}
