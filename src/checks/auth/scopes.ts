// docker-registry scope.md and jwt.md: a token opens what it was asked for, and nothing else. Outside the
// distribution spec, so this is what users expect (COMPAT).

import type { RequestShape } from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { Cell } from '../cells.ts';
import { type Check, type CheckContext, Unsupported, Void } from '../check.ts';
import {
  absentRepository,
  askAnonymously,
  askWith,
  type Exchange,
  headOf,
  isAt,
  manifestShape,
  smallBytesMax,
} from '../kit/ask.ts';
import { givenBlob } from '../kit/blobs.ts';
import { type Content, freshContent } from '../kit/content.ts';
import { describe, expectReply, expectThat, fact, quote } from '../kit/expect.ts';
import { notGiven } from '../kit/given.ts';
import type { ManifestFixture } from '../kit/manifests.ts';
import { sessionFor } from '../kit/mounts.ts';
import { givenImage } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';
import {
  bearerOf,
  type Challenged,
  challengedBy,
  givenStillRefused,
  givenToken,
  requestToken,
} from '../kit/tokens.ts';
import { giveUp, locationOf, noteLeftover } from '../kit/upload.ts';

const section = 'docker-registry/scope.md#resource-provider-use';

type Row = Omit<Check, 'level' | 'needs'>;

const readingRows: readonly Row[] = [
  {
    id: 'token-other-repository',
    section,
    requirement: 'A token for one repository does not open another.',
    why: 'One token out of the log of a build would open every private image of the registry.',
    dependsOn: ['token-challenge', 'token-challenge-every'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const challenged = yield* refusedWithout(context, shape);
      const elsewhere = context.otherRepository || absentRepository(context);
      const session = context.session(elsewhere, 'pull');
      const { reply, token } = yield* requestToken(context, session, challenged);
      if (token === undefined) {
        throw new Unsupported(`there is no token for ${elsewhere}: ${describe(reply)}`);
      }
      expectOther(context, token);
      const opened = yield* askWith(context, shape, `Bearer ${token}`);
      return expectDenied(opened.reply, `a token for ${elsewhere}`, 401, 403, 404);
    },
  },
  {
    id: 'token-other-service',
    section: 'docker-registry/scope.md#audience-resource-provider',
    requirement: 'A token for another service than the registry does not open it.',
    why: 'Whoever runs another service of the token server could pull here with its users’ tokens.',
    dependsOn: ['token-challenge', 'token-challenge-every'],
    *run(context) {
      const shape = manifestShape(context, context.reference);
      const { request, challenge } = yield* refusedWithout(context, shape);
      const { service } = challenge.params;
      if (service === undefined) throw new Unsupported('the challenge names no service');
      const other = `${service}.pullproof.invalid`;
      const params = { ...challenge.params, service: other };
      const foreign = { request, challenge: { ...challenge, params } };
      const { reply, token } = yield* requestToken(context, context.session(), foreign);
      if (token === undefined) return `no token for ${quote(other)}: ${describe(reply)}`;
      // A server of one registry alone need not read which service it is asked for.
      const said = readableIn(token);
      if (!said.includes(other)) {
        if (said.includes(service))
          return `${quote(service)} is what the token is for, all the same`;
        throw new Unsupported('nothing in the token shows which service it is for');
      }
      const opened = yield* askWith(context, shape, `Bearer ${token}`);
      return expectDenied(opened.reply, `a token for ${other}`, 401, 403, 404);
    },
  },
];

/** What is tried with a token that was asked for `pull` alone. */
interface Write {
  readonly id: string;
  /** See Check. */
  readonly covers: readonly Cell[];
  readonly requirement: string;
  readonly statuses: readonly number[];
  /** `fixture` is in the repository. */
  shape(context: CheckContext, id: string, fixture: ManifestFixture): RequestShape;
}

const notDeleted = [400, 401, 403, 405, 409] as const;

const writes: readonly Write[] = [
  {
    id: 'token-action',
    covers: ['upload-start anonymous'],
    requirement: 'A token that may only pull begins no upload.',
    statuses: [401, 403],
    shape: uploadShape,
  },
  {
    id: 'token-action-manifest',
    covers: ['manifest-put anonymous'],
    requirement: 'A token that may only pull pushes no manifest.',
    statuses: [401, 403],
    shape: (context, id, { content, mediaType }) => ({
      method: 'PUT',
      // A new tag: that one stays as it is may be said first.
      path: `/v2/${context.repository}/manifests/${ownTag(context, `${id}-new`)}`,
      extra: [['Content-Type', mediaType]],
      body: content.bytes,
      ...plain,
    }),
  },
  {
    id: 'token-action-delete',
    covers: ['manifest-delete anonymous'],
    requirement: 'A token that may only pull deletes no manifest.',
    // That deletion is disabled, or that a tag names it, may be said first.
    statuses: notDeleted,
    shape: ({ repository }, _, { content }) =>
      deletionOf(repository, `manifests/${content.digest}`),
  },
  {
    id: 'token-action-delete-tag',
    covers: ['tag-delete anonymous'],
    requirement: 'A token that may only pull deletes no tag.',
    statuses: notDeleted,
    shape: (context, id) => deletionOf(context.repository, `manifests/${ownTag(context, id)}`),
  },
  {
    id: 'token-action-delete-blob',
    covers: ['blob-delete anonymous'],
    requirement: 'A token that may only pull deletes no blob.',
    statuses: notDeleted,
    shape: ({ repository }, _, { blobs }) =>
      deletionOf(repository, `blobs/${(blobs[0] as Content).digest}`),
  },
];

const pushingRows: readonly Row[] = [
  ...writes.map(
    ({ id, covers, requirement, statuses, shape }): Row => ({
      id,
      covers,
      section,
      requirement,
      why: 'Machines that run images get tokens to pull: none of them may change what others run.',
      dependsOn: ['manifest-put-image', 'token-reply'],
      *run(context) {
        const exchange = yield* askToPull(context, id, (fixture) => shape(context, id, fixture));
        yield* undo(context, exchange);
        return expectDenied(exchange.reply, 'a token that may only pull', ...statuses);
      },
    }),
  ),
  {
    id: 'token-two-scopes',
    section: 'docker-registry/token.md#requesting-a-token',
    requirement: 'A token that is asked for with two scope parameters opens both repositories.',
    why: 'Clients ask so to mount a layer: without the second scope the mount is refused.',
    dependsOn: ['upload-post-put', 'token-reply'],
    *run(context) {
      return yield* expectBothOpen(context, 'token-two-scopes');
    },
  },
  {
    id: 'token-action-challenge',
    section,
    requirement: 'Who has a token that opens too little is told by a challenge what it takes.',
    why: 'Clients that pulled first, and push then, ask for another token only when they are told.',
    dependsOn: ['token-action'],
    *run(context) {
      const exchange = yield* askToPull(context, 'token-action-challenge', () =>
        uploadShape(context),
      );
      yield* undo(context, exchange);
      if (exchange.reply.status < 400)
        throw notGiven(context, 'token-action', 'nothing was refused');
      const { scope = '' } = bearerOf(exchange.reply)?.params ?? {};
      const actual = `${describe(exchange.reply)}, scope=${quote(scope)}`;
      const isTold = exchange.reply.status === 401 && /[:,](?:push|\*)(?:[, ]|$)/.test(scope);
      expectThat(isTold, '401 and a Bearer challenge with the scope to push', actual);
      return `scope=${quote(scope)}`;
    },
  },
];

export const tokenScopeChecks: readonly Check[] = [
  ...readingRows.map((row): Check => ({ ...row, level: 'COMPAT', needs: ['bearer', 'top'] })),
  ...pushingRows.map((row): Check => ({ ...row, level: 'COMPAT', needs: ['push', 'bearer'] })),
];

const plain = { want: 'text', bodyBytesMax: smallBytesMax, phase: 'other' } as const;

function deletionOf(repository: string, below: string): RequestShape {
  return { method: 'DELETE', path: `/v2/${repository}/${below}`, ...plain };
}

function uploadShape({ repository }: CheckContext): RequestShape {
  return { method: 'POST', path: `/v2/${repository}/blobs/uploads/`, ...plain };
}

/** The challenge to a request without a token. @throws Unsupported where it needs none, Void where it needs none any more */
function* refusedWithout(context: CheckContext, shape: RequestShape): Talk<Challenged> {
  const exchange = yield* askAnonymously(context, shape);
  givenStillRefused(context, exchange);
  if (exchange.reply.status >= 200 && exchange.reply.status < 400) {
    yield* undo(context, exchange);
    throw new Unsupported('this takes no token');
  }
  return challengedBy(context, exchange);
}

/** Sends a request with a token that was asked for `pull` alone, and that does open the repository. */
function* askToPull(
  context: CheckContext,
  id: string,
  shape: (fixture: ManifestFixture) => RequestShape,
): Talk<Exchange> {
  const fixture = yield* givenImage(context, id, [ownTag(context, id)]);
  yield* refusedWithout(context, uploadShape(context));
  const challenged = challengedBy(context, fact(context.facts.challenged));
  const session = context.session(context.repository, 'pull');
  const token = yield* givenToken(context, session, challenged);
  expectOther(context, token);
  const authorization = `Bearer ${token}`;
  const { digest } = fixture.content;
  const pulled = yield* askWith(context, headOf(manifestShape(context, digest)), authorization);
  if (pulled.reply.status >= 400) {
    throw new Void(`the token to pull with does not: ${describe(pulled.reply)}`);
  }
  return yield* askWith(context, shape(fixture), authorization);
}

/** Pushes to one repository and reads from the other, with one token for both. */
function* expectBothOpen(context: CheckContext, id: string): Talk<string> {
  const { otherRepository, repository } = context;
  // Else it may not exist, which registries may hide behind a refusal.
  const content = freshContent(context, id, 300);
  yield* givenBlob(context, content, otherRepository);
  const session = sessionFor(context, otherRepository);
  const challenged = challengedBy(context, fact(context.facts.challenged));
  const { reply, token } = yield* requestToken(context, session, challenged);
  expectThat(token !== undefined, 'a token for two scopes', describe(reply));
  const path = `/v2/${otherRepository}/blobs/${content.digest}`;
  const tries = [
    [`push to ${repository}`, uploadShape(context)],
    [`pull from ${otherRepository}`, headOf({ ...plain, path })],
  ] as const;
  for (const [what, shape] of tries) {
    const exchange = yield* askWith(context, shape, `Bearer ${token}`);
    yield* undo(context, exchange);
    // Who is sent to another host was let in.
    const isOpen =
      !isAt(context, exchange.request.url) || ![401, 403].includes(exchange.reply.status);
    const actual = `${describe(exchange.reply)}: the token server keeps one of two scope parameters`;
    expectThat(isOpen, `a token that opens both: ${what}`, actual);
  }
  return `${repository} and ${otherRepository}`;
}

/** @throws Unsupported where a token is that of its user, whatever it is asked for */
function expectOther(context: CheckContext, token: string): void {
  if (`Bearer ${token}` !== context.session().authorization) return;
  throw new Unsupported('the token server gives one token for everything');
}

/** What should have been refused, and was not, does not stay. */
function* undo(context: CheckContext, exchange: Exchange): Talk<void> {
  const { request, reply } = exchange;
  if (reply.status === 202 && request.ask.method === 'POST') {
    yield* giveUp(context, { url: locationOf(exchange) });
  }
  if (reply.status !== 201) return;
  const reference = request.url.split('/').at(-1) ?? '';
  noteLeftover(context, { kind: 'manifest', repository: context.repository, reference });
}

function expectDenied(reply: HttpReply, what: string, ...statuses: readonly number[]): string {
  expectReply(reply);
  const expected = `${statuses.join(' or ')} for ${what}`;
  expectThat(statuses.includes(reply.status), expected, describe(reply));
  return String(reply.status);
}

/** What can be read of a token: the header and the claims, where it is a JWT (jwt.md) or much like one. */
function readableIn(token: string): string {
  const parts = token.split('.').slice(0, 2);
  return parts.map((part) => Buffer.from(part, 'base64url').toString('latin1')).join(' ');
}
