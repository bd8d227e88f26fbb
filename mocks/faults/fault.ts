// What a fault is: one named way of being wrong, as data. And the few words in which the catalogue says
// what it changes. Running them is engine.ts.
import {
  type Body,
  type Call,
  errorReply,
  headerOf,
  type Reply,
  withBody,
  withHeader,
  withoutHeader,
} from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import type { SeededImage } from '../images.ts';
import { contentReply } from '../range.ts';
import type { Registry } from '../registry/registry.ts';
import type { Endpoint, Route } from '../registry/route.ts';
import type { Site } from '../site.ts';
import type { Store } from '../store.ts';

interface Named {
  /** Stable slug, the `--fault` key. */
  readonly id: string;
  /** What the mock does wrong, one line. */
  readonly title: string;
  /** Public threads where it was seen in the wild; empty for what only the spec forbids. */
  readonly seenIn: readonly string[];
  /** Ids of exactly the checks that must notice; empty for legal behaviour that broke clients. */
  readonly breaks: readonly string[];
  /** Of a fault that no check notices yet: what one would have to do. Absent where it is legal. */
  readonly gap?: string;
}

/** Damages the content once, when the mock is made. */
export interface StoreFault extends Named {
  readonly layer: 'store';
  damage(store: Store, images: readonly SeededImage[]): void;
}

/** What a fault does to a call or to its reply; each does one of these at least. */
export interface Behaviour {
  /**
   * Answers in place of the server, which never sees the call; undefined lets the call through. Asked
   * for calls that `on` aims at, whose statuses do not matter here.
   */
  instead?(scene: Scene): Reply | undefined;
  /**
   * Sees the reply to every call first, whatever `on` and the limits p and after say: to remember it,
   * or to let an earlier strike last. Another reply than the one given is a strike, and `change` is
   * left out.
   */
  follow?(reply: Reply, scene: Scene): Reply;
  /** Sees the replies that `on` aims at; may return one as it is. */
  change?(reply: Reply, scene: Scene): Reply;
}

/** Changes replies: what they say (`response`), or how their bytes go out (`wire`). */
export interface ReplyFault extends Named, Behaviour {
  readonly layer: 'response' | 'wire';
  readonly on: Target;
  /** Needs `scene.underWay`. */
  readonly counts?: true;
}

/** A reply fault with a memory, which is new whenever the fault is switched on. */
export interface MemoryFault extends Named {
  readonly layer: 'response' | 'wire';
  readonly on: Target;
  begin(): Behaviour;
}

export type Fault = StoreFault | ReplyFault | MemoryFault;

/** An endpoint of the registry, its token server, or the edge. */
export type Place = Endpoint | 'token' | 'edge';

/** The replies that a fault changes; what is left out does not matter. */
export interface Target {
  readonly at: readonly Place[];
  readonly methods?: readonly string[];
  /** Statuses of the sound reply. */
  readonly statuses?: readonly number[];
  readonly by?: 'tag' | 'digest';
  readonly repository?: 'known' | 'unknown';
  /** Whether the request carries `Authorization`. */
  readonly authorized?: boolean;
  /** What else must hold of the request. */
  when?(call: Call): boolean;
}

/** What a fault may look at and use. */
export interface Scene {
  readonly call: Call;
  readonly route: Route;
  readonly place: Place;
  readonly site: Site;
  readonly registry: Registry;
  readonly cdn: Cdn;
  /** Of a fault that `counts`: replies aimed at that have not gone out to their end, this one included. */
  readonly underWay: number;
  /** The next number of the fault's own, from 0 to below 1. */
  random(): number;
}

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
