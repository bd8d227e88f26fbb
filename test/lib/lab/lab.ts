// A client's machine and the world that it pulls from, each in namespaces of its own, with a wire between them on
// which things go wrong. Needs root, and the programs of `labTools`. Nothing of it outlives `close`, or this process.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../src/run/package-root.ts';
import { scratch } from '../cli.ts';
import { Namespace } from './namespace.ts';
import {
  addresses,
  elementsOf,
  type LabPlan,
  registryName,
  resolverAddress,
  rulesOf,
} from './plan.ts';
import type { Asked, WorldOrder, WorldWord } from './world.ts';

/** For `testWith`. */
export const labTools = ['namespaces', 'nsenter', 'ip', 'nft', 'dnsmasq', 'tinyproxy'];

/** What a program came to. */
export interface Ran {
  /** -1: it was ended when its time was over. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunLimits {
  readonly variables?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Told of what it says to stderr, as it comes. */
  readonly onStderr?: (text: string) => void;
}

const readyMsMax = 30_000;
const runMsMax = 60_000;

export class Lab {
  /** What reached servers of the world, in order. */
  readonly asked: Asked[] = [];
  /** What went wrong in the world itself; none. */
  readonly troubles: string[] = [];
  /** `registry.redhat.test/demo/app:latest`, three layers. */
  readonly image = `${registryName}/demo/app:latest`;
  /** PEM of the authority that the world's certificates come from, and of the one that intercepts. */
  root = '';
  inspection = '';
  username = '';
  password = '';
  readonly #plan: LabPlan;
  /** For files of both; gone with it. */
  readonly folder = scratch();
  readonly #client: Namespace;
  readonly #world: Namespace;

  private constructor(plan: LabPlan, client: Namespace, world: Namespace) {
    this.#plan = plan;
    this.#client = client;
    this.#world = world;
  }

  static async open(plan: LabPlan = {}): Promise<Lab> {
    const client = await Namespace.open('cat', []);
    const world = await openWorld().catch(async (error: Error) => {
      await client.close();
      throw error;
    });
    const lab = new Lab(plan, client, world);
    try {
      lab.#wire();
      lab.#furnish();
      await lab.#begin();
      lab.#trust();
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#client.close(), this.#world.close()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Program and words that run it on the client's machine. */
  readonly by = (program: string, words: readonly string[]): [string, string[]] =>
    this.#client.inside(program, words);

  /** The environment there. */
  get variables(): Record<string, string> {
    return {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/run/home',
      XDG_RUNTIME_DIR: '/run/user',
      TMPDIR: this.folder,
      LANG: 'C.UTF-8',
      ...this.#plan.variables,
    };
  }

  /** Runs a program there to its end, or as long as it may. */
  run(program: string, words: readonly string[], limits: RunLimits = {}): Promise<Ran> {
    const { timeoutMs = runMsMax, variables, onStderr } = limits;
    const [by, all] = this.by(program, words);
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const child = spawn(by, all, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...this.variables, ...variables },
        cwd: this.folder,
        detached: true,
      });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => {
        said.stdout += chunk;
      });
      child.stderr.on('data', (chunk) => {
        said.stderr += chunk;
        onStderr?.(said.stderr);
      });
      // nsenter waits for what it has started: both are one group.
      const timer = setTimeout(() => process.kill(-(child.pid as number), 'SIGKILL'), timeoutMs);
      child.once('error', reject);
      child.once('close', (code) => {
        clearTimeout(timer);
        resolve({ code: code ?? -1, ...said, ms: performance.now() - startedMs });
      });
    });
  }

  /** Writes a file of the client's machine, below /etc or /run. */
  write(path: string, text: string): void {
    const whole = this.#client.path(path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text, { mode: 0o600 });
  }

  /** Lets these names through the fence. */
  allow(names: readonly string[]): void {
    this.#world.run('nft', ['-f', '-'], `${names.map(elementsOf).join('\n')}\n`);
  }

  /** A pair of ends, with all addresses of the world on its side. */
  #wire(): void {
    const { synRetries } = this.#plan;
    const [client, world] = [this.#client, this.#world];
    const peer = ['peer', 'name', 'border', 'netns', String(world.pid)];
    client.run('ip', ['link', 'add', 'uplink', 'type', 'veth', ...peer]);
    const all = [...Object.values(addresses), { 4: resolverAddress, 6: '2001:db8:77::53' }];
    const up = (end: string, own: readonly string[]) =>
      ['lo', end]
        .map((name) => `link set ${name} up`)
        .concat(own)
        .join('\n');
    const onBorder = all.flatMap((one) => [
      `addr add ${one[4]}/16 dev border`,
      `addr add ${one[6]}/64 dev border nodad`,
    ]);
    const onUplink = [
      'addr add 10.77.1.1/16 dev uplink',
      'addr add 2001:db8:77::1:1/64 dev uplink nodad',
    ];
    world.run('ip', ['-batch', '-'], up('border', onBorder));
    client.run('ip', ['-batch', '-'], up('uplink', onUplink));
    world.run('nft', ['-f', '-'], rulesOf(this.#plan));
    if (synRetries === undefined) return;
    const knob = '/proc/sys/net/ipv4/tcp_syn_retries';
    client.run('sh', ['-c', `echo ${synRetries} > ${knob}`]);
  }

  /** Its own /etc, /run and resolver; nothing that this machine has in its own. */
  #furnish(): void {
    const script = [
      'mount -t tmpfs tmpfs /mnt && cp -a /etc/. /mnt && mount --move /mnt /etc',
      'mount -t tmpfs tmpfs /run && mkdir -p /run/home /run/user && chmod 700 /run/user',
      'rm -rf /etc/containers /etc/docker /etc/containerd /etc/resolv.conf',
      'mkdir -p /etc/containers',
    ];
    this.#client.run('sh', ['-ec', script.join('\n')]);
    const options = 'options attempts:1 timeout:2\n';
    this.write('/etc/resolv.conf', `nameserver ${resolverAddress}\n${options}`);
    this.write('/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n');
    const accepts = { default: [{ type: 'insecureAcceptAnything' }] };
    this.write('/etc/containers/policy.json', JSON.stringify(accepts));
    for (const [path, text] of Object.entries(this.#plan.files ?? {})) this.write(path, text);
    // The proxy of the world asks the world's resolver.
    const file = join(this.folder, 'resolv.conf');
    writeFileSync(file, `nameserver ${resolverAddress}\n`);
    this.#world.run('mount', ['--bind', file, '/etc/resolv.conf']);
  }

  #begin(): Promise<void> {
    const { process: child } = this.#world;
    const order: WorldOrder = { plan: this.#plan, folder: this.folder };
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the world is not ready')), readyMsMax);
      child.on('message', (word: WorldWord) => {
        if ('asked' in word) this.asked.push(word.asked);
        else if ('failed' in word) {
          this.troubles.push(word.failed);
          reject(new Error(word.failed));
        } else {
          clearTimeout(timer);
          Object.assign(this, word.ready);
          resolve();
        }
      });
      child.once('exit', () => reject(new Error('the world has ended')));
      child.send(order);
    });
  }

  /** As update-ca-certificates(8) leaves it. */
  #trust(): void {
    const { rootAt } = this.#plan;
    if (rootAt !== undefined) {
      this.write(rootAt, this.root);
      return;
    }
    const list = '/etc/ssl/certs/ca-certificates.crt';
    this.write('/etc/ssl/certs/lab-root.pem', this.root);
    this.#client.run('sh', ['-c', `cat /etc/ssl/certs/lab-root.pem >> ${list}`]);
  }
}

function openWorld(): Promise<Namespace> {
  const script = join(packageRoot, 'test', 'lib', 'lab', 'world.ts');
  return Namespace.open(process.execPath, [script]);
}
