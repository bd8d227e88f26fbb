// Header lines that a client does not write itself: its HTTP library adds them to every request.
import type { ClientProfile } from './client.ts';
import type { Ask, HeaderLine } from './talk.ts';

/** Whether a line of that name is among them, written in this case. */
export function hasLine(lines: readonly HeaderLine[], name: string): boolean {
  return lines.some(([line]) => line === name);
}

/** What Go's transport adds by itself to a request with these lines, behind them. */
export function linesOfTransport(
  client: ClientProfile,
  method: Ask['method'],
  lines: readonly HeaderLine[],
): HeaderLine[] {
  const gzip =
    client.goGzip === true &&
    method !== 'HEAD' &&
    !hasLine(lines, 'Range') &&
    !hasLine(lines, 'Accept-Encoding');
  const added: HeaderLine[] = gzip ? [['Accept-Encoding', 'gzip']] : [];
  if (client.connections === 'per-request') added.push(['Connection', 'close']);
  return added;
}
