import { expect, test } from 'vitest';
import { asGoWrites } from './wire-head.ts';

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\n\r\n`;

test.each([
  [
    'a request on a connection that is kept',
    ['GET /v2/ HTTP/1.1', 'host: h:1', 'connection: keep-alive', 'User-Agent: a', 'Accept: b'],
    ['GET /v2/ HTTP/1.1', 'Host: h:1', 'User-Agent: a', 'Accept: b'],
  ],
  [
    'the last request of a connection',
    ['GET / HTTP/1.1', 'host: h', 'connection: close', 'User-Agent: a', 'Accept-Encoding: gzip'],
    ['GET / HTTP/1.1', 'Host: h', 'User-Agent: a', 'Accept-Encoding: gzip', 'Connection: close'],
  ],
  [
    'a form',
    [
      'POST /t HTTP/1.1',
      'host: h',
      'connection: keep-alive',
      'User-Agent: a',
      'X: y',
      'content-length: 12',
    ],
    ['POST /t HTTP/1.1', 'Host: h', 'User-Agent: a', 'Content-Length: 12', 'X: y'],
  ],
  [
    'no lines',
    ['GET / HTTP/1.1', 'host: h', 'connection: keep-alive'],
    ['GET / HTTP/1.1', 'Host: h'],
  ],
])('%s', (_, written, sent) => {
  expect(asGoWrites(head(...written))).toBe(head(...sent));
});

test.each([
  'a piece of a body\r\n\r\n',
  '\r\n1f\r\n',
  'POST / HTTP/1.1\r\nhost: h\r\nconnection: close\r\ntransfer-encoding: chunked\r\n',
])('%j stays', (text) => {
  expect(asGoWrites(text)).toBe(text);
});
