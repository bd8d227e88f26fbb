// Applies the chosen faults: to the content once, then to each call or reply that they aim at and that
// their limits let them change. Faults can be switched while the mock serves.

import { UserError } from '../../src/lib/user-error.ts';
import { parseQuery } from '../../src/protocol/grammar/uri.ts';
import type { Reply } from '../call.ts';
import type { SeededImage } from '../images.ts';
import { type Random, randomOf } from '../random.ts';
import type { Store } from '../store.ts';
import type { Choice, Limits } from './choice.ts';
import type { Behaviour, Fault, Scene, StoreFault } from './fault.ts';
import { findFault } from './index.ts';

/** A fault that is switched on. */
export interface ActiveFault {
  readonly fault: Fault;
  readonly limits: Limits;
  /** Calls or replies that it was aimed at. */
  readonly aimed: number;
  /** Those that it changed. */
  readonly strikes: number;
}

interface Entry extends ActiveFault {
  readonly behaviour: Behaviour;
  readonly random: Random;
  aimed: number;
  strikes: number;
  underWay: number;
}

/** What all faults see alike. */
export type View = Omit<Scene, 'underWay' | 'random'>;

/** Is told of every call with its reply, before faults change that. */
export type Watch = (view: View, reply: Reply) => void;

export class FaultEngine {
  readonly #entries = new Map<string, Entry>();
  readonly #store: Store;
  readonly #images: readonly SeededImage[];
  readonly #seed: number;
  readonly #watch: Watch | undefined;

  /** `seed`: of the chance with which limited faults strike. */
  constructor(store: Store, images: readonly SeededImage[], seed: number, watch?: Watch) {
    this.#store = store;
    this.#images = images;
    this.#seed = seed;
    this.#watch = watch;
  }

  /** In the order in which they were switched on. */
  list(): readonly ActiveFault[] {
    return [...this.#entries.values()];
  }

  /**
   * From now on, with counters at zero. A fault of the store damages the content at once.
   * @throws UserError `fault-unknown`, `fault-limit`
   */
  switchOn({ id, limits }: Choice): ActiveFault {
    const fault = findFault(id);
    if (fault.layer === 'store' && !this.#entries.has(id)) this.#damage(fault, limits);
    const random = randomOf(this.#seed, `fault ${id}`);
    const behaviour = fault.layer === 'store' ? {} : 'begin' in fault ? fault.begin() : fault;
    const entry: Entry = { fault, limits, behaviour, random, aimed: 0, strikes: 0, underWay: 0 };
    this.#entries.set(id, entry);
    return entry;
  }

  /** False when it was not on. @throws UserError `fault-lasting` for damaged content */
  switchOff(id: string): boolean {
    if (this.#entries.get(id)?.fault.layer === 'store') {
      const hint = 'Start the mock anew.';
      throw new UserError('fault-lasting', `what ${id} has damaged stays damaged`, hint);
    }
    return this.#entries.delete(id);
  }

  /** The reply that a fault gives in place of the server, if one does. */
  instead(view: View): Reply | undefined {
    for (const entry of this.#entries.values()) {
      const { behaviour } = entry;
      if (behaviour.instead === undefined || !isOf(entry, view)) continue;
      if (!isAimedAt(entry.fault, view) || !passesLimits(entry)) continue;
      const reply = behaviour.instead(sceneOf(entry, view));
      if (reply === undefined) continue;
      entry.strikes++;
      return reply;
    }
    return undefined;
  }

  /** The reply as it is to go out. Faults see each other's changes, in the order they were chosen. */
  apply(sound: Reply, view: View): Reply {
    this.#watch?.(view, sound);
    if (this.#entries.size === 0) return sound;
    const counting: Entry[] = [];
    let reply = sound;
    for (const entry of this.#entries.values()) {
      if (!isOf(entry, view)) continue;
      const bent = bend(entry, reply, view, counting);
      if (bent !== reply) entry.strikes++;
      reply = bent;
    }
    if (counting.length === 0) return reply;
    const { whenOver } = reply;
    return {
      ...reply,
      whenOver: () => {
        whenOver?.();
        for (const entry of counting) entry.underWay--;
      },
    };
  }

  #damage(fault: StoreFault, { p, after, repo }: Limits): void {
    if (p !== undefined || after !== undefined) {
      const message = `${fault.id} damages the content once, so p and after say nothing of it`;
      throw new UserError('fault-limit', message, 'Limit it by repo, or not at all.');
    }
    const images = this.#images.filter(({ repository }) => (repo ?? repository) === repository);
    fault.damage(this.#store, images);
  }
}

/** Whether the fault is limited to another repository. */
function isOf({ limits }: Entry, view: View): boolean {
  return limits.repo === undefined || concerns(limits.repo, view);
}

function bend(entry: Entry, reply: Reply, view: View, counting: Entry[]): Reply {
  const { behaviour, fault } = entry;
  const followed = behaviour.follow?.(reply, sceneOf(entry, view)) ?? reply;
  if (followed !== reply) return followed;
  if (behaviour.change === undefined || !isAimedAt(fault, view, reply.status)) return reply;
  if ('counts' in fault) {
    entry.underWay++;
    counting.push(entry);
  }
  return passesLimits(entry) ? behaviour.change(reply, sceneOf(entry, view)) : reply;
}

/** Counts what the fault is aimed at. */
function passesLimits(entry: Entry): boolean {
  const { after = 0, p } = entry.limits;
  entry.aimed++;
  return entry.aimed > after && (p === undefined || entry.random() < p);
}

function sceneOf({ underWay, random }: Entry, view: View): Scene {
  return { ...view, underWay, random };
}

/** Whether the fault is aimed at the call and its sound reply; `status` of that: undefined before there is one. */
export function isAimedAt(fault: Fault, view: View, status?: number): boolean {
  if (fault.layer === 'store') return false;
  const { on: target } = fault;
  const { call, route, place, site } = view;
  const by = route.reference.includes(':') ? 'digest' : 'tag';
  const repository = site.store.has(route.repository) ? 'known' : 'unknown';
  const authorized = call.header('authorization') !== undefined;
  return (
    target.at.includes(place) &&
    (target.methods?.includes(call.method) ?? true) &&
    (status === undefined || (target.statuses?.includes(status) ?? true)) &&
    (target.by ?? by) === by &&
    (target.repository ?? repository) === repository &&
    (target.authorized ?? authorized) === authorized &&
    (target.when?.(call) ?? true)
  );
}

/** A token request names repositories in its scopes; the edge has blobs of whichever repository. */
function concerns(repo: string, { call, cdn, place, route, site }: View): boolean {
  if (place === 'edge') return site.store.blob(repo, cdn.digestOf(call.path)) !== undefined;
  if (place !== 'token') return route.repository === repo;
  const asked = parseQuery(call.method === 'POST' ? call.form : call.query);
  return asked.some(([name, value]) => name === 'scope' && value.includes(`:${repo}:`));
}
