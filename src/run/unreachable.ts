// Tells an unreachable registry (exit 3, nothing could be tried) from a pull that failed (a result).
import { setTimeout as sleep } from 'node:timers/promises';
import { neutral } from '../checks/kit/neutral.ts';
import type { NodeDriver } from '../drivers/node.ts';
import { UserError } from '../lib/user-error.ts';
import { type FailureClass, hintOf, type PullFailure } from '../protocol/failure.ts';
import { openSession, registryRequest } from '../protocol/session.ts';

const classes: readonly FailureClass[] = [
  'dns',
  'refused',
  'dial-timeout',
  'proxy',
  'tls',
  'bad-http',
  'reset',
  'http2',
  'stalled',
];

/** The error to end with when the registry itself (or its token server) could not be talked to. */
export function unreachable(failure: PullFailure): UserError | undefined {
  if (failure.hop === 'edge' || failure.status !== 0 || !classes.includes(failure.class))
    return undefined;
  const isToken = failure.hop === 'token';
  const who = isToken
    ? `${failure.host}, which the registry's challenge names as its token server (realm),`
    : failure.host;
  return new UserError(
    `unreachable-${failure.class}`,
    `${who} cannot be reached: ${failure.message}`,
    adviceOn(failure),
    3,
  );
}

/** A port that wants TLS mostly hangs up on plain HTTP, without a word. */
function adviceOn(failure: PullFailure): string {
  if (failure.hop === 'token') {
    return `The registry's own challenge names this address (realm): if host or port are wrong there, mend its configuration. Else: ${hintOf(failure)}`;
  }
  const isPlain = /^[A-Z]+ http:/.test(failure.message);
  if (failure.class !== 'reset' || !isPlain) return hintOf(failure);
  return 'The port may want TLS: try https://. Else look at the limits and logs of the server.';
}

/** Times that a silent registry is asked again, and the pause before each. */
const knocks = 3;
const pauseMs = 300;

/**
 * Why a registry that answered before will answer nobody any more; undefined when it still does. Any
 * answer counts, also a wrong one: only silence is the end.
 */
export async function whyGone(
  driver: NodeDriver,
  registryUrl: string,
): Promise<string | undefined> {
  const session = openSession(registryUrl, '', neutral);
  const shape = { path: '/v2/', want: 'none', bodyBytesMax: pingBytesMax, phase: 'ping' } as const;
  let why = '';
  for (let knock = 0; knock < knocks; knock++) {
    await sleep(pauseMs);
    const reply = await driver.perform(registryRequest(session, shape));
    const { status, failure } = reply;
    if (status !== 0 || !classes.some((known) => known === failure)) return undefined;
    why = driver.redactor.text(`${failure}: ${reply.failureMessage}`);
  }
  return why;
}

const pingBytesMax = 1024 * 1024;
