// A real registry on a loopback port, its storage in a scratch folder: Debian's docker-registry
// (distribution 2.8) or the `registry` of distribution v3, as a registry of its own or as a pull-through
// cache of another. And an OCI layout for the real skopeo to push to it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratch } from './cli.ts';
import { contentOf, seeded } from './content.ts';
import { goToolPath } from './go-tools.ts';
import { runTool } from './tools.ts';

export interface RunningRegistry {
  /** `host:port`. */
  readonly host: string;
  /** Whether the blob or manifest lies in its storage. */
  holds(digest: string): boolean;
  stop(): Promise<void>;
}

export interface RegistryChoice {
  /** `docker-registry`, the default, is version 2.8, `registry` is version 3. */
  readonly program?: 'docker-registry' | 'registry';
  /** Nobody may do anything without `htpasswdUser`. */
  readonly htpasswd?: boolean;
  /** What it is a pull-through cache of. */
  readonly upstream?: {
    /** `scheme://host:port`. */
    readonly origin: string;
    readonly username: string;
    readonly password: string;
    /** File of the CA to trust. */
    readonly ca?: string | undefined;
  };
}

const startAttemptsMax = 100;

export const htpasswdUser = { username: 'ci', password: 'conform-secret' } as const;
/** bcrypt of that password. */
const htpasswdLine = 'ci:$2y$04$abcdefghijklmnopqrstuunYs52V/mwerjfKRyFVmlEwj3KDrKXA2';

export async function startDockerRegistry(choice: RegistryChoice = {}): Promise<RunningRegistry> {
  const { program = 'docker-registry', upstream } = choice;
  const dir = scratch();
  const data = join(dir, 'data');
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(dir, 'config.yml');
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    `storage: { filesystem: { rootdirectory: ${data} }, delete: { enabled: true } }`,
    `http: { addr: '${host}' }`,
  ];
  if (upstream !== undefined) {
    const { origin, username, password } = upstream;
    lines.push(
      `proxy: { remoteurl: '${origin}', username: '${username}', password: '${password}' }`,
    );
  }
  if (choice.htpasswd === true) {
    const file = join(dir, 'htpasswd');
    writeFileSync(file, `${htpasswdLine}\n`);
    lines.push(`auth: { htpasswd: { realm: pullproof, path: ${file} } }`);
  }
  writeFileSync(config, lines.join('\n'));
  const child = spawn(goToolPath(program) ?? program, ['serve', config], {
    stdio: 'ignore',
    env: {
      ...process.env,
      // Version 3 looks for a collector of traces otherwise.
      OTEL_TRACES_EXPORTER: 'none',
      ...(upstream?.ca !== undefined && { SSL_CERT_FILE: upstream.ca }),
    },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; ; attempt++) {
    const up = await fetch(`http://${host}/v2/`).then(
      (reply) => reply.ok || reply.status === 401,
      () => false,
    );
    if (up) break;
    if (attempt > startAttemptsMax || child.exitCode !== null) {
      child.kill();
      throw new Error(`${program} did not start`);
    }
    await sleep(100);
  }
  return {
    host,
    holds: (digest) => {
      const [algorithm = '', hex = ''] = digest.split(':');
      const folder = join(data, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex);
      return existsSync(join(folder, 'data'));
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Writes a demo image, by default the multi-platform one, as an OCI layout; returns its folder. */
export async function writeLayout(repository = 'demo/app', reference = 'latest'): Promise<string> {
  const dir = scratch();
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const contents = await contentOf(seeded(), repository, reference);
  for (const { digest, bytes } of contents) {
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes);
  }
  const annotations = { 'org.opencontainers.image.ref.name': 'latest' };
  const entries = contents.slice(0, 1).map(({ mediaType, digest, bytes }) => {
    return { mediaType, digest, size: bytes.length, annotations };
  });
  writeFileSync(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: entries }));
  return dir;
}

/** Pushes every platform of the layout as `host/team/app:latest`. */
export async function pushLayout(layout: string, host: string): Promise<void> {
  const words = ['copy', '--all', '--dest-tls-verify=false', `oci:${layout}:latest`];
  const { code, output } = await runTool('skopeo', [...words, `docker://${host}/team/app:latest`]);
  if (code !== 0) throw new Error(`skopeo copy: ${output}`);
}
