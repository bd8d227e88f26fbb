// Requests for tests, written flat; what is left out is a small GET of text.
import type { Ask, HttpRequest } from '../../src/protocol/talk.ts';

export type RequestWords = Partial<Ask & Omit<HttpRequest, 'ask'>>;

/** `headers` may hold credentials here, as what a client must not send does. */
export function requestOf(words: RequestWords = {}): HttpRequest {
  const {
    url = 'http://h.example/v2/',
    hop = 'registry',
    authorization = '',
    referer = '',
  } = words;
  const { body, ...ask } = words;
  return {
    url,
    hop,
    authorization,
    referer,
    ask: {
      method: ask.method ?? 'GET',
      headers: ask.headers ?? [],
      want: ask.want ?? 'text',
      algorithm: ask.algorithm ?? 'sha256',
      bodyBytesMax: ask.bodyBytesMax ?? 1_000_000,
      phase: ask.phase ?? 'other',
      ...(ask.unpacks === true && { unpacks: true }),
      ...(ask.network !== undefined && { network: ask.network }),
    },
    ...(body !== undefined && { body }),
  };
}
