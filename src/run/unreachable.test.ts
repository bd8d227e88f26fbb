import { expect, test } from 'vitest';
import { requestOf } from '../../test/lib/request.ts';
import { type FailureClass, PullFailure, requestLine } from '../protocol/failure.ts';
import type { Hop } from '../protocol/talk.ts';
import { unreachable } from './unreachable.ts';

function failure(kind: FailureClass, hop: Hop, status = 0): PullFailure {
  const request = requestOf({ url: 'https://h.example:1/v2/?sig=x', phase: 'ping', hop });
  return new PullFailure(kind, request, status, 'words');
}

const classes = ['dns', 'refused', 'dial-timeout', 'proxy', 'tls', 'bad-http', 'reset'] as const;

test.each([...classes, 'http2', 'stalled'] as const)(
  'no talk with the registry or its token server: %s ends the run with exit code 3',
  (kind) => {
    for (const hop of ['registry', 'token'] as const) {
      const error = unreachable(failure(kind, hop));
      expect(error).toMatchObject({ code: `unreachable-${kind}`, exitCode: 3 });
      expect(error?.message).toContain('h.example:1');
      expect(error?.hint).not.toBe('');
    }
  },
);

test('a realm that leads nowhere is told as what the registry names, not as a firewall alone', () => {
  const error = unreachable(failure('refused', 'token'));
  expect(error?.message).toContain('token server');
  expect(error?.hint).toContain('realm');
});

test.each([
  ['the edge, which is part of the pull', failure('refused', 'edge')],
  ['an answer that breaks off', failure('reset', 'registry', 200)],
  ['a body that is too short', failure('short-body', 'registry')],
  ['a refusal', failure('unauthorized', 'registry', 401)],
  ['a server that fails', failure('server-error', 'registry', 500)],
  ['a run that was stopped', failure('interrupted', 'registry')],
])('is a result, not an ending: %s', (_what, error) => {
  expect(unreachable(error)).toBeUndefined();
});

test.each([
  ['http', true],
  ['https', false],
])('a port that hangs up on %s: TLS is suggested: %s', (scheme, suggested) => {
  const request = requestOf({ url: `${scheme}://h.example:1/v2/`, phase: 'ping' });
  const error = new PullFailure('reset', request, 0, `${requestLine(request)}: closed`);
  expect(unreachable(error)?.hint.includes('https://')).toBe(suggested);
});
