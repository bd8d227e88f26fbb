// A word every second of where something slow is, so that nobody has to guess whether it still works.
import type { RunContext } from './context.ts';

const tickMs = 1000;

/** Resolves or rejects as `work` does; `line` says where it is. */
export async function ticking<T>(
  { tick }: Pick<RunContext, 'tick'>,
  line: () => string,
  work: () => Promise<T>,
): Promise<T> {
  const timer = setInterval(() => tick?.(line()), tickMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
