// What a client sent, as the mock's request log has it, in a form that two clients can be compared by.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '../../mocks/http/log.ts';
import { isOverHttp2, requestsIn } from './request-log.ts';

/** The log is complete when no line has come for so long. */
const settleMs = 50;

/** One request as the mock saw it, without what differs from run to run. */
export interface Seen {
  readonly what: string;
  readonly status: number;
  readonly bodyBytes: number;
  readonly headers: readonly string[];
  readonly connection: number;
  readonly http2: boolean;
}

/** HTTP/2 has no order of lines in Go, and k6 sorts what its transport would add at the end. */
export function unordered(seen: Seen): Seen {
  return { ...seen, headers: [...seen.headers].sort() };
}

/** What `act` made the mock log. */
export async function seenDuring(log: string, act: () => Promise<unknown>): Promise<Seen[]> {
  const before = requestsIn(log).length;
  await act();
  let entries: LogEntry[];
  let count = -1;
  // Lines are written when a reply is over, which can be after its reader is gone.
  do {
    entries = requestsIn(log).slice(before);
    if (count === entries.length) break;
    count = entries.length;
  } while (await sleep(settleMs, true));
  return comparable(entries);
}

/** What went over each connection, whatever the order among the connections. */
export function byConnection(seen: readonly Seen[]): string[] {
  const connections = new Map<number, string[]>();
  for (const { connection, ...rest } of seen) {
    connections.set(connection, [...(connections.get(connection) ?? []), JSON.stringify(rest)]);
  }
  return [...connections.values()].map((requests) => requests.join('\n')).sort();
}

function comparable(entries: readonly LogEntry[]): Seen[] {
  const numbers = new Map<number, number>();
  return entries.map((entry) => {
    const { role, method, path, query, status, bodyBytes, headers, connection } = entry;
    const number = numbers.get(connection) ?? numbers.size + 1;
    numbers.set(connection, number);
    return {
      what: `${role} ${method} ${path}?${steady(query)}`,
      status,
      // A token's length follows from what is random in it.
      bodyBytes: role === 'token' ? 0 : bodyBytes,
      headers: headers.map(([name, value]) => `${name}: ${steady(value)}`),
      connection: number,
      http2: isOverHttp2(entry),
    };
  });
}

/** Signatures, tokens and passwords are not in the log. */
function steady(text: string): string {
  return text.replace(/Expires=\d+/g, 'Expires=…');
}
