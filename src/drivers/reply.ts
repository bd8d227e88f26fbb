// Builds the protocol's HttpReply from raw parts; shared by drivers that have all header lines at hand.
import type { HeaderLine, HttpReply } from '../protocol/talk.ts';

export function makeReply(parts: Omit<HttpReply, 'header'>): HttpReply {
  return { ...parts, header: (name) => headerValue(parts.headerLines, name) };
}

function headerValue(lines: readonly HeaderLine[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = lines.filter(([line]) => line.toLowerCase() === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
