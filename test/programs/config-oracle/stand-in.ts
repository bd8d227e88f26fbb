// One server in the place of all registries, behind a proxy that programs are told to use: it has no image, so
// that each source is asked and passed over, and it writes down who was asked for what, in order.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { makeTls } from '../../../mocks/http/tls.ts';

/** Hosts that speak TLS. */
export const secureHosts = ['a.example.com', 'b.example.com:5000', 'c.a.example.com', 'quay.io'];
/** Hosts that do not. */
export const plainHosts = ['plain.test', 'plain.test:5000', 'd.plain.test'];
export const dockerHost = 'registry-1.docker.io';

const names = [...secureHosts, dockerHost, 'docker.io'].map((host) => host.replace(/:.*/, ''));
const { ca, cert, key } = makeTls(names);

export interface StandIn {
  readonly port: number;
  /** PEM of the CA that its certificates are from. */
  readonly ca: string;
  /** `https://host[:port]/path`, `http://…`, or `no TLS at host[:port]`. */
  readonly asked: readonly string[];
  close(): void;
}

/** `hasImage`: whatever manifest is asked for is there. */
export async function startStandIn(hasImage = false): Promise<StandIn> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const secure = createTlsServer({ cert, key }, (request, response) => {
    asked.push(`https://${request.headers.host}${request.url}`);
    answer(request, response, hasImage);
  });
  const proxy = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response, hasImage);
  });
  proxy.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  proxy.on('connect', (request, socket: Socket) => {
    socket.on('error', () => undefined);
    const host = (request.url ?? '').replace(/:443$/, '');
    if (plainHosts.includes(host)) {
      asked.push(`no TLS at ${host}`);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    secure.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  };
  return { port: (proxy.address() as AddressInfo).port, ca, asked, close };
}

const json = 'application/json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const config = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  rootfs: { type: 'layers', diff_ids: [] },
});
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: manifestType,
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: `sha256:${createHash('sha256').update(config).digest('hex')}`,
    size: config.length,
  },
  layers: [],
});
const unknown = JSON.stringify({
  errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }],
});

function answer({ url = '' }: IncomingMessage, response: ServerResponse, hasImage: boolean): void {
  const path = url.replace(/\?.*/, '');
  const send = (status: number, type: string, body: string) =>
    response.writeHead(status, { 'content-type': type }).end(body);
  if (path.endsWith('/v2/')) send(200, json, '{}');
  else if (hasImage && path.includes('/manifests/')) send(200, manifestType, manifest);
  else if (hasImage && path.includes('/blobs/')) send(200, json, config);
  else send(404, json, unknown);
}
