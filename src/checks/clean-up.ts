// Takes away what the run has pushed, as far as the registry lets it.
import type { Talk } from '../protocol/talk.ts';
import type { CheckContext } from './check.ts';
import { type Made, step } from './push.ts';

/**
 * Deletes what was made, the last first: what points to other content goes before it. Returns what is
 * left. Never throws for what a registry does.
 */
export function* cleanUp(context: CheckContext): Talk<Made[]> {
  const left: Made[] = [];
  const known = new Set<string>();
  // A registry that refuses three of a kind refuses all of it; hundreds of requests would only annoy.
  const refused = { manifest: 0, blob: 0 };
  for (const made of context.made.toReversed()) {
    const { kind, repository, reference } = made;
    const path = `/v2/${repository}/${kind}s/${reference}`;
    if (known.has(path)) continue;
    known.add(path);
    if (refused[kind] < refusalsMax && (yield* isDeleted(context, path, repository))) continue;
    refused[kind]++;
    left.push(made);
  }
  return left;
}

const refusalsMax = 3;

function* isDeleted(context: CheckContext, path: string, repository: string): Talk<boolean> {
  try {
    const { reply } = yield* step(context, { method: 'DELETE', path, repository });
    return reply.status === 202 || reply.status === 200 || reply.status === 404;
  } catch {
    return false;
  }
}
