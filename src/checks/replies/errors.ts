// distribution-spec, "Error Codes": what the bodies of refusals look like.
import { parseJson } from '../../lib/json.ts';
import { errorCodes, parseErrorBody } from '../../protocol/grammar/errors.ts';
import { parseContentType } from '../../protocol/grammar/media-type.ts';
import type { HeaderLine, HttpReply, Talk } from '../../protocol/talk.ts';
import { type Check, type CheckContext, Void } from '../check.ts';
import {
  absentDigest,
  absentRepository,
  absentTag,
  ask,
  askAnonymously,
  type Exchange,
  isAt,
  lastOf,
  manifestShape,
  smallBytesMax,
} from '../kit/ask.ts';
import { freshContent, jsonContent } from '../kit/content.ts';
import { tryDelete } from '../kit/deletion.ts';
import { expectReply, expectThat, quote } from '../kit/expect.ts';
import { givenImage, put, putManifest } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';
import { closeUpload, send } from '../kit/upload.ts';

const section = 'distribution-spec/spec.md#error-codes';

/** spec.md, "Legacy Docker support error codes": a registry may still send them. */
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
      return expectErrorBodies(yield* provokeReading(context));
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
      return expectListedCodes(yield* provokeReading(context));
    },
  },
  {
    id: 'error-shape-push',
    level: 'MUST',
    section,
    requirement:
      'The body of a refused push, list or deletion, if it is JSON, is a list "errors" with codes.',
    why: 'Clients show these messages to people; from another shape they show nothing.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      return expectErrorBodies(yield* provokePush(context, 'error-shape-push'));
    },
  },
  {
    id: 'error-code-push',
    level: 'MUST',
    section,
    requirement: 'The code of a refused push, list or deletion is one of those of the spec.',
    why: 'Programs branch on the code: one that they do not know is handled as a crash.',
    needs: ['push'],
    dependsOn: ['manifest-put-image'],
    *run(context) {
      return expectListedCodes(yield* provokePush(context, 'error-code-push'));
    },
  },
];

interface Refusal {
  readonly what: string;
  readonly reply: HttpReply;
}

/** Whatever of them is JSON has the spec's shape. Says how many there were. */
function expectErrorBodies(refusals: readonly Refusal[]): string {
  let json = 0;
  for (const { reply, what } of refusals) {
    if (!isJson(reply)) continue;
    const { wellFormed, problem } = parseErrorBody(reply.text);
    const actual = `${what}: status ${reply.status}, ${problem}`;
    expectThat(wellFormed, 'an error body as the spec shapes it', actual);
    json++;
  }
  return `${refusals.length} refusals, ${json} of them in JSON`;
}

/** Every code in them is one of the spec's. Says which were met. */
function expectListedCodes(refusals: readonly Refusal[]): string {
  const seen = new Set<string>();
  for (const { reply, what } of refusals) {
    for (const { code } of parseErrorBody(reply.text).errors) {
      const isListed = errorCodes.has(code) || legacyCodes.has(code) || code === '';
      expectThat(isListed, 'a code of the table', `${what}: ${quote(code)}`);
      seen.add(code);
    }
  }
  return seen.size === 0 ? 'no reply carries a code' : [...seen].join(', ');
}

/** Asks for what is not there, in the ways a client may; keeps the 4xx replies. */
function* provokeReading(context: CheckContext): Talk<Refusal[]> {
  const { repository, reference } = context;
  const shape = (path: string) =>
    ({ path: `/v2/${path}`, want: 'text', bodyBytesMax: smallBytesMax, phase: 'other' }) as const;
  const other = `${absentRepository(context)}/manifests/latest`;
  const asked: [string, Exchange][] = [
    ['unknown tag', lastOf(yield* ask(context, manifestShape(context, absentTag(context))))],
    [
      'unknown blob',
      lastOf(yield* ask(context, shape(`${repository}/blobs/${absentDigest(context)}`))),
    ],
    ['malformed digest', lastOf(yield* ask(context, shape(`${repository}/blobs/sha256:short`)))],
    ['unknown repository', yield* askAnonymously(context, shape(other))],
    ['no authorization', yield* askAnonymously(context, manifestShape(context, reference))],
  ];
  for (const [, { reply }] of asked) expectReply(reply);
  return (
    asked
      // What another host says, to which the registry redirects, is not bound by the spec.
      .filter(([, { request }]) => isAt(context, request.url))
      .map(([what, { reply }]) => ({ what, reply }))
      .filter(({ reply }) => reply.status >= 400 && reply.status < 500)
  );
}

/** Does what must be refused, in the ways a client may; keeps the 4xx replies. */
function* provokePush(context: CheckContext, id: string): Talk<Refusal[]> {
  const { repository } = context;
  const fixture = yield* givenImage(context, id);
  const absent = freshContent(context, `${id} absent`, 100).digest;
  const tag = ownTag(context, id);
  const garbage = jsonContent([id]);
  const lost = `/v2/${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
  const patch: readonly HeaderLine[] = [['Content-Range', '0-0']];
  const asked: [string, Exchange][] = [
    ['PUT of garbage', yield* putManifest(context, tag, garbage, fixture.mediaType)],
    ['PUT to a wrong digest', yield* put(context, absent, fixture)],
    ['PUT to a malformed digest', yield* put(context, 'sha256:abc', fixture)],
    ...(yield* deletionOf(context, 'manifest', absent)),
    ...(yield* deletionOf(context, 'blob', absent)),
    [
      'PATCH of an unknown upload',
      yield* send(context, { method: 'PATCH', path: lost, headers: patch, body: garbage.bytes }),
    ],
    ['PUT of an unknown upload', yield* closeUpload(context, lost, absent, garbage.bytes)],
  ];
  return asked
    .filter(([, { request }]) => isAt(context, request.url))
    .map(([what, { reply }]) => ({ what, reply }))
    .filter(({ reply }) => reply.status >= 400 && reply.status < 500);
}

/** DELETE of what is not there; none where these credentials may not delete that kind. */
function* deletionOf(
  context: CheckContext,
  kind: 'manifest' | 'blob',
  digest: string,
): Talk<[string, Exchange][]> {
  try {
    return [[`DELETE of an unknown ${kind}`, yield* tryDelete(context, `${kind}s/${digest}`)]];
  } catch (error) {
    if (error instanceof Void) return [];
    throw error;
  }
}

/** By what the header says or, as headers lie, by what the body is; nothing is no JSON. */
function isJson(reply: HttpReply): boolean {
  if (reply.text.trim() === '') return false;
  const type = parseContentType(reply.header('Content-Type') ?? '')?.type ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return true;
  const value = parseJson(reply.text);
  return typeof value === 'object' && value !== null;
}
