// Every declared cause of failing pulls, and which of them the facts of a run show.
import type { Facts } from '../facts.ts';
import type { Cause, Found } from './cause.ts';
import { clockWrong } from './clock.ts';
import { content } from './content.ts';
import { credentials } from './credentials.ts';
import { dns } from './dns.ts';
import { limits } from './limits.ts';
import { mirrors } from './mirrors.ts';
import { names } from './names.ts';
import { paths } from './paths.ts';
import { proxies } from './proxies.ts';
import { reach } from './reach.ts';
import { redirects } from './redirects.ts';
import { replies } from './replies.ts';
import { tls } from './tls.ts';
import { unexplainedBy, unexplainedOf } from './unexplained.ts';

export type { Cause, Found } from './cause.ts';

/** By subject, in the order in which a pull meets them. Each is written in the file of that name. */
export const causeRooms: Readonly<Record<string, readonly Cause[]>> = {
  names,
  mirrors,
  dns,
  reach,
  proxies,
  paths,
  tls,
  clock: [clockWrong],
  replies,
  credentials,
  redirects,
  content,
  limits,
};

export const causes: readonly Cause[] = Object.values(causeRooms).flat();

/** A cause, or the class of a failure that none explains, and its file from the root of a checkout. */
export function causeNamed(
  id: string,
): { readonly cause: Cause; readonly file: string } | undefined {
  const unexplained = unexplainedOf(id);
  if (unexplained !== undefined) return { cause: unexplained, file: fileOf('unexplained') };
  for (const [room, list] of Object.entries(causeRooms)) {
    const cause = list.find((one) => one.id === id);
    if (cause !== undefined) return { cause, file: fileOf(room) };
  }
  return undefined;
}

export function fileOf(room: string): string {
  return `src/doctor/causes/${room}.ts`;
}

export interface FoundCause {
  readonly cause: Cause;
  readonly found: Found;
}

/** What the facts show, the most certain first and warnings last; none for a healthy pull. */
export function findCauses(facts: Facts): FoundCause[] {
  const found = causes.flatMap((cause) => foundBy(cause, facts));
  const isTold = found.some((one) => one.found.isHarmless !== true);
  const rest = isTold ? [] : unexplainedBy(facts).flatMap((cause) => foundBy(cause, facts));
  return [...found, ...rest].toSorted((a, b) => rank(a) - rank(b));
}

function foundBy(cause: Cause, facts: Facts): FoundCause[] {
  const found = cause.find(facts) ?? [];
  const list = Array.isArray(found) ? (found as readonly Found[]) : [found as Found];
  return list.map((one) => ({ cause, found: one }));
}

function rank({ found }: FoundCause): number {
  return (found.isHarmless === true ? 10 : 0) + (found.certainty === 'certain' ? 0 : 1);
}
