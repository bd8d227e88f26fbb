// Our clock against those of the hosts that answered (`Date`).
import { dateOf } from '../../../protocol/grammar/http-date.ts';
import type { HttpReply } from '../../../protocol/talk.ts';
import type { Facts } from '../../facts.ts';

interface Stamp {
  readonly host: string;
  /** Theirs less ours, milliseconds. */
  readonly offsetMs: number;
}

function stampsOf({ pulls, probes, startedAtMs }: Facts): Stamp[] {
  const stamp = (host: string, reply: HttpReply | undefined, ourMs: number): Stamp[] => {
    const theirMs = reply === undefined ? undefined : dateOf(reply);
    return theirMs === undefined ? [] : [{ host, offsetMs: theirMs - ourMs }];
  };
  const pulled = pulls.flatMap(({ exchanges }) =>
    // Copies that a cache keeps have the date of when it got them.
    exchanges.flatMap(({ host, reply, endedAtMs }) =>
      reply.header('Age') === undefined ? stamp(host, reply, endedAtMs) : [],
    ),
  );
  if (pulled.length > 0) return pulled;
  return probes.flatMap(({ host, reply }) => stamp(host, reply, startedAtMs));
}

/** What is to be added to our clock, by most of the hosts; undefined where none told the time. */
export function clockOffsetMs(facts: Facts): number | undefined {
  const offsets = stampsOf(facts).map(({ offsetMs }) => offsetMs);
  if (offsets.length === 0) return undefined;
  return offsets.toSorted((a, b) => a - b)[Math.floor(offsets.length / 2)];
}

const sourcesMax = 3;

/** Who told the time, and how far it is from ours. */
export function dateSourcesOf(facts: Facts): string[] {
  const byHost = new Map(stampsOf(facts).map(({ host, offsetMs }) => [host, offsetMs]));
  return [...byHost]
    .slice(0, sourcesMax)
    .map(
      ([host, offsetMs]) =>
        `${host} is ${Math.abs(Math.round(offsetMs / 1000))} s ${offsetMs < 0 ? 'behind' : 'ahead of'} our clock`,
    );
}
