import { expect, test } from 'vitest';
import { requestOf } from '../../../test/lib/request.ts';
import type { HttpReply } from '../../protocol/talk.ts';
import { TokensSeen } from './tokens-seen.ts';

const own = 'Basic b3du';
const exchange = (status: number, text = '', authorization = own) => ({
  request: {
    ...requestOf({ url: 'http://auth.test/token', phase: 'token' }),
    hop: 'token' as const,
    authorization,
  },
  reply: { status, text, failure: '' } as HttpReply,
});
const served = exchange(200, '{"token":"t"}');

test('credentials that have got a token are not refused, nor served a page, for good', () => {
  const tokens = new TokensSeen();
  expect(tokens.isDoubtful(exchange(401))).toBe(false);
  tokens.note(served);
  expect(tokens.isDoubtful(exchange(401))).toBe(true);
  expect(tokens.isDoubtful(exchange(200, '<html>'))).toBe(true);
  expect(tokens.isDoubtful(exchange(403))).toBe(false);
  expect(tokens.isDoubtful(served)).toBe(false);
});

test('others may be refused, and nobody in particular always', () => {
  const tokens = new TokensSeen();
  tokens.note(served);
  tokens.note(exchange(200, '{"access_token":"t"}', ''));
  expect(tokens.isDoubtful(exchange(401, '', 'Basic b3RoZXI='))).toBe(false);
  expect(tokens.isDoubtful(exchange(401, '', ''))).toBe(false);
});

test('a refusal may be one of what is asked for; anything else is the token server itself', () => {
  const tokens = new TokensSeen();
  expect(tokens.isPassing(exchange(500))).toBe(false);
  tokens.note(served);
  expect(tokens.isPassing(exchange(500))).toBe(true);
  expect(tokens.isPassing(exchange(401))).toBe(false);
});
