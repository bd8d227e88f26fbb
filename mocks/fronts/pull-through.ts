// A pull-through cache that fetches on GET only: HEAD of what nobody has got yet is 404 (distribution#4747,
// harbor#22609). It takes no pushes and deletes nothing; lists are those of its upstream.
import { errorReply, headerOf, type Reply } from '../call.ts';
import type { Front, FrontScene } from './front.ts';

const unknownCodes = { manifest: 'MANIFEST_UNKNOWN', blob: 'BLOB_UNKNOWN' } as const;

export function pullThrough(): Front {
  /** What was got, as `repository/reference`; there is no more of it than in the store. */
  const kept = new Set<string>();
  return {
    answer({ call, route, registry }: FrontScene): Reply {
      const { endpoint, repository, reference } = route;
      if (call.method !== 'GET' && call.method !== 'HEAD') {
        return errorReply(405, 'UNSUPPORTED', 'this is a pull-through cache');
      }
      const reply = registry.answer(call);
      if ((endpoint !== 'manifest' && endpoint !== 'blob') || reply.status >= 400) return reply;
      const key = `${repository}/${reference}`;
      if (call.method === 'HEAD' && !kept.has(key)) {
        return errorReply(404, unknownCodes[endpoint], 'it is not in the cache');
      }
      // A manifest that came by its tag is there by its digest.
      const digest = headerOf(reply, 'Docker-Content-Digest') ?? reference;
      for (const name of [reference, digest]) kept.add(`${repository}/${name}`);
      return reply;
    },
  };
}
