// distribution-spec, "Error Codes": what the bodies of refusals look like.

import { parseJson } from '../../lib/json.ts';
import { errorCodes, parseErrorBody } from '../../protocol/grammar/errors.ts';
import { parseRetryAfter } from '../../protocol/grammar/http-date.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, expectReply, expectThat, quote } from '../check.ts';
import {
  absentDigest,
  absentRepository,
  absentTag,
  askAnonymously,
  askOnce,
  type Hop,
  manifestShape,
  smallBytesMax,
} from '../kit/ask.ts';

const section = 'distribution-spec/spec.md#error-codes';

/** Codes from the time of Docker's schema 1, which a registry may still send. */
const legacyCodes = new Set(['TAG_INVALID', 'MANIFEST_UNVERIFIED']);

export const errorChecks: readonly Check[] = [
  {
    id: 'error-shape',
    level: 'MUST',
    section,
    requirement:
      'The body of a 4xx reply, if it is JSON, holds a list "errors" of entries with a code.',
    why: 'Clients show these messages to people; from another shape they show nothing.',
    needs: ['top'],
    *run(context) {
      const refusals = yield* provoke(context);
      let json = 0;
      for (const { reply, what } of refusals) {
        if (!isJson(reply)) continue;
        const { wellFormed, problem } = parseErrorBody(reply.text);
        const actual = `${what}: status ${reply.status}, ${problem}`;
        expectThat(wellFormed, 'an error body as the spec shapes it', actual);
        json++;
      }
      return `${refusals.length} refusals, ${json} of them in JSON`;
    },
  },
  {
    id: 'error-code',
    level: 'MUST',
    section,
    requirement: 'The code of an error is one of those that the spec lists.',
    why: 'Programs branch on the code: one that they do not know is handled as a crash.',
    needs: ['top'],
    *run(context) {
      const seen = new Set<string>();
      for (const { reply, what } of yield* provoke(context)) {
        for (const { code } of parseErrorBody(reply.text).errors) {
          const known = errorCodes.has(code) || legacyCodes.has(code) || code === '';
          expectThat(known, 'a code of the table', `${what}: ${quote(code)}`);
          seen.add(code);
        }
      }
      return seen.size === 0 ? 'no reply carries a code' : [...seen].join(', ');
    },
  },
];

/** Of replies of the whole run, so it comes after all others that read. */
export const rateLimitChecks: readonly Check[] = [
  {
    id: 'rate-limit-retry-after',
    level: 'SHOULD',
    judgesLimits: true,
    section,
    requirement: 'A 429, should one come, says in Retry-After when to come again.',
    why: 'Clients that are not told try again at once, and are shut out for longer.',
    needs: ['top'],
    *run(context) {
      // What is not there is what limits are the strictest for. No limit is run into on purpose.
      yield* askOnce(context, manifestShape(context, absentTag(context)));
      const { limited = [] } = context.facts;
      for (const { request, reply } of limited) {
        const value = reply.header('Retry-After');
        const actual = value === undefined ? 'none' : `Retry-After: ${quote(value)}`;
        const expected = `Retry-After in the 429 for ${request.ask.method} ${quote(request.url)}`;
        expectThat(parseRetryAfter(value ?? '') !== undefined, expected, actual);
      }
      return limited.length === 0 ? 'no 429 came' : `${limited.length} times 429 with Retry-After`;
    },
  },
];

interface Refusal {
  readonly what: string;
  readonly reply: HttpReply;
}

/** Asks for what is not there, in the ways a client may; keeps the 4xx replies. */
function* provoke(context: CheckContext): Talk<Refusal[]> {
  const { repository, reference } = context;
  const shape = (path: string) =>
    ({ path: `/v2/${path}`, want: 'text', bodyBytesMax: smallBytesMax, phase: 'other' }) as const;
  const other = `${absentRepository(context)}/manifests/latest`;
  const asked: [string, Hop][] = [
    ['unknown tag', yield* askOnce(context, manifestShape(context, absentTag(context)))],
    [
      'unknown blob',
      yield* askOnce(context, shape(`${repository}/blobs/${absentDigest(context)}`)),
    ],
    ['malformed digest', yield* askOnce(context, shape(`${repository}/blobs/sha256:short`))],
    ['unknown repository', yield* askAnonymously(context, shape(other))],
    ['no authorization', yield* askAnonymously(context, manifestShape(context, reference))],
  ];
  for (const [, { reply }] of asked) expectReply(reply);
  return asked
    .map(([what, { reply }]) => ({ what, reply }))
    .filter(({ reply }) => reply.status >= 400 && reply.status < 500);
}

/** By what the header says or, as headers lie, by what the body is; nothing is no JSON. */
function isJson(reply: HttpReply): boolean {
  if (reply.text.trim() === '') return false;
  const type = parseContentType(reply.header('Content-Type') ?? '')?.type ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return true;
  const value = parseJson(reply.text);
  return typeof value === 'object' && value !== null;
}
