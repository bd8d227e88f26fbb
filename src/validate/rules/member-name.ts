// Rules about names of members in image documents. Unknown ones are allowed and skipped (image-spec,
// Extensibility): told are those that resemble what the schemas know, and so hardly mean themselves.

import { childPointer } from '../../formats/places.ts';
import { asObject, type JsonObject } from '../../lib/json.ts';
import { misspeltName } from '../../lib/nearest.ts';
import { rememberByObject } from '../../lib/remember.ts';
import { memberTables } from '../generated/validators.js';
import type { Kind, SchemaKind } from '../kinds.ts';
import { type Guess, guessElsewhere, guessName, type MemberTable } from './member-table.ts';
import { type JudgedDocument, quote, type Report, type ValueRule } from './rule.ts';

const manifests: readonly Kind[] = [
  'manifest',
  'index',
  'docker-manifest',
  'docker-manifest-list',
  'referrers',
];
const kinds: readonly Kind[] = [...manifests, 'descriptor', 'config', 'docker-config'];

/** What clients look for at the top of any manifest or index, to learn which it is. */
const manifestMembers = { ...memberTables.manifest.members, ...memberTables.index.members };

const none = () => undefined;
/** A name that is nearly one of elsewhere may well be somebody's own. */
const ofImages = { here: misspeltName, elsewhere: none };

interface Found {
  readonly pointer: string;
  readonly written: string;
  readonly guess: Guess;
}

/** Remembered, so that one walk serves all rules; of few, since documents may be large. */
const guessesOf = rememberByObject(
  ({ kind, value }: JudgedDocument): readonly Found[] =>
    manifests.includes(kind) ? guessesInManifest(kind, value) : guessesBelow(kind, value),
  4,
);

/** A member of the other kind of manifest is no misplaced one: manifest-index-confusion is about that. */
function guessesInManifest(kind: SchemaKind, value: JsonObject): Found[] {
  const others = { members: manifestMembers };
  return guessesBelow(kind, value).concat(
    Object.keys(value).flatMap((written) => {
      if (Object.hasOwn(manifestMembers, written)) return [];
      const guess = guessName(written, others, others, { here: none, elsewhere: none });
      if (guess?.kind !== 'case') return [];
      const isOwn = Object.hasOwn(memberTables[kind].members ?? {}, guess.name);
      return isOwn ? [] : [{ pointer: childPointer('', written), written, guess }];
    }),
  );
}

/** Depth is that of the table, whatever the document is. */
function guessesBelow(kind: SchemaKind, whole: JsonObject): Found[] {
  const found: Found[] = [];
  const known = manifests.includes(kind) ? manifestMembers : undefined;
  function visit(value: unknown, table: MemberTable, pointer: string): void {
    const { members, each } = table;
    if (Array.isArray(value)) {
      if (each?.members === undefined) return;
      for (const [at, item] of value.entries()) visit(item, each, childPointer(pointer, at));
      return;
    }
    const object = asObject(value);
    if (object === undefined || members === undefined) return;
    for (const written in object) {
      const below = Object.hasOwn(members, written) ? members[written] : undefined;
      if (below !== undefined) {
        if (below.members ?? below.each)
          visit(object[written], below, childPointer(pointer, written));
      } else if (pointer !== '' || known === undefined || !Object.hasOwn(known, written)) {
        const whole = memberTables[kind];
        const guess = guessName(written, table, whole, ofImages) ?? guessElsewhere(written, whole);
        if (guess !== undefined) {
          found.push({ pointer: childPointer(pointer, written), written, guess });
        }
      }
    }
  }
  visit(whole, memberTables[kind], '');
  return found;
}

/** Reports names with a guess of one kind. */
function check(kind: Guess['kind'], words: (guess: Guess) => string): ValueRule['check'] {
  return (document: JudgedDocument, report: Report) => {
    for (const { pointer, written, guess } of guessesOf(document)) {
      if (guess.kind === kind) report(pointer, `${quote(written)} ${words(guess)}`, 'name');
    }
  };
}

const spec = 'image-spec/considerations.md#extensibility';

export const memberNameRules: readonly ValueRule[] = [
  {
    id: 'member-case',
    level: 'warning',
    spec,
    summary: 'No unknown member has the name of a known one in other letters.',
    fix: 'Correct the name: clients in Go read it as the known member, others do not.',
    kinds,
    check: check('case', ({ name }) => `differs from ${quote(name)} in case`),
  },
  {
    id: 'member-place',
    level: 'warning',
    spec,
    summary: 'Known members stand where they are known.',
    fix: 'Move or remove it: clients skip it here.',
    kinds,
    check: check('place', ({ words }) => words),
  },
  {
    id: 'member-spelling',
    level: 'warning',
    spec,
    summary: 'No unknown member has nearly the name of a known one.',
    fix: 'Correct the name, or choose one that nobody mistakes: clients skip what they do not know.',
    kinds,
    check: check('near', ({ words }) => `is not known, ${words}`),
  },
];
