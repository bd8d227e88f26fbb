// What is known of a failure to connect by where it struck, which the platform's error does not say.
import type { FailureReason, TransportFailure } from '../../protocol/talk.ts';

export class ConnectFailure extends Error {
  readonly failure: TransportFailure;
  readonly reason: FailureReason | undefined;

  constructor(failure: TransportFailure, reason: FailureReason | undefined, message: string) {
    super(message);
    this.name = 'ConnectFailure';
    this.failure = failure;
    this.reason = reason;
  }
}

const depthMax = 5;

/** The innermost cause: connection attempts to several addresses come as one AggregateError. */
export function rootOf(error: unknown): Error {
  let cause = error;
  for (let depth = 0; depth < depthMax; depth++) {
    if (cause instanceof AggregateError && cause.errors.length > 0) cause = cause.errors[0];
    else if (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
    else break;
  }
  return cause instanceof Error ? cause : new Error(String(cause));
}

export function codeOf(error: Error): string {
  return String((error as { code?: unknown }).code ?? '');
}
