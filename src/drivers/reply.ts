// Builds the protocol's HttpReply from raw parts; shared by drivers that have all header lines at hand.
import type { HeaderLine, HttpReply } from '../protocol/talk.ts';

/** Blanks around a value are no part of it (RFC 9110 5.5); undici leaves those at its end. */
export function makeReply(parts: Omit<HttpReply, 'header'>): HttpReply {
  const headerLines = parts.headerLines.map(withoutBlanks);
  return { ...parts, headerLines, header: (name) => headerValue(headerLines, name) };
}

function withoutBlanks(line: HeaderLine): HeaderLine {
  const [name, value] = line;
  return /^[ \t]|[ \t]$/.test(value) ? [name, value.replace(/^[ \t]+|[ \t]+$/g, '')] : line;
}

function headerValue(lines: readonly HeaderLine[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = lines.filter(([line]) => line.toLowerCase() === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}
