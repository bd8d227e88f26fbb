// Keeps the evidence of a run within bounds: a registry may send a hundred long headers with every reply.
import type { Exchange } from '../../../reports/results.ts';

/** Exchanges kept as evidence of one check. */
const exchangesMax = 60;
const checkCharsMax = 512 * 1024;
const runCharsMax = 24 * 1024 * 1024;
const leftOut = '(left out: there is more evidence than a report can hold)';

/** For one run. */
export class EvidenceBudget {
  #runChars = 0;

  /** The evidence of one check; fill it by `add`. */
  open(): { readonly exchanges: Exchange[]; add(exchange: Exchange): void } {
    const exchanges: Exchange[] = [];
    let checkChars = 0;
    const add = (exchange: Exchange) => {
      if (exchanges.length >= exchangesMax) return;
      const chars = charsOf(exchange);
      const fits = checkChars + chars <= checkCharsMax && this.#runChars + chars <= runCharsMax;
      const kept = fits ? exchange : slim(exchange);
      checkChars += charsOf(kept);
      this.#runChars += charsOf(kept);
      exchanges.push(kept);
    };
    return { exchanges, add };
  }
}

function charsOf({ request, reply, curl }: Exchange): number {
  const headers = [...request.headers, ...reply.headers];
  const lines = headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  const bodies = (request.body?.length ?? 0) + (reply.body?.length ?? 0);
  return lines + bodies + request.url.length + curl.length;
}

const urlCharsMax = 500;

/** What was asked and what came, without headers and bodies. */
function slim({ request, reply, ms }: Exchange): Exchange {
  const { method, url } = request;
  const { headers: _, body: __, ...rest } = reply;
  const shown = url.slice(0, urlCharsMax);
  return {
    request: { method, url: shown, headers: [] },
    reply: { ...rest, headers: [], body: leftOut },
    curl: leftOut,
    ms,
  };
}
