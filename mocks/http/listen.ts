// Listening sockets of the mock: HTTP/1.1, or with TLS HTTP/2 beside it by ALPN. What cannot be parsed is
// answered here, in the words of the spec; everything else goes to the handler.
import { createServer, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { UserError } from '../../src/protocol/user-error.ts';
import type { Incoming } from './receive.ts';
import type { TlsFiles } from './tls.ts';

/** `isWaiting`: the client sends its body when it is told to (Expect: 100-continue). */
export type Handler = (
  req: Incoming,
  res: ServerResponse | Http2ServerResponse,
  isWaiting: boolean,
) => void;

export interface Listener {
  /** `scheme://host:port`. */
  readonly origin: string;
  /** To be set before a client knows the origin. */
  handler: Handler;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Longer than clients keep idle connections, so that none is closed under a request. */
const KEEP_ALIVE_MS = 100_000;
/** A push may take as long as it likes, but not a head; receive.ts gives up bodies that stand still. */
const TIMEOUTS = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 60_000 };

/** Resolves when it listens. @throws UserError `cannot-listen` */
export function listen(host: string, port: number, tls: TlsFiles | undefined): Promise<Listener> {
  const server: Server =
    tls === undefined
      ? createServer(TIMEOUTS)
      : createSecureServer({
          cert: tls.cert,
          key: tls.key,
          allowHTTP1: true,
          ...TIMEOUTS,
        } as Parameters<typeof createSecureServer>[0]);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('clientError', answerGarbage);
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `the mock cannot listen on ${host}:${port}: ${error.message}`;
      const hint = 'Choose another port, or 0 for a free one.';
      reject(new UserError('cannot-listen', message, hint, 3));
    });
    server.listen(port, host, () => {
      const listener: Listener = {
        origin: originOf(server, tls === undefined ? 'http' : 'https'),
        handler: (_req, res) => res.destroy(),
        close: () => closeAll(server, sockets),
      };
      server.on('request', (req, res) => listener.handler(req, res, false));
      server.on('checkContinue', (req, res) => listener.handler(req, res, true));
      resolve(listener);
    });
  });
}

/** Resolves when also what hangs on the connections has been told of their end. */
async function closeAll(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const ended = [...sockets].map((socket) => {
    const end = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.destroy();
    return end;
  });
  await Promise.all([closed, ...ended]);
}

function originOf(server: Server, scheme: string): string {
  const { address, family, port } = server.address() as AddressInfo;
  return family === 'IPv6' ? `${scheme}://[${address}]:${port}` : `${scheme}://${address}:${port}`;
}

/** Statuses that are not 400, by the parser's error code. */
const STATUS_BY_CODE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

function answerGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = STATUS_BY_CODE[error.code ?? ''] ?? '400 Bad Request';
  const message = 'the request cannot be read as HTTP';
  const body = JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message }] });
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\nConnection: close\r\n\r\n${body}`);
}
