// containerd and dockerd as servers of our own: beside any that the machine runs, with everything that they
// keep in a scratch folder, with mounts that nobody else sees, and without touching the machine's network.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunningMock } from '../../mocks/server.ts';
import type { Credentials } from '../../src/protocol/client.ts';
import { scratch } from './cli.ts';
import { isServing, pullImage, removeImage } from './cri.ts';
import { startServer } from './server-child.ts';
import { runTool } from './tools.ts';

export interface Daemon {
  /** Pulls, and throws away what it pulled, so that the next pull starts from nothing. */
  pull(image: string, who?: Credentials): Promise<void>;
  stop(): Promise<void>;
}

export interface Containerd extends Daemon {
  readonly socket: string;
  /** Files by their paths below the root of hosts files, in the place of all that were there. */
  writeHosts(files: Readonly<Record<string, string>>): void;
  /** Has it ask these origins before the registry, both over plain HTTP. */
  mirror(registry: string, mirrors: readonly string[]): void;
  /** Has it trust the CA of a mock that speaks TLS. */
  trust(mock: Pick<RunningMock, 'registry' | 'ca'>): void;
}

/** Why these daemons cannot run here, as they cannot in most containers; undefined where they can. */
export async function reasonForNoDaemons(): Promise<string | undefined> {
  const { code } = await runTool('unshare', ['--mount', 'true']);
  if (code !== 0) return 'needs root and the right to mount';
  // dockerd looks for it, in version 1 or 2.
  const cgroups = ['devices', 'cgroup.controllers'].map((name) => join('/sys/fs/cgroup', name));
  return cgroups.some((path) => existsSync(path)) ? undefined : 'needs cgroups';
}

export interface ContainerdOptions {
  /** Of its environment, beside ours. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What stands in CRI's `registry` table in the place of `config_path`. */
  readonly registryTable?: string;
}

/**
 * containerd, which pulls as it does for kubelet, by CRI, one blob at a time: so the order of layers and
 * which connection each goes over are always the same.
 */
export async function startContainerd(options: ContainerdOptions = {}): Promise<Containerd> {
  const { socket, certificates, file } = configureContainerd(scratch(), options.registryTable);
  const hosts = (registry: string, text: string) => {
    const folder = join(certificates, new URL(registry).host);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'hosts.toml'), text);
  };
  const words = ['--mount', 'containerd', '--config', file];
  const { variables = {} } = options;
  const stop = await startServer('unshare', words, () => isServing(socket), { variables });
  return {
    socket,
    stop,
    writeHosts: (files) => {
      rmSync(certificates, { recursive: true, force: true });
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(certificates, path)), { recursive: true });
        writeFileSync(join(certificates, path), text);
      }
    },
    trust: ({ registry, ca }) => hosts(registry, `[host."${registry}"]\nca = "${ca}"\n`),
    mirror: (registry, mirrors) => {
      const each = mirrors.map((url) => `[host."${url}"]\ncapabilities = ["pull", "resolve"]\n`);
      hosts(registry, `server = "${registry}"\n${each.join('')}`);
    },
    pull: async (image, who) => {
      await pullImage(socket, image, who);
      await removeImage(socket, image);
    },
  };
}

/** Everything that it keeps lies in the folder; `registryTable` as in `ContainerdOptions`. */
export function configureContainerd(
  dir: string,
  registryTable?: string,
): {
  readonly file: string;
  readonly socket: string;
  /** Where hosts.toml files are looked for. */
  readonly certificates: string;
} {
  const socket = join(dir, 'containerd.sock');
  const certificates = join(dir, 'certs.d');
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  const config = [
    'version = 2',
    `root = "${join(dir, 'root')}"`,
    `state = "${join(dir, 'state')}"`,
    `[grpc]\naddress = "${socket}"`,
    `[plugins."io.containerd.internal.v1.opt"]\npath = "${join(dir, 'opt')}"`,
    `[${cri}]\nmax_concurrent_downloads = 1`,
    `[${cri}.containerd]\nsnapshotter = "native"`,
    `[${cri}.registry]\n${registryTable ?? `config_path = "${certificates}"`}`,
  ];
  const file = join(dir, 'config.toml');
  writeFileSync(file, config.join('\n'));
  return { file, socket, certificates };
}

export interface DockerdOptions {
  /** Of its environment, beside ours. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Of its daemon.json, beside what it needs here. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** dockerd with the graphdriver vfs, which runs everywhere, on the containerd that has this socket. */
export async function startDockerd(containerd: string, more: DockerdOptions = {}): Promise<Daemon> {
  const dir = scratch();
  const { file, socket } = configureDockerd(dir, containerd, more.settings);
  const docker = (config: string, ...words: string[]) =>
    runTool('docker', ['--config', config, '--host', socket, ...words]);
  const words = ['--mount', 'dockerd', '--config-file', file, '--host', socket];
  const isUp = async () => (await docker(dir, 'version')).code === 0;
  const stop = await startServer('unshare', words, isUp, { variables: more.variables ?? {} });
  const succeed = async (...call: Parameters<typeof docker>) => {
    const { code, output } = await docker(...call);
    if (code !== 0) throw new Error(`docker ${call.slice(1).join(' ')}: ${output}`);
  };
  return {
    stop,
    pull: async (image, who) => {
      const config = loginOf(image, who);
      await succeed(config, 'pull', '--quiet', image);
      await succeed(config, 'image', 'rm', '--force', image);
    },
  };
}

/** Everything that it keeps lies in the folder; `containerd` is the socket of its containerd. */
export function configureDockerd(
  dir: string,
  containerd: string,
  more: DockerdOptions['settings'] = {},
): { readonly file: string; readonly socket: string } {
  const socket = `unix://${join(dir, 'docker.sock')}`;
  const settings = {
    containerd,
    'data-root': join(dir, 'data'),
    'exec-root': join(dir, 'exec'),
    pidfile: join(dir, 'pid'),
    'storage-driver': 'vfs',
    // Elsewhere than /etc/docker.
    'deprecated-key-path': join(dir, 'key.json'),
    bridge: 'none',
    iptables: false,
    ip6tables: false,
    'ip-forward': false,
    ...more,
  };
  const file = join(dir, 'daemon.json');
  writeFileSync(file, JSON.stringify(settings));
  return { file, socket };
}

/** A folder for `docker --config` with the user's password for the image's registry, if there is one. */
function loginOf(image: string, who: Credentials | undefined): string {
  const folder = scratch();
  const host = image.slice(0, image.indexOf('/'));
  const auth = Buffer.from(`${who?.username}:${who?.password}`).toString('base64');
  const auths = who === undefined ? {} : { [host]: { auth } };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }));
  return folder;
}
