// The few words in which checks state what they expect of a reply; each throws Broken (check.ts) where it
// does not hold.

import type { Descriptor } from '../../protocol/grammar/manifest-document.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { algorithmOf } from '../../protocol/talks/blob.ts';
import { Broken } from '../check.ts';

/** A fact that the check's `needs` promise. */
export function fact<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a check used a fact that it does not declare in needs');
  return value;
}

export function expectThat(held: boolean, expected: string, actual: string): asserts held {
  if (!held) throw new Broken(expected, actual);
}

/** A reply came at all, and whole. Its words end up in `actual`. */
export function expectReply(reply: HttpReply): void {
  expectThat(reply.failure === '', 'a complete reply', describe(reply));
}

export function expectStatus(reply: HttpReply, ...allowed: readonly number[]): void {
  const expected = `status ${allowed.join(' or ')}`;
  // The status comes first: an error page that is cut short is still the wrong status.
  const received = reply.status !== 0 && !allowed.includes(reply.status);
  expectThat(!received, expected, `status ${reply.status}${partyOf(reply)}`);
  expectReply(reply);
}

export function expectDigest(reply: HttpReply, digest: string): void {
  expectReply(reply);
  const actual = `bytes that hash to ${reply.digest || 'nothing, as no body came'}`;
  expectThat(reply.digest === digest, `bytes that hash to ${digest}`, actual);
}

export function expectSize(reply: HttpReply, bytes: number): void {
  expectReply(reply);
  expectThat(reply.bytes === bytes, `${bytes} bytes`, `${reply.bytes} bytes`);
}

/** The body is what its descriptor says: status 200, size, and digest where it can be computed. */
export function expectContent(reply: HttpReply, { digest, size }: Descriptor): void {
  expectStatus(reply, 200);
  expectSize(reply, size);
  if (algorithmOf(digest) !== undefined) expectDigest(reply, digest);
}

/** The value of Content-Length, which must be there and a number. */
export function expectContentLength(reply: HttpReply): number {
  const value = reply.header('Content-Length');
  const actual = value === undefined ? 'no Content-Length' : `Content-Length: ${quote(value)}`;
  // Repeated equal values are one value (RFC 9110 8.6).
  const values = new Set((value ?? '').split(',').map((part) => part.trim()));
  const [only = ''] = values;
  expectThat(values.size === 1 && /^\d{1,15}$/.test(only), 'a number in Content-Length', actual);
  return Number(only);
}

/** What came back, in a few words, and from whom where that is not the registry. */
export function describe(reply: HttpReply): string {
  const party = partyOf(reply);
  if (reply.failure === '') return `status ${reply.status}${party}`;
  const status = reply.status === 0 ? '' : `status ${reply.status}, then `;
  return `${status}${reply.failure}: ${reply.failureMessage.slice(0, 200)}${party}`;
}

/** Who sent replies that did not come from the registry. */
const parties = new WeakMap<HttpReply, string>();

/** From now on, what is said of the reply names who sent it: a host, and why it was asked. */
export function noteParty(reply: HttpReply, party: string): void {
  parties.set(reply, party);
}

function partyOf(reply: HttpReply): string {
  const party = parties.get(reply);
  return party === undefined ? '' : ` from ${party}`;
}

/** A foreign value as it may stand in a verdict: bounded, on one line. */
export function quote(value: string): string {
  return JSON.stringify(value.slice(0, 200));
}
