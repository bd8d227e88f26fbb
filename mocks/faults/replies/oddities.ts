// Legal oddities of any reply: its header lines, its framing, and the bodies of refusals.
import type { HeaderLine } from '../../../src/protocol/talk.ts';
import { type Reply, textReply, withBody, withHeader, withoutHeader } from '../../call.ts';
import { warningValue } from '../../registry/policy.ts';
import type { Fault, Place } from '../fault.ts';
import { errorsIn, fieldOf } from '../kit/calls.ts';
import { clauses, oddity } from '../kit/oddity.ts';
import { drop } from '../kit/words.ts';

const everywhere: readonly Place[] = [
  'ping',
  'manifest',
  'blob',
  'tags',
  'referrers',
  'upload',
  'catalog',
  'other',
];
const any = { at: everywhere };
const refusals = { at: everywhere, statuses: [400, 401, 403, 404, 405, 409, 412, 413, 414, 416] };
const served = { at: [...everywhere, 'edge'] as const, methods: ['GET'], statuses: [200] };
const { errors, headers, http } = clauses;

const eachLine =
  (change: (line: HeaderLine) => HeaderLine) =>
  (reply: Reply): Reply => ({ ...reply, headers: reply.headers.map(change) });

/** What the specs demand somewhere, and what HTTP needs to be read. */
const needed =
  /^(?:content-(?:type|length|range|encoding)|docker-content-digest|location|range|link|oci-.*|www-authenticate|allow|retry-after|cache-control|vary)$/i;

const page = (rows: number) =>
  `<!DOCTYPE html><html><body><h1>No</h1>${'<p>This is not here.</p>'.repeat(rows)}</body></html>`;

const html = (rows: number) => (reply: Reply) =>
  withHeader(withBody(reply, page(rows)), 'Content-Type', 'text/html; charset=utf-8');

/** The errors of a reply, written in another way; a reply without any stays. */
const rewritten =
  (write: (errors: readonly object[]) => unknown) =>
  (reply: Reply): Reply => {
    const known = errorsIn(reply);
    return known.length === 0 ? reply : withBody(reply, JSON.stringify(write(known)));
  };

/** In the bytes on the connection, which a run in process does not see. */
const onWire = (...[id, title, deed]: [string, string, Parameters<typeof oddity>[3]]): Fault =>
  ({ ...oddity(id, title, http, deed), layer: 'wire' }) as Fault;

const requestsBetween = 40;

export const replyOddities: readonly Fault[] = [
  oddity('headers-lower-case', 'Names of header lines are in small letters', headers, {
    on: any,
    change: eachLine(([name, value]) => [name.toLowerCase(), value]),
  }),
  oddity('headers-upper-case', 'Names of header lines are in capitals', headers, {
    on: any,
    change: eachLine(([name, value]) => [name.toUpperCase(), value]),
  }),
  oddity('headers-reversed', 'Header lines come in the opposite order', headers, {
    on: any,
    change: (reply) => ({ ...reply, headers: reply.headers.toReversed() }),
  }),
  oddity('headers-padded', 'Values of header lines have blanks and tabs around them', headers, {
    on: any,
    // undici reads a length only without them.
    change: eachLine(([name, value]) => [
      name,
      /^(?:content-length|connection)$/i.test(name) ? value : ` \t${value}\t `,
    ]),
  }),
  oddity(
    'headers-least',
    'Replies have the header lines that the specs demand, and no others',
    'spec.md: what it does not demand is optional; so are the headers of Docker (Legacy Docker support)',
    {
      on: any,
      change: (reply) => ({
        ...reply,
        headers: reply.headers.filter(([name]) => needed.test(name)),
      }),
    },
  ),
  oddity('headers-many', 'Replies have thirty header lines that nobody asked for', headers, {
    on: any,
    change: (reply) => ({
      ...reply,
      headers: [
        ...reply.headers,
        ['Via', '1.1 proxy.example'],
        ['Age', '7'],
        ['Set-Cookie', 'a=b; Path=/'],
        ['Set-Cookie', 'c=d; Path=/'],
        ...Array.from(
          { length: 26 },
          (_, at): HeaderLine => [`X-Trace-${at}`, `"${'t'.repeat(at)}", ${at}`],
        ),
      ],
    }),
  }),
  oddity('length-unsaid', 'GET is answered without Content-Length, the body in chunks', http, {
    on: served,
    change: drop('Content-Length'),
  }),
  oddity('connection-closed', 'The connection is closed after each reply, which says so', http, {
    on: any,
    change: (reply) => withHeader(reply, 'Connection', 'close'),
  }),
  onWire('early-hints', 'Before each reply comes another head, 103 Early Hints', {
    on: any,
    change: (reply) => ({ ...reply, wire: { ...reply.wire, hints: true } }),
  }),
  onWire('http-old', 'Replies are of HTTP/1.0, and the connection ends with each', {
    on: any,
    change: (reply) => ({ ...reply, wire: { ...reply.wire, isOld: true } }),
  }),
  onWire('trailers-sent', 'Bodies come in chunks, and header lines after them', {
    on: served,
    change: (reply) => ({
      ...withHeader(drop('Content-Length')(reply), 'Trailer', 'X-Checksum'),
      wire: { ...reply.wire, trailers: [['X-Checksum', 'none']] },
    }),
  }),
  oddity('body-charset', 'Lists and errors in JSON say their charset', http, {
    on: { at: ['tags', 'catalog', 'ping', 'manifest', 'blob', 'upload'] },
    change: eachLine(([name, value]) => [
      name,
      value === 'application/json' ? 'application/json; charset=utf-8' : value,
    ]),
  }),
  oddity(
    'warnings-sent',
    'Every reply has two Warning lines',
    'spec.md, Warnings: a registry MAY send them',
    {
      on: any,
      change: (reply) => ({
        ...reply,
        headers: [
          ...reply.headers,
          ['Warning', warningValue('this registry moves on Monday')],
          ['Warning', warningValue('say "hello" to the new one, soon')],
        ],
      }),
    },
  ),
  oddity(
    'namespace-said',
    'Who asks with ns is told the same in OCI-Namespace',
    'spec.md, Registry Proxying: who scopes by ns SHOULD return it',
    {
      on: { at: ['manifest', 'blob'], when: (call) => fieldOf(call, 'ns') !== undefined },
      change: (reply, { call }) => withHeader(reply, 'OCI-Namespace', fieldOf(call, 'ns') ?? ''),
    },
  ),
  oddity(
    'rate-headers',
    'Every reply says how many requests are left',
    'RFC 9110 5.1: header fields of any name may be added',
    {
      on: any,
      change: (reply) => ({
        ...reply,
        headers: [
          ...reply.headers,
          ['RateLimit-Limit', '100;w=21600'],
          ['RateLimit-Remaining', '99;w=21600'],
        ],
      }),
    },
  ),
  oddity(
    'rate-limited-until-date',
    `Each ${requestsBetween}th request to read is answered 429, and Retry-After is a date`,
    'RFC 9110 10.2.3: Retry-After is an HTTP date or a number of seconds',
    {
      on: { at: ['manifest', 'blob', 'tags', 'referrers'], methods: ['GET', 'HEAD'] },
      begin: () => {
        let requests = 0;
        return {
          instead: ({ site }) => {
            requests++;
            if (requests % requestsBetween !== 0) return undefined;
            const date = new Date(site.now()).toUTCString();
            const body = JSON.stringify({ errors: [{ code: 'TOOMANYREQUESTS' }] });
            const type: HeaderLine = ['Content-Type', 'application/json'];
            return textReply(429, body, [type, ['Retry-After', date]]);
          },
        };
      },
    },
  ),
  oddity('error-empty', 'Refusals have no body at all', errors, {
    on: refusals,
    change: (reply) => drop('Content-Type')(withBody(reply, '')),
  }),
  oddity('error-html', 'Refusals are pages of HTML', errors, { on: refusals, change: html(1) }),
  oddity('error-html-long', 'Refusals are pages of HTML of 50 kB', errors, {
    on: refusals,
    change: html(2_000),
  }),
  oddity('error-members', 'Errors have members that no spec knows', errors, {
    on: refusals,
    change: rewritten((known) => ({
      requestId: '0f3c',
      errors: known.map((error) => ({ ...error, help: null, retryable: false })),
      time: 17,
    })),
  }),
  oddity('error-code-alone', 'Errors have a code, no message and no detail', errors, {
    on: refusals,
    change: rewritten((known) => ({
      errors: known.map((error) => ({ code: (error as { code?: unknown }).code })),
    })),
  }),
  oddity('error-several', 'Each refusal has two errors, the one that matters last', errors, {
    on: refusals,
    change: rewritten((known) => ({
      errors: [{ code: 'UNSUPPORTED', message: '' }, ...known],
    })),
  }),
  oddity('error-detail-odd', 'The detail of errors is a text, a list or null', errors, {
    on: refusals,
    change: rewritten((known) => ({
      errors: ['text', ['list', 1], null].flatMap((detail) =>
        known.map((error) => ({ ...error, detail })),
      ),
    })),
  }),
  oddity('error-indented', 'Errors are JSON over many lines, with escapes', errors, {
    on: refusals,
    change: (reply) => {
      const known = errorsIn(reply);
      if (known.length === 0) return reply;
      const text = JSON.stringify({ errors: known }, null, 4).replaceAll('"code"', '"c\\u006fde"');
      return withBody(reply, `\r\n${text}\r\n`);
    },
  }),
  oddity('error-type-unsaid', 'Errors in JSON come without a Content-Type', errors, {
    on: refusals,
    change: (reply) => withoutHeader(reply, 'Content-Type'),
  }),
  oddity(
    'error-code-legacy',
    'Manifests and tags that are no such thing are refused with the codes of schema 1',
    'spec.md, Legacy Docker support error codes: TAG_INVALID and MANIFEST_UNVERIFIED may be met',
    {
      on: { at: ['manifest'], methods: ['PUT'], statuses: [400] },
      change: (reply, { route }) => {
        const other = route.reference.includes(':') ? 'MANIFEST_UNVERIFIED' : 'TAG_INVALID';
        return rewritten((known) => ({
          errors: known.map((error) =>
            (error as { code?: unknown }).code === 'MANIFEST_INVALID'
              ? { ...error, code: other }
              : error,
          ),
        }))(reply);
      },
    },
    { noticedBy: ['manifest-invalid-code'] },
  ),
];
