// Turns one request and its reply into the evidence of a check: redacted, capped, repeatable by curl.

import { createHash } from 'node:crypto';
import type { Exchange } from '../../reports/results.ts';
import { quotedWord } from '../lib/shell-word.ts';
import { type HttpReply, type HttpRequest, headerLinesOf, heldBody } from '../protocol/talk.ts';
import type { Redactor } from './redact.ts';

const bodyCharsMax = 4096;
/** Of a long body only this much is searched for secrets: far more than is shown of it. */
const searchedCharsMax = 64 * bodyCharsMax;
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
  const bodyOf = (text: string) =>
    cap(redactor.text(text.slice(0, searchedCharsMax)), bodyCharsMax, text.length);
  const body = reply.text === '' ? undefined : bodyOf(reply.text);
  const url = redactor.text(request.url);
  const sent = headers(headerLinesOf(request));
  const held = heldBody(request);
  const isText = held === undefined || textOf(held) !== undefined;
  const sentBody = held === undefined ? undefined : bodyOf(textOf(held) ?? contentName(held));
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
    curl: curlLine(request.ask.method, url, sent, sentBody, isText),
    ms: Math.round(reply.timings.totalMs * 10) / 10,
  };
}

/** `chars`: how long the whole was, where `text` is only its beginning. */
function cap(text: string, max: number, chars = text.length): string {
  const whole = Math.max(chars, text.length);
  return text.length <= max ? text : `${text.slice(0, max)}… (${whole} characters)`;
}

/** A body as text; undefined when its bytes are none. */
function textOf(body: string | Uint8Array): string | undefined {
  if (typeof body === 'string') return body;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function contentName(body: string | Uint8Array): string {
  const digest = createHash('sha256').update(body).digest('hex');
  return `<${body.length} bytes, sha256:${digest}>`;
}

/** A shell line that repeats the request; secrets stay placeholders to fill in. */
function curlLine(
  method: string,
  url: string,
  headers: readonly [string, string][],
  body: string | undefined,
  isText: boolean,
): string {
  // `-g`: brackets and braces of a URL stay what they are.
  const words = ['curl', '-sSg', method === 'HEAD' ? '--head' : '-i'];
  if (method !== 'HEAD' && method !== 'GET') words.push('-X', method);
  for (const [name, value] of headers) words.push('-H', quotedWord(`${name}: ${value}`));
  if (body !== undefined && isText) words.push('--data-raw', quotedWord(body));
  // Bytes do not go through a shell: the file has to be made from what is said of it.
  else if (body !== undefined) words.push('--data-binary', '@FILE');
  words.push(quotedWord(url));
  return words.join(' ');
}
