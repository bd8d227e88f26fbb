// Many users in one virtual user of k6. What costs memory and time to start is a virtual user's copy of the
// script, not a user: with connections and choices of their own, several can share one.
import { setTimeout } from 'k6/timers';
import type { ClientProfile } from '../../src/protocol/client.ts';
import type { Engine } from './engine.ts';
import type { K6Plan } from './plan.ts';
import { pullNumber, pullOnce, scenario } from './pull.ts';

/**
 * One iteration: one pull where a virtual user is one user; else the only pull of each of its users (a
 * herd), or all their pulls until the shape is over. User u of n makes the pulls u, u + n, u + 2n and so on.
 */
export function pullAsUsers(plan: K6Plan, client: ClientProfile, users: readonly Engine[]): void {
  const { shape } = plan;
  const [alone] = users;
  if (users.length === 1 && alone !== undefined) {
    pullOnce(plan, client, alone);
    return;
  }
  const { iterationInTest, startTime } = scenario();
  const endMs = shape.kind === 'vus' ? startTime + shape.durationSeconds * 1000 : 0;
  for (const [user, engine] of users.entries()) {
    const number = iterationInTest * users.length + user;
    if (number < shape.vus) pullUntil(endMs, plan, client, engine, number);
  }
}

/** k6 ends a shape a little later than so long after its start. */
const slackMs = 200;

function pullUntil(
  endMs: number,
  plan: K6Plan,
  client: ClientProfile,
  engine: Engine,
  number: number,
): void {
  pullNumber(plan, client, engine, number, (thinkMs) => {
    const next = () => pullUntil(endMs, plan, client, engine, number + plan.shape.vus);
    const leftMs = endMs - Date.now();
    if (leftMs <= 0) return;
    // A user who pauses past the end stays until then: k6 would begin iterations without users, over and over.
    if (thinkMs >= leftMs) setTimeout(() => undefined, leftMs + slackMs);
    else if (thinkMs > 0) setTimeout(next, thinkMs);
    else next();
  });
}
