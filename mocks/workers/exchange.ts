// A call and its reply as headers of an internal HTTP exchange; their bodies are its bodies.
import type { HeaderLine } from '../../src/protocol/talk.ts';
import type { CallHead, Hop, WireAction } from '../call.ts';

export const callHeader = 'x-pullproof-call';
export const replyHeader = 'x-pullproof-reply';
/** Of an internal exchange: a client's own headers are in one of them. */
export const headBytesMax = 256 * 1024;

interface PlainCall {
  readonly hop: Hop;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly origin: string;
  readonly connection: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PlainReply {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly wire: Omit<WireAction, 'checkpoint'> | undefined;
  /** Of the body. */
  readonly bytes: number;
}

export function packCall(head: CallHead, names: readonly string[]): string {
  const { hop, method, path, query, origin, connection } = head;
  const headers = Object.fromEntries(names.map((name) => [name, head.header(name) ?? '']));
  return pack({ hop, method, path, query, origin, connection, headers });
}

export function unpackCall(text: string): CallHead {
  const { headers, ...rest }: PlainCall = unpack(text);
  return {
    ...rest,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
  };
}

export function packReply(reply: PlainReply): string {
  return pack(reply);
}

export function unpackReply(text: string): PlainReply {
  return unpack(text);
}

function pack(value: PlainCall | PlainReply): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

/** Of what this program has packed. */
function unpack<T>(text: string): T {
  return JSON.parse(Buffer.from(text, 'base64').toString());
}
