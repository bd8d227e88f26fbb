// Our own build of k6: bodies hashed while they stream, connections by client, metrics in one call.
import {
  add,
  addTagged,
  beginPull,
  endPull,
  isFirst,
  now,
  request,
  tellPull,
} from 'k6/x/pullproof';
import type { Engine } from './engine.ts';

/**
 * `timeoutMs` limits each wait for a reply, and each pause in its body, if the client does not do so before.
 * Engines of different users share no
 * connections.
 */
export function builtEngine(timeoutMs: number, user = 0): Engine {
  const perform: Engine['perform'] = (wanted, done) => {
    const { limitMs = timeoutMs } = wanted.ask;
    request(wanted, limitMs < timeoutMs ? limitMs : timeoutMs, done, user);
  };
  return {
    ...{ perform, now, add, addTagged, isFirst },
    beginPull: () => beginPull(user),
    tellPull: (client, image, failure) => tellPull(user, client, image, failure),
    endPull: () => endPull(user),
  };
}
