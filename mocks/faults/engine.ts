// Applies the chosen faults: to the content once, then to each reply that they aim at and that their
// limits let them change. Faults can be switched while the mock serves.

import { parseQuery } from '../../src/protocol/uri.ts';
import { UserError } from '../../src/protocol/user-error.ts';
import type { Reply } from '../call.ts';
import type { SeededImage } from '../images.ts';
import { type Random, randomOf } from '../random.ts';
import type { Store } from '../store.ts';
import type { Choice, Limits } from './choice.ts';
import type { Fault, Scene, StoreFault, Target } from './fault.ts';
import { findFault } from './index.ts';

/** A fault that is switched on. */
export interface ActiveFault {
  readonly fault: Fault;
  readonly limits: Limits;
  /** Replies that it was aimed at. */
  readonly aimed: number;
  /** Replies that it changed. */
  readonly strikes: number;
}

interface Entry extends ActiveFault {
  aimed: number;
  strikes: number;
  readonly random: Random;
}

export class FaultEngine {
  readonly #entries = new Map<string, Entry>();
  readonly #store: Store;
  readonly #images: readonly SeededImage[];
  readonly #seed: number;

  /** `seed`: of the chance with which limited faults strike. */
  constructor(store: Store, images: readonly SeededImage[], seed: number) {
    this.#store = store;
    this.#images = images;
    this.#seed = seed;
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
    const entry: Entry = { fault, limits, aimed: 0, strikes: 0, random };
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

  /** The reply as it is to go out. Faults see each other's changes, in the order they were chosen. */
  apply(sound: Reply, scene: Omit<Scene, 'strikes'>): Reply {
    if (this.#entries.size === 0) return sound;
    let reply = sound;
    for (const entry of this.#entries.values()) {
      const { fault, limits } = entry;
      if (fault.layer === 'store' || !isAimedAt(fault.on, reply, scene)) continue;
      if (limits.repo !== undefined && !concerns(limits.repo, scene)) continue;
      entry.aimed++;
      if (entry.aimed <= (limits.after ?? 0)) continue;
      if (limits.p !== undefined && entry.random() >= limits.p) continue;
      entry.strikes++;
      reply = fault.change(reply, { ...scene, strikes: entry.strikes });
    }
    return reply;
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

function isAimedAt(target: Target, reply: Reply, scene: Omit<Scene, 'strikes'>): boolean {
  const { call, route, place, site } = scene;
  const by = route.reference.includes(':') ? 'digest' : 'tag';
  const repository = site.store.has(route.repository) ? 'known' : 'unknown';
  const authorized = call.header('authorization') !== undefined;
  return (
    target.at.includes(place) &&
    (target.methods?.includes(call.method) ?? true) &&
    (target.statuses?.includes(reply.status) ?? true) &&
    (target.by ?? by) === by &&
    (target.repository ?? repository) === repository &&
    (target.authorized ?? authorized) === authorized &&
    (target.when?.(call) ?? true)
  );
}

/** A token request names repositories in its scopes; the edge has blobs of whichever repository. */
function concerns(
  repo: string,
  { call, cdn, place, route, site }: Omit<Scene, 'strikes'>,
): boolean {
  if (place === 'edge') return site.store.blob(repo, cdn.digestOf(call.path)) !== undefined;
  if (place !== 'token') return route.repository === repo;
  const asked = parseQuery(call.method === 'POST' ? call.form : call.query);
  return asked.some(([name, value]) => name === 'scope' && value.includes(`:${repo}:`));
}
