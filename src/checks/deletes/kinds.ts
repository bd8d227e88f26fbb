// What can be deleted, for the checks that delete each of them in some state of things.
import type { RequestShape } from '../../protocol/session.ts';
import type { Talk } from '../../protocol/talk.ts';
import type { CheckContext } from '../check.ts';
import { blobShape } from '../kit/ask.ts';
import { expectBlobThere, givenBlob } from '../kit/blobs.ts';
import { freshContent } from '../kit/content.ts';
import { expectManifest, givenImage, readShape } from '../kit/stored.ts';
import { ownTag } from '../kit/tags.ts';
import { octets } from '../kit/upload.ts';

/** What a check has pushed, to delete it. */
export interface Pushed {
  /** Where it stands below its repository. */
  readonly below: string;
  /** GET of it. */
  readonly shape: RequestShape;
  /** It is there still. */
  expectKept(): Talk<unknown>;
}

/** A kind of thing that can be deleted. */
export interface Kind {
  readonly endpoint: 'tag-delete' | 'manifest-delete' | 'blob-delete';
  /** The check that judges a plain deletion; ids of the others begin with it. */
  readonly judgedBy: 'delete-tag' | 'delete-manifest' | 'delete-blob';
  readonly title: string;
  readonly titles: string;
  readonly section: string;
  /** The check of having it pushed and read. */
  readonly pushedBy: 'manifest-put-image' | 'upload-post-put';
  /** The check of HEAD of one that is not there. */
  readonly unknownBy: 'manifest-head-unknown' | 'blob-head-unknown';
  push(context: CheckContext, name: string, repository?: string): Talk<Pushed>;
}

export const kinds: readonly Kind[] = [
  {
    endpoint: 'tag-delete',
    judgedBy: 'delete-tag',
    title: 'a tag',
    titles: 'tags',
    section: 'distribution-spec/spec.md#deleting-tags',
    pushedBy: 'manifest-put-image',
    unknownBy: 'manifest-head-unknown',
    *push(context, name, repository = context.repository) {
      const tag = ownTag(context, name);
      const fixture = yield* givenImage(context, name, [tag], repository);
      return {
        below: `manifests/${tag}`,
        shape: readShape(context, tag, fixture, repository),
        expectKept: () => expectManifest(context, tag, fixture, repository),
      };
    },
  },
  {
    endpoint: 'manifest-delete',
    judgedBy: 'delete-manifest',
    title: 'a manifest',
    titles: 'manifests',
    section: 'distribution-spec/spec.md#deleting-manifests',
    pushedBy: 'manifest-put-image',
    unknownBy: 'manifest-head-unknown',
    *push(context, name, repository = context.repository) {
      const fixture = yield* givenImage(context, name, undefined, repository);
      const { digest } = fixture.content;
      return {
        below: `manifests/${digest}`,
        shape: readShape(context, digest, fixture, repository),
        expectKept: () => expectManifest(context, digest, fixture, repository),
      };
    },
  },
  {
    endpoint: 'blob-delete',
    judgedBy: 'delete-blob',
    title: 'a blob',
    titles: 'blobs',
    section: 'distribution-spec/spec.md#deleting-blobs',
    pushedBy: 'upload-post-put',
    unknownBy: 'blob-head-unknown',
    *push(context, name, repository = context.repository) {
      const content = freshContent(context, name, 300);
      yield* givenBlob(context, content, repository);
      return {
        below: `blobs/${content.digest}`,
        shape: {
          ...blobShape(context, { ...content, mediaType: octets[1] }),
          path: `/v2/${repository}/blobs/${content.digest}`,
        },
        expectKept: () => expectBlobThere(context, content, repository),
      };
    },
  },
];
