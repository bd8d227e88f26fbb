// A registry that asks everybody to log in, has nothing, and keeps who came: what was shown to its token server.
// It is Docker's daemon as well, as far as its command line needs one to begin a pull.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskingRegistry {
  readonly host: string;
  /** `USER:PASSWORD`, `refresh TOKEN` or `nobody`, as they came. */
  readonly shown: string[];
  close(): Promise<void>;
}

export async function startAskingRegistry(): Promise<AskingRegistry> {
  const shown: string[] = [];
  const server = createServer(async (request, reply) => {
    const host = request.headers.host ?? '';
    if (request.url?.startsWith('/token')) {
      shown.push(await whoIs(request));
      reply.setHeader('Content-Type', 'application/json');
      reply.end('{"token":"t","access_token":"t","expires_in":300}');
      return;
    }
    if (request.url === '/_ping') {
      reply.writeHead(200, { 'API-Version': '1.41', OSType: 'linux' }).end('OK');
      return;
    }
    if (request.url?.includes('/images/create')) {
      shown.push(whomDockerNames(request));
      reply.writeHead(404, { 'Content-Type': 'application/json' }).end('{"message":"none"}');
      return;
    }
    if (request.headers.authorization === undefined) {
      const challenge = `Bearer realm="http://${host}/token",service="asking"`;
      reply.writeHead(401, { 'WWW-Authenticate': challenge }).end();
      return;
    }
    const errors = [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }];
    reply.writeHead(404, { 'Content-Type': 'application/json' }).end(JSON.stringify({ errors }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host: `127.0.0.1:${port}`, shown, close };
}

/** Docker's command line hands its daemon what it finds, for a pull that is the daemon's. */
function whomDockerNames({ headers }: IncomingMessage): string {
  const text = Buffer.from(String(headers['x-registry-auth'] ?? ''), 'base64url').toString('utf8');
  const { username = '', password = '', identitytoken = '' } = JSON.parse(text || '{}');
  if (identitytoken !== '') return `refresh ${identitytoken}`;
  return username === '' || password === '' ? 'nobody' : `${username}:${password}`;
}

async function whoIs(request: IncomingMessage): Promise<string> {
  const [, pair] = /^Basic (.*)$/.exec(request.headers.authorization ?? '') ?? [];
  if (pair !== undefined) return Buffer.from(pair, 'base64').toString('utf8');
  let body = '';
  for await (const chunk of request) body += chunk;
  const refresh = new URLSearchParams(body).get('refresh_token');
  return refresh === null ? 'nobody' : `refresh ${refresh}`;
}
