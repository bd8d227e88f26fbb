// Deleting in every state of things: several at once, over a connection of its own, and in a repository whose name has
// every form. What a plain deletion does is for the checks that a row depends on; here only the state differs.
import type { CheckLevel } from '../../../reports/results.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { State } from '../cells.ts';
import type { Check, CheckContext } from '../check.ts';
import { overFreshConnections } from '../kit/ask.ts';
import { expectAbsent } from '../kit/blobs.ts';
import { expectAccepted, expectDeleted, givenDeleted, tryDelete } from '../kit/deletion.ts';
import { given } from '../kit/given.ts';
import { givenUploadTo, oddRepository } from '../kit/new-repositories.ts';
import { type Kind, kinds, type Pushed } from './kinds.ts';

const deletersAtOnce = 4;

/** How, or where, it is deleted. */
interface Manner {
  readonly id: 'at-once' | 'fresh' | 'names';
  readonly state: State;
  readonly level: CheckLevel;
  requirement(kind: Kind): string;
  readonly why: string;
  /** See Check; besides the plain deletion. */
  readonly dependsOn: readonly string[];
  run(context: CheckContext, kind: Kind, id: string): Talk<string>;
}

const manners: readonly Manner[] = [
  {
    id: 'at-once',
    state: 'at-once',
    // Nothing in the text is about several at once.
    level: 'COMPAT',
    requirement: ({ titles }) =>
      `Of ${deletersAtOnce} ${titles} that are deleted at once, each is answered 202 and is 404 then, and no other one is.`,
    why: 'Cleaning jobs delete what is old all at once.',
    dependsOn: [],
    *run(context, kind, id) {
      const { judgedBy, titles } = kind;
      const plain = yield* kind.push(context, `${id}-plain`);
      yield* givenDeleted(context, plain.below, titles, judgedBy);
      const kept = yield* kind.push(context, `${id}-kept`);
      const gone: Pushed[] = [];
      for (let at = 0; at < deletersAtOnce; at++)
        gone.push(yield* kind.push(context, `${id}-${at}`));
      const parallel = gone.map(({ below }) => tryDelete(context, below));
      for (const exchange of yield { parallel, limit: deletersAtOnce }) {
        expectAccepted(exchange, titles);
      }
      for (const { below } of gone) yield* expectAbsent(context, below);
      yield* kept.expectKept();
      return `${deletersAtOnce} times 202, then 404`;
    },
  },
  {
    id: 'fresh',
    state: 'fresh',
    level: 'MUST',
    requirement: ({ title }) =>
      `DELETE of ${title} over a connection of its own, which is closed after it, is answered 202, and it is 404 then.`,
    why: 'Jobs of one request each, by curl for one, close the connection; what holds over kept ones alone fails for them.',
    dependsOn: [],
    *run(context, kind, id) {
      const { judgedBy, titles } = kind;
      const plain = yield* kind.push(context, `${id}-plain`);
      yield* givenDeleted(context, plain.below, titles, judgedBy);
      const { below } = yield* kind.push(context, id);
      expectAccepted(yield* tryDelete(context, below, undefined, overFreshConnections), titles);
      yield* expectAbsent(context, below);
      return '202, then 404';
    },
  },
  {
    id: 'names',
    state: 'names',
    // The grammar binds who names a repository; that all of it works is expected.
    level: 'COMPAT',
    requirement: ({ title }) =>
      `DELETE of ${title} is answered 202 also in a repository whose name has every separator and the words of the endpoints.`,
    why: 'What can be pushed and not be deleted stays for ever, and is paid for.',
    dependsOn: ['repository-name-separators', 'repository-name-endpoints'],
    *run(context, kind, id) {
      const { judgedBy, titles } = kind;
      const plain = yield* kind.push(context, `${id}-plain`);
      yield* givenDeleted(context, plain.below, titles, judgedBy);
      const repository = oddRepository(context, kind.endpoint);
      yield* givenUploadTo(context, repository);
      const { below } = yield* given(context, 'repository-name-endpoints', () =>
        kind.push(context, id, repository),
      );
      yield* expectDeleted(context, below, titles, repository);
      yield* expectAbsent(context, below, repository);
      return `202 in ${repository}, then 404`;
    },
  },
];

export const deleteStateChecks: readonly Check[] = kinds.flatMap((kind) =>
  manners.map((manner): Check => {
    const id = `${kind.judgedBy}-${manner.id}`;
    return {
      id,
      level: manner.level,
      section: kind.section,
      requirement: manner.requirement(kind),
      why: manner.why,
      needs: ['push'],
      dependsOn: [kind.judgedBy, ...manner.dependsOn],
      covers: [`${kind.endpoint} ${manner.state}`],
      isAlone: kind.endpoint !== 'blob-delete',
      run: (context) => manner.run(context, kind, id),
    };
  }),
);
