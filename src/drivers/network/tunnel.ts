// Asks a proxy, over a connection to it, for a way to a host: by CONNECT, or by SOCKS 5.
import { isIP, type Socket } from 'node:net';
import type { ProxyServer } from '../../access/proxy-rules.ts';
import { ConnectFailure } from './connect-failure.ts';

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Whatever comes on the connection from now on is the target's. Rejects with a ConnectFailure, or as the socket. */
export function openTunnel(socket: Socket, proxy: ProxyServer, target: Target): Promise<void> {
  return proxy.scheme === 'socks5'
    ? askSocks(socket, proxy, target)
    : askConnect(socket, proxy, target);
}

/** Value of Proxy-Authorization; undefined where the proxy's URL has no user. */
export function proxyAuthorization({ username, password }: ProxyServer): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

const headBytesMax = 64 * 1024;
const headEnd = Buffer.from('\r\n\r\n');

async function askConnect(
  socket: Socket,
  proxy: ProxyServer,
  { host, port }: Target,
): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const authorization = proxyAuthorization(proxy);
  const lines = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    // As Go writes it: some proxies have rules for it.
    'User-Agent: Go-http-client/1.1',
    ...(authorization === undefined ? [] : [`Proxy-Authorization: ${authorization}`]),
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  let head = Buffer.alloc(0);
  let end = -1;
  while (end < 0) {
    if (head.length > headBytesMax) throw new Error('the head of its answer has no end');
    head = Buffer.concat([head, await nextPiece(socket)]);
    end = head.indexOf(headEnd);
    if (!'HTTP/1.'.startsWith(head.toString('latin1', 0, 7))) throw new Error('it speaks no HTTP');
  }
  if (head.length > end + headEnd.length) socket.unshift(head.subarray(end + headEnd.length));
  const [, status = '', words = ''] =
    /^HTTP\/1\.\d (\d{3}) ?([^\r\n]*)/.exec(head.toString('latin1')) ?? [];
  if (status === '200') return;
  const reason = status === '407' ? 'proxy-auth' : 'proxy-refused';
  throw new ConnectFailure(
    'proxy',
    reason,
    `it answers CONNECT by ${status} ${words.slice(0, 100)}`,
  );
}

const socks = { version: 5, plain: 0, byPassword: 2, connect: 1, ipv4: 1, name: 3, ipv6: 4 };
/** What the numbers of its refusals mean (RFC 1928, section 6). */
const socksWords = [
  'it failed',
  'its rules forbid this',
  'the network cannot be reached',
  'the host cannot be reached',
  'the connection was refused',
];

async function askSocks(socket: Socket, proxy: ProxyServer, target: Target): Promise<void> {
  const hasUser = proxy.username !== '' || proxy.password !== '';
  const methods = hasUser ? [socks.plain, socks.byPassword] : [socks.plain];
  socket.write(Uint8Array.from([socks.version, methods.length, ...methods]));
  const take = reader(socket);
  const chosen = (await take(2))[1] ?? 0xff;
  if (chosen === socks.byPassword && hasUser) {
    socket.write(Buffer.concat([Buffer.of(1), counted(proxy.username), counted(proxy.password)]));
    if ((await take(2))[1] !== 0) {
      throw new ConnectFailure('proxy', 'proxy-auth', 'it does not accept user and password');
    }
  } else if (chosen !== socks.plain) {
    throw new ConnectFailure('proxy', 'proxy-auth', 'it wants a login');
  }
  const { host, port } = target;
  socket.write(
    Buffer.concat([
      Buffer.of(socks.version, socks.connect, 0, socks.name),
      counted(host),
      Buffer.of(port >> 8, port & 0xff),
    ]),
  );
  const [, code = 1, , kind = 0] = await take(4);
  if (code !== 0) {
    throw new ConnectFailure('proxy', 'proxy-refused', socksWords[code - 1] ?? `it says ${code}`);
  }
  // The address that it connects from is of no use, but must be read.
  const length = kind === socks.ipv4 ? 4 : kind === socks.ipv6 ? 16 : ((await take(1))[0] ?? 0);
  await take(length + 2);
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** So many bytes at a time; what came beyond goes back to the socket. */
function reader(socket: Socket): (bytes: number) => Promise<Buffer> {
  return async (bytes) => {
    let held = Buffer.alloc(0);
    while (held.length < bytes) held = Buffer.concat([held, await nextPiece(socket)]);
    if (held.length > bytes) socket.unshift(held.subarray(bytes));
    return held.subarray(0, bytes);
  };
}

/** What comes next; rejects when nothing more does. */
function nextPiece(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off('readable', take).off('end', ended).off('close', ended).off('error', failed);
      act();
    };
    const take = () => {
      const piece = socket.read() as Buffer | null;
      if (piece !== null) settle(() => resolve(piece));
    };
    const ended = () => settle(() => reject(new Error('it closed the connection')));
    const failed = (error: Error) => settle(() => reject(error));
    socket.on('readable', take).on('end', ended).on('close', ended).on('error', failed);
    take();
  });
}

/** Names without brackets, as sockets take them. */
export function hostOf(hostname: string): string {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? hostname : bare;
}
