// Tags that checks push: each of its own check and run, so that nobody meets another's.
import type { CheckContext } from '../check.ts';

/** In lower case, and below 90 characters for any check. */
export function ownTag({ nonce }: Pick<CheckContext, 'nonce'>, name: string): string {
  return `${name}-${nonce}`;
}
