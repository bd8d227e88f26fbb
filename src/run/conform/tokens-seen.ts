// Who has got a token in this run. A token server that gives the same credentials none the next time may have failed
// by itself, though it says so as it says "no".
import { asObject, asString, parseJson } from '../../lib/json.ts';
import type { Exchange } from '../../protocol/redirect.ts';

export class TokensSeen {
  /** Values of `Authorization` that got one. */
  readonly #known = new Set<string>();

  note({ request: { hop, authorization }, reply }: Exchange): void {
    if (hop === 'token' && hasToken(reply)) this.#known.add(authorization);
  }

  /**
   * A refusal of credentials, or a 200 that brings something else than a token. `isKnown`: whether they must have got
   * one before.
   */
  isDoubtful({ request: { hop, authorization }, reply }: Exchange, isKnown = true): boolean {
    if (hop !== 'token' || reply.failure !== '') return false;
    if (isKnown && !this.#known.has(authorization)) return false;
    // Nobody in particular may be refused for what is asked.
    if (reply.status === 401) return authorization !== '';
    return reply.status === 200 && !hasToken(reply);
  }

  /** An answer that is no refusal, to credentials that have got a token before. */
  isPassing({ request: { hop, authorization }, reply }: Exchange): boolean {
    return hop === 'token' && this.#known.has(authorization) && reply.status !== 401;
  }
}

function hasToken({ status, text }: Exchange['reply']): boolean {
  if (status !== 200) return false;
  const { token, access_token: other } = asObject(parseJson(text)) ?? {};
  return (asString(token) ?? asString(other) ?? '') !== '';
}
