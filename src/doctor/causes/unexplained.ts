// A failure that no declared cause fits is told as what it is: its class, and what to do about that class. Never
// beside a cause, and never as if it were one.

import { type FailureClass, hintOf } from '../../protocol/failure.ts';
import { failureClasses } from '../../protocol/failure-hints.ts';
import type { Facts } from '../facts.ts';
import type { Cause } from './cause.ts';
import { metLine, ofTroubles, troublesOf } from './kit/troubles.ts';

/** By class. */
const causes: Readonly<Record<string, Cause>> = Object.fromEntries(
  failureClasses.map((kind) => [kind, unexplained(kind)]),
);

function unexplained(kind: FailureClass): Cause {
  return {
    id: `unexplained-${kind}`,
    title: `The pull fails (${kind}), and what was seen does not say why`,
    explanation:
      'No declared cause fits what was seen. This is the kind of failure, and what helps against that kind.',
    says: {},
    decidedBy: 'The failure itself, and that no cause fits.',
    remedy: [hintOf({ class: kind })],
    who: 'you',
    seenIn: [],
    find: ofTroubles(({ failure, isHealed }) => {
      if (failure.class !== kind || isHealed) return undefined;
      return {
        at: failure.host,
        certainty: 'certain',
        evidence: [metLine(failure), hintOf(failure)],
      };
    }),
  };
}

/** Those of the failures with which pulls ended. */
export function unexplainedBy(facts: Facts): Cause[] {
  const ended = troublesOf(facts).filter(({ isHealed }) => !isHealed);
  const kinds = new Set(ended.map(({ failure }) => failure.class));
  return [...kinds].flatMap((kind) => causes[kind] ?? []);
}

/** Of `unexplained-<class>`. */
export function unexplainedOf(id: string): Cause | undefined {
  const [, kind = ''] = /^unexplained-([a-z0-9-]+)$/.exec(id) ?? [];
  return Object.hasOwn(causes, kind) ? causes[kind] : undefined;
}
