// Tells an unreachable registry (exit 3, nothing could be tried) from a pull that failed (a result).
import { type FailureClass, failureHints, type PullFailure } from '../protocol/failure.ts';
import { UserError } from '../protocol/user-error.ts';

const classes: readonly FailureClass[] = [
  'dns',
  'refused',
  'dial-timeout',
  'tls',
  'bad-http',
  'reset',
  'stalled',
];

/** The error to end with when the registry itself (or its token server) could not be talked to. */
export function unreachable(failure: PullFailure): UserError | undefined {
  if (failure.hop === 'edge' || failure.status !== 0 || !classes.includes(failure.class))
    return undefined;
  return new UserError(
    `unreachable-${failure.class}`,
    `${failure.host} cannot be reached: ${failure.message}`,
    failureHints[failure.class],
    3,
  );
}
