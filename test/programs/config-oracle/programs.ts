// Real programs on a host that is made of files: in a mount namespace, where /etc/containers and the other folders
// of their configuration are those of a scratch folder, with an environment of their own.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostView } from '../../../src/access/host-view.ts';
import { goToolPath } from '../../lib/go-tools.ts';
import { runTool } from '../../lib/tools.ts';
import type { StandIn } from './stand-in.ts';

export interface Situation {
  /** By absolute path. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly text: string;
  /** podman needs root, newer libraries are run as either. */
  readonly uid?: number;
}

export interface Program {
  readonly tool: string;
  /** Names of the profile. */
  readonly client: string;
  words(text: string): string[];
}

const storage = ['--root', '/mnt/podman', '--runroot', '/run/podman', '--storage-driver', 'vfs'];
/** By name; `newest` is the library itself, as podman and as skopeo use it. */
export const programs = {
  skopeo: {
    tool: 'skopeo',
    client: 'skopeo@1.9',
    words: (text) => ['skopeo', 'inspect', `docker://${text}`],
  },
  podman: {
    tool: 'podman',
    client: 'podman@4.3',
    words: (text) => ['podman', ...storage, '--events-backend', 'none', 'pull', '--quiet', text],
  },
  newestPodman: {
    tool: 'ask-containers',
    client: 'podman',
    words: (text) => ['/opt/ask-containers', '-short', text],
  },
  newestSkopeo: {
    tool: 'ask-containers',
    client: 'skopeo',
    words: (text) => ['/opt/ask-containers', text],
  },
} satisfies Readonly<Record<string, Program>>;

/** That copy an image to a folder, as far as the policy lets them. */
export const copiers = {
  skopeo: {
    tool: 'skopeo',
    client: 'skopeo@1.9',
    words: (text) => ['skopeo', 'copy', '--quiet', `docker://${text}`, 'dir:/mnt/copy'],
  },
  newest: {
    tool: 'ask-containers',
    client: 'skopeo',
    words: (text) => ['/opt/ask-containers', '-copy', '/mnt/copy', text],
  },
} satisfies Readonly<Record<string, Program>>;

/** What stands in the place of the machine's own. /mnt and /opt are part of every Linux. */
const script = `set -e
mount --bind "$1" /mnt
mount --bind "$2" /opt
mount --bind /mnt/etc/containers /etc/containers
mount --bind /mnt/usr/share/containers /usr/share/containers
mount -t tmpfs none /var/cache
mkdir /var/cache/containers
mount --bind /mnt/var/cache/containers /var/cache/containers
mount -t tmpfs none /home
mkdir /home/u
mount --bind /mnt/home/u /home/u
mount -t tmpfs none /run
shift 2
exec "$@"`;

const folders = [
  'copy',
  'etc/containers',
  'usr/share/containers',
  'var/cache/containers',
  'home/u',
];
const acceptAll = JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] });

export class Host {
  readonly #root: string;
  readonly #bin: string;
  readonly view: HostView;

  constructor({ files, variables = {}, uid = 0 }: Situation) {
    this.#root = mkdtempSync(join(tmpdir(), 'pullproof-oracle-'));
    this.#bin = mkdtempSync(join(tmpdir(), 'pullproof-oracle-bin-'));
    for (const folder of [this.#root, this.#bin]) chmodSync(folder, 0o755);
    for (const folder of folders) mkdirSync(join(this.#root, folder), { recursive: true });
    const all = { '/etc/containers/policy.json': acceptAll, ...files };
    for (const [path, text] of Object.entries(all)) {
      const place = join(this.#root, path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    }
    const user = { uid, user: 'u', home: '/home/u', platform: 'linux' as const };
    this.view = { root: this.#root, variables, ...user, isTerminal: false };
  }

  /** What the program ends with, and what it said. */
  run(program: Program, text: string, standIn: StandIn) {
    const { uid, variables } = this.view;
    const built = goToolPath(program.tool);
    if (built !== undefined) copyFileSync(built, join(this.#bin, program.tool));
    writeFileSync(join(this.#root, 'ca.pem'), standIn.ca);
    const proxy = `http://127.0.0.1:${standIn.port}`;
    const environment = {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/home/u',
      SSL_CERT_FILE: '/mnt/ca.pem',
      HTTPS_PROXY: proxy,
      HTTP_PROXY: proxy,
      ...variables,
    };
    const pairs = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const who =
      uid === 0 ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
    const words = [...who, 'env', '-i', ...pairs, ...program.words(text)];
    return runTool('unshare', ['-m', 'sh', '-c', script, 'sh', this.#root, this.#bin, ...words]);
  }

  close(): void {
    for (const folder of [this.#root, this.#bin]) rmSync(folder, { recursive: true, force: true });
  }
}
