// The listing conversations: tags of a repository, repositories of a registry. First page only: enough
// to find something to pull.

import { asArray, asObject, asString, parseJson } from '../../lib/json.ts';
import { failureOf } from '../failure.ts';
import { exchange, type Session } from '../session.ts';
import type { Talk } from '../talk.ts';

const listBytesMax = 4 * 1024 * 1024;
const namesMax = 10_000;

/** Tags of the session's repository. @throws PullFailure */
export function listTags(session: Session): Talk<string[]> {
  return list(session, `/v2/${session.repository}/tags/list`, 'tags');
}

/** Repositories by the catalog of Docker's API, which is no part of the OCI spec. @throws PullFailure */
export function listRepositories(session: Session): Talk<string[]> {
  return list(session, '/v2/_catalog', 'repositories');
}

function* list(session: Session, path: string, member: string): Talk<string[]> {
  const shape = { path, want: 'text', bodyBytesMax: listBytesMax, phase: 'other' } as const;
  const { request, reply } = yield* exchange(session, shape);
  if (reply.failure !== '' || reply.status !== 200) throw failureOf(request, reply);
  const names = asArray(asObject(parseJson(reply.text))?.[member]) ?? [];
  return names.slice(0, namesMax).flatMap((name) => asString(name) ?? []);
}
