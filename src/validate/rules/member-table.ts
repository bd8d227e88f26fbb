// Names of members by the places where a document has them, and what an unknown one may stand for: a known
// one in other letters, one that belongs elsewhere, or a misspelt one. The tables come from the schemas.

import { meantName, misspeltName } from '../../lib/nearest.ts';
import { rememberByObject } from '../../lib/remember.ts';

/** What may stand at one place of a document of some kind. */
export interface MemberTable {
  /** Where that is, after "belongs"; only of places that names are missed in. */
  readonly place?: string;
  readonly members?: Readonly<Record<string, MemberTable>>;
  /** Of an array or a map: what each item or value may have. */
  readonly each?: MemberTable;
}

/** What an unknown name may stand for. */
export interface Guess {
  /** `far`: nearly a name that belongs elsewhere. */
  readonly kind: 'case' | 'place' | 'near' | 'far';
  readonly name: string;
  /** It belongs to the top of the document. */
  readonly isTop: boolean;
  /** To follow the name in a sentence. */
  readonly words: string;
}

/** Tells the nearest of some names, if it may have been meant. */
type Nearest = (written: string, names: Iterable<string>) => string | undefined;

/** How near a name has to be to one of the same place, and to one of another. */
export interface Nearness {
  readonly here: Nearest;
  readonly elsewhere: Nearest;
}

/** Undefined for a name that nothing is known to resemble. `here`: where it was written. */
export function guessName(
  written: string,
  here: MemberTable,
  whole: MemberTable,
  near: Nearness = { here: meantName, elsewhere: misspeltName },
): Guess | undefined {
  const names = Object.keys(here.members ?? {});
  const lower = written.toLowerCase();
  const same = names.find((name) => name.toLowerCase() === lower);
  if (same !== undefined) {
    return { kind: 'case', name: same, isTop: false, words: `perhaps ${same} is meant` };
  }
  const place = placeOf(written, whole);
  if (place !== undefined) {
    const isTop = Object.hasOwn(whole.members ?? {}, written);
    return { kind: 'place', name: written, isTop, words: `belongs ${place}` };
  }
  const meant = near.here(written, names);
  if (meant !== undefined) {
    return { kind: 'near', name: meant, isTop: false, words: `perhaps ${meant} is meant` };
  }
  const far = near.elsewhere(written, placesOf(whole).keys());
  if (far === undefined) return undefined;
  const words = `perhaps ${far} is meant, which belongs ${placeOf(far, whole)}`;
  return { kind: 'far', name: far, isTop: Object.hasOwn(whole.members ?? {}, far), words };
}

/** Where a name belongs; undefined when it is known nowhere. The uppermost place counts. */
export function placeOf(name: string, whole: MemberTable): string | undefined {
  return placesOf(whole).get(name);
}

/** What a name stands for that is known elsewhere in other letters, as `labels` at the top of a configuration. */
export function guessElsewhere(written: string, whole: MemberTable): Guess | undefined {
  const found = namesInLowerCase(whole).get(written.toLowerCase());
  if (found === undefined) return undefined;
  const [name, place] = found;
  const words = `may be meant as ${name}, which belongs ${place}`;
  return { kind: 'place', name, isTop: false, words };
}

const namesInLowerCase = rememberByObject(
  (whole: MemberTable): ReadonlyMap<string, readonly [name: string, place: string]> =>
    new Map([...placesOf(whole)].map((entry) => [entry[0].toLowerCase(), entry])),
);

const placesOf = rememberByObject((whole: MemberTable): ReadonlyMap<string, string> => {
  const places = new Map<string, string>();
  const level: MemberTable[] = [whole];
  for (const { place, members = {}, each } of level) {
    for (const [name, table] of Object.entries(members)) {
      if (place !== undefined && !places.has(name)) places.set(name, place);
      level.push(table);
    }
    if (each !== undefined) level.push(each);
  }
  return places;
});

/** The table for the value that a pointer's steps lead to; undefined where nothing is known of it. */
export function tableAt(whole: MemberTable, steps: readonly string[]): MemberTable | undefined {
  let table: MemberTable | undefined = whole;
  for (const step of steps) {
    const at: MemberTable = table ?? {};
    const isMember = at.members !== undefined && Object.hasOwn(at.members, step);
    table = isMember ? at.members?.[step] : at.each;
  }
  return table;
}
