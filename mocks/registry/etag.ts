// Conditional requests (RFC 9110 section 13). Our entity tags are strong, one for each representation,
// and hold no comma.
import type { Call } from '../call.ts';

const tagsMax = 100;

/** Whether `If-None-Match` names what the client would get: it has it already. */
export function hasAlready(call: Call, etag: string): boolean {
  const value = call.header('if-none-match');
  return value !== undefined && matches(value, etag);
}

/**
 * Whether a change may go on. `etag` is that of what would be replaced, undefined when there is
 * nothing.
 */
export function mayReplace(call: Call, etag: string | undefined): boolean {
  const ifMatch = call.header('if-match');
  const ifNone = call.header('if-none-match');
  if (ifMatch !== undefined && (etag === undefined || !matches(ifMatch, etag))) return false;
  return ifNone === undefined || etag === undefined || !matches(ifNone, etag);
}

function matches(value: string, etag: string): boolean {
  const tags = value.split(',', tagsMax).map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
