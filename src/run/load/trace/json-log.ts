// Access logs as JSON, an object a line: names of fields are whatever whoever wrote the configuration chose,
// so they are told by the words they have in common: nginx (`escape=json`), Caddy, Envoy and Istio, Traefik,
// distribution, Google Cloud and Elastic's schema.
import { asString, type JsonObject } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { parseLogDate } from './log-date.ts';

/** What a line tells of a request; `target` as it was asked for, without scheme and host. */
export interface LoggedRequest {
  readonly atMs: number;
  readonly method: string;
  readonly target: string;
  readonly status: number;
  readonly bytes?: number | undefined;
}

const fieldsMax = 300;
const depthMax = 4;
const lineCharsMax = 4000;

/** By their names in small letters without what joins words, dots for what lies within; the best first. */
const names = {
  method: [
    ...['requestmethod', 'method', 'httpmethod', 'reqmethod', 'verb', 'request.method'],
    ...['req.method', 'http.request.method', 'http.method', 'httprequest.requestmethod'],
  ],
  target: [
    ...['requesturi', 'requestpath', 'uri', 'path', 'url', 'requrl', 'requesturl', 'request.uri'],
    ...['request.url', 'request.path', 'req.url', 'req.uri', 'http.request.uri', 'http.url'],
    ...['httprequest.requesturl', 'url.original', 'url.path', 'request'],
  ],
  line: ['request', 'requestline', 'req', 'httprequest'],
  status: [
    ...['status', 'statuscode', 'responsecode', 'responsestatus', 'httpstatus', 'httpcode'],
    ...['downstreamstatus', 'response', 'code', 'http.response.status', 'response.status'],
    ...['http.response.statuscode', 'http.statuscode', 'res.status', 'res.statuscode'],
    ...['httprequest.status', 'originstatus'],
  ],
  bytes: [
    ...['bodybytessent', 'responsesize', 'size', 'downstreamcontentsize', 'bytessent'],
    ...['http.response.written', 'http.response.body.bytes', 'httprequest.responsesize'],
    ...['response.size', 'res.size', 'bytes'],
  ],
  // Not `request_time`, which is how long it took.
  time: [
    ...['msec', 'startutc', 'starttime', 'startedat', 'ts', 'timestamp', 'timeiso8601', 'time'],
    ...['timelocal', 'startlocal', 'datetime', 'date'],
  ],
} as const;

/** Undefined for a line that tells of no request that was answered. */
export function loggedRequest(entry: JsonObject): LoggedRequest | undefined {
  const fields = new Map<string, unknown>();
  collect(entry, '', fields, depthMax);
  const atMs = first(fields, names.time, momentMs);
  const status = first(fields, names.status, statusOf);
  // Servers log a request also when it comes, and that is not another one.
  if (atMs === undefined || status === undefined) return undefined;
  const line = first(fields, names.line, requestLineOf);
  const method = line?.method ?? first(fields, names.method, methodOf);
  const target = line?.target ?? first(fields, names.target, targetOf);
  if (method === undefined || target === undefined) return undefined;
  return { atMs, method, target, status, bytes: first(fields, names.bytes, sizeOf) };
}

function collect(node: JsonObject, within: string, into: Map<string, unknown>, depth: number) {
  for (const [key, value] of Object.entries(node)) {
    if (into.size >= fieldsMax) return;
    const name = within + key.toLowerCase().replace(/[^a-z0-9.]/g, '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if (depth > 1) collect(value as JsonObject, `${name}.`, into, depth - 1);
    } else if (!into.has(name)) into.set(name, value);
  }
}

function first<T>(
  fields: ReadonlyMap<string, unknown>,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys) {
    const value = read(fields.get(key));
    if (value !== undefined) return value;
  }
  return undefined;
}

function requestLineOf(value: unknown): { method: string; target: string } | undefined {
  const match = /^([A-Z]{3,10}) (\S+)/.exec(asString(value)?.slice(0, lineCharsMax) ?? '');
  const target = targetOf(match?.[2]);
  return match?.[1] === undefined || target === undefined
    ? undefined
    : { method: match[1], target };
}

function methodOf(value: unknown): string | undefined {
  return /^[A-Z]{3,10}$/.exec(asString(value) ?? '')?.[0];
}

function targetOf(value: unknown): string | undefined {
  const text = asString(value)?.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  return text?.startsWith('/') === true ? text : undefined;
}

/** Logs write numbers as texts, too. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function statusOf(value: unknown): number | undefined {
  const status = numberOf(value);
  return status !== undefined && Number.isInteger(status) && status < 1000 ? status : undefined;
}

function sizeOf(value: unknown): number | undefined {
  return numberOf(value);
}

/** Where a second, a millisecond, a microsecond count since 1970 ends, by its size. */
const unitsMax: readonly (readonly [max: number, perMs: number])[] = [
  [1e11, 1e-3],
  [1e14, 1],
  [1e17, 1e3],
  [1e20, 1e6],
];

/** A number since 1970 in any unit; RFC 3339, the date of access logs, or a date and time of UTC. */
function momentMs(value: unknown): number | undefined {
  const number = numberOf(value);
  if (number !== undefined) {
    const perMs = unitsMax.find(([max]) => number < max)?.[1];
    return perMs === undefined ? undefined : number / perMs;
  }
  const text = asString(value)?.slice(0, 60);
  if (text === undefined) return undefined;
  return parseDateTime(text) ?? parseLogDate(text) ?? parseDateTime(inUtc(text));
}

/** `2026/11/21 13:00:00.5`, `2026-11-21T13:00:00+0100` in the form of RFC 3339. */
function inUtc(text: string): string {
  const match =
    /^(\d{4})[-/](\d\d)[-/](\d\d)[T ]([\d:]{8}(?:\.\d+)?) ?(?:Z|([+-]\d\d):?(\d\d))?$/.exec(text);
  if (match === null) return '';
  const [, year, month, day, time, hours, minutes] = match;
  return `${year}-${month}-${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`;
}
