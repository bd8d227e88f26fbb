// distribution-spec, "Pushing blobs": the ways in which a blob can be uploaded whole, each with content
// of every kind. One table of forms, one of contents, a check for each pair.
import type { Talk } from '../protocol/talk.ts';
import type { Check, CheckContext } from './check.ts';
import { expectStatus } from './check.ts';
import { type Content, freshContent } from './content.ts';
import { closeUpload, expectBlob, locationOf, note, openUpload, postUpload } from './push.ts';

interface Form {
  readonly id: string;
  readonly section: string;
  readonly level: Check['level'];
  readonly requirement: string;
  /** Uploads the content; what the spec says of the replies is judged here. */
  upload(context: CheckContext, content: Content): Talk<string>;
}

const forms: readonly Form[] = [
  {
    id: 'upload-post-put',
    section: 'distribution-spec/spec.md#post-then-put',
    level: 'MUST',
    requirement: 'A blob can be pushed by POST and then PUT of its bytes, and is there then.',
    *upload(context, content) {
      const { url } = yield* openUpload(context);
      const hop = yield* closeUpload(context, url, content.digest, content.bytes);
      expectStatus(hop.reply, 201);
      return locationOf(hop);
    },
  },
  {
    id: 'upload-single-post',
    section: 'distribution-spec/spec.md#single-post',
    level: 'SHOULD',
    requirement:
      'A blob can be pushed by a single POST, or the registry falls back to POST and PUT.',
    *upload(context, content) {
      const query = `digest=${encodeURIComponent(content.digest)}`;
      const hop = yield* postUpload(context, query, context.repository, content.bytes);
      expectStatus(hop.reply, 201, 202);
      if (hop.reply.status === 201) return locationOf(hop);
      const put = yield* closeUpload(context, locationOf(hop), content.digest, content.bytes);
      expectStatus(put.reply, 201);
      return locationOf(put);
    },
  },
];

interface Kind {
  readonly id: string;
  content(context: CheckContext, name: string): Content;
}

const kinds: readonly Kind[] = [
  { id: '', content: (context, name) => freshContent(context, name, 3_000) },
  { id: '-empty', content: (context, name) => freshContent(context, name, 0) },
];

export const pushBlobChecks: readonly Check[] = forms.flatMap((form) =>
  kinds.map((kind): Check => {
    const id = form.id + kind.id;
    return {
      id,
      level: form.level,
      section: form.section,
      requirement: form.requirement,
      why: 'A push that the registry accepts and then does not have is lost.',
      needs: ['push'],
      *run(context) {
        const content = kind.content(context, id);
        const location = yield* form.upload(context, content);
        note(context, {
          kind: 'blob',
          repository: context.repository,
          reference: content.digest,
        });
        yield* expectBlob(context, content);
        return `201, ${content.size} bytes, served under ${location}`;
      },
    };
  }),
);
