// distribution-spec, "Listing Tags": where the list ends, what belongs into it and what does not.
import type { Talk } from '../../protocol/talk.ts';
import type { Check, CheckContext } from '../check.ts';
import type { Exchange } from '../kit/ask.ts';
import { contentOf } from '../kit/content.ts';
import { expectStatus, expectThat, quote } from '../kit/expect.ts';
import { givenImage, put } from '../kit/stored.ts';
import { givenMoved } from '../kit/tag-moves.ts';
import {
  allTags,
  expectListed,
  goodNames,
  listPath,
  ownTag,
  readTags,
  tagsIn,
} from '../kit/tags.ts';

const section = 'distribution-spec/spec.md#listing-tags';

/** As many as a build for all its platforms and versions pushes. */
const tagsAtOnce = 8;

export const tagListEndChecks: readonly Check[] = [
  {
    id: 'tags-last-end',
    level: 'MUST',
    section,
    requirement:
      'With last, nothing comes that is before that tag, also where nothing is after it.',
    why: 'A client that asks for page after page begins anew here, and never comes to an end.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags empty'],
    *run(context) {
      const { otherRepository } = context;
      // Where no check pushes tags that come after z.
      const own = ['a', 'b', 'zzzz'].map((name) => `${name}-tags-last-end-${context.nonce}`);
      yield* givenImage(context, 'tags-last-end', own, otherRepository);
      const last = own.at(-1) ?? '';
      for (const query of [`last=${last}`, `n=2&last=${last}`]) {
        const path = `/v2/${otherRepository}/tags/list?${query}`;
        const tags = tagsIn(yield* readTags(context, path, otherRepository));
        const before = tags.find((tag) => own.includes(tag));
        const actual = `${tags.length} tags, ${quote(before ?? '')} among them`;
        expectThat(before === undefined, `no tag before ${last}`, actual);
      }
      return `nothing before ${last}`;
    },
  },
  {
    id: 'tags-end',
    level: 'MUST',
    section,
    requirement: 'With last, the list goes on to the very last tag.',
    why: 'The newest version is often the last one.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      // After all that other checks push here; not in the other repository, whose last tag is tags-last-end's.
      const own = ['x', 'y', 'z'].map((letter) => `zzzzz${letter}-tags-end-${context.nonce}`);
      yield* givenImage(context, 'tags-end', own);
      const [first = '', ...rest] = own;
      for (const query of [`last=${first}`, `n=9&last=${first}`]) {
        const seen = yield* allTags(context, listPath(context, query));
        const missed = rest.find((tag) => !seen.includes(tag));
        expectThat(missed === undefined, `${missed} after ${first}`, seen.map(quote).join(', '));
      }
      return `${rest.join(' and ')}`;
    },
  },
  {
    id: 'tags-odd-names',
    level: 'MUST',
    section,
    requirement: 'Tags of every form that the grammar allows are in the list, once, as written.',
    why: 'What the list hides or renames is not backed up, not scanned, not cleaned away.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['tags names'],
    *run(context) {
      const id = 'tags-odd-names';
      const odd = goodNames.map(({ name }) => name(ownTag(context, id)));
      const cased = `${id}-Case-${context.nonce}`;
      odd.push(cased, cased.toLowerCase());
      yield* givenImage(context, id, odd);
      return yield* expectOnce(context, odd);
    },
  },
  {
    id: 'tags-moved',
    level: 'MUST',
    section,
    requirement: 'A tag that was moved from one manifest to another is in the list once.',
    why: 'Cleaning jobs that keep the newest ten count it twice.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const id = 'tags-moved';
      const tag = ownTag(context, id);
      yield* givenImage(context, `${id} before`, [tag]);
      yield* givenMoved(context, `${id} after`, [tag]);
      return yield* expectOnce(context, [tag]);
    },
  },
  {
    id: 'tags-concurrent',
    level: 'COMPAT',
    section,
    requirement: `${tagsAtOnce} tags that are pushed at once all answer 201, and all are in the list.`,
    why: 'Build farms push many tags in the same second; one must not undo the other.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    covers: ['manifest-put at-once'],
    *run(context) {
      const id = 'tags-concurrent';
      const fixture = yield* givenImage(context, id);
      const names = Array.from({ length: tagsAtOnce }, (_, at) => ownTag(context, `${id}-${at}`));
      const pushes = names.map((tag) => put(context, tag, fixture));
      const exchanges: Exchange[] = yield { parallel: pushes, limit: tagsAtOnce };
      for (const { reply } of exchanges) expectStatus(reply, 201);
      return yield* expectOnce(context, names);
    },
  },
  {
    id: 'tags-no-digests',
    level: 'MUST',
    section,
    requirement: 'A manifest that was pushed to its digest alone adds no tag to the list.',
    why: 'Cleaning jobs and mirrors take whatever stands there for a tag, and fail on it.',
    needs: ['push'],
    dependsOn: ['tags-list'],
    *run(context) {
      const fixture = yield* givenImage(context, 'tags-no-digests');
      const { bytes, digest } = fixture.content;
      const sha512 = contentOf(bytes, 'sha512').digest;
      const { reply } = yield* put(context, sha512, fixture);
      const listed = yield* allTags(context);
      for (const each of reply.status === 201 ? [digest, sha512] : [digest]) {
        const hex = each.split(':')[1] ?? '';
        const found = listed.find((tag) => tag.includes(hex));
        expectThat(found === undefined, 'tags alone', quote(found ?? ''));
      }
      return `no digest among ${listed.length} tags`;
    },
  },
];

/** Each of the tags is in the list once. */
function* expectOnce(context: CheckContext, tags: readonly string[]): Talk<string> {
  const listed = yield* allTags(context);
  yield* expectListed(context, tags, listed);
  return `${tags.length} of ${listed.length} tags`;
}
