// The world of a lab, a process in a network namespace of its own: the mock as a registry, a token server and a CDN
// of several names, a resolver (dnsmasq) and an HTTP proxy (tinyproxy). Told what to be like by its parent, and
// tells it what is asked.
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, createServer as createNetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { createRegistry, type MockRegistry } from '../../../mocks/index.ts';
import { dnsAddress, startDns } from '../dns-server.ts';
import { LabCertificates } from './certificates.ts';
import {
  addresses,
  caName,
  cdnNames,
  type LabPlan,
  proxyName,
  proxyPort,
  registryName,
  resolverAddress,
  tokenName,
} from './plan.ts';

/** What it is told. */
export interface WorldOrder {
  readonly plan: LabPlan;
  /** A folder for files. */
  readonly folder: string;
}

/** A request that reached a server. */
export interface Asked {
  readonly host: string;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** `Basic user`, `Bearer` or ''. */
  readonly authorization: string;
  readonly status: number;
}

/** What it says. */
export type WorldWord =
  | {
      readonly ready: {
        readonly root: string;
        readonly inspection: string;
        readonly username: string;
        readonly password: string;
      };
    }
  | { readonly asked: Asked }
  | { readonly failed: string };

const dayMs = 24 * 3600 * 1000;
const bodyBytesMax = 1 << 20;

process.once('disconnect', () => process.exit());
process.once('message', (order: WorldOrder) => {
  begin(order).catch((error: Error) => say({ failed: error.stack ?? String(error) }));
});

function say(word: WorldWord): void {
  process.send?.(word);
}

async function begin({ plan, folder }: WorldOrder): Promise<void> {
  const aheadMs = (plan.aheadDays ?? 0) * dayMs;
  const now = () => Date.now() + aheadMs;
  const certificates = new LabCertificates();
  const registry = createRegistry({
    ...plan.mock,
    now,
    origins: {
      registry: `https://${registryName}`,
      token: `https://${tokenName}`,
      cdn: `https://${cdnNames[0]}`,
    },
  });
  const server = new Servers(plan, registry, certificates, now);
  await Promise.all([server.listen(), startResolver(plan, folder), startProxy(plan, folder)]);
  const { username, password } = registry;
  const { root, inspection } = certificates;
  say({ ready: { root: root.cert, inspection: inspection.cert, username, password } });
}

class Servers {
  readonly #plan: LabPlan;
  readonly #registry: MockRegistry;
  readonly #certificates: LabCertificates;
  readonly #now: () => number;
  readonly #plain = createServer((request, reply) => this.#answer('http', request, reply));
  readonly #tls: ReturnType<typeof createTlsServer>;
  #redirects = 0;

  constructor(
    plan: LabPlan,
    registry: MockRegistry,
    certificates: LabCertificates,
    now: () => number,
  ) {
    this.#plan = plan;
    this.#registry = registry;
    this.#certificates = certificates;
    this.#now = now;
    const contextOf = (name: string) =>
      createSecureContext(certificates.of(name, plan.shows?.[name] ?? 'sound', now()));
    const options = {
      ...certificates.of(registryName, plan.shows?.[registryName] ?? 'sound', now()),
      SNICallback: (name: string, done: (error: null, context: unknown) => void) =>
        done(null, contextOf(name)),
    };
    this.#tls = createTlsServer(options as never, (request, reply) =>
      this.#answer('https', request, reply),
    );
    this.#tls.on('tlsClientError', () => undefined);
  }

  /** All names on the ports of their schemes; those without TLS speak HTTP on either. */
  async listen(): Promise<void> {
    const plainAddresses = Object.entries(this.#plan.shows ?? {}).flatMap(([name, shown]) =>
      shown === 'plain-http' ? Object.values(addresses[name] ?? {}) : [],
    );
    const front = createNetServer((socket: Socket) => {
      socket.on('error', () => undefined);
      const at = socket.localAddress?.replace(/^::ffff:/, '') ?? '';
      (plainAddresses.includes(at) ? this.#plain : this.#tls).emit('connection', socket);
    });
    const listen = (
      server: { listen(port: number, host: string, done: () => void): unknown },
      port: number,
    ) => new Promise<void>((resolve) => server.listen(port, '::', () => resolve()));
    await Promise.all([listen(front, 443), listen(this.#plain, 80)]);
  }

  #answer(scheme: string, request: IncomingMessage, reply: ServerResponse): void {
    this.#reply(scheme, request, reply).catch((error: Error) => {
      say({ failed: `${request.method} ${request.url}: ${error.stack}` });
      reply.destroy();
    });
  }

  async #reply(scheme: string, request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += (chunk as Buffer).length;
      if (bytes > bodyBytesMax) throw new Error('a body too long');
      chunks.push(chunk as Buffer);
    }
    const { method = 'GET', url = '/' } = request;
    if (request.headers.host === caName) {
      // As authorities serve them: DER.
      const { raw } = new X509Certificate(this.#certificates.between.cert);
      reply.writeHead(200, { 'content-type': 'application/pkix-cert' }).end(raw);
      return;
    }
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const path = new URL(url, 'http://x').pathname;
    const authorization = shownIn(request);
    const other = this.#plan.replies?.find(
      (one) =>
        one.host === host &&
        new RegExp(one.path).test(path) &&
        (one.authorization ?? authorization.split(' ')[0]) === authorization.split(' ')[0],
    );
    const answer =
      other === undefined
        ? await this.#right({ scheme, host, method, url }, request, Buffer.concat(chunks))
        : new Response(other.body ?? '', { status: other.status, headers: other.headers ?? {} });
    say({ asked: { host, method, path, authorization, status: answer.status } });
    const location = answer.headers.get('location');
    if (location !== null) answer.headers.set('location', this.#toNextEdge(location));
    answer.headers.set('date', new Date(this.#now()).toUTCString());
    const body = Buffer.from(await answer.arrayBuffer());
    // A reply to HEAD says how long that to GET would be.
    if (method !== 'HEAD') answer.headers.set('content-length', String(body.length));
    reply.writeHead(answer.status, [...answer.headers].flat()).end(body);
  }

  /** Every edge opens what was signed for the first. */
  #right(
    { host, method, url }: { scheme: string; host: string; method: string; url: string },
    request: IncomingMessage,
    body: Buffer,
  ): Promise<Response> {
    const name = cdnNames.includes(host) ? cdnNames[0] : host;
    const headers = new Headers();
    for (const [key, values = []] of Object.entries(request.headersDistinct)) {
      for (const value of values) headers.append(key, value);
    }
    const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0;
    const init = { method, headers, ...(hasBody && { body: new Uint8Array(body) }) };
    return this.#registry
      .fetch(new Request(`https://${name}${url}`, init))
      .catch(() => new Response('nobody of this name', { status: 421 }));
  }

  #toNextEdge(location: string): string {
    const origin = `https://${cdnNames[0]}`;
    if (!location.startsWith(origin)) return location;
    const name = cdnNames[this.#redirects++ % cdnNames.length];
    return `https://${name}${location.slice(origin.length)}`;
  }
}

function shownIn({ headers }: IncomingMessage): string {
  const [scheme = '', value = ''] = (headers.authorization ?? '').split(' ');
  if (scheme !== 'Basic') return scheme;
  return `Basic ${Buffer.from(value, 'base64').toString().split(':')[0]}`;
}

/** Names are in a file of hosts; those with a trouble are asked of a server that has it. */
async function startResolver({ dns = {}, overIpv6 = [] }: LabPlan, folder: string): Promise<void> {
  const lines = Object.entries(addresses).flatMap(([name, own]) => {
    const answer = dns[name];
    if (answer === undefined) {
      return [`${own[4]} ${name}`, ...(overIpv6.includes(name) ? [`${own[6]} ${name}`] : [])];
    }
    return typeof answer === 'string' ? [] : answer.map((address) => `${address} ${name}`);
  });
  const file = join(folder, 'names');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const troubled = Object.entries(dns).filter(
    ([, answer]) => typeof answer === 'string' && answer !== 'nxdomain',
  );
  await startDns(
    Object.fromEntries(
      troubled.map(([name, answer]) => [name, answer === 'empty' ? [] : (answer as 'servfail')]),
    ),
  );
  const words = [
    ...[
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
    ],
    ...['--pid-file=', '--log-facility=-', '--bind-interfaces', '--cache-size=0', '--local=/test/'],
    ...[`--listen-address=${resolverAddress}`, `--addn-hosts=${file}`],
    ...troubled.map(([name]) => `--server=/${name}/${dnsAddress}`),
  ];
  start('dnsmasq', words);
}

async function startProxy({ proxy }: LabPlan, folder: string): Promise<void> {
  if (proxy === undefined) return;
  const { allows, login } = proxy;
  const names = join(folder, 'allowed');
  writeFileSync(names, allows.map((name) => `^${name.replaceAll('.', '\\.')}$\n`).join(''));
  const lines = [
    `Port ${proxyPort}`,
    `Listen ${addresses[proxyName]?.[4]}`,
    'Timeout 60',
    'MaxClients 50',
    `Filter "${names}"`,
    'FilterType ere',
    'FilterDefaultDeny Yes',
    'ConnectPort 443',
    `PidFile "${join(folder, 'tinyproxy.pid')}"`,
    `LogFile "${join(folder, 'tinyproxy.log')}"`,
    ...(login === undefined ? [] : [`BasicAuth ${login.replace(':', ' ')}`]),
  ];
  const file = join(folder, 'tinyproxy.conf');
  writeFileSync(file, `${lines.join('\n')}\n`);
  start('tinyproxy', ['-d', '-c', file]);
  await isListening(addresses[proxyName]?.[4] ?? '', proxyPort);
}

/** Ends with this process, as everything in its namespace does. */
function start(program: string, words: readonly string[]): void {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-1000);
  });
  child.once('error', (error) => say({ failed: `${program}: ${error.message}` }));
  child.once('close', (code) => say({ failed: `${program} ended with ${code}: ${said}` }));
}

async function isListening(host: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, host, () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isUp) return;
    await sleep(50);
  }
}
