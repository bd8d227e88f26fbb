// What can go wrong in a rig, as words for the table of faults.
import type { MockOptions } from '../../../mocks/index.ts';
import { layerDigest, repository } from './image.ts';
import type { HostKind, Met, Place, Reply } from './rig.ts';

/** What a server does instead of TLS and HTTP with its own certificate. */
export type Listening =
  | 'refused'
  | 'closes'
  | 'resets'
  | 'silent'
  | 'cut-handshake'
  | 'reset-handshake'
  | 'plain-http'
  | 'expired'
  | 'foreign'
  | 'wrong-name';

export interface Fault {
  readonly id: string;
  /** Requests that it meets, all of them or so many from the first. */
  readonly at?: readonly Place[];
  readonly times?: number;
  readonly does?: (met: Met) => void | Promise<void>;
  /** Or connections that it meets: all, or each so manieth. */
  readonly listens?: { readonly host: HostKind; readonly as: Listening; readonly every?: number };
  /** Hosts besides the three. */
  readonly hosts?: readonly HostKind[];
  readonly mock?: MockOptions;
  /** The client has a user and a password. */
  readonly login?: true;
  /** With another password. */
  readonly wrongPassword?: true;
  /** Nothing more comes: a client is ended after a few seconds. */
  readonly hangs?: true;
  /** Of these clients alone. */
  readonly clients?: readonly string[];
  /** Chance is at work in what is asked: only the outcome is compared. */
  readonly random?: true;
}

type Does = NonNullable<Fault['does']>;

/** A little later, so that what a client asks for side by side is on its way. */
const pauseMs = 60;
const pause = (ms = pauseMs) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export const types = {
  json: 'application/json',
  html: 'text/html; charset=utf-8',
  xml: 'application/xml',
  text: 'text/plain; charset=utf-8',
};

/** Another status, with such a body. */
export function replies(
  status: number,
  body = '',
  type = types.json,
  headers: Record<string, string> = {},
): Does {
  return async (met) => {
    await pause();
    met.send({
      status,
      headers: { ...(body !== '' && { 'content-type': type }), ...headers },
      body: Buffer.from(body),
    });
  };
}

export function registryError(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] });
}

export function s3Error(code: string, message: string): string {
  const words = `<Code>${code}</Code><Message>${message}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${words}<RequestId>0A49CE4060975EAC</RequestId></Error>`;
}

export const blockPage =
  '<html><head><title>403 Forbidden</title></head><body><h1>Access denied by policy</h1></body></html>';

/** The right reply, bent. */
export function bends(bend: (reply: Reply, met: Met) => void): Does {
  return async (met) => {
    const reply = await met.right();
    bend(reply, met);
    met.send(reply);
  };
}

/** How a connection, or a stream of it, ends. */
export type End =
  | 'reset'
  | 'close'
  | 'refused-stream'
  | 'internal-error'
  | 'cancel'
  | 'goaway'
  | 'goaway-error'
  | 'stall';

const streamCodes = { 'refused-stream': 7, 'internal-error': 2, cancel: 8 } as const;

function end({ request, tcp, tls }: Met, how: End): void {
  const stream = 'stream' in request ? request.stream : undefined;
  switch (how) {
    case 'stall':
      return;
    case 'reset':
      tcp.resetAndDestroy();
      return;
    case 'close':
      // With TLS's own farewell, as a server that shuts down.
      tls?.end();
      return;
    case 'goaway':
    case 'goaway-error': {
      const session = stream?.session;
      if (stream === undefined || session === undefined) {
        tls?.end();
        return;
      }
      // The request was not looked at: its stream is above the last one.
      const isError = how === 'goaway-error';
      const last = isError ? (stream.id ?? 1) : Math.max(0, (stream.id ?? 1) - 2);
      session.goaway(isError ? streamCodes['internal-error'] : 0, last);
      setTimeout(() => tls?.end(), pauseMs).unref();
      return;
    }
    default:
      if (stream === undefined) tls?.end();
      else stream.close(streamCodes[how]);
  }
}

/** No reply: the connection or the stream ends before. */
export function ends(how: End): Does {
  return async (met) => {
    await pause();
    met.logged.ended = how !== 'stall';
    end(met, how);
  };
}

/** The first half of the body, and then this. */
export function cuts(how: End, ranges: 'served' | 'ignored' | 'refused' = 'served'): Does {
  return async (met) => {
    const { request, response, logged, count } = met;
    const isRest = request.headers.range !== undefined && count > 1;
    if (isRest && ranges === 'refused') {
      met.send({ status: 416, headers: {}, body: new Uint8Array() });
      return;
    }
    const { status, headers, body } = await met.right(ranges === 'ignored' ? ['range'] : []);
    if (isRest) {
      met.send({ status, headers, body });
      return;
    }
    logged.status = status;
    response.writeHead(status, { 'content-length': String(body.length), ...headers });
    const half = body.subarray(0, body.length >> 1);
    // What is written must be on the wire before a reset, which throws away what is not.
    await new Promise<void>((resolve) => {
      (response as { write(chunk: Uint8Array, done: () => void): boolean }).write(half, resolve);
    });
    await pause();
    end(met, how);
  };
}

/** Each body that is asked for is cut, whatever its range. */
export function cutsAll(how: End): Does {
  const cut = cuts(how);
  return (met) => cut({ ...met, count: 1 });
}

/** All of the body, a piece at a time. */
export function drips(pieces: number, everyMs: number): Does {
  return async (met) => {
    const { status, headers, body } = await met.right();
    met.logged.status = status;
    const { response } = met;
    response.writeHead(status, { 'content-length': String(body.length), ...headers });
    const size = Math.ceil(body.length / pieces);
    for (let at = 0; at < body.length; at += size) {
      await pause(everyMs);
      (response as { write(chunk: Uint8Array): boolean }).write(body.subarray(at, at + size));
    }
    response.end();
  };
}

/** The reply comes whole, but late. */
export function delays(ms: number): Does {
  return async (met) => {
    await pause(ms);
    met.send(await met.right());
  };
}

/** A redirect of the layer to a host of the rig that has it. */
export function redirects(to: HostKind, status = 307): Does {
  return async (met) => {
    const hex = layerDigest.slice('sha256:'.length);
    const location = `${met.rig.origin(to)}/sha256/${hex.slice(0, 2)}/${hex}`;
    met.send({ status, headers: { location }, body: new Uint8Array() });
  };
}

/** First what one does, from the second request on what the other. */
export function first(one: Does, then: Does): Does {
  return (met) => (met.count === 1 ? one(met) : then(met));
}

export const asRight: Does = async (met) => met.send(await met.right());

/** A 401, by default with the challenge that led to the token. */
export function refuses(more = '', challenge = true): Does {
  return async (met) => {
    await pause();
    const { rig } = met;
    const realm = `realm="${rig.origin('token')}/token"`;
    const service = `service="${new URL(rig.origin('registry')).host}"`;
    const value = `Bearer ${realm},${service},scope="repository:${repository}:pull"${more}`;
    met.send({
      status: 401,
      headers: { 'content-type': types.json, ...(challenge && { 'www-authenticate': value }) },
      body: Buffer.from(registryError('UNAUTHORIZED', 'authentication required')),
    });
  };
}

/** As a bucket that takes one kind of authentication, and sees two. */
export const twoAuthentications: Does = async (met) => {
  if (met.logged.authorization === '') return asRight(met);
  const words =
    'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified';
  return replies(400, s3Error('InvalidArgument', words), types.xml)(met);
};

/** A header of the reply, by where it comes from. */
export function redirectsTo(location: (met: Met) => string, status = 307): Does {
  return async (met) => {
    met.send({ status, headers: { location: location(met) }, body: new Uint8Array() });
  };
}
