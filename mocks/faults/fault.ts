// What a fault is: one named way of being wrong, as data. The words in which the catalogue says what it changes
// are kit/words.ts; running them is engine.ts.
import type { Call, Reply } from '../call.ts';
import type { Cdn } from '../cdn/cdn.ts';
import type { SeededImage } from '../images.ts';
import type { Registry } from '../registry/registry.ts';
import type { Endpoint, Route } from '../registry/route.ts';
import type { Site } from '../site.ts';
import type { Store } from '../store.ts';
import type { TokenServer } from '../tokens/token-server.ts';

interface Named {
  /** Stable slug, the `--fault` key. */
  readonly id: string;
  /** What the mock does wrong, one line. */
  readonly title: string;
  /** Public threads where it was seen in the wild; empty for what only the spec forbids. */
  readonly seenIn: readonly string[];
  /**
   * The few checks that it is about, by id or by globs (`manifest-head-*`), each of which notices it or
   * has one that does; empty for most that is legal. All that notice it: noticed.json.
   */
  readonly noticedBy: readonly string[];
  /** Of a fault that no check notices yet: what one would have to do. Absent where it is legal. */
  readonly gap?: string;
  /**
   * Of a legal oddity: the text that permits it, with its clause. No check of level MUST may mind it; what it
   * does against a SHOULD, or against what clients expect, may be noticed by such checks (`noticedBy`).
   */
  readonly legal?: string;
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
  readonly tokens: Pick<TokenServer, 'answer'>;
  readonly cdn: Cdn;
  /** Of a fault that `counts`: replies aimed at that have not gone out to their end, this one included. */
  readonly underWay: number;
  /** The next number of the fault's own, from 0 to below 1. */
  random(): number;
}
