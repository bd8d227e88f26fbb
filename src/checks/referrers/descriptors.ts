// distribution-spec, "Listing Referrers": what the descriptors in the list say of each kind of referrer.
import { asObject, type JsonObject } from '../../lib/json.ts';
import type { Check, CheckContext } from '../check.ts';
import { expectThat, quote } from '../kit/expect.ts';
import { type ManifestFixture, named } from '../kit/manifests.ts';
import {
  configType,
  expectField,
  type Family,
  givenFamily,
  indexType,
  referrersOf,
  sbomType,
  shown,
} from '../kit/referrers.ts';

const section = 'distribution-spec/spec.md#listing-referrers';

/** A statement about the descriptor of one of the family. */
interface Statement {
  readonly id: string;
  readonly requirement: string;
  readonly why: string;
  of(family: Family): ManifestFixture;
  expect(entry: JsonObject, of: ManifestFixture, context: CheckContext): string;
}

const statements: readonly Statement[] = [
  {
    id: 'referrers-descriptor',
    requirement: 'The descriptor of a referrer has its mediaType, digest and size.',
    why: 'Clients pull a signature by what the list says of it, and refuse what does not fit.',
    of: ({ typed }) => typed,
    expect: (entry, { content, mediaType }) => {
      expectField(entry, 'mediaType', mediaType);
      expectField(entry, 'size', content.size);
      return `${mediaType}, ${content.size} bytes`;
    },
  },
  {
    id: 'referrers-artifact-type',
    requirement: 'The descriptor of a referrer has its artifactType.',
    why: 'Clients look for signatures, SBOMs and attestations by this field.',
    of: ({ typed }) => typed,
    expect: (entry) => expectField(entry, 'artifactType', sbomType),
  },
  {
    id: 'referrers-config-type',
    requirement:
      "The descriptor of a referrer without artifactType has its config's mediaType instead.",
    why: 'Signatures of older tools tell what they are by their config alone.',
    of: ({ byConfig }) => byConfig,
    expect: (entry) => expectField(entry, 'artifactType', configType),
  },
  {
    id: 'referrers-index-type',
    requirement: 'An index with a subject is among the referrers, as one, with its artifactType.',
    why: 'Attestations of several platforms come as an index.',
    of: ({ index }) => index,
    expect: (entry, { mediaType }) => {
      expectField(entry, 'mediaType', mediaType);
      return expectField(entry, 'artifactType', indexType);
    },
  },
  {
    id: 'referrers-index-untyped',
    requirement: 'An index without artifactType is among the referrers, and has none there.',
    why: 'A type that nobody gave is taken for one that somebody meant.',
    of: ({ untypedIndex }) => untypedIndex,
    expect: (entry) => expectField(entry, 'artifactType', undefined),
  },
  {
    id: 'referrers-annotations',
    requirement: 'The descriptor of a referrer has the annotations of its manifest.',
    why: 'Clients choose among many signatures by annotations, without pulling each.',
    of: ({ typed }) => typed,
    expect: (entry, _, context) =>
      expectAnnotations(entry, named(context, 'referrers-annotations typed')),
  },
  {
    id: 'referrers-index-annotations',
    requirement: 'The descriptor of an index among the referrers has the annotations of the index.',
    why: 'Attestations of several platforms are told apart by them.',
    of: ({ index }) => index,
    expect: (entry, _, context) =>
      expectAnnotations(entry, named(context, 'referrers-index-annotations index')),
  },
];

export const referrerDescriptorChecks: readonly Check[] = statements.map(
  ({ id, requirement, why, of, expect }): Check => ({
    id,
    level: 'MUST',
    section,
    requirement,
    why,
    needs: ['push'],
    dependsOn: ['referrers-list'],
    *run(context) {
      const family = yield* givenFamily(context, id);
      const fixture = of(family);
      const entries = yield* referrersOf(context, family);
      const entry = entries.find(({ digest }) => digest === fixture.content.digest);
      expectThat(entry !== undefined, `${fixture.content.digest}`, shown(entries));
      return expect(entry, fixture, context);
    },
  }),
);

function expectAnnotations(entry: JsonObject, wanted: Readonly<Record<string, string>>): string {
  const annotations = asObject(entry.annotations) ?? {};
  const isEqual = Object.entries(wanted).every(([key, value]) => annotations[key] === value);
  const actual = quote(JSON.stringify(entry.annotations) ?? 'none');
  expectThat(isEqual, JSON.stringify(wanted), actual);
  return actual;
}
