// Reading recorded requests: the mock's request log, access logs in the combined form (nginx,
// distribution), HAR 1.2, and the IBM registry traces in both forms in which they are passed on.
import type { Replay } from '../../../../reports/results.ts';
import { asArray, asObject, asString, type JsonObject, parseJson } from '../../../lib/json.ts';
import { parseDateTime } from '../../../lib/rfc3339.ts';
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
  if (first === '[') return fromEntries('registry-trace', parseJson(text), registryTraceEntry);
  if (first !== '{') return fromLines('access-log', text, accessLogEntry);
  const har = asObject(asObject(parseJson(text))?.log)?.entries;
  if (har !== undefined) return fromEntries('har', har, harEntry);
  return fromLines('mock-log', text, (line) => mockLogEntry(asObject(parseJson(line))));
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
  const spread = format === 'access-log' ? withinSeconds(recorded) : recorded;
  return { format, recorded: spread, unread: lines.length - recorded.length };
}

function mockLogEntry(entry: JsonObject | undefined): Recorded | undefined {
  const { time, role, method, path } = entry ?? {};
  return recordedOf(timeOf(time), method, path, {
    status: numberOf(entry?.status) ?? 0,
    bytes: numberOf(entry?.bodyBytes),
    elsewhere: role !== 'registry',
  });
}

/** `host - user [21/Nov/2026:13:00:00 +0000] "GET /v2/… HTTP/1.1" 200 1234`, and whatever follows. */
const combined = /^\S+ \S+ .{0,200}?\[([^\]]{1,40})\] "([A-Z]+) (\S+)[^"]*" (\d{3}) (\d+|-)/;

function accessLogEntry(line: string): Recorded | undefined {
  const match = combined.exec(line.slice(0, 4000));
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
