// distribution-spec, "Pushing blobs": what the replies on the way of an upload say – where it goes on,
// how far it has come – and what can be asked of it: its status, and to give it up.

import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import { expectAbsent } from '../kit/blobs.ts';
import {
  type Begun,
  chunkBytes,
  complete,
  expectProgress,
  givenBegun,
  leastChunkBytes,
  patchChunk,
  ranged,
} from '../kit/chunks.ts';
import { freshContent } from '../kit/content.ts';
import { expectStatus, expectThat, quote } from '../kit/expect.ts';
import { given } from '../kit/given.ts';
import {
  closeUpload,
  givenUpload,
  giveUp,
  locationOf,
  noteLeftover,
  openUpload,
  send,
} from '../kit/upload.ts';

const chunkSection = 'distribution-spec/spec.md#pushing-a-blob-in-chunks';
const cancelSection = 'distribution-spec/spec.md#cancel-a-blob-upload';

const askersAtOnce = 4;

type Row = Omit<Check, 'needs'>;

const starts: readonly Row[] = [
  {
    id: 'upload-start-unique',
    level: 'MUST',
    section: 'distribution-spec/spec.md#post-then-put',
    requirement: 'Each upload that begins has a Location of its own.',
    why: 'Two clients, or two layers of one, would write into each other.',
    *run(context) {
      const [one, two] = [yield* openUpload(context), yield* openUpload(context)];
      for (const upload of [one, two]) yield* giveUp(context, upload);
      expectThat(one.url !== two.url, 'two Locations', `${quote(one.url)} twice`);
      return 'two Locations';
    },
  },
  {
    id: 'upload-start-uuid',
    level: 'MUST',
    section: 'distribution-spec/spec.md#post-then-put',
    requirement: 'The Location of an upload contains a UUID.',
    why: 'An id that can be guessed lets others write into the upload.',
    *run(context) {
      const { url } = yield* openUpload(context);
      yield* giveUp(context, { url });
      // With or without hyphens (RFC 9562 4 has them).
      const uuid = /[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}/i;
      expectThat(uuid.test(url), 'a UUID in Location', quote(url));
      return quote(url);
    },
  },
  {
    id: 'upload-start-least',
    level: 'SHOULD',
    section: chunkSection,
    requirement: 'A least length of chunks, if the registry has one, is a number of bytes.',
    why: 'Clients cut their chunks by it; from anything else they cut them too short.',
    *run(context) {
      const { reply, url } = yield* openUpload(context);
      yield* giveUp(context, { url });
      const least = reply.header('OCI-Chunk-Min-Length');
      if (least === undefined) return 'none';
      const said = `OCI-Chunk-Min-Length: ${quote(least)}`;
      expectThat(/^\d{1,15}$/.test(least), 'a number in OCI-Chunk-Min-Length', said);
      return said;
    },
  },
];

/** Chunks of which `Range` is judged after each. */
const progresses: readonly {
  readonly id: string;
  readonly level: Check['level'];
  readonly requirement: string;
  readonly chunks: number;
  readonly streamed?: true;
}[] = [
  {
    id: 'upload-range',
    level: 'MUST',
    requirement: 'The Range after a chunk ends at its last byte, counted from 0.',
    chunks: 1,
  },
  {
    id: 'upload-range-cumulative',
    level: 'MUST',
    requirement: 'The Range after each chunk covers all bytes that have come, not the last chunk.',
    chunks: 4,
  },
  {
    id: 'upload-range-stream',
    level: 'COMPAT',
    requirement: 'The Range after a stream covers all its bytes.',
    chunks: 1,
    streamed: true,
  },
];

const progressRows = progresses.map((row): Row => {
  const { id, level, requirement, chunks, streamed } = row;
  return {
    id,
    level,
    section: chunkSection,
    requirement,
    why: 'Clients go on where Range ends: one byte off, and the blob is broken or refused.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      let at = yield* givenUpload(context);
      const bytes = Math.max(chunkBytes, leastChunkBytes(at, chunks));
      const content = freshContent(context, id, bytes * chunks);
      const manner = streamed === undefined ? ranged : ({ ranged: false, chunked: true } as const);
      for (let sent = 0; sent < content.size; sent += bytes) {
        const chunk = content.bytes.subarray(sent, sent + bytes);
        const exchange = yield* patchChunk(context, at.url, chunk, sent, manner);
        expectStatus(exchange.reply, 202);
        expectProgress(exchange.reply, sent + chunk.length);
        at = { url: locationOf(exchange), reply: exchange.reply };
      }
      yield* giveUp(context, at);
      return `Range: ${at.reply.header('Range')}`;
    },
  };
});

const ranges: readonly Row[] = [
  ...progressRows,
  {
    id: 'upload-range-byte',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The Range after one byte is 0-0.',
    why: 'Who takes the end for a count is found out here.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { url } = yield* givenUpload(context);
      const { bytes } = freshContent(context, 'upload-range-byte', 1);
      const { reply } = yield* patchChunk(context, url, bytes, 0);
      yield* giveUp(context, { url });
      expectStatus(reply, 202);
      expectProgress(reply, 1);
      return '0-0';
    },
  },
  {
    id: 'upload-range-unit',
    level: 'COMPAT',
    section: chunkSection,
    requirement:
      'The Range of an upload is two numbers, without a unit such as bytes= before them.',
    why: 'Most clients cut it at the hyphen; a unit makes the first number unreadable for some.',
    dependsOn: ['upload-chunks'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-range-unit');
      yield* giveUp(context, at);
      const { reply } = at;
      const range = reply.header('Range') ?? '';
      expectThat(/^\d+-\d+$/.test(range), 'Range: 0-N', quote(range));
      return range;
    },
  },
];

const statuses: readonly Row[] = [
  {
    id: 'upload-status-start',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The status of an upload that has just begun is 204, with its Location.',
    why: 'A client that does not know whether its first chunk arrived has to ask.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { url } = yield* givenUpload(context);
      const exchange = yield* send(context, { method: 'GET', path: url });
      yield* giveUp(context, { url });
      expectStatus(exchange.reply, 204);
      return locationOf(exchange);
    },
  },
  {
    id: 'upload-status',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The status of an upload is 204, with the Range that has come.',
    why: 'Who lost the reply to a chunk learns from it where to go on.',
    dependsOn: ['upload-chunks'],
    covers: ['upload-status first', 'upload-status token'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-status');
      const { reply } = yield* send(context, { method: 'GET', path: at.url });
      yield* giveUp(context, at);
      expectStatus(reply, 204);
      expectProgress(reply, at.sent);
      return `204, Range: ${reply.header('Range')}`;
    },
  },
  {
    id: 'upload-status-later',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The status of an upload that was asked before tells of the chunk since, too.',
    why: 'On a bad line it is asked many times; an old answer leads back, or to a 416 again.',
    dependsOn: ['upload-status', 'upload-status-earlier'],
    covers: ['upload-status second'],
    *run(context) {
      const { content, sent, start, ...at } = yield* givenBegun(context, 'upload-status-later');
      const known = [
        ['upload-status-earlier', start],
        ['upload-status', at.url],
      ] as const;
      for (const [id, path] of known) {
        yield* given(context, id, function* () {
          const before = yield* send(context, { method: 'GET', path });
          expectStatus(before.reply, 204);
          expectProgress(before.reply, sent);
        });
      }
      const next = yield* given(context, 'upload-chunks', function* () {
        const rest = yield* patchChunk(context, at.url, content.bytes.subarray(sent), sent);
        expectStatus(rest.reply, 202);
        return locationOf(rest);
      });
      const { reply } = yield* send(context, { method: 'GET', path: next });
      yield* giveUp(context, { url: next });
      expectStatus(reply, 204);
      expectProgress(reply, content.size);
      return `204, Range: ${reply.header('Range')}`;
    },
  },
  {
    id: 'upload-status-at-once',
    level: 'MUST',
    section: chunkSection,
    requirement: `The status of an upload is 204, with the Range that has come, for each of ${askersAtOnce} who ask at once.`,
    why: 'A proxy and a client that both try again ask at the same time; who is told nothing begins anew.',
    dependsOn: ['upload-status'],
    covers: ['upload-status at-once'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-status-at-once');
      const get = { method: 'GET', path: at.url } as const;
      yield* given(context, 'upload-status', function* () {
        expectStatus((yield* send(context, get)).reply, 204);
      });
      const parallel = Array.from({ length: askersAtOnce }, () => send(context, get));
      for (const { reply } of yield { parallel, limit: askersAtOnce }) {
        expectStatus(reply, 204);
        expectProgress(reply, at.sent);
      }
      yield* giveUp(context, at);
      return `${askersAtOnce} times 204`;
    },
  },
  {
    id: 'upload-status-earlier',
    level: 'MUST',
    section: chunkSection,
    requirement: 'The status can be asked at any Location that the upload has had.',
    why: 'Whose chunk got no reply knows only the Location from before.',
    dependsOn: ['upload-chunks'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-status-earlier');
      const { reply } = yield* send(context, { method: 'GET', path: at.start });
      yield* giveUp(context, at);
      expectStatus(reply, 204);
      expectProgress(reply, at.sent);
      return `204, Range: ${reply.header('Range')}`;
    },
  },
  {
    id: 'upload-resume',
    level: 'MUST',
    section: chunkSection,
    requirement: 'An upload goes on at the Location that its status names.',
    why: 'A large layer on a bad line would have to be sent from its first byte again.',
    dependsOn: ['upload-chunks'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-resume');
      const exchange = yield* send(context, { method: 'GET', path: at.url });
      expectStatus(exchange.reply, 204);
      yield* complete(context, at, locationOf(exchange));
      return `went on after ${at.sent} of ${at.content.size} bytes`;
    },
  },
];

/** @throws Void where an upload cannot be cancelled, which `upload-cancel` judges */
function* givenCancelled(context: CheckContext, id: string): Talk<Begun> {
  const at = yield* givenBegun(context, id);
  yield* given(context, 'upload-cancel', function* () {
    const { reply } = yield* send(context, { method: 'DELETE', path: at.url });
    expectStatus(reply, 204, 202, 200);
  });
  return at;
}

const cancels: readonly Row[] = [
  {
    id: 'upload-cancel',
    level: 'SHOULD',
    section: cancelSection,
    requirement: 'An upload is given up by DELETE, answered 204.',
    why: 'What broken-off pushes leave behind fills the disk.',
    dependsOn: ['upload-chunks'],
    covers: ['upload-cancel first', 'upload-cancel token'],
    *run(context) {
      const at = yield* givenBegun(context, 'upload-cancel');
      const { reply } = yield* send(context, { method: 'DELETE', path: at.url });
      expectStatus(reply, 204);
      return '204';
    },
  },
  {
    id: 'upload-cancel-start',
    level: 'SHOULD',
    section: cancelSection,
    requirement: 'An upload to which nothing has come yet is given up by DELETE, answered 204.',
    why: 'Clients begin an upload before they find that they need none.',
    dependsOn: ['upload-post-put'],
    *run(context) {
      const { url } = yield* givenUpload(context);
      const { reply } = yield* send(context, { method: 'DELETE', path: url });
      expectStatus(reply, 204);
      return '204';
    },
  },
  {
    id: 'upload-cancel-twice',
    level: 'SHOULD',
    section: 'distribution-spec/spec.md#endpoints',
    requirement: 'DELETE of an upload that was given up is answered 404, or 400.',
    why: 'Who lost the first answer asks again, and must not take it for a broken registry.',
    dependsOn: ['upload-cancel'],
    covers: ['upload-cancel second'],
    *run(context) {
      const { url } = yield* givenCancelled(context, 'upload-cancel-twice');
      const { reply } = yield* send(context, { method: 'DELETE', path: url });
      expectStatus(reply, 404, 400);
      return `${reply.status}`;
    },
  },
  {
    id: 'upload-cancel-at-once',
    level: 'SHOULD',
    section: cancelSection,
    requirement:
      'Of two uploads that are given up at once, each is answered 204, and another one goes on.',
    why: 'A build that is stopped gives all its layers up in the same moment.',
    dependsOn: ['upload-cancel', 'upload-chunks'],
    covers: ['upload-cancel at-once'],
    *run(context) {
      yield* givenCancelled(context, 'upload-cancel-at-once plain');
      const kept = yield* givenBegun(context, 'upload-cancel-at-once kept');
      // No more than a small quota of open uploads permits, the kept one counted.
      const begun = [
        yield* givenBegun(context, 'upload-cancel-at-once 1'),
        yield* givenBegun(context, 'upload-cancel-at-once 2'),
      ];
      const parallel = begun.map(({ url: path }) => send(context, { method: 'DELETE', path }));
      for (const { reply } of yield { parallel, limit: begun.length }) expectStatus(reply, 204);
      yield* complete(context, kept);
      return 'twice 204, and the other one went on';
    },
  },
  {
    id: 'upload-cancel-status',
    level: 'SHOULD',
    section: cancelSection,
    requirement: 'The status of an upload that was given up is 404.',
    why: 'An answer of 204 would say that its bytes are still kept.',
    dependsOn: ['upload-cancel'],
    *run(context) {
      const { url } = yield* givenCancelled(context, 'upload-cancel-status');
      const { reply } = yield* send(context, { method: 'GET', path: url });
      expectStatus(reply, 404);
      return '404';
    },
  },
  {
    id: 'upload-cancel-chunk',
    level: 'SHOULD',
    section: cancelSection,
    requirement: 'An upload that was given up takes no further chunk: 404.',
    why: 'A client that goes on would push into nowhere.',
    dependsOn: ['upload-cancel'],
    *run(context) {
      const { url, content, sent } = yield* givenCancelled(context, 'upload-cancel-chunk');
      const { reply } = yield* patchChunk(context, url, content.bytes.subarray(sent), sent);
      expectStatus(reply, 404, 416);
      return `${reply.status}`;
    },
  },
  {
    id: 'upload-cancel-end',
    level: 'SHOULD',
    section: cancelSection,
    requirement: 'An upload that was given up cannot be ended, and no blob comes of it.',
    why: 'A blob that nobody wanted any more would appear.',
    dependsOn: ['upload-cancel'],
    *run(context) {
      const { url, content, sent } = yield* givenCancelled(context, 'upload-cancel-end');
      const { digest } = content;
      const rest = content.bytes.subarray(sent);
      const { reply } = yield* closeUpload(context, url, digest, rest);
      if (reply.status === 201) {
        noteLeftover(context, { kind: 'blob', repository: context.repository, reference: digest });
      }
      expectStatus(reply, 404, 400, 416);
      yield* expectAbsent(context, `blobs/${digest}`);
      return `${reply.status}, no blob`;
    },
  },
];

export const pushChunkChecks: readonly Check[] = [
  ...starts,
  ...ranges,
  ...statuses,
  ...cancels,
].map((row): Check => ({ ...row, needs: ['push'] }));
