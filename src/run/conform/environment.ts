// Where a run of the checks works: whether it may push, and which image it reads.

import { askAs, lastOf, logInByPing } from '../../checks/kit/ask.ts';
import { neutral } from '../../checks/kit/neutral.ts';
import { standardTag } from '../../checks/setup/standard-image.ts';
import { drive } from '../../drivers/drive.ts';
import type { NodeDriver } from '../../drivers/node.ts';
import type { Redactor } from '../../drivers/redact.ts';
import { UserError } from '../../lib/user-error.ts';
import { failureOf, hintOf, PullFailure } from '../../protocol/failure.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import {
  exchange,
  manifestBytesMax,
  openSession,
  type RequestShape,
  registryRequest,
  type Session,
} from '../../protocol/session.ts';
import type { HttpReply, Talk } from '../../protocol/talk.ts';
import { listRepositories, listTags } from '../../protocol/talks/listing.ts';
import type { RunContext } from '../context.ts';
import type { Image } from '../target.ts';
import { unreachable } from '../unreachable.ts';
import { Patience } from './patience.ts';
import { steady } from './steady.ts';

/** Where a run works: the image that is read, and whether more may be pushed beside it. */
export interface CheckEnvironment {
  readonly image: Image;
  readonly mayPush: boolean;
  readonly otherRepository: string;
  /** Why nothing is pushed although a full run was asked for. */
  readonly reason?: string;
  /** Where servers failed by themselves while this was found out. */
  readonly stumbles: readonly Exchange[];
  /** The image was asked for before anybody was logged in, and refused so. */
  readonly challenged?: Exchange;
}

export interface EnvironmentOptions {
  readonly readOnly?: boolean | undefined;
  /** Default: beside the repository. */
  readonly otherRepository?: string | undefined;
}

/** Runs conversations, each request asked again where a server fails by itself. */
type Run = <T>(talk: Talk<T>) => Promise<T>;

/**
 * Finds out what can be done with the target.
 * @throws UserError (exit 3) when nothing answers, nothing can be read, or credentials may not push
 */
export async function environmentOf(
  driver: NodeDriver,
  target: Image,
  { readOnly: mayOnlyRead = false, otherRepository }: EnvironmentOptions,
  { seed, work }: Pick<RunContext, 'seed' | 'work'>,
): Promise<CheckEnvironment> {
  const stumbles: Exchange[] = [];
  const patience = new Patience(() => undefined);
  const patient = patience.over((request, signal) => driver.perform(request, undefined, signal));
  const perform = steady(patient, (exchange) => stumbles.push(exchange));
  const run: Run = (talk) => drive(talk, perform);
  const readOnly = async () => {
    const { image, challenged } = await findImage(run, driver.redactor, target);
    const first = challenged === undefined ? {} : { challenged };
    return { image, mayPush: false, otherRepository: '', stumbles, ...first };
  };
  if (mayOnlyRead || target.reference !== '') return readOnly();
  const nonce = (seed >>> 0).toString(16).padStart(8, '0');
  const repository = target.repository || `pullproof/run-${nonce}`;
  const problem = await pushProblem(run, driver.redactor, { ...target, repository });
  if (problem === undefined) {
    const reference = standardTag({ nonce });
    const text = `${target.registry}/${repository}:${reference}`;
    const image = { ...target, repository, reference, text };
    const other = otherRepository ?? `${repository}-other`;
    return { image, mayPush: true, otherRepository: other, stumbles };
  }
  if (target.credentials === undefined) {
    const reason = `nothing can be pushed without credentials: ${problem.said}`;
    work(`${reason}; reading only`);
    return { ...(await readOnly()), reason };
  }
  throw new UserError(
    'push-refused',
    `${target.registry}/${repository} takes no push from these credentials: ${problem.said}`,
    problem.hint,
    3,
  );
}

/** Why nothing can be pushed, and what to do. */
interface Problem {
  readonly said: string;
  readonly hint: string;
}

const pushElsewhere =
  'Name a repository that they may push to, or give --read-only IMAGE to push nothing.';

/** A 401 is mostly a wrong password; a 403 never is. */
function refusalHint(status: number): string {
  return status === 401
    ? `See whether user and password are right. If so: ${pushElsewhere}`
    : pushElsewhere;
}

/** Why an upload cannot even be begun; undefined when it can. It is cancelled at once. */
async function pushProblem(
  run: Run,
  redactor: Redactor,
  target: Image,
): Promise<Problem | undefined> {
  const { registryUrl, repository, credentials } = target;
  const session = openSession(registryUrl, repository, neutral, credentials, 'pull,push');
  try {
    const status = await run(beginUpload(session));
    if (status === undefined) return undefined;
    return { said: `the push is answered ${status}`, hint: refusalHint(status) };
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    error.message = redactor.text(error.message);
    const stop = unreachable(error);
    if (stop !== undefined) throw stop;
    // Credentials that are not taken are of the user; anything else of a token server is its own.
    const isOfTokens = error.hop === 'token' && ![401, 403].includes(error.status);
    const hint = `The token server is at fault. ${hintOf(error)}`;
    return { said: error.message, hint: isOfTokens ? hint : refusalHint(error.status) };
  }
}

/** The status by which a push is refused. */
function* beginUpload(session: Session): Talk<number | undefined> {
  const asked = yield* askAs(session, {
    method: 'POST',
    path: `/v2/${session.repository}/blobs/uploads/`,
    want: 'text',
    bodyBytesMax: manifestBytesMax,
    phase: 'other',
  });
  const { request, reply } = lastOf(asked);
  if (reply.status === 0) throw failureOf(request, reply);
  // What is wrong with an upload that begins is for the checks to say; only a refusal is not.
  return [401, 403, 405].includes(reply.status) ? reply.status : undefined;
}

/** Fills in what the user left open: a repository from the catalog, a tag from the tag list. */
async function findImage(
  run: Run,
  redactor: Redactor,
  target: Image,
): Promise<Pick<CheckEnvironment, 'image' | 'challenged'>> {
  const { registryUrl, credentials } = target;
  let { repository, reference } = target;
  let challenged: Exchange | undefined;
  try {
    if (repository === '') {
      const session = openSession(registryUrl, '', neutral, credentials);
      repository = (await run(listRepositories(session)))[0] ?? '';
      if (repository === '') throw nothingToRead(target, 'the catalog lists no repository');
    }
    if (reference === '') {
      const session = openSession(registryUrl, repository, neutral, credentials);
      const tags = await run(listTags(session));
      reference = tags.includes('latest') ? 'latest' : (tags[0] ?? '');
      if (reference === '') throw nothingToRead(target, `${repository} has no tag`);
    } else {
      challenged = await run(look(target));
    }
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    // A reply may repeat what it was sent, and this ends up in messages and results.
    error.message = redactor.text(error.message);
    const isAbsent = error.status === 404 && repository !== '';
    const hint = isAbsent ? `there is no repository ${repository}` : hintOf(error);
    throw unreachable(error) ?? nothingToRead(target, `${error.message} (${hint})`);
  }
  const joint = reference.includes(':') ? '@' : ':';
  const text = `${target.registry}/${repository}${joint}${reference}`;
  const image = { ...target, repository, reference, text };
  return challenged === undefined ? { image } : { image, challenged };
}

/**
 * Looks for the image that the user named. A manifest that is 404 is the registry's fault only if its
 * tag list has the tag: else the user named what is not there, which is for no check to judge.
 * Returns how it was refused to nobody in particular, if it was.
 * @throws PullFailure when nothing answers or the credentials are wrong, UserError without such an image
 */
function* look(target: Image): Talk<Exchange | undefined> {
  const { registryUrl, repository, reference, credentials } = target;
  const session = openSession(registryUrl, repository, neutral, credentials);
  const path = `/v2/${repository}/manifests/${reference}`;
  const shape = { ...looking, path, accept: neutral.acceptResolve, phase: 'manifest' } as const;
  const request = registryRequest(session, shape);
  const knock: HttpReply = yield request;
  if (knock.status === 0) throw failureOf(request, knock);
  // Some registries hide what there is from whoever is not logged in, and say at /v2/ alone how to do that.
  const isHidden = knock.status === 403 || knock.status === 404;
  const isKnown =
    knock.status === 401 ||
    (isHidden && session.credentials !== undefined && (yield* logInByPing(session)));
  const status = isKnown ? yield* statusAsUser(session, shape) : knock.status;
  const challenged = knock.status === 401 ? { request, reply: knock } : undefined;
  if (status !== 404) return challenged;
  const tags = yield* listedTags(session);
  if (tags === undefined) {
    const asked = `GET ${path} and GET /v2/${repository}/tags/list both answer 404`;
    throw nothingToRead(target, `${asked}: it is not there, or a mirror knows it by digest only`);
  }
  if (!tags.includes(reference)) {
    throw nothingToRead(target, `${repository} has no tag or digest ${reference}`);
  }
  return challenged;
}

/** Undefined: there is no such list. */
function* listedTags(session: Session): Talk<string[] | undefined> {
  try {
    return yield* listTags(session);
  } catch (error) {
    if (error instanceof PullFailure && error.status === 404) return undefined;
    throw error;
  }
}

const looking = { want: 'none', bodyBytesMax: manifestBytesMax } as const;

/**
 * Trouble with tokens is for the checks to find: it counts as no answer.
 * @throws PullFailure when the user's credentials are refused, whatever they ask for
 */
function* statusAsUser(session: Session, shape: RequestShape): Talk<number> {
  try {
    const { status } = (yield* exchange(session, shape)).reply;
    if (status === 401 && session.authorization.startsWith('Basic ')) {
      // A registry that takes them for /v2/ knows the user: the 401 is for the checks to judge.
      const ping = yield* exchange(session, { ...looking, path: '/v2/', phase: 'ping' });
      if (ping.reply.status === 401) throw failureOf(ping.request, ping.reply);
    }
    return status;
  } catch (error) {
    if (!(error instanceof PullFailure)) throw error;
    const isRefused = error.hop === 'token' || session.authorization.startsWith('Basic ');
    if (session.credentials !== undefined && error.status === 401 && isRefused) throw error;
    return 0;
  }
}

function nothingToRead(target: Image, problem: string): UserError {
  return new UserError(
    'nothing-to-read',
    `no image of ${target.text} can be read: ${problem.replaceAll(/\s+/g, ' ')}`,
    'Name an image that exists: HOST[:PORT]/REPOSITORY:TAG, with credentials if it is private.',
    3,
  );
}
