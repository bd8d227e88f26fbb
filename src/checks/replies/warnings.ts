// What stands in the replies to everything that a push does: warnings, errors, and headers of proxies and
// of Docker's time.

import { parseJson } from '../../lib/json.ts';
import { errorCodes, parseErrorBody } from '../../protocol/grammar/errors.ts';
import { isRedirect } from '../../protocol/redirect.ts';
import type { HeaderLine, HttpReply, Talk } from '../../protocol/talk.ts';
import {
  type Check,
  type CheckContext,
  describe,
  expectStatus,
  expectThat,
  quote,
  Unsupported,
} from '../check.ts';
import { ask, askOnce, type Hop, headOf, smallBytesMax } from '../kit/ask.ts';
import { freshContent, jsonContent } from '../kit/content.ts';
import { tryDelete } from '../kit/deletion.ts';
import { bare } from '../kit/manifests.ts';
import { readPage } from '../kit/pages.ts';
import { haveBlobThere, haveImage, put, readShape } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';
import { closeUpload, openUpload, putManifest, step } from '../kit/upload.ts';

const warnings = 'distribution-spec/spec.md#warnings';
const errors = 'distribution-spec/spec.md#error-codes';
const proxying = 'distribution-spec/spec.md#registry-proxying';
const warningBytesMax = 4096;
/** warn-code 299, warn-agent "-", warn-text, and no warn-date. */
const warning = /^299 - "(?:[^"\\]|\\.)*"$/;

/** What the statements about Warning are about. */
const warningChecks: readonly Check[] = [
  {
    id: 'warning-form',
    level: 'MUST',
    section: warnings,
    requirement: 'Each Warning header has code 299, agent "-", a quoted text and no date.',
    why: 'Clients that cannot read it show nothing, or the raw header.',
    needs: ['push'],
    *run(context) {
      const values = (yield* pushReplies(context, 'warning-form')).flatMap(warningsIn);
      for (const value of values) {
        expectThat(warning.test(value), '299 - "text"', `Warning: ${quote(value)}`);
      }
      return values.length === 0 ? 'no Warning' : `Warning: ${quote(values[0] ?? '')}`;
    },
  },
  {
    id: 'warning-size',
    level: 'MUST',
    section: warnings,
    requirement: `All Warning headers of one reply have at most ${warningBytesMax} bytes.`,
    why: 'Longer headers break proxies: then nothing works, for want of a warning.',
    needs: ['push'],
    *run(context) {
      let most = 0;
      for (const reply of yield* pushReplies(context, 'warning-size')) {
        const bytes = warningsIn(reply).reduce((sum, value) => sum + value.length, 0);
        most = Math.max(most, bytes);
      }
      expectThat(most <= warningBytesMax, `${warningBytesMax} bytes at most`, `${most} bytes`);
      return `${most} bytes at most`;
    },
  },
];

const errorChecks: readonly Check[] = [
  {
    id: 'error-shape-push',
    level: 'MUST',
    section: errors,
    requirement:
      'The body of a refused push, list or deletion, if it is JSON, is a list "errors" with codes.',
    why: 'Clients show these messages to people; from another shape they show nothing.',
    needs: ['push'],
    *run(context) {
      const refusals = yield* provoke(context, 'error-shape-push');
      let json = 0;
      for (const { what, reply } of refusals) {
        const value = parseJson(reply.text);
        if (typeof value !== 'object' || value === null) continue;
        const { wellFormed, problem } = parseErrorBody(reply.text);
        const actual = `${what}: status ${reply.status}, ${problem}`;
        expectThat(wellFormed, 'an error body as the spec shapes it', actual);
        json++;
      }
      return `${refusals.length} refusals, ${json} of them in JSON`;
    },
  },
  {
    id: 'error-code-push',
    level: 'MUST',
    section: errors,
    requirement: 'The code of a refused push, list or deletion is one of those of the spec.',
    why: 'Programs branch on the code: one that they do not know is handled as a crash.',
    needs: ['push'],
    *run(context) {
      const seen = new Set<string>();
      for (const { what, reply } of yield* provoke(context, 'error-code-push')) {
        for (const { code } of parseErrorBody(reply.text).errors) {
          const isKnown = errorCodes.has(code) || legacyCodes.has(code) || code === '';
          expectThat(isKnown, 'a code of the table', `${what}: ${quote(code)}`);
          seen.add(code);
        }
      }
      return seen.size === 0 ? 'no reply carries a code' : [...seen].join(', ');
    },
  },
];

/** spec.md, "Legacy Docker support error codes". */
const legacyCodes = new Set(['TAG_INVALID', 'MANIFEST_UNVERIFIED']);

const otherChecks: readonly Check[] = [
  {
    id: 'api-version',
    level: 'COMPAT',
    section: 'docker-registry/api.md#api-version-check',
    requirement: 'Docker-Distribution-Api-Version, where it is sent, says registry/2.0.',
    why: 'Old Docker clients take a registry with another version for one of the first kind.',
    needs: ['push'],
    *run(context) {
      const values = (yield* pushReplies(context, 'api-version')).flatMap((reply) => {
        return reply.header('Docker-Distribution-Api-Version') ?? [];
      });
      if (values.length === 0) throw new Unsupported('the header is not sent, and optional');
      for (const value of values) {
        const isRight = value.split(/[ ,]+/).includes('registry/2.0');
        expectThat(isRight, 'registry/2.0', quote(value));
      }
      return `registry/2.0 in ${values.length} replies`;
    },
  },
  {
    id: 'proxy-ns-manifest',
    level: 'COMPAT',
    section: proxying,
    requirement: 'GET and HEAD of a manifest with the parameter ns answer as without.',
    why: 'containerd sends ns to whatever is configured as a mirror.',
    needs: ['push'],
    *run(context) {
      const id = 'proxy-ns-manifest';
      const tag = ownTag(context, id);
      const built = yield* haveImage(context, id, [tag]);
      const { path, ...shape } = readShape(context, tag, built);
      const get = { ...shape, path: `${path}?ns=${sourceHost}` };
      for (const each of [get, headOf(get)]) {
        const { last } = yield* ask(context, each);
        expectStatus(last, 200);
        expectNamespace(last);
      }
      return '200';
    },
  },
  {
    id: 'proxy-ns-blob',
    level: 'COMPAT',
    section: proxying,
    requirement: 'GET of a blob with the parameter ns answers as without.',
    why: 'containerd sends ns to whatever is configured as a mirror.',
    needs: ['push'],
    *run(context) {
      const content = freshContent(context, 'proxy-ns-blob', 300);
      yield* haveBlobThere(context, content);
      const path = `/v2/${context.repository}/blobs/${content.digest}?ns=${sourceHost}`;
      const shape = { path, want: 'none', bodyBytesMax: smallBytesMax, phase: 'layer' } as const;
      const { reply } = yield* askOnce(context, shape);
      const isServed = reply.status === 200 || isRedirect(reply);
      expectThat(isServed, '200 or a redirect', describe(reply));
      expectNamespace(reply);
      return `${reply.status}`;
    },
  },
];

export const replyChecks: readonly Check[] = [...warningChecks, ...errorChecks, ...otherChecks];

const sourceHost = 'docker.io';

/** Who scopes by ns says so, and says what was asked. */
function expectNamespace(reply: HttpReply): void {
  const value = reply.header('OCI-Namespace');
  const isRight = value === undefined || value === sourceHost;
  expectThat(isRight, `OCI-Namespace: ${sourceHost}, or none`, quote(value ?? ''));
}

/** The replies to a small push, and to reading it back. */
function* pushReplies(context: CheckContext, id: string): Talk<HttpReply[]> {
  const tag = ownTag(context, id);
  const built = bare(context, id, {});
  yield* haveImage(context, `${id} before`);
  const [config] = built.blobs;
  const replies: HttpReply[] = [];
  if (config !== undefined) {
    const upload = yield* openUpload(context);
    const { reply } = yield* closeUpload(context, upload.url, config.digest, config.bytes);
    replies.push(upload.reply, reply);
  }
  replies.push((yield* put(context, tag, built)).reply);
  const get = readShape(context, tag, built);
  for (const shape of [get, headOf(get)]) replies.push((yield* ask(context, shape)).first);
  replies.push((yield* readPage(context, `/v2/${context.repository}/tags/list?n=1`)).reply);
  return replies;
}

/** The values of a reply, one for each line. */
function warningsIn({ headerLines }: HttpReply): string[] {
  return headerLines.flatMap(([name, value]) =>
    name.toLowerCase() === 'warning' ? value.split(/,\s*(?=\d{3} )/) : [],
  );
}

interface Refusal {
  readonly what: string;
  readonly reply: HttpReply;
}

/** Does what must be refused, in the ways a client may; keeps the 4xx replies. */
function* provoke(context: CheckContext, id: string): Talk<Refusal[]> {
  const { repository } = context;
  const built = yield* haveImage(context, id);
  const absent = freshContent(context, `${id} absent`, 100).digest;
  const tag = ownTag(context, id);
  const garbage = jsonContent([id]);
  const lost = `/v2/${repository}/blobs/uploads/00000000-0000-4000-8000-000000000000`;
  const patch: readonly HeaderLine[] = [['Content-Range', '0-0']];
  const asked: [string, Hop][] = [
    ['PUT of garbage', yield* putManifest(context, tag, garbage, built.mediaType)],
    ['PUT to a wrong digest', yield* put(context, absent, built)],
    ['PUT to a malformed digest', yield* put(context, 'sha256:abc', built)],
    ['DELETE of an unknown manifest', yield* tryDelete(context, `manifests/${absent}`)],
    ['DELETE of an unknown blob', yield* tryDelete(context, `blobs/${absent}`)],
    [
      'PATCH of an unknown upload',
      yield* step(context, { method: 'PATCH', path: lost, headers: patch, body: garbage.bytes }),
    ],
    ['PUT of an unknown upload', yield* closeUpload(context, lost, absent, garbage.bytes)],
  ];
  return asked
    .map(([what, { reply }]) => ({ what, reply }))
    .filter(({ reply }) => reply.status >= 400 && reply.status < 500);
}
