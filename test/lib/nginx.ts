// nginx on loopback addresses with TLS, its files in a scratch folder: a proxy in front of a registry, or a
// CDN over a registry's storage.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTls } from '../../mocks/http/tls.ts';
import { scratch } from './cli.ts';
import { startServer } from './server-child.ts';

export interface NginxServer {
  readonly host: string;
  readonly port: number;
  /** Directives of the server beyond its address and certificate. */
  readonly directives: readonly string[];
}

export interface RunningNginx {
  /** PEM of the CA that all servers are certified by. */
  readonly ca: string;
  /** A line per request: address, status, path, and the Authorization that came or `-`. */
  readonly log: string;
  stop(): Promise<void>;
}

/** Directives of a proxy for pulling and pushing, as distribution's documentation has them. */
export function proxyTo(origin: string): string[] {
  const proxy = [
    `proxy_pass ${origin};`,
    'proxy_set_header Host $http_host;',
    'proxy_set_header X-Forwarded-Proto https;',
    'proxy_http_version 1.1;',
    'proxy_request_buffering off;',
    'client_max_body_size 0;',
  ];
  return [`location / { ${proxy.join(' ')} }`];
}

export async function startNginx(servers: readonly NginxServer[]): Promise<RunningNginx> {
  const dir = scratch();
  const { ca, cert, key } = makeTls(servers.map(({ host }) => host));
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key);
  const log = join(dir, 'access.log');
  const bodies = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const blocks = servers.map(({ host, port, directives }) => {
    const listens = [`listen ${host}:${port} ssl;`, 'ssl_certificate cert.pem;'];
    return `server { ${[...listens, 'ssl_certificate_key key.pem;', ...directives].join(' ')} }`;
  });
  const config = [
    // Its workers would be nobody otherwise, who may not read our folders.
    ...(process.getuid?.() === 0 ? ['user root;'] : []),
    'daemon off; worker_processes 1; error_log stderr crit;',
    `pid ${dir}/pid;`,
    'events {}',
    'http {',
    "log_format told '$server_addr $status $uri $http_authorization';",
    `access_log ${log} told;`,
    ...bodies.map((name) => `${name}_temp_path ${dir}/${name};`),
    ...blocks,
    '}',
  ];
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, config.join('\n'));
  const words = ['-p', dir, '-c', file];
  const [first] = servers;
  const stop = await startServer('nginx', words, `http://${first?.host}:${first?.port}/`);
  return { ca, log, stop };
}
