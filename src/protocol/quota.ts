// How many pulls a node may start: a bucket of tokens, as kubelet has for registryPullQPS and its burst.
import type { QuotaTraits } from './client.ts';

/** Takes a token if there is one. */
export type Quota = () => boolean;

/** A full bucket; `clock` gives milliseconds. */
export function quotaOf({ perSecond, burst }: QuotaTraits, clock: () => number): Quota {
  let tokens = burst;
  let at = clock();
  return () => {
    const now = clock();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
