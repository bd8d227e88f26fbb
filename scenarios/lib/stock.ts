// Performs requests by stock k6/http, for a k6 without our extension. Bodies that must be hashed are
// held in memory, which is why runs on this engine verify a sample only.
import crypto from 'k6/crypto';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { hostOf } from '../../src/protocol/grammar/uri.ts';
import {
  type Ask,
  type HeaderLine,
  type HttpReply,
  type HttpRequest,
  headerLinesOf,
  heldBody,
  type TransportFailure,
} from '../../src/protocol/talk.ts';
import type { Engine, Tags } from './engine.ts';
import { metrics } from './metrics.ts';

type Response = RefinedResponse<ResponseType | undefined>;

/** k6's error codes (documented under "Error codes"), by their hundreds and by single codes. */
const failureByCode: Readonly<Record<number, TransportFailure>> = {
  1050: 'stalled',
  1211: 'dial-timeout',
  1212: 'refused',
  1220: 'reset',
};
const failureByHundred: Readonly<Record<number, TransportFailure>> = {
  11: 'dns',
  12: 'refused',
  13: 'tls',
  15: 'bad-http',
  16: 'http2',
};

export function stockEngine(timeoutMs: number): Engine {
  return {
    perform: stockPerform(timeoutMs),
    now: Date.now,
    add: (...namesAndValues) => addTagged({}, ...namesAndValues),
    addTagged,
    isFirst,
    beginPull: () => undefined,
    tellPull: () => undefined,
    endPull: () => undefined,
  };
}

/** Told already by this virtual user, which is all that it knows. */
const told = new Set<string>();
const toldMax = 1000;

function isFirst(key: string): boolean {
  if (told.has(key) || told.size >= toldMax) return false;
  told.add(key);
  return true;
}

function addTagged(tags: Tags, ...namesAndValues: (string | number)[]): void {
  for (let i = 0; i + 1 < namesAndValues.length; i += 2) {
    const metric = metrics[namesAndValues[i] as keyof typeof metrics];
    metric.add(namesAndValues[i + 1] as number, tags);
  }
}

function stockPerform(timeoutMs: number): Engine['perform'] {
  return (request, done) => {
    const pending = http.asyncRequest(request.ask.method, request.url, bodyOf(request), {
      headers: joinedHeaders(headerLinesOf(request)),
      redirects: 0,
      timeout: timeoutMs,
      responseType: responseTypes[request.ask.want],
      // Without a name of our own k6 tags every sample with the URL, signature and all.
      tags: {
        name: request.ask.phase,
        phase: request.ask.phase,
        hop: request.hop,
        host: hostOf(request.url),
      },
    });
    pending.then(
      (response) => done(toReply(request, response)),
      (error) => done(brokenReply(String(error))),
    );
  };
}

const responseTypes = { none: 'none', text: 'text', digest: 'binary' } as const;

function bodyOf(request: HttpRequest): string | ArrayBuffer | null {
  const body = heldBody(request);
  if (body === undefined || typeof body === 'string') return body ?? null;
  return body.slice().buffer as ArrayBuffer;
}

/** k6/http takes one value a name; repeated lines become one list. */
function joinedHeaders(lines: readonly HeaderLine[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of lines) {
    const earlier = headers[name];
    headers[name] = earlier === undefined ? value : `${earlier}, ${value}`;
  }
  return headers;
}

function toReply(request: HttpRequest, response: Response): HttpReply {
  const lines = Object.entries(response.headers);
  const { body } = response;
  const text = typeof body === 'string' ? body : '';
  const failure = failureOf(response);
  const bytes = bytesOf(response, lines);
  const tooLong = failure === '' && bytes > request.ask.bodyBytesMax;
  return {
    status: response.status,
    header: (name) => lines.find(([line]) => line.toLowerCase() === name.toLowerCase())?.[1],
    headerLines: lines,
    text,
    bytes,
    // What is hashed is gone: nothing can go on with it.
    digest:
      request.resumes === undefined || response.status !== 206 ? digestOf(request.ask, body) : '',
    failure: tooLong ? 'long-body' : failure,
    failureMessage: tooLong
      ? `the body goes on past ${request.ask.bodyBytesMax} bytes`
      : response.error,
    remoteAddress: response.remote_ip === '' ? '' : `${response.remote_ip}:${response.remote_port}`,
    timings: {
      dnsMs: 0,
      connectMs: response.timings.connecting,
      tlsMs: response.timings.tls_handshaking,
      ttfbMs: response.timings.waiting,
      totalMs: response.timings.blocked + response.timings.duration,
    },
  };
}

/** With `responseType: 'none'` the body is read and dropped uncounted: its announced length stands in. */
function bytesOf({ body }: Response, lines: readonly (readonly [string, string])[]): number {
  if (body instanceof ArrayBuffer) return body.byteLength;
  const announced = lines.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  return announced === undefined ? (body?.length ?? 0) : Number(announced);
}

function digestOf({ want, algorithm, method }: Ask, body: Response['body']): string {
  if (want === 'none' || method === 'HEAD' || body === null) return '';
  const hash = crypto[algorithm](body, 'hex');
  return `${algorithm}:${hash}`;
}

function failureOf(response: Response): '' | TransportFailure {
  const code = response.error_code;
  // From 1400 on the codes repeat the HTTP status: a reply, not a failure.
  if (code === 0 || (code >= 1400 && code < 1600 && response.status !== 0)) return '';
  return failureByCode[code] ?? failureByHundred[Math.floor(code / 100)] ?? 'reset';
}

function brokenReply(message: string): HttpReply {
  return {
    status: 0,
    header: () => undefined,
    headerLines: [],
    text: '',
    bytes: 0,
    digest: '',
    failure: 'bad-http',
    failureMessage: message,
    remoteAddress: '',
    timings: { dnsMs: 0, connectMs: 0, tlsMs: 0, ttfbMs: 0, totalMs: 0 },
  };
}
