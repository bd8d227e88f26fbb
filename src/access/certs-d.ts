// Which certificates a client takes for a registry besides the system's: the folder of the host among its folders
// (containers-certs.d(5), Docker's certs.d), in it `*.crt` to trust and `*.cert` with `*.key` to show.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readCertFolder } from './cert-folder.ts';
import { daemonFolder } from './docker/rootless.ts';
import { type HostView, pathOn } from './host-view.ts';
import { codeOf, whyOf } from './read-file.ts';
import type { AccessFlags } from './resolve.ts';
import type { ConfigProblem, Looked, PlainEndpoint, Trust } from './route.ts';

interface CertRules {
  readonly clients: readonly string[];
  /**
   * Folders of folders, in order; `~` and `$XDG_CONFIG_HOME` as in homes, `$UID`; `/etc/x.ROLE.d` is that of root or of
   * all others.
   */
  readonly roots: readonly string[];
  /** Reads of every root, not of the first alone that has this host. */
  readonly all?: true;
  /** Certificates to trust alone. */
  readonly caOnly?: true;
  /** It is a daemon of the system that looks. */
  readonly as?: 'root';
  /** In Docker's own folder, which a rootless daemon has elsewhere. */
  readonly ofDocker?: true;
}

const etcDocker = '/etc/docker/certs.d';
/** containers/image 5.42 (dockerCertDir), by the search paths of containers/storage. */
const containers = [
  '$CONFIG/containers/certs.d',
  '/etc/containers/certs.rootless.d/$UID',
  '/etc/containers/certs.$ROLE.d',
  '/etc/containers/certs.d',
  '/usr/share/containers/certs.rootless.d/$UID',
  '/usr/share/containers/certs.$ROLE.d',
  '/usr/share/containers/certs.d',
  etcDocker,
];

const certRules: readonly CertRules[] = [
  { clients: ['podman', 'skopeo'], roots: containers },
  // containers/image to 5.36: `.config` of the home, whatever XDG_CONFIG_HOME says.
  {
    clients: ['podman@5', 'podman@4.3', 'skopeo@1.9'],
    roots: ['~/.config/containers/certs.d', '/etc/containers/certs.d', etcDocker],
  },
  { clients: ['cri-o', 'kubelet-cri-o'], roots: containers, as: 'root' },
  {
    clients: ['docker', 'docker@20.10', 'docker-containerd'],
    roots: [],
    as: 'root',
    ofDocker: true,
  },
  { clients: ['regclient'], roots: [etcDocker], all: true, caOnly: true },
];

/**
 * What makes a peer trusted, and what is shown to it, as that client takes it from flags and folders. `folders`: of
 * this host alone, in order, in place of those of the table (containerd's, which has its own names for them).
 */
export async function findTrust(
  { registry, insecure }: Pick<PlainEndpoint, 'registry' | 'insecure'>,
  client: string,
  host: HostView,
  flags: AccessFlags,
  folders?: readonly string[],
): Promise<Trust> {
  const rules = certRules.find(({ clients }) => clients.includes(client));
  const view = rules?.as === 'root' ? { ...host, home: '/root', uid: 0, variables: {} } : host;
  const roots = rules?.ofDocker
    ? [join(await daemonFolder(host), 'certs.d')]
    : fillIn(rules?.roots ?? [], view);
  const candidates = folders ?? roots.map((root) => join(root, registry));
  const search = new Search(host, rules);
  for (const folder of candidates) await search.look(folder);
  if (!search.isFound && folders === undefined) search.lookForNear(roots, registry);
  const flagged = (flags.ca ?? []).map((pem) => ({ pem, written: { in: '--ca', line: 0 } }));
  const unverified = flags.insecure === true ? { in: '--insecure', line: 0 } : insecure;
  return {
    ...(unverified !== undefined && { unverified }),
    ca: [...flagged, ...search.ca],
    ...(search.client !== undefined && { client: search.client }),
    looked: search.looked,
    problems: search.problems,
  };
}

class Search {
  readonly ca: Trust['ca'][number][] = [];
  readonly looked: Looked[] = [];
  readonly problems: ConfigProblem[] = [];
  client: Trust['client'];
  isFound = false;
  readonly #host: HostView;
  readonly #rules: CertRules | undefined;

  constructor(host: HostView, rules: CertRules | undefined) {
    this.#host = host;
    this.#rules = rules;
  }

  async look(folder: string): Promise<void> {
    const state = stateOf(this.#host, folder);
    if (state !== 'there') {
      this.looked.push({ path: folder, state });
      return;
    }
    if (this.isFound && this.#rules?.all === undefined) {
      this.looked.push({ path: folder, state: 'passed over' });
      return;
    }
    this.isFound = true;
    const caOnly = this.#rules?.caOnly === true;
    const read = await readCertFolder(this.#host, folder, caOnly);
    this.ca.push(...read.ca);
    this.client ??= read.client;
    // What a daemon of the system may read, we may not.
    const isOurs = this.#rules?.as === undefined;
    const found = read.problems.map((it) =>
      it.id === 'certs-d-unreadable' && !isOurs ? { ...it, isFatal: false } : it,
    );
    this.problems.push(...found);
    this.looked.push({
      path: folder,
      state: read.state,
      ...(read.holds.length > 0 && { holds: read.holds }),
    });
  }

  /** Folders of the same host under another name: with a port that the image has not, or without. */
  lookForNear(roots: readonly string[], registry: string): void {
    const wanted = withoutPort(registry);
    for (const root of roots) {
      const near = namesIn(this.#host, root).filter((name) => withoutPort(name) === wanted);
      if (near.length === 0) continue;
      this.looked.push({ path: root, state: 'no match', holds: near.slice(0, holdsMax) });
      this.problems.push({
        id: 'certs-d-name',
        written: { in: join(root, near[0] ?? ''), line: 0 },
        message: `the certificates in ${join(root, near[0] ?? '')} do not count for ${registry}: the folder has to be called just that`,
        hint: `Name the folder ${registry}, with its port if and only if the image's name has one.`,
        isFatal: false,
      });
    }
  }
}

const holdsMax = 50;
const entriesMax = 10_000;

function namesIn(host: HostView, root: string): string[] {
  try {
    return readdirSync(pathOn(host, root)).sort().slice(0, entriesMax);
  } catch {
    return [];
  }
}

const withoutPort = (name: string) => name.toLowerCase().replace(/(?::\d*|_\d+_)$/, '');

function stateOf(host: HostView, folder: string): 'there' | 'absent' | 'unreadable' {
  try {
    statSync(pathOn(host, folder));
    return 'there';
  } catch (error) {
    return codeOf(error) === 'ENOENT' || whyOf(error) === '' ? 'absent' : 'unreadable';
  }
}

function fillIn(roots: readonly string[], { home, uid, variables, platform }: HostView): string[] {
  const config = variables.XDG_CONFIG_HOME || (home === '' ? '' : join(home, '.config'));
  const values: Readonly<Record<string, string>> = {
    '~': home,
    $CONFIG: config,
    // Neither of Windows, where nobody has a number.
    $ROLE: uid < 0 || platform === 'win32' ? '' : uid === 0 ? 'rootful' : 'rootless',
    $UID: uid > 0 ? String(uid) : '',
  };
  const filled = roots.map((root) => {
    const names = root.match(/^~|\$[A-Z]+/g) ?? [];
    if (names.some((name) => (values[name] ?? '') === '')) return '';
    return root.replace(/^~|\$[A-Z]+/g, (name) => values[name] ?? '');
  });
  return filled.filter((root) => root !== '');
}
