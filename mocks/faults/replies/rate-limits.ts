// A rate limit as registries have one, said in the right way and in wrong ones. It counts all clients
// together, so that a load run meets it and a run of the checks does not.
import { errorReply, type Reply, textReply } from '../../call.ts';
import type { Behaviour, Fault, Scene } from '../fault.ts';
import { keyOf } from '../kit/calls.ts';
import { Memory } from '../kit/memory.ts';
import { fail } from '../kit/words.ts';

/** Requests in one window; then all are refused until the next begins. */
export const limitRequests = 5_000;
export const windowMs = 60_000;
const missesMax = 3;
/** A limit that a run of the checks does meet, and that ends soon. */
const burstRequests = 2_500;
const burstBegins = 100;
const burstRefusals = 4;

const layer = 'response';
const on = { at: ['manifest', 'blob', 'tags', 'referrers', 'upload'] } as const;
const rate = `${limitRequests} requests in ${windowMs / 1000} seconds`;

export const rateLimitFaults: readonly Fault[] = [
  {
    id: 'rate-limited',
    title: `More than ${rate} are answered 429 with Retry-After, as they should be`,
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'spec.md, Error Codes: TOOMANYREQUESTS; RFC 6585 4',
    on,
    begin: () => limited((seconds) => tooMany([['Retry-After', String(seconds)]])),
  },
  {
    id: 'rate-limited-in-run',
    title: `Of every ${burstRequests} requests ${burstRefusals} are answered 429 with Retry-After: 1`,
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'RFC 6585 section 4: a server may limit requests, and say when to come again',
    on,
    begin: () => ({ instead: inBursts(() => '1') }),
  },
  {
    id: 'rate-limited-in-run-date',
    title: `Of every ${burstRequests} requests ${burstRefusals} are answered 429 with a date in Retry-After, a second ahead`,
    layer,
    seenIn: [],
    noticedBy: [],
    legal: 'RFC 6585 section 4: a server may limit requests, and say when to come again',
    on,
    begin: () => ({ instead: inBursts(({ site }) => httpDate(site.now() + 1000)) }),
  },
  {
    id: 'rate-limit-denied',
    title: `More than ${rate} are answered 403 DENIED`,
    layer,
    seenIn: ['wave#610'],
    noticedBy: [],
    gap: 'go beyond the rate limit on purpose, and expect 429 TOOMANYREQUESTS',
    on,
    begin: () => limited(fail(403, 'DENIED')),
  },
  {
    id: 'rate-limit-hint-in-text',
    title: `More than ${rate} are answered 429, and only a sentence says when to come again`,
    layer,
    seenIn: ['dependabot/cli#380'],
    noticedBy: [],
    gap: 'go beyond the rate limit on purpose, and expect Retry-After',
    on,
    begin: () => limited((seconds) => tooMany([], `, try again in ${seconds} seconds`)),
  },
  {
    id: 'rate-limit-headers-healthy',
    title: `More than ${rate} are answered 429, while the rate headers say that many are left`,
    layer,
    seenIn: ['hub-feedback#2464'],
    noticedBy: [],
    gap: 'go beyond the rate limit on purpose, and compare RateLimit-Remaining with the status',
    on,
    begin: () =>
      limited((seconds) =>
        tooMany([
          ['Retry-After', String(seconds)],
          ['RateLimit-Limit', `${limitRequests};w=${windowMs / 1000}`],
          ['RateLimit-Remaining', `${limitRequests - 24};w=${windowMs / 1000}`],
        ]),
      ),
  },
  {
    id: 'rate-limit-foreign-body',
    title: `More than ${rate} are answered 429 with a page in place of the error of the spec`,
    layer,
    seenIn: ['nora#922'],
    noticedBy: [],
    gap: 'go beyond the rate limit on purpose, and expect an error body as the spec shapes it',
    on,
    begin: () =>
      limited((seconds) =>
        textReply(429, '{"retry":true}', [
          ['Content-Type', 'application/json'],
          ['Retry-After', String(seconds)],
        ]),
      ),
  },
  {
    id: 'unknown-tag-limited',
    title: `Who asks for a tag that does not exist more than ${missesMax} times is answered 429, not told until when`,
    layer,
    seenIn: [],
    noticedBy: ['rate-limit-retry-after'],
    on: { at: ['manifest'], methods: ['GET'], by: 'tag', statuses: [404], repository: 'known' },
    begin: () => {
      const asked = new Memory<number>();
      return {
        change: (reply, scene) => {
          const times = (asked.get(keyOf(scene)) ?? 0) + 1;
          asked.set(keyOf(scene), times);
          return times > missesMax ? tooMany([]) : reply;
        },
      };
    },
  },
];

/** `refuse` is told how many seconds are left of the window. */
function limited(refuse: (seconds: number) => Reply): Behaviour {
  let startedAt = Number.NEGATIVE_INFINITY;
  let requests = 0;
  return {
    // In place of the registry, so that nothing is stored by what is refused.
    instead: ({ site }) => {
      const now = site.now();
      if (now - startedAt >= windowMs) {
        startedAt = now;
        requests = 0;
      }
      requests++;
      if (requests <= limitRequests) return undefined;
      return refuse(Math.ceil((startedAt + windowMs - now) / 1000));
    },
  };
}

function tooMany(headers: Parameters<typeof errorReply>[3], hint = ''): Reply {
  return errorReply(429, 'TOOMANYREQUESTS', `too many requests${hint}`, headers);
}

function inBursts(retryAfter: (scene: Scene) => string): (scene: Scene) => Reply | undefined {
  let count = 0;
  return (scene) => {
    const at = (count++ % burstRequests) - burstBegins;
    const isRefused = at >= 0 && at < burstRefusals;
    return isRefused ? tooMany([['Retry-After', retryAfter(scene)]]) : undefined;
  };
}

function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}
