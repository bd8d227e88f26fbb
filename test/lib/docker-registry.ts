// Debian's docker-registry (distribution 2.8) on a loopback port, its storage in a scratch folder, and
// an OCI layout pushed to it by the real skopeo.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { wholeBytes } from '../../mocks/bytes.ts';
import { createRegistry } from '../../mocks/index.ts';
import { scratch } from './cli.ts';
import { runTool } from './tools.ts';

export interface RunningRegistry {
  /** `host:port`. */
  readonly host: string;
  stop(): Promise<void>;
}

export async function startDockerRegistry(): Promise<RunningRegistry> {
  const dir = scratch();
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(dir, 'config.yml');
  writeFileSync(
    config,
    [
      'version: 0.1',
      'log: { level: error }',
      `storage: { filesystem: { rootdirectory: ${join(dir, 'data')} }, delete: { enabled: true } }`,
      `http: { addr: '${host}' }`,
    ].join('\n'),
  );
  const child = spawn('docker-registry', ['serve', config], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; ; attempt++) {
    const up = await fetch(`http://${host}/v2/`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (up) break;
    if (attempt > 100 || child.exitCode !== null) throw new Error('docker-registry did not start');
    await sleep(100);
  }
  return {
    host,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Writes the multi-platform demo image as an OCI layout; returns its folder. */
export async function writeLayout(): Promise<string> {
  const dir = scratch();
  const { store, images } = createRegistry();
  const image = images[0];
  if (image === undefined) throw new Error('the mock has no image');
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const put = (digest: string, bytes: Uint8Array) =>
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes);
  const visit = async (digest: string): Promise<void> => {
    const manifest = store.manifest(image.repository, digest);
    const body = manifest?.bytes ?? store.blob(image.repository, digest);
    if (body === undefined) throw new Error(`${digest} is missing`);
    const bytes = await wholeBytes(body);
    put(digest, bytes);
    if (manifest === undefined) return;
    const { manifests = [], config, layers = [] } = JSON.parse(new TextDecoder().decode(bytes));
    for (const next of [...manifests, ...(config ? [config] : []), ...layers]) {
      await visit(next.digest);
    }
  };
  await visit(image.digest);
  const size = store.manifest(image.repository, image.digest)?.bytes.length ?? 0;
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const entry = { mediaType: image.mediaType, digest: image.digest, size, annotations };
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return dir;
}

/** Pushes every platform of the layout as `host/team/app:latest`. */
export async function pushLayout(layout: string, host: string): Promise<void> {
  const words = ['copy', '--all', '--dest-tls-verify=false', `oci:${layout}:latest`];
  const { code, output } = await runTool('skopeo', [...words, `docker://${host}/team/app:latest`]);
  if (code !== 0) throw new Error(`skopeo copy: ${output}`);
}
