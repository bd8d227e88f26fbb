// Real registries to run all checks against: how each is started, and what is asked of it.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeTls } from '../../mocks/http/tls.ts';
import { startMock } from '../../mocks/server.ts';
import type { Results } from '../../reports/results.ts';
import type { Credentials } from '../../src/protocol/client.ts';
import { runConform } from '../../src/run/conform.ts';
import type { Baseline } from '../../src/run/expected-failures.ts';
import { scratch } from './cli.ts';
import {
  freePort,
  htpasswdUser,
  type RegistryChoice,
  startDockerRegistry,
} from './docker-registry.ts';
import { goToolPath } from './go-tools.ts';

interface Started {
  /** `scheme://host:port`. */
  readonly origin: string;
  readonly credentials?: Credentials;
  readonly ca?: string;
  /** `repository:tag` to read; without it the run pushes. */
  readonly image?: string;
  readonly undo: readonly (() => unknown)[];
}

export interface RealRegistry {
  /** Of the row in docs/registries.md. */
  readonly title: string;
  /** File in test/e2e/registries, without `.yaml`. */
  readonly baseline: string;
  readonly tools: readonly string[];
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

async function behindNginx(): Promise<Started> {
  const started = await distribution({ program: 'registry' });
  const dir = scratch();
  const port = await freePort();
  const { ca, cert, key } = makeTls(['127.0.0.1']);
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key);
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = bodies.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ');
  const proxy = [
    `proxy_pass ${started.origin};`,
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Forwarded-Proto https;',
    'proxy_http_version 1.1;',
    'proxy_request_buffering off;',
    'client_max_body_size 0;',
  ];
  const server = [
    `listen 127.0.0.1:${port} ssl;`,
    `ssl_certificate ${dir}/cert.pem;`,
    `ssl_certificate_key ${dir}/key.pem;`,
    `location / { ${proxy.join(' ')} }`,
  ];
  const config = [
    'daemon off; worker_processes 1; error_log stderr crit;',
    `pid ${dir}/pid;`,
    'events {}',
    `http { access_log off; ${temporary} server { ${server.join(' ')} } }`,
  ];
  writeFileSync(join(dir, 'nginx.conf'), config.join('\n'));
  const stop = await startChild('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], port);
  return { origin: `https://127.0.0.1:${port}`, ca, undo: [stop, ...started.undo] };
}

async function craneRegistry(): Promise<Started> {
  const port = await freePort();
  const crane = goToolPath('crane') ?? 'crane';
  const words = ['registry', 'serve', '--address', `127.0.0.1:${port}`];
  const stop = await startChild(crane, words, port);
  return { origin: `http://127.0.0.1:${port}`, undo: [stop] };
}

const attemptsMax = 100;

/** Waits until something answers on the port, by whatever protocol. */
async function startChild(program: string, words: readonly string[], port: number) {
  const path = [process.env.PATH, '/usr/sbin'].join(':');
  const child = spawn(program, words, { stdio: 'ignore', env: { ...process.env, PATH: path } });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const answers = await fetch(`http://127.0.0.1:${port}/v2/`).then(
      () => true,
      () => false,
    );
    if (answers) break;
    await sleep(100);
  }
  return async () => {
    child.kill();
    await exited;
  };
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
];

/** All checks against the registry: a full run where it takes pushes. */
export async function conformTo(registry: RealRegistry, baseline?: Baseline): Promise<Results> {
  const { origin, credentials, ca, image, undo } = await registry.start();
  try {
    const { host } = new URL(origin);
    const [repository = '', reference = ''] = image?.split(':') ?? ['team/app'];
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
