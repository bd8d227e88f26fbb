// Reading the mock's request log: what a client really asked for, and how often.
import { readFileSync } from 'node:fs';
import type { LogEntry } from '../../mocks/http/log.ts';

/** Requests whose head came at this time (ISO 8601) or later. */
export function requestsIn(file: string, since = ''): LogEntry[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const entries = lines.filter(Boolean).map((line): LogEntry => JSON.parse(line));
  return entries.filter(({ time }) => time >= since);
}

/** GETs of blobs, from the registry and from the CDN. */
export function blobGets(entries: readonly LogEntry[]): LogEntry[] {
  return entries.filter(
    ({ method, role, path }) => method === 'GET' && (role === 'edge' || path.includes('/blobs/')),
  );
}

/** Requests over HTTP/2 have pseudo-headers. */
export function isOverHttp2({ headers }: LogEntry): boolean {
  return headers.some(([name]) => name.startsWith(':'));
}
