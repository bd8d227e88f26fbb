// Asks again where a server failed by itself: for what surrounds the checks, which no such failure may decide.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pause, Perform } from '../../drivers/drive.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import type { HttpRequest } from '../../protocol/talk.ts';
import type { Outages } from './outage.ts';
import { isStumble } from './stumbles.ts';

const triesMax = 4;
const pauseMsMin = 20;

/**
 * `stumbled` is told of each such answer, also of those that are not the last; of those that are doubtful once another
 * one came. While the registry is away it is waited for.
 */
export function steady(
  perform: Perform,
  stumbled: (exchange: Exchange) => void,
  pause: Pause = (ms) => sleep(ms),
  isDoubtful: (exchange: Exchange) => boolean = () => false,
  outages?: Outages,
): Perform {
  return async (request, signal) => {
    const doubtful: Exchange[] = [];
    for (let tries = 1; ; tries++) {
      const wholeBefore = outages?.whole ?? 0;
      const reply = await perform(request, signal);
      const exchange = { request, reply };
      if (isStumble(exchange)) stumbled(exchange);
      else if (isDoubtful(exchange)) doubtful.push(exchange);
      else {
        for (const each of doubtful) stumbled(each);
        return reply;
      }
      const isOver = tries >= triesMax || signal?.aborted === true;
      if (isOver || !isRepeatable(request) || reply.failure === 'stalled') return reply;
      await pause(pauseMsMin * 2 ** tries);
      const looked = isStumble(exchange) ? await outages?.look(wholeBefore) : undefined;
      for (const each of looked?.stumbles ?? []) stumbled(each);
    }
  };
}

/** What goes into an upload may have arrived; all else can be asked twice (RFC 9110 9.2.2, or begins anew). */
function isRepeatable({ ask: { method }, url }: HttpRequest): boolean {
  const isUpload = method === 'PATCH' || method === 'PUT' || method === 'DELETE';
  return !isUpload || !/\/blobs\/uploads\//.test(url);
}
