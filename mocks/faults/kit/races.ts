// Pushes of one blob that race each other.
import type { Reply } from '../../call.ts';
import type { Behaviour, Scene } from '../fault.ts';
import { mayPush } from './calls.ts';
import { Memory } from './memory.ts';

/** Refuses whoever pushes the same thing soon after somebody else did. */
export function raced(
  racerOf: (scene: Scene) => Racer | undefined,
  refuse: () => Reply,
): Behaviour {
  const won = new Memory<{ readonly name: string; readonly at: number }>();
  return {
    follow: (reply, scene) => {
      const racer = reply.status === 201 ? racerOf(scene) : undefined;
      if (racer !== undefined) won.set(racer.prize, { name: racer.name, at: scene.site.now() });
      return reply;
    },
    instead: (scene) => {
      const racer = racerOf(scene);
      const winner = won.get(racer?.prize ?? '');
      if (racer === undefined || winner === undefined) return undefined;
      const isOther = racer.name === '' || racer.name !== winner.name;
      const isClose = scene.site.now() - winner.at < raceMs;
      return isOther && isClose && mayPush(scene) ? refuse() : undefined;
    },
  };
}

/** Pushes of the same thing within this time are at once. */
const raceMs = 1_000;

/** What a push is about, and who pushes it. */
export interface Racer {
  readonly prize: string;
  readonly name: string;
}
