// Our own build of k6: bodies hashed while they stream, connections by client, metrics in one call.
import { add, addTagged, endPull, isFirst, now, request } from 'k6/x/pullproof';
import type { Engine } from './engine.ts';

/**
 * `timeoutMs` limits each wait for a reply, and each pause in its body. Engines of different users share no
 * connections.
 */
export function builtEngine(timeoutMs: number, user = 0): Engine {
  const perform: Engine['perform'] = (wanted, done) => request(wanted, timeoutMs, done, user);
  return { perform, now, add, addTagged, isFirst, endPull: () => endPull(user) };
}
