// An end for a conversation that a registry would draw out for ever.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Perform } from '../../drivers/drive.ts';
import type { HttpReply, HttpRequest } from '../../protocol/talk.ts';

/** How long a driver may take to give up a request once the time is over. */
const graceMs = 500;

/** The conversation took longer than it may. */
export class Overdue extends Error {
  override readonly name = 'Overdue';
  constructor(limitMs: number) {
    super(`it had not ended after ${Math.round(limitMs / 100) / 10} s, the limit for one check`);
  }
}

export interface Limited {
  /** Rejects with `Overdue` from the limit on. */
  readonly perform: Perform;
  /** To be called at the end, whatever it was. */
  end(): void;
}

/** `seen` is told of each reply, also of the request that was cut off. */
export function limited(
  perform: Perform,
  limitMs: number,
  seen?: (request: HttpRequest, reply: HttpReply) => void,
): Limited {
  const stop = new AbortController();
  const { signal } = stop;
  const timer = setTimeout(() => stop.abort(), limitMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', async () => {
      await sleep(graceMs, undefined, { ref: false });
      reject(new Overdue(limitMs));
    });
  });
  late.catch(() => undefined);
  return {
    async perform(request) {
      if (signal.aborted) throw new Overdue(limitMs);
      const reply = await Promise.race([perform(request, signal), late]);
      seen?.(request, reply);
      if (signal.aborted) throw new Overdue(limitMs);
      return reply;
    },
    end: () => clearTimeout(timer),
  };
}
