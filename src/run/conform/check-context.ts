// What the checks of a run are handed in common, and what is learned in passing from every reply.
import type { CheckContext, Facts } from '../../checks/check.ts';
import { neutral } from '../../checks/kit/neutral.ts';
import { parseChallenges } from '../../protocol/grammar/challenge.ts';
import type { Exchange } from '../../protocol/redirect.ts';
import { openSession, type Session } from '../../protocol/session.ts';
import type { HttpReply, HttpRequest } from '../../protocol/talk.ts';
import type { ChecksRun } from './checks.ts';

/** A run that may not push sends nothing that could change anything, whatever a check asks for. */
export function expectReading({ ask: { method }, hop, url }: HttpRequest): void {
  if (method === 'GET' || method === 'HEAD' || hop === 'token') return;
  throw new Error(`${method} ${url} in a run that may only read`);
}

/** The registry asks for authentication by these; also where only pushing needs it. */
export function noteSchemes(facts: Facts, reply: HttpReply): void {
  facts.schemes ??= new Set();
  for (const { scheme } of parseChallenges(reply.header('WWW-Authenticate') ?? '')) {
    if (/^(?:bearer|basic)$/.test(scheme)) facts.schemes.add(scheme);
  }
}

/** Replies that are kept to be judged, of those that say that there were too many requests. */
const limitedMax = 20;

export function noteLimited(facts: Facts, hop: Exchange): void {
  facts.limited ??= [];
  if (facts.limited.length < limitedMax) facts.limited.push(hop);
}

/** `stumbles`: those of the set-up. */
export function contextOf(
  run: ChecksRun,
  stumbles: readonly Exchange[],
  hasFailed: CheckContext['hasFailed'],
): CheckContext {
  const usual = run.mayPush === true ? 'pull,push' : 'pull';
  const sessions = new Map<string, Session>();
  return {
    registryUrl: run.registryUrl,
    repository: run.repository,
    otherRepository: run.otherRepository ?? '',
    reference: run.reference,
    credentials: run.credentials,
    redirectPolicy: run.redirectPolicy,
    allowHosts: run.allowHosts ?? [],
    mayPush: run.mayPush === true,
    nonce: (run.seed >>> 0).toString(16).padStart(8, '0'),
    facts: run.challenged === undefined ? {} : { challenged: run.challenged },
    stumbles,
    hasFailed,
    leftovers: [],
    session(repository = run.repository, actions = usual, extraScopes = []) {
      const key = [actions, repository, ...extraScopes].join(' ');
      const known = sessions.get(key);
      if (known !== undefined) return known;
      const { registryUrl, credentials } = run;
      const opened = openSession(
        registryUrl,
        repository,
        neutral,
        credentials,
        actions,
        extraScopes,
      );
      sessions.set(key, opened);
      return opened;
    },
    now: run.now ?? Date.now,
  };
}
