// The replies to a small push and to reading it back: what checks of any reply look at.

import type { HttpReply, Talk } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { ask, headOf } from './ask.ts';
import { bare } from './manifests.ts';
import { readPage } from './pages.ts';
import { givenImage, put, readShape } from './stored.ts';
import { ownTag } from './tags.ts';
import { closeUpload, openUpload } from './upload.ts';

/** The replies to a small push, and to reading it back. */
export function* pushReplies(context: CheckContext, id: string): Talk<HttpReply[]> {
  const tag = ownTag(context, id);
  const fixture = bare(context, id, {});
  yield* givenImage(context, `${id} before`);
  const [config] = fixture.blobs;
  const replies: HttpReply[] = [];
  if (config !== undefined) {
    const upload = yield* openUpload(context);
    const { reply } = yield* closeUpload(context, upload.url, config.digest, config.bytes);
    replies.push(upload.reply, reply);
  }
  replies.push((yield* put(context, tag, fixture)).reply);
  const get = readShape(context, tag, fixture);
  for (const shape of [get, headOf(get)]) replies.push((yield* ask(context, shape)).first);
  replies.push((yield* readPage(context, `/v2/${context.repository}/tags/list?n=1`)).reply);
  return replies;
}
