// What the commands of the docs meet: registry.example and its CDN, reached by a proxy; a mock at 127.0.0.1:5000, which
// is at another port here; and the files that pages take for granted.
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTls } from '../../../mocks/http/tls.ts';
import { readImages } from '../../../mocks/images.ts';
import { type RunningMock, startMock } from '../../../mocks/server.ts';
import { findK6 } from '../../../src/run/load/k6/find.ts';
import { packageRoot } from '../../../src/run/package-root.ts';
import { manifest } from '../../../src/validate/cases/documents.ts';
import { cli, scratch } from '../cli.ts';
import { startNamedRegistry } from '../named-registry.ts';
import { startProxy } from '../proxy.ts';

export interface DocWorld {
  /** Of the mock that stands for 127.0.0.1:5000. */
  readonly port: number;
  /** For every command. */
  readonly variables: Readonly<Record<string, string>>;
  /** A new folder with the files that pages take for granted. */
  sandbox(): string;
  close(): Promise<void>;
}

const called = { registry: 'registry.example', token: 'auth.example', cdn: 'cdn.example' };

/** What registry.example holds: small images under the names of the pages. */
const imagesOfExample = `images:
- { repository: team/app, tags: ['1.2', '2'], layers: 2, layerSize: 20kB, platforms: [linux/amd64, linux/arm64] }
- { repository: team/base, tags: ['1'], layers: 2, layerSize: 10kB, platforms: [linux/amd64, linux/arm64] }
`;

const plan = `images: [registry.example/team/app:2]
vus: 2
duration: 300ms
`;

/** Runs that pages speak of, all copies of one. */
const runNames = [
  ...['last-night', 'tonight', 'nightly/monday', 'nightly/tuesday'],
  ...['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'b4'],
];

export async function startDocWorld(): Promise<DocWorld> {
  const shared = scratch();
  const mock = await startMock({ storeDir: join(shared, 'layout'), anonymousPush: true });
  const tls = makeTls(Object.values(called));
  const spec = join(shared, 'images.yaml');
  writeFileSync(spec, imagesOfExample);
  const images = await readImages({ sources: [spec] }, 1);
  const example = await startNamedRegistry({ tls, called, mock: { images, anonymousPush: true } });
  const proxy = await startProxy({ port: example.port });
  const ca = join(shared, 'ca.pem');
  writeFileSync(ca, tls.ca);
  const variables = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    SSL_CERT_FILE: ca,
    PATH: `${await shims(shared)}:${process.env.PATH}`,
  };
  await makeRun(shared, mock, variables);
  return {
    port: Number(mock.registry.split(':').at(-1)),
    variables,
    sandbox: () => fill(scratch(), shared, mock.password),
    close: async () => {
      proxy.close();
      example.close();
      images.close();
      await mock.close();
    },
  };
}

/** Programs under the names by which pages call them. */
async function shims(shared: string): Promise<string> {
  const folder = join(shared, 'bin');
  mkdirSync(folder);
  const launcher = join(packageRoot, 'dist', 'src', 'cli', 'launcher.js');
  const programs: Record<string, string> = { pullproof: `'${process.execPath}' '${launcher}'` };
  const found = await findK6('built', { variables: process.env, progress: () => undefined }).catch(
    () => undefined,
  );
  if (found !== undefined) programs.k6 = `'${found.path}'`;
  for (const [name, words] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\nexec ${words} "$@"\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

async function makeRun(
  shared: string,
  mock: RunningMock,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  if (process.env.PULLPROOF_TEST_NO_K6 === '1') return;
  const words = [
    'load',
    `${mock.registry}/demo/app:latest`,
    '--duration',
    '300ms',
    '-q',
    '--out',
    'run',
  ];
  const { code, stderr } = await cli(words, { cwd: shared, env });
  if (code !== 0) throw new Error(`the run that pages compare failed: ${stderr}`);
}

function fill(folder: string, shared: string, password: string): string {
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
  writeFileSync(join(folder, 'fleet.yaml'), plan);
  writeFileSync(join(folder, 'password'), `${password}\n`);
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(packageRoot, join(folder, 'node_modules', 'pullproof'));
  cpSync(join(shared, 'layout'), join(folder, 'layout'), { recursive: true });
  if (process.env.PULLPROOF_TEST_NO_K6 === '1') return folder;
  for (const name of runNames) {
    cpSync(join(shared, 'run'), join(folder, name), { recursive: true });
  }
  return folder;
}
