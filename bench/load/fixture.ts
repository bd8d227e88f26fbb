// The registry of the bench: nginx with static files, the registry on 127.0.0.1 and the CDN on 127.0.0.2,
// a token for everyone, and redirects as CloudFront signs them. It is fast and dumb on purpose.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../src/lib/user-error.ts';
import { mediaTypes } from '../../src/protocol/grammar/media-type.ts';

export const repository = 'app';

/** Tag → sizes of the layers. Configs have 2 kB, as those of small real images have. */
export const images = {
  small: [1_000, 20_000, 100_000],
  large: [64 * 1024 * 1024, 32 * 1024 * 1024],
} as const satisfies Readonly<Record<string, readonly number[]>>;

export type ImageName = keyof typeof images;

interface Fixture {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly registryUrl: string;
  /** Ends nginx, removes the files, and tells what was asked for, one line a request ('' unless `logged`). */
  stop(): Promise<string>;
}

const configBytes = 2_000;
const startMsMax = 10_000;
const stopMsMax = 5_000;
const pollMs = 50;

/** What of a request decides that two clients do the same. */
const logFormat =
  '$request_method $request_uri host="$http_host" user-agent="$http_user_agent" accept="$http_accept" ' +
  'accept-encoding="$http_accept_encoding" authorization="$http_authorization" referer="$http_referer"';

/**
 * Writes the images and starts nginx.
 * @throws UserError `nginx-missing`, `nginx-failed` (exit 3)
 */
export async function startFixture(names: readonly ImageName[], logged: boolean): Promise<Fixture> {
  const nginx = await findNginx();
  const folder = await mkdtemp(join(tmpdir(), 'pullproof-bench-'));
  try {
    const [port, cdnPort] = [await freePort('127.0.0.1'), await freePort('127.0.0.2')];
    const locations = await writeImages(folder, names, `http://127.0.0.2:${cdnPort}`);
    const configuration = nginxConfiguration({ port, cdnPort, locations, logged });
    await writeFile(join(folder, 'nginx.conf'), configuration);
    const server = await startNginx(nginx, folder, port);
    return {
      registryUrl: `http://127.0.0.1:${port}`,
      stop: async () => {
        await server.stop();
        // Only now: nginx logs a request after the client has its answer.
        const log = await readFile(join(folder, 'access.log'), 'utf8').catch(() => '');
        await rm(folder, { recursive: true, force: true });
        return log;
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Stored {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Writes blobs and manifests to files named by digest; gives the nginx locations that serve them. */
async function writeImages(
  folder: string,
  names: readonly ImageName[],
  cdnUrl: string,
): Promise<string[]> {
  const locations: string[] = [];
  await mkdir(join(folder, 'blobs'));
  await mkdir(join(folder, 'manifests'));
  const store = async (kind: 'blobs' | 'manifests', mediaType: string, bytes: Uint8Array) => {
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    await writeFile(join(folder, kind, digest), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const blob = async (mediaType: string, bytes: Uint8Array): Promise<Stored> => {
    const stored = await store('blobs', mediaType, bytes);
    const target = `${cdnUrl}/blobs/${stored.digest}?${signature(stored.digest)}`;
    locations.push(location(`blobs/${stored.digest}`, `return 302 "${target}";`));
    return stored;
  };
  const manifest = async (mediaType: string, document: object, tag?: string): Promise<Stored> => {
    const stored = await store('manifests', mediaType, Buffer.from(JSON.stringify(document)));
    const serve =
      `default_type ${mediaType}; add_header Docker-Content-Digest ${stored.digest}; ` +
      `alias manifests/${stored.digest};`;
    for (const reference of [stored.digest, ...(tag === undefined ? [] : [tag])]) {
      locations.push(location(`manifests/${reference}`, serve));
    }
    return stored;
  };
  for (const name of names) {
    const config = await blob(mediaTypes.ociConfig, configOf(name));
    const layers: Stored[] = [];
    for (const [i, size] of images[name].entries()) {
      layers.push(await blob(mediaTypes.ociLayerGzip, noise(`${name} ${i}`, size)));
    }
    const image = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers };
    const child = await manifest(mediaTypes.ociManifest, image);
    const manifests = [
      { ...child, platform: { os: 'linux', architecture: 'arm64' }, digest: digestOfNothing },
      { ...child, platform: { os: 'linux', architecture: 'amd64' } },
    ];
    const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
    await manifest(mediaTypes.ociIndex, index, name);
  }
  return locations;
}

/** The entry of the other platform; nobody asks for it. */
const digestOfNothing = `sha256:${createHash('sha256').digest('hex')}`;

function configOf(name: string): Uint8Array {
  const config = {
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [] },
    config: { Labels: { name, padding: '' } },
  };
  config.config.Labels.padding = 'x'.repeat(configBytes - JSON.stringify(config).length);
  return Buffer.from(JSON.stringify(config));
}

/** Bytes that do not compress, the same in every run. */
function noise(seed: string, bytes: number): Uint8Array {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

/** A query as long as CloudFront's. */
function signature(seed: string): string {
  const signed = Buffer.from(noise(seed, 256)).toString('base64').replace(/[+=/]/g, '~');
  return `Expires=4102444800&Signature=${signed}&Key-Pair-Id=K2JCJMDEHXQW5F`;
}

function location(path: string, serve: string): string {
  return `location = /v2/${repository}/${path} { if ($anonymous) { return 401; } ${serve} }`;
}

interface Layout {
  readonly port: number;
  readonly cdnPort: number;
  readonly locations: readonly string[];
  readonly logged: boolean;
}

/** Paths are relative to the folder, which nginx is given as its prefix. */
function nginxConfiguration({ port, cdnPort, locations, logged }: Layout): string {
  // Half of the cores serve, so that the client under test has the other half.
  const workers = Math.max(1, Math.floor(availableParallelism() / 2));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${name};`)
    .join(' ');
  const realm = `http://127.0.0.1:${port}/token`;
  const challenge = `Bearer realm="${realm}",service="bench",scope="repository:${repository}:pull"`;
  // The workers of a root's nginx would run as nobody, who may not read our folder.
  const user = process.getuid?.() === 0 ? `user ${userInfo().username};` : '';
  return `
daemon off; ${user} worker_processes ${workers}; pid nginx.pid; error_log stderr;
worker_rlimit_nofile 100000;
events { worker_connections 50000; }
http {
  log_format requests escape=none '${logFormat}';
  access_log ${logged ? 'access.log requests' : 'off'};
  ${temporary}
  sendfile on; tcp_nopush on; tcp_nodelay on; etag off; server_tokens off;
  keepalive_requests 1000000000; keepalive_timeout 300s; open_file_cache max=100;
  map $http_authorization $anonymous { '' 1; default 0; }
  server {
    listen 127.0.0.1:${port} backlog=4096; default_type application/json;
    error_page 401 @challenge;
    location @challenge {
      internal; add_header WWW-Authenticate '${challenge}' always;
      return 401 '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}';
    }
    location = /ready { access_log off; return 204; }
    location = /token { return 200 '{"token":"${'bench.'.repeat(100)}","expires_in":300}'; }
    ${locations.join('\n    ')}
  }
  server {
    listen 127.0.0.2:${cdnPort} backlog=4096; default_type application/octet-stream; 
    location / { return 404; }
    location /blobs/ { alias blobs/; }
  }
}
`;
}

async function findNginx(): Promise<string> {
  // Debian keeps it where only root's PATH looks.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  for (const folder of folders) {
    const path = join(folder, 'nginx');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== '' && found) return path;
  }
  throw new UserError(
    'nginx-missing',
    'no nginx to bench against',
    'Install it, on Debian by `apt-get install nginx-light`.',
    3,
  );
}

/** A port that nobody holds at this moment. */
function freePort(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, address, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === 'object' && bound !== null ? bound.port : 0));
    });
  });
}

/** Runs nginx as our child, in a group of its own, and waits until it answers. */
async function startNginx(
  nginx: string,
  folder: string,
  port: number,
): Promise<{ stop: () => Promise<void> }> {
  const child = spawn(nginx, ['-e', 'stderr', '-p', folder, '-c', 'nginx.conf'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', (error) => {
      said += error.message;
      resolve();
    });
  });
  const lastResort = () => signal(child, 'SIGKILL');
  process.once('exit', lastResort);
  const stop = async () => {
    const timer = setTimeout(lastResort, stopMsMax);
    signal(child, 'SIGTERM');
    await ended;
    clearTimeout(timer);
    process.removeListener('exit', lastResort);
  };
  for (let waited = 0; waited < startMsMax && child.exitCode === null; waited += pollMs) {
    const answered = await fetch(`http://127.0.0.1:${port}/ready`).catch(() => undefined);
    if (answered?.status === 204) return { stop };
    await sleep(pollMs);
  }
  await stop();
  const hint = 'Look at what it says; the bench needs 127.0.0.1 and 127.0.0.2.';
  throw new UserError('nginx-failed', `nginx does not serve: ${said.trim()}`, hint, 3);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, name);
  } catch {
    // Already gone.
  }
}
