// Why the CDN does not serve, as S3 and CloudFront say it: in XML.
import type { HeaderLine } from '../../src/protocol/talk.ts';
import { type Reply, textReply } from '../call.ts';

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Elements after the message. */
  readonly details?: readonly (readonly [name: string, text: string])[];
}

export function refusalReply(
  { status, code, message, details = [] }: Refusal,
  headers: readonly HeaderLine[],
): Reply {
  const elements = [['Code', code], ['Message', message], ...details]
    .map(([name, text = '']) => `<${name}>${escapeXml(text)}</${name}>`)
    .join('');
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements}</Error>`;
  return textReply(status, xml, [['Content-Type', 'application/xml'], ...headers]);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What comes from a client may hold what XML cannot: that is left out. */
function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (char) => entities[char] ?? '').replace(/[^\t\x20-\x7e]/g, '?');
}
