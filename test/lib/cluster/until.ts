// Waiting for a fact, for as long as a busy machine may take.
import { setTimeout as sleep } from 'node:timers/promises';

const waitMsMax = 180_000;

/** What `look` gives once it is neither undefined nor false. @throws Error that names the fact */
export async function until<T>(
  fact: string | (() => string),
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const endMs = performance.now() + waitMsMax;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > endMs) {
      const said = typeof fact === 'string' ? fact : fact();
      throw new Error(`not within ${waitMsMax / 1000} s: ${said}`);
    }
    await sleep(200);
  }
}
