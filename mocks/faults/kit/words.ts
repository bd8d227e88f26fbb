// The few words in which the catalogue says what a fault changes of a reply.
import {
  type Body,
  type Call,
  errorReply,
  headerOf,
  type Reply,
  withBody,
  withHeader,
  withoutHeader,
} from '../../call.ts';
import { contentReply } from '../../range.ts';
import type { Scene } from '../fault.ts';

type Change = (reply: Reply) => Reply;

export function drop(...names: readonly string[]): Change {
  return (reply) => names.reduce(withoutHeader, reply);
}

export function set(name: string, value: string): Change {
  return (reply) => withHeader(reply, name, value);
}

/** The whole body replaced, status and other headers kept. */
export function say(text: string): Change {
  return (reply) => withBody(reply, text);
}

/** A reply of another kind, with an error of the spec's shape. */
export function fail(status: number, code: string): () => Reply {
  return () => errorReply(status, code, 'a fault of the mock says so');
}

/** Digest of the blob that is asked for, at the registry or at the edge. */
export function blobOf({ call, cdn, place, route }: Scene): string {
  return place === 'edge' ? cdn.digestOf(call.path) : route.reference;
}

/** What the same request without `Range` would get. */
export function wholeInstead(_reply: Reply, { call, cdn, registry, place }: Scene): Reply {
  const header: Call['header'] = (name) => (name === 'range' ? undefined : call.header(name));
  const unranged = { ...call, header };
  return place === 'edge' ? cdn.answer(unranged) : registry.answer(unranged);
}

/** The reply to the same request if the blob were another. */
export function asIf(reply: Reply, scene: Scene, other: (sound: Body) => Body): Reply {
  const whole = wholeInstead(reply, scene);
  const rest = whole.headers.filter(([name]) => !headersOfContent.includes(name.toLowerCase()));
  return contentReply(scene.call, other(whole.body), headerOf(whole, 'ETag') ?? '""', rest);
}

/** What `contentReply` says itself. */
const headersOfContent = ['accept-ranges', 'content-length', 'etag'];
