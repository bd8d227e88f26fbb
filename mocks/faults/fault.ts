// What a fault is: one named way of being wrong, as data. And the few words in which the catalogue says
// what it changes. Running them is engine.ts.
import { type Call, errorReply, type Reply, withBody, withHeader, withoutHeader } from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import type { SeededImage } from '../images.ts';
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
}

/** Damages the content once, when the mock is made. */
export interface StoreFault extends Named {
  readonly layer: 'store';
  damage(store: Store, images: readonly SeededImage[]): void;
}

/** Changes replies: what they say (`response`), or how their bytes go out (`wire`). */
export interface ReplyFault extends Named {
  readonly layer: 'response' | 'wire';
  readonly on: Target;
  change(reply: Reply, scene: Scene): Reply;
}

export type Fault = StoreFault | ReplyFault;

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
  /** How often this fault has struck, this time included. */
  readonly strikes: number;
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

/** What the same request without `Range` would get. */
export function wholeInstead(_reply: Reply, { call, cdn, registry, place }: Scene): Reply {
  const header: Call['header'] = (name) => (name === 'range' ? undefined : call.header(name));
  const unranged = { ...call, header };
  return place === 'edge' ? cdn.answer(unranged) : registry.answer(unranged);
}
