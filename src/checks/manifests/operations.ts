// distribution-spec, "Pushing Manifests": each shape of manifest is pushed, read back, pushed again and
// deleted. One table of shapes (shapes.ts), one of operations, a check for each pair.

import type { CheckLevel } from '../../../reports/results.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Cell, type Endpoint, type State, whySenseless } from '../cells.ts';
import type { Check, CheckContext } from '../check.ts';
import { ask, expectDigestHeader, headOf } from '../kit/ask.ts';
import { expectAbsent, noSha512, refusesAlgorithm } from '../kit/blobs.ts';
import { claimsIn, expectClaim } from '../kit/claims.ts';
import { expectDeleted } from '../kit/deletion.ts';
import { describe, expectContentLength, expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given, givenReply, notGiven } from '../kit/given.ts';
import { bare, type ManifestFixture } from '../kit/manifests.ts';
import { expectCode, hasCode } from '../kit/refusal.ts';
import {
  expectLocation,
  expectManifest,
  givenNeeded,
  givenPushed,
  put,
  readShape,
} from '../kit/stored.ts';
import { isRefused, tagsStay } from '../kit/tag-moves.ts';
import { ownTag } from '../kit/tags.ts';

import { type Shape, shapes } from './shapes.ts';

interface Operation {
  /** The check's id is this and the id of the shape. */
  readonly id: string;
  readonly level: CheckLevel;
  readonly section: string;
  requirement(shape: Shape): string;
  readonly why: string;
  /** What it asks for; see `covers` of Check. */
  readonly endpoints?: readonly Endpoint[];
  /** For shapes of these kinds, too, besides plain ones. */
  readonly kinds: readonly Shape['kind'][];
  /** See Check. */
  readonly isAlone?: boolean;
  /** See Check. */
  dependsOn(shape: Shape): readonly string[];
  run(context: CheckContext, subject: Subject): Talk<string>;
}

/** What an operation is done with. */
interface Subject {
  readonly shape: Shape;
  readonly fixture: ManifestFixture;
  /** Nobody else uses it. */
  readonly tag: string;
}

const pushing = 'distribution-spec/spec.md#pushing-manifests';
const pulling = 'distribution-spec/spec.md#pulling-manifests';

const operations: readonly Operation[] = [
  {
    id: 'manifest-put',
    level: 'MUST',
    section: pushing,
    requirement: ({ title }) => `PUT of ${title} to its digest answers 201.`,
    why: 'What cannot be pushed, or is stored in other bytes, is lost for everybody.',
    endpoints: ['manifest-put'],
    kinds: ['sparse', 'sha512', 'long'],
    dependsOn: pushesOfParts,
    run: (context, subject) => pushTo(context, subject, subject.fixture.content.digest),
  },
  {
    id: 'manifest-put-tagged',
    level: 'MUST',
    section: pushing,
    requirement: ({ title }) => `PUT of ${title} to a tag answers 201.`,
    why: 'This is how nearly everything gets into a registry.',
    endpoints: ['manifest-put'],
    kinds: ['sparse', 'sha512', 'long'],
    dependsOn: pushesOfParts,
    run: (context, subject) => pushTo(context, subject, subject.tag),
  },
  {
    id: 'manifest-location',
    level: 'MUST',
    section: pushing,
    requirement: ({ title }) =>
      `PUT of ${title} answers with a Location that it can be pulled from, as it was pushed.`,
    why: 'Clients that check what they pushed, or copy it on, ask there.',
    kinds: [],
    dependsOn: ({ id }) => [`manifest-put-tagged-${id}`],
    *run(context, { shape, fixture, tag }) {
      yield* givenNeeded(context, fixture);
      const exchange = yield* put(context, tag, fixture);
      if (exchange.reply.status !== 201) {
        throw notGiven(context, `manifest-put-tagged-${shape.id}`, describe(exchange.reply));
      }
      return yield* expectLocation(context, exchange, fixture);
    },
  },
  {
    id: 'manifest-get',
    level: 'MUST',
    section: pushing,
    requirement: ({ title }) => `GET of ${title} by digest brings the bytes that were pushed.`,
    why: 'One blank more, and every signature and every reference by digest is broken.',
    endpoints: ['manifest-digest'],
    kinds: ['sha512', 'long'],
    dependsOn: ({ id }) => [`manifest-put-${id}`],
    *run(context, { shape, fixture }) {
      const { digest } = fixture.content;
      yield* givenPut(context, shape, fixture, digest);
      yield* expectManifest(context, digest, fixture);
      return `${fixture.content.size} bytes that hash to ${digest}`;
    },
  },
  {
    id: 'manifest-by-tag',
    level: 'MUST',
    section: pushing,
    requirement: ({ title }) => `GET of ${title} by its tag brings the bytes that were pushed.`,
    why: 'A tag that leads to something else than was pushed to it deploys the wrong thing.',
    endpoints: ['manifest-tag'],
    kinds: ['sha512', 'long'],
    dependsOn: ({ id }) => [`manifest-put-tagged-${id}`],
    *run(context, { shape, fixture, tag }) {
      yield* givenPut(context, shape, fixture, tag);
      yield* expectManifest(context, tag, fixture);
      return `${tag} is ${fixture.content.digest}`;
    },
  },
  {
    id: 'manifest-type',
    level: 'SHOULD',
    section: pulling,
    requirement: ({ title }) => `GET of ${title} has the Content-Type that it was pushed with.`,
    why: 'Clients decide by this header how to read the document.',
    kinds: ['sha512', 'long'],
    dependsOn: ({ id }) => [`manifest-get-${id}`],
    *run(context, { shape, fixture }) {
      const { digest } = fixture.content;
      yield* givenPut(context, shape, fixture, digest);
      const asking = ask(context, readShape(context, digest, fixture), pushSession(context));
      const { last } = yield* givenReply(context, `manifest-get-${shape.id}`, asking);
      return expectType(last, fixture.mediaType);
    },
  },
  {
    id: 'manifest-head',
    level: 'MUST',
    section: 'distribution-spec/spec.md#checking-if-content-exists-in-the-registry',
    requirement: ({ title }) =>
      `HEAD of ${title}, by tag and by digest, answers 200 with its size and its digest.`,
    why: 'Clients build the descriptor of what they pull or copy from these headers.',
    endpoints: ['manifest-digest-head', 'manifest-tag-head'],
    kinds: ['sha512'],
    dependsOn: ({ id }) => [`manifest-put-${id}`, `manifest-put-tagged-${id}`],
    *run(context, { shape, fixture, tag }) {
      const { digest, size } = fixture.content;
      yield* givenPut(context, shape, fixture, digest);
      yield* givenPut(context, shape, fixture, tag, false);
      for (const reference of [digest, tag]) {
        const get = readShape(context, reference, fixture);
        const asked = yield* ask(context, headOf(get), pushSession(context));
        expectStatus(asked.last, 200);
        const length = expectContentLength(asked.last);
        expectThat(length === size, `Content-Length: ${size}`, `Content-Length: ${length}`);
        yield* expectDigestHeader(context, asked.exchanges, digest, get);
      }
      return `200, Content-Length: ${size}`;
    },
  },
  {
    id: 'manifest-again',
    level: 'SHOULD',
    section: 'distribution-spec/spec.md#api',
    requirement: ({ title }) =>
      `PUT of ${title} a second time answers 201 again and changes nothing (RFC 9110 9.2.2).`,
    why: 'Pushes are retried, and builds push what is there already.',
    kinds: ['sha512'],
    dependsOn: ({ id }) => [`manifest-put-${id}`, `manifest-by-tag-${id}`],
    *run(context, { shape, fixture, tag }) {
      const references = [fixture.content.digest, tag];
      yield* givenNeeded(context, fixture);
      for (const reference of references)
        yield* givenPut(context, shape, fixture, reference, false);
      for (const reference of references) {
        const { reply } = yield* put(context, reference, fixture);
        if (reference === tag && isRefused(reply)) yield* expectTagsStay(context, tag);
        expectStatus(reply, 201);
      }
      yield* given(context, `manifest-by-tag-${shape.id}`, function* () {
        yield* expectManifest(context, tag, fixture);
      });
      return '201 by digest and by tag, and the same bytes';
    },
  },
  {
    id: 'manifest-delete',
    level: 'MUST',
    section: 'distribution-spec/spec.md#deleting-manifests',
    requirement: ({ title }) => `DELETE of ${title} answers 202, and then its digest is 404.`,
    why: 'What was deleted because it must not be there has to be gone.',
    endpoints: ['manifest-delete'],
    kinds: ['sha512'],
    isAlone: true,
    dependsOn: ({ id }) => [`manifest-put-${id}`],
    *run(context, { shape, fixture }) {
      const { digest } = fixture.content;
      yield* givenPut(context, shape, fixture, digest);
      yield* expectDeleted(context, `manifests/${digest}`, 'manifests');
      yield* expectAbsent(context, `manifests/${digest}`);
      return '202, then 404';
    },
  },
];

/** What a shape is an instance of. */
const statesOf: Readonly<Record<string, readonly State[]>> = {
  image: ['first', 'one', 'token'],
  'many-layers': ['many'],
  large: ['largest'],
  sha512: ['sha512'],
};

export const pushManifestChecks: readonly Check[] = operations.flatMap((operation) =>
  shapes
    .filter(({ kind }) => kind === undefined || operation.kinds.includes(kind))
    .map((shape): Check => {
      const id = `${operation.id}-${shape.id}`;
      return {
        id,
        level: weaker(operation.level, shape.level),
        section: operation.section,
        requirement: operation.requirement(shape),
        why: operation.why,
        needs: ['push'],
        dependsOn: operation.dependsOn(shape),
        isAlone: operation.isAlone === true,
        covers: cellsOf(operation, shape),
        *run(context) {
          const fixture = shape.build(context, id);
          return yield* operation.run(context, { shape, fixture, tag: ownTag(context, id) });
        },
      };
    }),
);

function cellsOf({ id: operation, endpoints = [] }: Operation, { id }: Shape): readonly Cell[] {
  if (operation === 'manifest-again' && id === 'image') return ['manifest-put second'];
  return endpoints.flatMap((endpoint) =>
    (statesOf[id] ?? []).flatMap((state): Cell[] => {
      return whySenseless(endpoint, state) === undefined ? [`${endpoint} ${state}`] : [];
    }),
  );
}

/** What a manifest names is pushed before it. */
function pushesOfParts({ lists = [] }: Shape): readonly string[] {
  return ['upload-post-put', ...lists];
}

/** What no spec demands of a shape is not demanded of an operation on it. */
function weaker(level: CheckLevel, other: CheckLevel | undefined): CheckLevel {
  return other === undefined || level === other || other === 'MUST' ? level : other;
}

function* pushTo(context: CheckContext, subject: Subject, reference: string): Talk<string> {
  const { shape, fixture } = subject;
  yield* givenNeeded(context, fixture);
  const { reply } = yield* put(context, reference, fixture);
  if (shape.kind === 'sparse' && reply.status >= 400 && reply.status < 500) {
    // Else it may be refused for what it is.
    const isForMissing = hasCode(reply, 'MANIFEST_BLOB_UNKNOWN');
    if (!isForMissing && shape.whole !== undefined) {
      yield* givenPushed(context, shape.whole(context, `${subject.tag} whole`));
    }
    return `refused, as the text permits: ${expectCode(reply, 'MANIFEST_BLOB_UNKNOWN')}`;
  }
  if (shape.kind === 'sha512' && refusesAlgorithm(reply)) throw noSha512(reply);
  expectStatus(reply, 201);
  const { digest } = fixture.content;
  if (reference === digest) {
    // spec.md, "Pushing Manifests": "MUST be equal to the client provided digest".
    const other = claimsIn(reply).find((claim) => claim !== digest);
    const actual = `Docker-Content-Digest: ${quote(other ?? '')}`;
    expectThat(other === undefined, `${digest}, or no such header`, actual);
  } else expectClaim(reply, fixture.content);
  return `201, ${fixture.content.size} bytes`;
}

/** The manifest is pushed, and what it names before it unless that was done. @throws Void */
function* givenPut(
  context: CheckContext,
  shape: Shape,
  fixture: ManifestFixture,
  reference: string,
  isAll = true,
): Talk<void> {
  if (isAll) yield* givenNeeded(context, fixture);
  const check = reference.includes(':') ? 'manifest-put' : 'manifest-put-tagged';
  yield* given(context, `${check}-${shape.id}`, function* () {
    const { reply } = yield* put(context, reference, fixture);
    if (shape.kind === 'sha512' && refusesAlgorithm(reply)) throw noSha512(reply);
    expectStatus(reply, 201);
  });
}

/** Immutable tags refuse even what they lead to already. @throws Unsupported where other content is refused, too */
function* expectTagsStay(context: CheckContext, tag: string): Talk<void> {
  const other = bare(context, `${tag} other`, {});
  yield* givenNeeded(context, other);
  const { reply } = yield* put(context, tag, other);
  if (isRefused(reply)) throw tagsStay(reply);
}

function expectType(reply: HttpReply, mediaType: string): string {
  const value = reply.header('Content-Type') ?? '';
  const { type } = parseContentType(value) ?? { type: '' };
  expectThat(type === mediaType.toLowerCase(), mediaType, `Content-Type: ${quote(value)}`);
  return `Content-Type: ${value}`;
}

function pushSession(context: CheckContext) {
  return context.session(context.repository, 'pull,push');
}
