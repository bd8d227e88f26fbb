// What is read once must be there again, for several at once, and over a new connection: a table of what is asked
// for, each in three states. What it is that comes is for the check that a row depends on; here only the state
// differs, so that a verdict says which.
import type { CheckLevel } from '../../../reports/results.ts';
import type { RequestShape, Session } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { Cell, Endpoint } from '../cells.ts';
import { type Check, type CheckContext, Unsupported } from '../check.ts';
import {
  type Asked,
  ask,
  blobShape,
  headOf,
  manifestShape,
  overFreshConnections,
  pingShape,
  rangeOf,
  smallBytesMax,
} from '../kit/ask.ts';
import { describe, expectThat, fact } from '../kit/expect.ts';
import { given, notGiven } from '../kit/given.ts';
import { referrersPath } from '../kit/referrers.ts';
import { listPath } from '../kit/tags.ts';

/** Something to ask for. */
interface Subject {
  readonly id: Endpoint;
  readonly title: string;
  readonly level: CheckLevel;
  readonly section: string;
  /** The check that judges what comes. */
  readonly judgedBy: string;
  readonly needs: Check['needs'];
  /** Statuses by which it is not offered at all. */
  readonly notOffered?: readonly number[];
  shape(context: CheckContext): RequestShape;
}

const list = { want: 'text', bodyBytesMax: 4 * smallBytesMax, phase: 'other' } as const;
const pulling = 'distribution-spec/spec.md#pulling-manifests';
const blobs = 'distribution-spec/spec.md#pulling-blobs';
const existence = 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry';
const manifestOf = (context: CheckContext) => manifestShape(context, context.reference);
const pinned = (context: CheckContext) => {
  const { entry, top } = context.facts;
  return manifestShape(context, entry?.digest ?? fact(top).digest);
};
const configOf = (context: CheckContext) => blobShape(context, fact(context.facts.image).config);

const subjects: readonly Subject[] = [
  {
    id: 'ping',
    title: 'GET /v2/',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#determining-support',
    judgedBy: 'ping',
    needs: [],
    // It may want credentials that the run has not.
    notOffered: [401, 403],
    shape: () => pingShape,
  },
  {
    id: 'ping-head',
    title: 'HEAD /v2/',
    level: 'COMPAT',
    section: 'distribution-spec/spec.md#determining-support',
    judgedBy: 'ping-head-agrees',
    needs: [],
    // The text has GET alone.
    notOffered: [401, 403, 404, 405],
    shape: () => headOf(pingShape),
  },
  {
    id: 'manifest-tag',
    title: 'GET of a manifest by its tag',
    level: 'MUST',
    section: pulling,
    judgedBy: 'manifest-by-tag',
    needs: ['top'],
    shape: manifestOf,
  },
  {
    id: 'manifest-digest',
    title: 'GET of a manifest by its digest',
    level: 'MUST',
    section: pulling,
    judgedBy: 'manifest-by-digest',
    needs: ['top'],
    shape: pinned,
  },
  {
    id: 'blob',
    title: 'GET of a blob',
    level: 'MUST',
    section: blobs,
    judgedBy: 'blob-config',
    needs: ['image'],
    shape: configOf,
  },
  {
    id: 'manifest-tag-head',
    title: 'HEAD of a manifest by its tag',
    level: 'MUST',
    section: existence,
    judgedBy: 'manifest-head',
    needs: ['top'],
    shape: (context) => headOf(manifestOf(context)),
  },
  {
    id: 'manifest-digest-head',
    title: 'HEAD of a manifest by its digest',
    level: 'MUST',
    section: existence,
    judgedBy: 'manifest-head',
    needs: ['top'],
    shape: (context) => headOf(pinned(context)),
  },
  {
    id: 'blob-head',
    title: 'HEAD of a blob',
    level: 'MUST',
    section: existence,
    judgedBy: 'blob-head',
    needs: ['image'],
    shape: (context) => headOf(configOf(context)),
  },
  {
    id: 'blob-range',
    title: 'GET of a range of a blob',
    level: 'SHOULD',
    section: blobs,
    judgedBy: 'blob-range-open',
    needs: ['image'],
    shape: (context) => rangeOf(configOf(context), '1-'),
  },
  {
    id: 'tags',
    title: 'GET of the list of tags',
    level: 'MUST',
    section: 'distribution-spec/spec.md#listing-tags',
    judgedBy: 'tags-read-form',
    needs: ['top'],
    notOffered: [400, 401, 403, 404, 405, 501],
    shape: (context) => ({ ...list, path: listPath(context) }),
  },
  {
    id: 'referrers',
    title: 'GET of the list of referrers',
    level: 'MUST',
    section: 'distribution-spec/spec.md#listing-referrers',
    judgedBy: 'referrers-read',
    needs: ['top'],
    notOffered: [400, 401, 403, 404, 405, 501],
    shape: (context) => ({ ...list, path: referrersPath(context, fact(context.facts.top).digest) }),
  },
];

/** In which the same is asked for once more. */
interface Manner {
  readonly id: 'again' | 'at-once' | 'fresh';
  readonly state: 'second' | 'at-once' | 'fresh';
  readonly title: string;
  readonly why: string;
  ask(context: CheckContext, shape: RequestShape, session: Session): Talk<Asked[]>;
}

const readersAtOnce = 4;

const manners: readonly Manner[] = [
  {
    id: 'again',
    state: 'second',
    title: 'is answered alike each time that it is asked',
    why: 'What a cache or replica serves once and not again fails every other pull.',
    *ask(context, shape, session) {
      const asked: Asked[] = [];
      for (let time = 0; time < 3; time++) asked.push(yield* ask(context, shape, session));
      return asked;
    },
  },
  {
    id: 'at-once',
    state: 'at-once',
    title: `is answered alike to ${readersAtOnce} who ask at once`,
    why: 'A deployment starts on many machines in the same second.',
    *ask(context, shape, session) {
      const readers = Array.from({ length: readersAtOnce }, () => ask(context, shape, session));
      return yield { parallel: readers, limit: readersAtOnce };
    },
  },
  {
    id: 'fresh',
    state: 'fresh',
    title: 'is answered alike over a connection of its own, which is closed after it',
    why: 'Docker and podman close each connection; what holds over kept ones alone fails for them.',
    *ask(context, shape, session) {
      return [yield* ask(context, shape, overFreshConnections(session))];
    },
  },
];

function checkOf(subject: Subject, manner: Manner): Check {
  const { level, section, needs, judgedBy, shape } = subject;
  const covers: Cell[] = [`${subject.id} ${manner.state}`];
  if (manner.id === 'again') covers.push(`${subject.id} token`);
  return {
    id: `${subject.id}-${manner.id}`,
    level,
    section,
    requirement: `${subject.title} ${manner.title}.`,
    why: manner.why,
    needs,
    dependsOn: [judgedBy],
    covers,
    *run(context) {
      const wanted = shape(context);
      const session = context.session();
      const { last: once } = yield* given(context, judgedBy, () => ask(context, wanted, session));
      if (subject.notOffered?.includes(once.status) === true) {
        throw new Unsupported(`${subject.title} is not offered (${once.status})`);
      }
      const isWhole = once.failure === '' && (once.status === 200 || once.status === 206);
      if (!isWhole) throw notGiven(context, judgedBy, describe(once));
      const all = yield* manner.ask(context, wanted, session);
      for (const { last } of all) {
        // A cache may ignore Range while it has not the whole blob (RFC 9110 14.2).
        if (subject.id === 'blob-range' && last.status === 200 && last.failure === '') continue;
        const expected = `status ${once.status}, as to the ask before`;
        expectThat(last.status === once.status && last.failure === '', expected, describe(last));
        // Lists may have grown since, and tags moved.
        if (wanted.path.includes(':') && subject.id !== 'referrers') {
          const what = `${once.bytes} bytes, as to the ask before`;
          expectThat(last.bytes === once.bytes, what, `${last.bytes} bytes`);
          const actual = `bytes that hash to ${last.digest}`;
          expectThat(last.digest === once.digest, `bytes that hash to ${once.digest}`, actual);
        }
      }
      return `${once.status}, ${all.length + 1} times`;
    },
  };
}

// One manner after the other, so that no check begins with what the one before it has just asked.
export const stateChecks: readonly Check[] = manners.flatMap((manner) =>
  subjects.map((subject) => checkOf(subject, manner)),
);
