// What the requests of a push are for, told apart from those of a pull so that no figure mixes the two.

/** In the order of a push. A push's own pings and tokens are no pull's. */
export const pushPhases = [
  'push-ping',
  'push-token',
  'upload-check',
  'upload-start',
  'upload-chunk',
  'upload-finish',
  'manifest-put',
] as const;

export type PushPhase = (typeof pushPhases)[number];

const all: ReadonlySet<string> = new Set(pushPhases);

export function isPushPhase(phase: string): phase is PushPhase {
  return all.has(phase);
}
