// How conversations of one pull wait for each other: slots of which so many are taken at a time, first come,
// first served, and an order in which something may begin.
import type { PullFailure } from './failure.ts';
import type { Gate, Talk } from './talk.ts';

export interface Slots {
  free: number;
  readonly waiting: (() => void)[];
  /** The pull has failed: whoever still waits fails of the same. */
  failed?: PullFailure | undefined;
}

export function slotsOf(free: number): Slots {
  return { free, waiting: [] };
}

/** Takes a slot, which must be given back. @throws PullFailure when the pull has failed meanwhile */
export function* take(slots: Slots): Talk<void> {
  const gate: Gate['gate'] = (pass) => {
    if (slots.free === 0) {
      slots.waiting.push(pass);
      return;
    }
    slots.free--;
    pass();
  };
  yield { gate };
  if (slots.failed === undefined) return;
  giveBack(slots);
  throw slots.failed;
}

export function giveBack(slots: Slots): void {
  const next = slots.waiting.shift();
  if (next === undefined) slots.free++;
  else next();
}

export interface Order {
  /** Whoever waits for so much or less may go on. */
  reached: number;
  waiting: { readonly at: number; readonly pass: () => void }[];
}

export function orderFrom(reached: number): Order {
  return { reached, waiting: [] };
}

export function until(order: Order, at: number): Gate {
  return {
    gate: (pass) => {
      if (at <= order.reached) pass();
      else order.waiting.push({ at, pass });
    },
  };
}

export function reach(order: Order, at: number): void {
  if (at <= order.reached) return;
  order.reached = at;
  const due = order.waiting.filter((one) => one.at <= at);
  order.waiting = order.waiting.filter((one) => one.at > at);
  for (const { pass } of due) pass();
}
