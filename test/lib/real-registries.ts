// Real registries to run all checks against: how each is started, and what is asked of it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMock } from '../../mocks/server.ts';
import type { Results } from '../../reports/results.ts';
import type { Credentials } from '../../src/protocol/client.ts';
import { runConform } from '../../src/run/conform/conform.ts';
import type { Baseline } from '../../src/run/conform/expected-failures.ts';
import { scratch } from './cli.ts';
import {
  freePort,
  htpasswdHash,
  htpasswdLine,
  htpasswdUser,
  type RegistryChoice,
  startDockerRegistry,
} from './docker-registry.ts';
import { goToolPath } from './go-tools.ts';
import { proxyTo, startNginx } from './nginx.ts';
import { startServer } from './server-child.ts';
import { startTokenServer } from './token-server.ts';

export interface Started {
  /** `scheme://host:port`. */
  readonly origin: string;
  readonly credentials?: Credentials;
  readonly ca?: string;
  /** `repository:tag` or `repository@digest` to read; without it the run pushes. */
  readonly image?: string;
  readonly undo: readonly (() => unknown)[];
}

export interface RealRegistry {
  /** Of the row in docs/registries.md. */
  readonly title: string;
  /** File in test/programs/registries, without `.yaml`. */
  readonly baseline: string;
  /** Another one, of what is wrong in this set-up only. */
  readonly more?: string;
  readonly tools: readonly string[];
  /** CI does without: the program is to be had neither as a package nor as a Go module. */
  readonly isOptional?: true;
  start(): Promise<Started>;
}

async function distribution(choice: RegistryChoice): Promise<Started> {
  const { host, stop } = await startDockerRegistry(choice);
  const credentials = choice.htpasswd === true ? { credentials: htpasswdUser } : {};
  return { origin: `http://${host}`, ...credentials, undo: [stop] };
}

/** A pull-through cache of the mock takes no pushes. */
async function cache(program: 'docker-registry' | 'registry'): Promise<Started> {
  const mock = await startMock();
  const { registry: origin, username, password } = mock;
  const upstream = { origin, username, password };
  const started = await distribution({ program, upstream });
  return { ...started, image: 'demo/app:latest', undo: [...started.undo, mock.close] };
}

/** Tokens of the mock's token server open it: pulling to anyone, pushing to the mock's user. */
async function withTokens(program: 'docker-registry' | 'registry'): Promise<Started> {
  const { token, user, stop } = await startTokenServer();
  const started = await distribution({ program, token });
  return { ...started, credentials: user, undo: [...started.undo, stop] };
}

async function behindNginx(): Promise<Started> {
  const started = await distribution({ program: 'registry' });
  const port = await freePort();
  const directives = proxyTo(started.origin);
  const { ca, stop } = await startNginx([{ host: '127.0.0.1', port, directives }]);
  return { origin: `https://127.0.0.1:${port}`, ca, undo: [stop, ...started.undo] };
}

async function craneRegistry(): Promise<Started> {
  const port = await freePort();
  const crane = goToolPath('crane') ?? 'crane';
  const words = ['registry', 'serve', '--address', `127.0.0.1:${port}`];
  const origin = `http://127.0.0.1:${port}`;
  const stop = await startServer(crane, words, `${origin}/v2/`);
  return { origin, undo: [stop] };
}

/**
 * `dir` keeps one OCI layout a repository, `mem` what differs from one in memory. It deletes only when told to.
 * Tokens are its own, opaque ones.
 */
async function olareg(
  storage: 'mem' | 'dir',
  auth?: '--auth-basic' | '--auth-token-opaque',
): Promise<Started> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const place = ['--addr', '127.0.0.1', '--port', `${port}`, '--external-url', origin];
  const stored = ['--store-type', storage, '--dir', scratch()];
  const words = ['serve', ...place, ...stored, '--api-delete', '--api-blob-delete'];
  if (auth !== undefined) {
    const file = join(scratch(), 'users.yaml');
    writeFileSync(file, olaregUsers);
    words.push(auth, file);
  }
  const credentials = auth === undefined ? {} : { credentials: htpasswdUser };
  const stop = await startServer(goToolPath('olareg') ?? 'olareg', words, `${origin}/v2/`);
  return { origin, ...credentials, undo: [stop] };
}

const olaregUsers = `users: { ${htpasswdUser.username}: { cred: "${htpasswdHash}" } }
groups: { all: { members: [${htpasswdUser.username}] } }
acls: [{ repo: "*", members: [all], access: ["*"] }, { repo: "", members: [all], access: [read] }]
`;

/** On disk, without what it does beside serving: deletion is on, collection off. */
async function zot(
  program: 'zot' | 'zot-1.4',
  dedupe: boolean,
  isPrivate = false,
): Promise<Started> {
  const port = await freePort();
  const dir = scratch();
  const config = join(dir, 'config.json');
  const storage = { rootDirectory: join(dir, 'data'), dedupe, gc: false };
  const path = join(dir, 'htpasswd');
  writeFileSync(path, htpasswdLine);
  const auth = isPrivate ? { auth: { htpasswd: { path } } } : {};
  const http = { address: '127.0.0.1', port: `${port}`, ...auth };
  writeFileSync(config, JSON.stringify({ storage, http, log: { level: 'error' } }));
  const origin = `http://127.0.0.1:${port}`;
  const tool = goToolPath(program) ?? program;
  const stop = await startServer(tool, ['serve', config], `${origin}/v2/`);
  return { origin, ...(isPrivate && { credentials: htpasswdUser }), undo: [stop] };
}

export const realRegistries: readonly RealRegistry[] = [
  {
    title: 'docker-registry 2.8 (Debian)',
    baseline: 'docker-registry-2',
    tools: ['docker-registry'],
    start: () => distribution({ program: 'docker-registry' }),
  },
  {
    title: 'docker-registry 2.8, htpasswd',
    baseline: 'docker-registry-2',
    tools: ['docker-registry'],
    start: () => distribution({ program: 'docker-registry', htpasswd: true }),
  },
  {
    title: 'docker-registry 2.8, tokens',
    baseline: 'docker-registry-2',
    tools: ['docker-registry'],
    start: () => withTokens('docker-registry'),
  },
  {
    title: 'docker-registry 2.8, pull-through cache',
    baseline: 'docker-registry-2-cache',
    tools: ['docker-registry'],
    start: () => cache('docker-registry'),
  },
  {
    title: 'distribution 3',
    baseline: 'distribution-3',
    tools: ['registry'],
    start: () => distribution({ program: 'registry' }),
  },
  {
    title: 'distribution 3, htpasswd',
    baseline: 'distribution-3',
    tools: ['registry'],
    start: () => distribution({ program: 'registry', htpasswd: true }),
  },
  {
    title: 'distribution 3, tokens',
    baseline: 'distribution-3',
    tools: ['registry'],
    start: () => withTokens('registry'),
  },
  {
    title: 'distribution 3 behind nginx with TLS',
    baseline: 'distribution-3',
    tools: ['registry', 'nginx'],
    start: behindNginx,
  },
  {
    title: 'distribution 3, pull-through cache',
    baseline: 'distribution-3-cache',
    tools: ['registry'],
    start: () => cache('registry'),
  },
  {
    title: 'crane registry serve (in memory)',
    baseline: 'crane',
    tools: ['crane'],
    start: craneRegistry,
  },
  {
    title: 'olareg (in memory)',
    baseline: 'olareg',
    tools: ['olareg'],
    start: () => olareg('mem'),
  },
  {
    title: 'olareg (on disk)',
    baseline: 'olareg',
    tools: ['olareg'],
    start: () => olareg('dir'),
  },
  {
    title: 'olareg, htpasswd',
    baseline: 'olareg',
    tools: ['olareg'],
    start: () => olareg('mem', '--auth-basic'),
  },
  {
    title: 'olareg, tokens of its own',
    baseline: 'olareg',
    more: 'olareg-tokens',
    tools: ['olareg'],
    start: () => olareg('mem', '--auth-token-opaque'),
  },
  {
    title: 'zot 1.4 (on disk)',
    baseline: 'zot-1.4',
    tools: ['zot-1.4'],
    start: () => zot('zot-1.4', false),
  },
  {
    title: 'zot (on disk)',
    baseline: 'zot',
    tools: ['zot'],
    isOptional: true,
    start: () => zot('zot', false),
  },
  {
    title: 'zot (on disk, deduplicated)',
    baseline: 'zot',
    tools: ['zot'],
    isOptional: true,
    start: () => zot('zot', true),
  },
  {
    title: 'zot, htpasswd',
    baseline: 'zot',
    more: 'zot-htpasswd',
    tools: ['zot'],
    isOptional: true,
    start: () => zot('zot', false, true),
  },
];

/** Those that the official suite is run on, too: one of each kind that takes pushes, over plain HTTP. */
const officialTitles = [
  'docker-registry 2.8 (Debian)',
  'distribution 3',
  'crane registry serve (in memory)',
  'olareg (in memory)',
  'olareg (on disk)',
  'zot 1.4 (on disk)',
  'zot (on disk)',
  'zot (on disk, deduplicated)',
];
export const officialRegistries = realRegistries.filter(({ title }) =>
  officialTitles.includes(title),
);

/** All checks against the registry: a full run where it takes pushes. */
export async function conformTo(registry: RealRegistry, baseline?: Baseline): Promise<Results> {
  const { origin, credentials, ca, image, undo } = await registry.start();
  try {
    const { host } = new URL(origin);
    const [, repository = 'team/app', reference = ''] =
      /^([^:@]+)[:@](.+)$/.exec(image ?? '') ?? [];
    const options = {
      target: {
        registryUrl: origin,
        registry: host,
        repository,
        reference,
        text: host,
        credentials,
      },
      jobs: 4,
      redirectPolicy: 'allowed',
      only: [],
      skip: [],
      level: 'all',
      access: { timeoutMs: 30_000, insecure: false, ...(ca !== undefined && { ca: [ca] }) },
      baseline,
    } as const;
    return await runConform(options, {
      progress: () => undefined,
      work: () => undefined,
      signal: new AbortController().signal,
      seed: 1,
      command: 'pullproof conform',
    });
  } finally {
    for (const step of undo) await step();
  }
}
