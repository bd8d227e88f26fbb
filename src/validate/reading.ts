// What reading a text that is not JSON comes to: its value, what is wrong with the text, and places.

import { configDepthMax } from '../formats/config-limits.ts';
import type { Locate } from '../formats/json-places.ts';
import type { Place } from '../formats/places.ts';
import type { Rule } from './rules/rule.ts';

export interface Reading {
  /** Plain JSON values; undefined when the text cannot be read. */
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
  readonly locate: Locate;
}

export interface TextProblem {
  readonly rule: Rule;
  /** UTF-16 units from the start of the text. */
  readonly offset: number;
  readonly detail: string;
}

/** What is said of a text that is too deep. */
export const tooDeep = `it is nested deeper than ${configDepthMax} levels`;

/** A reading that comes to nothing. */
export function unreadable(problem: TextProblem): Reading {
  return { value: undefined, problems: [problem], locate: () => new Map() };
}

/** Places for pointers; one that leads nowhere gets the value of its nearest ancestor. */
export function nearestPlaces(
  pointers: Iterable<string>,
  known: ReadonlyMap<string, Place>,
): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const pointer of pointers) {
    let nearest = pointer;
    while (nearest !== '' && !known.has(nearest)) {
      nearest = nearest.slice(0, nearest.lastIndexOf('/'));
    }
    const place = known.get(nearest) ?? { value: 0, name: undefined };
    // What is said of a part that is not there is not about the name, nor about where the whole ends.
    places.set(pointer, nearest === pointer ? place : { value: place.value, name: undefined });
  }
  return places;
}

const messageCharsMax = 200;

/** A message of a parser for a finding: its first line, printable ASCII, without full stop, cut. */
export function parserMessage(message: string): string {
  const [line = ''] = message.split('\n', 1);
  const ascii = line.replace(/[^\x20-\x7e]/g, '?').replace(/[.:\s]+$/, '');
  return ascii.length > messageCharsMax ? `${ascii.slice(0, messageCharsMax)}…` : ascii;
}
