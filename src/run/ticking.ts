// A word every second of where something slow is, so that nobody has to guess whether it still works.
import type { RunContext } from './context.ts';
import type { View } from './view.ts';

const tickMs = 1000;

/** Resolves or rejects as `work` does; `told` says where it is. */
export async function ticking<T>(
  { tick }: Pick<RunContext, 'tick'>,
  told: () => string | View,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => tick?.(told), tickMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
