// Reading recorded requests: the mock's request log, access logs in the combined form (nginx, distribution),
// in Envoy's and as JSON, HAR 1.2, and the IBM registry traces in both forms in which they are passed on.
import type { Replay } from '../../../../reports/results.ts';
import { asArray, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
import { loggedRequest } from './json-log.ts';
import { parseLogDate } from './log-date.ts';

export interface Recorded {
  /** Milliseconds, from any start. */
  readonly atMs: number;
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** 0: unknown. */
  readonly status: number;
  /** Body bytes of the reply. */
  readonly bytes?: number | undefined;
  /** Asked of a token server or a CDN. */
  readonly elsewhere: boolean;
}

export interface TraceText {
  readonly format: Replay['format'];
  readonly recorded: readonly Recorded[];
  /** Lines or entries that could not be read. */
  readonly unread: number;
}

/** Undefined for a text that is none of the formats. */
export function readTraceText(text: string): TraceText | undefined {
  const first = text.trimStart()[0];
  const entries = first === '[' ? asArray(parseJson(text)) : undefined;
  if (entries !== undefined) {
    const trace = fromEntries('registry-trace', entries, registryTraceEntry);
    if (trace !== undefined && trace.recorded.length > 0) return trace;
    return fromEntries('access-log', entries, jsonLogEntry) ?? trace;
  }
  if (first !== '{') return fromLines('access-log', text, accessLogEntry);
  const har = asObject(asObject(parseJson(text))?.log)?.entries;
  if (har !== undefined) return fromEntries('har', har, harEntry);
  const ofMock = fromLines('mock-log', text, (line) => mockLogEntry(asObject(parseJson(line))));
  return ofMock ?? fromLines('access-log', text, (line) => jsonLogEntry(asObject(parseJson(line))));
}

function fromEntries(
  format: Replay['format'],
  value: unknown,
  read: (entry: JsonObject | undefined) => Recorded | undefined,
): TraceText | undefined {
  const entries = asArray(value);
  if (entries === undefined) return undefined;
  const recorded = entries.flatMap((entry) => read(asObject(entry)) ?? []);
  return { format, recorded, unread: entries.length - recorded.length };
}

function fromLines(
  format: Replay['format'],
  text: string,
  read: (line: string) => Recorded | undefined,
): TraceText | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const recorded = lines.flatMap((line) => read(line) ?? []);
  if (recorded.length === 0) return undefined;
  const isCoarse = recorded.every(({ atMs }) => atMs % 1000 === 0);
  const spread = isCoarse ? withinSeconds(recorded) : recorded;
  return { format, recorded: spread, unread: lines.length - recorded.length };
}

const mockRoles = ['registry', 'token', 'edge', 'cdn'];

function mockLogEntry(entry: JsonObject | undefined): Recorded | undefined {
  const { time, role, method, path } = entry ?? {};
  if (!mockRoles.includes(asString(role) ?? '')) return undefined;
  return recordedOf(timeOf(time), method, path, {
    status: numberOf(entry?.status) ?? 0,
    bytes: numberOf(entry?.bodyBytes),
    elsewhere: role !== 'registry',
  });
}

/** `host - user [21/Nov/2026:13:00:00 +0000] "GET /v2/… HTTP/1.1" 200 1234`, and whatever follows. */
const combined = /^\S+ \S+ .{0,200}?\[([^\]]{1,40})\] "([A-Z]+) (\S+)[^"]*" (\d{3}) (\d+|-)/;

/** `[2026-11-21T13:00:00.123Z] "GET /v2/… HTTP/1.1" 200 - 0 1234 …`, Envoy's own. */
const envoy =
  /^\[([^\]]{1,40})\] "([A-Z]+) (\S+)[^"]*" (\d{1,3}) \S+(?: \S+ "[^"]*" "[^"]*")? \d+ (\d+)/;

function accessLogEntry(line: string): Recorded | undefined {
  const text = line.slice(0, 4000);
  const ofEnvoy = envoy.exec(text);
  if (ofEnvoy !== null) {
    const [, time = '', method, path, status, bytes] = ofEnvoy;
    const rest = { status: Number(status), bytes: Number(bytes) };
    return recordedOf(parseDateTime(time), method, path, rest);
  }
  const match = combined.exec(text);
  if (match === null) return undefined;
  const [, time = '', method, path, status, bytes] = match;
  return recordedOf(parseLogDate(time), method, path, {
    status: Number(status),
    bytes: numberOf(Number(bytes)),
  });
}

/** Access logs tell whole seconds: what shares one is spread evenly over it. */
function withinSeconds(recorded: readonly Recorded[]): Recorded[] {
  const counts = new Map<number, number>();
  for (const { atMs } of recorded) counts.set(atMs, (counts.get(atMs) ?? 0) + 1);
  const seen = new Map<number, number>();
  return recorded.map((one) => {
    const before = seen.get(one.atMs) ?? 0;
    seen.set(one.atMs, before + 1);
    return { ...one, atMs: one.atMs + (1000 * before) / (counts.get(one.atMs) ?? 1) };
  });
}

/** A line of Docker's own log has the program's as a text. */
function jsonLogEntry(entry: JsonObject | undefined): Recorded | undefined {
  const inner = asString(entry?.log);
  const isWrapped = inner !== undefined && entry?.stream !== undefined;
  if (isWrapped && !inner.trimStart().startsWith('{')) return accessLogEntry(inner);
  const found = isWrapped ? asObject(parseJson(inner)) : entry;
  const request = found === undefined ? undefined : loggedRequest(found);
  if (request === undefined) return undefined;
  const { atMs, method, target, status, bytes } = request;
  return recordedOf(atMs, method, target, { status, bytes });
}

function harEntry(entry: JsonObject | undefined): Recorded | undefined {
  const request = asObject(entry?.request);
  const response = asObject(entry?.response);
  // Only registries have paths below /v2/: hosts need not be told apart.
  const path = asString(request?.url)?.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  return recordedOf(timeOf(entry?.startedDateTime), request?.method, path, {
    status: numberOf(response?.status) ?? 0,
    bytes: numberOf(response?.bodySize),
  });
}

/** As published (`http.request.uri`, `timestamp`), or as the trace player hands it on (`uri`, `delay`). */
function registryTraceEntry(entry: JsonObject | undefined): Recorded | undefined {
  const delaySeconds = numberOf(entry?.delay);
  const atMs = delaySeconds === undefined ? timeOf(entry?.timestamp) : delaySeconds * 1000;
  const method = entry?.method ?? entry?.['http.request.method'];
  return recordedOf(atMs, method, entry?.uri ?? entry?.['http.request.uri'], {
    status: numberOf(entry?.['http.response.status']) ?? 0,
    bytes: numberOf(entry?.size ?? entry?.['http.response.written']),
  });
}

function timeOf(value: unknown): number | undefined {
  return parseDateTime(asString(value) ?? '');
}

function recordedOf(
  atMs: number | undefined,
  method: unknown,
  target: unknown,
  rest: { status: number; bytes?: number | undefined; elsewhere?: boolean },
): Recorded | undefined {
  const path = asString(target)?.split(/[?#]/, 1)[0];
  if (atMs === undefined || typeof method !== 'string' || path === undefined) return undefined;
  return { elsewhere: false, ...rest, atMs, method, path };
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
