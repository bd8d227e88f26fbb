// The catalog (docker-registry api.md, "Listing Repositories"): the OCI spec has no such endpoint, and who may see all
// names is for the operator to say.

import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { PullFailure } from '../../protocol/failure.ts';
import type { Talk } from '../../protocol/talk.ts';
import { Unsupported } from '../check.ts';
import { expectStatus, expectThat, quote } from './expect.ts';
import type { Page } from './pages.ts';

/** No such endpoint, or not for everybody. */
const notOffered = [400, 401, 403, 404, 405, 501];

/** What is read of the catalog. @throws Unsupported where no token is to be had for it */
export function* ofCatalog<T>(reading: Talk<T>): Talk<T> {
  try {
    return yield* reading;
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    throw new Unsupported(`the catalog is no part of the OCI spec: ${error.message}`);
  }
}

/** Names on a page of the catalog. @throws Unsupported where there is none for us */
export function repositoriesIn({ reply }: Pick<Page, 'reply'>): string[] {
  if (notOffered.includes(reply.status)) {
    throw new Unsupported(`the registry shows no catalog (${reply.status})`);
  }
  expectStatus(reply, 200);
  const names = asArray(asObject(parseJson(reply.text))?.repositories);
  expectThat(names !== undefined, 'a list of repositories', quote(reply.text));
  return names.flatMap((name) => asString(name) ?? []);
}
