// Which fault, and how far it goes: `ID`, or `ID:p=0.02:after=100:repo=demo/app`, limits in any order.

import { UserError } from '../../src/lib/user-error.ts';
import { isRepository } from '../../src/protocol/grammar/reference.ts';

/** When a fault strikes among the replies that it aims at; what is left out does not matter. */
export interface Limits {
  /** Chance of each, above 0 and at most 1. */
  readonly p?: number;
  /** How many are left in peace first. */
  readonly after?: number;
  /** The one repository whose manifests, tags, blobs and tokens it concerns. */
  readonly repo?: string;
}

export interface Choice {
  readonly id: string;
  readonly limits: Limits;
}

const textCharsMax = 1_000;
const afterMax = 1e9;

/** @throws UserError `fault-limit` */
export function parseChoice(text: string): Choice {
  const [id = '', ...parts] = text.slice(0, textCharsMax).split(/[:,]/);
  const given = parts.map((part) => {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    const value = part.slice(at + 1);
    return [name, name === 'repo' || value === '' ? value : Number(value)] as const;
  });
  return { id, limits: readLimits(Object.fromEntries(given)) };
}

/** Limits from a JSON value. @throws UserError `fault-limit` */
export function readLimits(value: unknown): Limits {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw unreadable(value);
  const limits: { p?: number; after?: number; repo?: string } = {};
  for (const [name, limit] of Object.entries(value)) {
    if (name === 'p' && typeof limit === 'number' && limit > 0 && limit <= 1) limits.p = limit;
    else if (name === 'after' && isCount(limit)) limits.after = limit;
    else if (name === 'repo' && typeof limit === 'string' && isRepository(limit)) {
      limits.repo = limit;
    } else throw unreadable({ [name]: limit });
  }
  return limits;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= afterMax;
}

function unreadable(what: unknown): UserError {
  const shown = JSON.stringify(what).slice(0, 200);
  const hint = 'Limits are p=0.02 (a chance), after=100 (replies) and repo=demo/app.';
  return new UserError('fault-limit', `a fault cannot be limited by ${shown}`, hint);
}
