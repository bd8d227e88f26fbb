// Tags that checks push, each of its own check and run, so that nobody meets another's; and reading their
// list.

import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import type { CheckContext } from '../check.ts';
import { expectStatus, expectThat, quote } from './expect.ts';
import type { Page } from './pages.ts';

/** In lower case, and below 90 characters for any check. */
export function ownTag({ nonce }: Pick<CheckContext, 'nonce'>, name: string): string {
  return `${name}-${nonce}`;
}

export function listPath({ repository }: CheckContext, query = ''): string {
  return `/v2/${repository}/tags/list${query === '' ? '' : `?${query}`}`;
}

/** Tags of a page, which must be a list of them; `null` is the empty list of Go's programs. */
export function tagsIn({ reply }: Pick<Page, 'reply'>): string[] {
  expectStatus(reply, 200);
  const tags = asObject(parseJson(reply.text))?.tags;
  const list = tags === null ? [] : asArray(tags);
  expectThat(list !== undefined, 'a list of tags', quote(reply.text));
  return list.flatMap((tag) => asString(tag) ?? []);
}

const tagCharsMax = 128;

/** Names that are tags by the grammar, made from one of our own. */
export const goodNames = [
  { id: 'longest', what: `of ${tagCharsMax} characters`, name: (tag: string) => longest(tag) },
  { id: 'upper-case', what: 'with capitals', name: (tag: string) => `V1.Beta-RC_${tag}` },
  { id: 'underscore-first', what: 'that begins with _', name: (tag: string) => `_${tag}` },
  { id: 'digit-first', what: 'that begins with a digit', name: (tag: string) => `0.0.1_${tag}` },
  { id: 'punctuation', what: 'with all its punctuation', name: (tag: string) => `${tag}.._-_--.` },
  {
    id: 'like-digest',
    what: 'that looks like a digest',
    name: (tag: string) => `sha256-${tag}`.padEnd(71, '0'),
  },
] as const;

export function longest(tag: string): string {
  return tag.padEnd(tagCharsMax, 'x');
}
