// A real registry on a loopback port, its storage in a scratch folder: Debian's docker-registry
// (distribution 2.8) or the `registry` of distribution v3, as a registry of its own or as a pull-through
// cache of another. And an OCI layout for the real skopeo to push to it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { scratch } from './cli.ts';
import { contentOf, seeded } from './content.ts';
import { goToolPath } from './go-tools.ts';
import { startServer } from './server-child.ts';
import { runTool } from './tools.ts';

export interface RunningRegistry {
  /** `host:port`. */
  readonly host: string;
  /** Folder of its storage: paths of redirects to a CDN begin there. */
  readonly data: string;
  /** Whether the blob or manifest lies in its storage. */
  holds(digest: string): boolean;
  stop(): Promise<void>;
}

export interface RegistryChoice {
  /** `docker-registry`, the default, is version 2.8, `registry` is version 3. */
  readonly program?: 'docker-registry' | 'registry';
  /** Nobody may do anything without `htpasswdUser`. */
  readonly htpasswd?: boolean;
  /** Origin of a CDN over its storage, to which blobs are redirected. */
  readonly cdn?: string;
  /** Whose tokens it demands. */
  readonly token?: {
    /** URL of the token endpoint. */
    readonly realm: string;
    readonly issuer: string;
    /** PEM file of what signs them. */
    readonly certificate: string;
  };
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

/** By which a registry names itself to the token server. */
const tokenService = 'team-registry';
export const htpasswdUser = { username: 'ci', password: 'conform-secret' } as const;
/** bcrypt of that password. */
export const htpasswdHash = '$2y$04$abcdefghijklmnopqrstuunYs52V/mwerjfKRyFVmlEwj3KDrKXA2';
export const htpasswdLine = `${htpasswdUser.username}:${htpasswdHash}\n`;

export async function startDockerRegistry(choice: RegistryChoice = {}): Promise<RunningRegistry> {
  const { program = 'docker-registry', upstream } = choice;
  const dir = scratch();
  const data = join(dir, 'data');
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(dir, 'config.yml');
  writeFileSync(config, configOf(choice, dir, data, host).join('\n'));
  const stop = await startServer(
    goToolPath(program) ?? program,
    ['serve', config],
    `http://${host}/v2/`,
    {
      isUp: (reply) => reply.ok || reply.status === 401,
      variables: {
        // Version 3 looks for a collector of traces otherwise.
        OTEL_TRACES_EXPORTER: 'none',
        ...(upstream?.ca !== undefined && { SSL_CERT_FILE: upstream.ca }),
      },
    },
  );
  return {
    host,
    data,
    holds: (digest) => {
      const [algorithm = '', hex = ''] = digest.split(':');
      const folder = join(data, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex);
      return existsSync(join(folder, 'data'));
    },
    stop,
  };
}

/** Lines of YAML. */
function configOf(choice: RegistryChoice, dir: string, data: string, host: string): string[] {
  const lines = [
    'version: 0.1',
    'log: { level: error }',
    `storage: { filesystem: { rootdirectory: ${data} }, delete: { enabled: true } }`,
    `http: { addr: '${host}' }`,
  ];
  const { upstream, token, cdn } = choice;
  if (upstream !== undefined) {
    const { origin, username, password } = upstream;
    lines.push(
      `proxy: { remoteurl: '${origin}', username: '${username}', password: '${password}' }`,
    );
  }
  if (choice.htpasswd === true) {
    const file = join(dir, 'htpasswd');
    writeFileSync(file, htpasswdLine);
    lines.push(`auth: { htpasswd: { realm: pullproof, path: ${file} } }`);
  }
  if (token !== undefined) {
    const { realm, issuer, certificate } = token;
    const fields = `realm: '${realm}', service: ${tokenService}, issuer: ${issuer}`;
    lines.push(`auth: { token: { ${fields}, rootcertbundle: ${certificate} } }`);
  }
  if (cdn !== undefined) {
    lines.push(`middleware: { storage: [{ name: redirect, options: { baseurl: '${cdn}' } }] }`);
  }
  return lines;
}

export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
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
export async function pushLayout(
  layout: string,
  host: string,
  access: readonly string[] = ['--dest-tls-verify=false'],
): Promise<void> {
  const words = ['copy', '--all', ...access, `oci:${layout}:latest`];
  const { code, output } = await runTool('skopeo', [...words, `docker://${host}/team/app:latest`]);
  if (code !== 0) throw new Error(`skopeo copy: ${output}`);
}
