// Listening sockets of the mock: HTTP/1.1, or with TLS HTTP/2 beside it by ALPN. What cannot be parsed is
// answered here, in the words of the spec; everything else goes to the handler.
import { createServer, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { UserError } from '../../src/lib/user-error.ts';
import { type Incoming, isHttp2 } from './incoming.ts';
import { hereWords } from './places.ts';
import { headBytesMax } from './request-head.ts';
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

/** Time limits, for tests that cannot wait. */
export interface Patience {
  /** A request's head must be whole after so long, default 60,000. */
  readonly headMs?: number | undefined;
  /** A body of which nothing comes for so long is given up, default 60,000. */
  readonly bodyIdleMs?: number | undefined;
}

/** Longer than clients keep idle connections, so that none is closed under a request. */
const keepAliveMs = 100_000;
const headMsDefault = 60_000;
/** How often heads are looked at that are not whole, at most. */
const lookMs = 5_000;

/**
 * A server that does not listen yet. A push may take as long as it likes, but not a head; receive.ts gives
 * up bodies that stand still.
 */
export function makeServer(
  tls: TlsFiles | undefined,
  { headMs = headMsDefault }: Patience,
): Server {
  const options = {
    keepAliveTimeout: keepAliveMs,
    requestTimeout: 0,
    headersTimeout: headMs,
    connectionsCheckingInterval: Math.min(lookMs, headMs),
    maxHeaderSize: headBytesMax,
    // request-head.ts says what is wrong with one.
    requireHostHeader: false,
  };
  const server: Server =
    tls === undefined
      ? createServer(options)
      : createSecureServer({
          cert: tls.cert,
          key: tls.key,
          allowHTTP1: true,
          ...options,
        } as Parameters<typeof createSecureServer>[0]);
  server.on('clientError', answerGarbage);
  server.on('connect', (_req, socket: Duplex) => answerRaw(socket, '405 Method Not Allowed'));
  server.on('checkExpectation', (_req, res) => {
    res.writeHead(417, { 'Content-Type': 'application/json' });
    res.end(unreadable);
  });
  return server;
}

/** Hands over all requests. */
export function handle(server: Server, handler: Handler): void {
  const hand = (isWaiting: boolean) => (req: Incoming, res: Parameters<Handler>[1]) => {
    if (!isHttp2(req)) latest.set(req.socket, { req, res });
    handler(req, res, isWaiting);
  };
  server.on('request', hand(false));
  server.on('checkContinue', hand(true));
}

/** The last request of each connection: garbage may follow it. */
const latest = new WeakMap<Duplex, { req: Incoming; res: Parameters<Handler>[1] }>();

/** Resolves when it listens. @throws UserError `cannot-listen` */
export function listen(
  host: string,
  port: number,
  tls: TlsFiles | undefined,
  patience: Patience,
): Promise<Listener> {
  const listener = { handler: refuse };
  const server = makeServer(tls, patience);
  handle(server, (...exchange) => listener.handler(...exchange));
  const scheme = tls === undefined ? 'http' : 'https';
  return open(server, host, port, scheme).then((bound) => Object.assign(listener, bound));
}

const refuse: Handler = (_req, res) => res.destroy();

/** The server's connections, which can all be ended. @throws UserError `cannot-listen` */
export function open(
  server: Server,
  host: string,
  port: number,
  scheme: 'http' | 'https',
): Promise<Pick<Listener, 'origin' | 'close'>> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `the mock cannot listen on ${host}:${port}: ${error.message}`;
      const isElsewhere = (error as NodeJS.ErrnoException).code === 'EADDRNOTAVAIL';
      const hint = isElsewhere
        ? `${host} is no address of this machine. ${hereWords()}`
        : 'Choose another port (--port, --cdn-port), or 0 for a free one; or end what listens there, such as an earlier mock.';
      reject(new UserError('cannot-listen', message, hint.trimEnd(), 3));
    });
    server.listen(port, host, () => {
      resolve({ origin: originOf(server, scheme), close: () => closeAll(server, sockets) });
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
const statusByCode: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
const message = 'the request cannot be read as one to a registry';
const unreadable = JSON.stringify({ errors: [{ code: 'UNSUPPORTED', message }] });

interface ParseError extends NodeJS.ErrnoException {
  /** What was read last. */
  readonly rawPacket?: Buffer;
}

function answerGarbage(error: ParseError, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const isTooLong = error.code === 'HPE_HEADER_OVERFLOW' && isInTarget(error.rawPacket);
  const status = isTooLong ? '414 URI Too Long' : statusByCode[error.code ?? ''];
  const { req, res } = latest.get(socket) ?? {};
  const answer = () => answerRaw(socket, status ?? '400 Bad Request');
  // Replies go out in the order of requests (RFC 9112 section 9.3.2).
  if (req?.complete && res?.writableFinished === false) res.once('close', answer);
  else answer();
}

/** Whether a head that is too long is so in its first line, if that can be seen. */
function isInTarget(packet: Buffer | undefined): boolean {
  const text = packet?.toString('latin1') ?? '';
  // Of a line that came in two packets, the second has the end.
  return (
    /^[A-Z]+ [^ \r\n]*$/.test(text.slice(0, headBytesMax)) ||
    /^[^ \r\n]* HTTP\/\d\.\d\r\n/.test(text)
  );
}

function answerRaw(socket: Duplex, status: string): void {
  if (!socket.writable) return;
  const head = `Content-Type: application/json\r\nContent-Length: ${unreadable.length}`;
  socket.end(`HTTP/1.1 ${status}\r\n${head}\r\nConnection: close\r\n\r\n${unreadable}`);
}
