// Turns one request and its reply into the evidence of a check: redacted, capped, repeatable by curl.

import type { Exchange } from '../../reports/results.ts';
import { type HttpReply, type HttpRequest, headerLinesOf } from '../protocol/talk.ts';
import type { Redactor } from './redact.ts';

const bodyCharsMax = 4096;
const headerLinesMax = 100;
const headerCharsMax = 2048;

export function toExchange(request: HttpRequest, reply: HttpReply, redactor: Redactor): Exchange {
  // Secrets may be cut in two by a cap, so redaction comes first.
  const headers = (lines: readonly (readonly [string, string])[]) =>
    lines
      .slice(0, headerLinesMax)
      .map(([name, value]): [string, string] => [
        name,
        cap(redactor.header(name, value), headerCharsMax),
      ]);
  const body = reply.text === '' ? undefined : cap(redactor.text(reply.text), bodyCharsMax);
  const url = redactor.text(request.url);
  const sent = headers(headerLinesOf(request));
  const sentBody =
    request.body === undefined ? undefined : cap(redactor.text(request.body), bodyCharsMax);
  return {
    request: {
      method: request.ask.method,
      url,
      headers: sent,
      ...(sentBody !== undefined && { body: sentBody }),
    },
    reply: {
      status: reply.status,
      headers: headers(reply.headerLines),
      ...(body !== undefined && { body }),
      bytes: reply.bytes,
      ...(reply.digest !== '' && { digest: reply.digest }),
      ...(reply.failure !== '' && {
        failure: reply.failure,
        failureMessage: cap(redactor.text(reply.failureMessage), headerCharsMax),
      }),
    },
    curl: curlLine(request.ask.method, url, sent, sentBody),
    ms: Math.round(reply.timings.totalMs * 10) / 10,
  };
}

function cap(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}

/** A shell line that repeats the request; secrets stay placeholders to fill in. */
function curlLine(
  method: string,
  url: string,
  headers: readonly [string, string][],
  body: string | undefined,
): string {
  // `-g`: brackets and braces of a URL stay what they are.
  const words = ['curl', '-sSg', method === 'HEAD' ? '--head' : '-i'];
  if (method !== 'HEAD' && method !== 'GET') words.push('-X', method);
  for (const [name, value] of headers) words.push('-H', quote(`${name}: ${value}`));
  if (body !== undefined) words.push('--data-raw', quote(body));
  words.push(quote(url));
  return words.join(' ');
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
