// Repositories that nobody has pushed to, beside the run's own: not every registry makes them by a push.

import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import { type CheckContext, Unsupported } from '../check.ts';
import { locationOf, postUpload, send } from './upload.ts';

/** A name of the run's own, in the namespace of its repository. */
export function newRepository({ repository, nonce }: CheckContext, name: string): string {
  const slash = repository.lastIndexOf('/');
  return `${repository.slice(0, slash + 1)}pullproof-${name}-${nonce}`;
}

/** As `newRepository`, with every separator in its name, and components that are called as endpoints are. */
export function oddRepository({ repository, nonce }: CheckContext, name: string): string {
  const slash = repository.lastIndexOf('/');
  return `${repository.slice(0, slash + 1)}p.q_r__s-t--u/tags/blobs/manifests/${name}-${nonce}`;
}

/** An upload begins in a new repository. @throws Unsupported where repositories have to be made beforehand */
export function* givenUploadTo(context: CheckContext, repository: string): Talk<void> {
  let status: number;
  try {
    const begun = yield* postUpload(context, '', repository);
    status = begun.reply.status;
    if (status === 202) {
      yield* send(context, { method: 'DELETE', path: locationOf(begun), repository });
      return;
    }
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    status = error.status;
  }
  throw new Unsupported(`new repositories may not be pushed to (${status})`);
}
