// Tags that are pushed to once more. Nothing in the spec says that a tag can be moved: many registries let their
// users forbid it (immutable tags), for other content or for any.

import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import type { Exchange } from './ask.ts';
import { expectStatus } from './expect.ts';
import { given } from './given.ts';
import { bare, type ManifestFixture, type PushedManifest } from './manifests.ts';
import { givenNeeded, givenPushed, put } from './stored.ts';
import { ownTag } from './tags.ts';

/** 4xx that say something else than "no": nothing is here, too slow, come again later. */
const others: readonly number[] = [404, 408, 429];

/** Whether a push to a tag that is there already was refused, as it may be. */
export function isRefused({ status }: HttpReply): boolean {
  return status >= 400 && status < 500 && !others.includes(status);
}

/** For the caller to throw. */
export function tagsStay({ status }: HttpReply): Unsupported {
  return new Unsupported(
    `the registry lets no tag be overwritten (${status}), as immutable tags have it`,
  );
}

/** `PUT` to a tag that leads to something already; any reply but a refusal is an answer. @throws Unsupported */
export function* putOver(
  context: CheckContext,
  tag: string,
  pushed: PushedManifest,
): Talk<Exchange> {
  const exchange = yield* put(context, tag, pushed);
  if (isRefused(exchange.reply)) throw tagsStay(exchange.reply);
  return exchange;
}

/** @throws Unsupported where the reply is a refusal, and a tag of the check's own cannot be moved either; Void */
export function* unlessTagsStay(context: CheckContext, name: string, reply: HttpReply): Talk<void> {
  if (!isRefused(reply)) return;
  const tag = ownTag(context, `${name}-moving`);
  const before = bare(context, `${tag} before`, {});
  yield* givenPushed(context, before, [tag]);
  yield* givenMoved(context, `${tag} moved`, [tag]);
}

/** Moves the tags, which lead elsewhere, to a small image of this name. @throws Void, Unsupported */
export function* givenMoved(
  context: CheckContext,
  name: string,
  tags: readonly string[],
): Talk<ManifestFixture> {
  const fixture = bare(context, name, {});
  yield* givenMovedTo(context, fixture, tags);
  return fixture;
}

/** The same with a manifest that is at hand. */
export function* givenMovedTo(
  context: CheckContext,
  fixture: ManifestFixture,
  tags: readonly string[],
): Talk<void> {
  yield* givenNeeded(context, fixture);
  yield* given(context, 'manifest-put-image', function* () {
    for (const tag of tags) expectStatus((yield* putOver(context, tag, fixture)).reply, 201);
  });
}
