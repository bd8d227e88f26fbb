// One reply written to a connection as it is: over HTTP/1.1 or HTTP/2, at the pace of its hop, with what a
// fault does to the bytes on the way.
import { type OutgoingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { constants, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Body, chunksOf, noBytes, type Reply, type Tempo, type WireAction } from '../call.ts';
import { type Pace, shaper } from './shaping.ts';

/** What both versions of HTTP can do with a reply. */
interface Outlet {
  sendHead(reply: Reply): void;
  /** Resolves when the bytes have left, or at the end of the exchange. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** Ends the connection, after what was written. */
  close(): void;
  reset(): void;
  /** Breaks the framing of the body. */
  garble(): void;
  /** Aborted when the exchange is over, also by the client. */
  readonly gone: AbortSignal;
}

export interface Delivery {
  readonly reply: Reply;
  /** A HEAD: only the head goes out. */
  readonly isHead: boolean;
  readonly tempo: Tempo;
  readonly pace: Pace | undefined;
  /** Told once, when the exchange is over: how many body bytes were sent. */
  readonly onOver: ((bodyBytes: number) => void) | undefined;
}

type Outgoing = ServerResponse | Http2ServerResponse;

/** Never rejects: a client that goes away ends the delivery. */
export function deliver(res: Outgoing, delivery: Delivery): void {
  const { reply, isHead, pace, onOver } = delivery;
  const isHeard = onOver !== undefined || reply.whenOver !== undefined;
  const isPlain = !isHeard && pace === undefined && reply.wire === undefined;
  if (isPlain && !('stream' in res) && reply.body instanceof Uint8Array) {
    res.writeHead(reply.status, reply.headers.flat());
    if (isHead || reply.body.length === 0) res.end();
    else res.end(reply.body);
    return;
  }
  const outlet = 'stream' in res ? http2Outlet(res) : http1Outlet(res);
  let sentBytes = 0;
  const counting = {
    ...outlet,
    async write(bytes: Uint8Array) {
      await outlet.write(bytes);
      if (!outlet.gone.aborted) sentBytes += bytes.length;
    },
  };
  const over = () => {
    onOver?.(sentBytes);
    reply.whenOver?.();
  };
  outlet.gone.addEventListener('abort', over, { once: true });
  // A client has gone, or a body cannot be read: then it is cut short, its head has gone out.
  run(counting, delivery).catch(() => {
    if (!outlet.gone.aborted) outlet.reset();
  });
}

async function run(outlet: Outlet, { reply, isHead, tempo, pace }: Delivery): Promise<void> {
  const { gone } = outlet;
  const wire: WireAction = isHead ? {} : (reply.wire ?? {});
  const waitMs = (pace?.delayMs() ?? 0) + (wire.lateHead ? tempo.slowMs : 0);
  if (waitMs > 0) await sleep(waitMs, undefined, { signal: gone });
  if (wire.noHead) return outlet.reset();
  outlet.sendHead(reply);
  const body = isHead ? noBytes : reply.body;
  const sound = Math.min(wire.afterBytes ?? body.length, body.length);
  const { bytesPerSecond: rate, checkpoint } = wire;
  const ownPace = rate && shaper({ bandwidth: { edge: rate } }, () => 0).edge;
  const everyBytes = checkpoint?.everyBytes ?? Number.POSITIVE_INFINITY;
  for (let at = 0; at < sound; at += everyBytes) {
    if (at > 0 && checkpoint?.goesOn(at) === false) return outlet.close();
    await writeAll(outlet, body.subarray(at, Math.min(at + everyBytes, sound)), ownPace || pace);
  }
  if (wire.then === undefined) outlet.end();
  else if (wire.then === 'close') outlet.close();
  else if (wire.then === 'reset') outlet.reset();
  else if (wire.then === 'bad-chunk') outlet.garble();
  else if (wire.then === 'stall') {
    await sleep(tempo.stallMs, undefined, { signal: gone });
    outlet.reset();
  } else {
    for (let at = sound; at < body.length; at++) {
      await sleep(tempo.dripMs, undefined, { signal: gone });
      for await (const byte of chunksOf(body.subarray(at, at + 1))) await outlet.write(byte);
    }
    outlet.end();
  }
}

async function writeAll(outlet: Outlet, body: Body, pace: Pace | undefined): Promise<void> {
  for await (const chunk of chunksOf(body)) {
    const pieceBytes = pace?.pieceBytes ?? chunk.length;
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      const waitMs = pace?.reserveMs(piece.length) ?? 0;
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: outlet.gone });
      outlet.gone.throwIfAborted();
      await outlet.write(piece);
    }
  }
}

/** Writes resolve when the bytes have left, or at the end of the stream. */
export function writerTo(
  stream: OutgoingMessage | ServerHttp2Stream,
): Pick<Outlet, 'gone' | 'write'> {
  const quit = new AbortController();
  let wake: () => void = () => undefined;
  stream.once('close', () => {
    quit.abort();
    wake();
  });
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (quit.signal.aborted) resolve();
      else stream.write(bytes, () => resolve());
    });
  return { gone: quit.signal, write };
}

function http1Outlet(res: ServerResponse): Outlet {
  const { socket } = res;
  const { gone, write } = writerTo(res);
  let wire: WireAction = {};
  return {
    gone,
    write: (bytes) => (wire.isOld ? writeTo(socket, bytes) : write(bytes)),
    sendHead: ({ status, headers, wire: own = {} }) => {
      wire = own;
      if (wire.hints) res.writeEarlyHints({ link: hint });
      if (wire.isOld) socket?.write(oldHead(status, headers));
      else res.writeHead(status, headers.flat());
    },
    end: () => {
      if (wire.isOld) {
        socket?.end();
        return;
      }
      res.addTrailers(wire.trailers?.map(([name, value]): [string, string] => [name, value]) ?? []);
      res.end();
    },
    close: () => {
      res.flushHeaders();
      socket?.end();
    },
    reset: () => {
      if (res.headersSent) res.flushHeaders();
      socket?.resetAndDestroy();
    },
    garble: () => {
      res.flushHeaders();
      socket?.end('no-number\r\n');
    },
  };
}

const hint = '</>; rel=preload';

function oldHead(status: number, headers: Reply['headers']): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.0 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`;
}

function writeTo(socket: Socket | null, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (socket === null || socket.destroyed) resolve();
    else socket.write(bytes, () => resolve());
  });
}

/** Of no use in HTTP/2, which frames bodies itself (RFC 9113 section 8.2.2). */
const http1Only = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade'];

function http2Outlet(res: Http2ServerResponse): Outlet {
  const { stream } = res;
  stream.on('error', () => undefined);
  const { gone, write } = writerTo(stream);
  return {
    gone,
    write,
    sendHead: ({ status, headers, wire = {} }) => {
      if (wire.hints) stream.additionalHeaders({ ':status': 103, link: hint });
      const fields: Record<string, string | string[] | number> = { ':status': status };
      for (const [name, line] of headers) {
        const key = name.toLowerCase();
        if (http1Only.includes(key)) continue;
        // Blanks around it would make the field malformed (RFC 9113 section 8.2.1).
        const value = line.trim();
        const earlier = fields[key];
        fields[key] = earlier === undefined ? value : [earlier, value].flat().map(String);
      }
      const { trailers } = wire;
      stream.respond(fields, { waitForTrailers: trailers !== undefined });
      // Sent by the response, which waits for them.
      if (trailers !== undefined) res.addTrailers(Object.fromEntries(trailers));
    },
    end: () => stream.end(),
    close: () => stream.session?.destroy(),
    reset: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    garble: () => stream.close(constants.NGHTTP2_PROTOCOL_ERROR),
  };
}
