// References to what is not there.

import { plural } from '../../lib/plural.ts';
import { quote } from '../rules/rule.ts';
import type { ReportRule } from './compare.ts';
import type { ImageContent } from './content.ts';
import type { Reference } from './reference.ts';
import { blobMissing, indexSparse } from './rules.ts';

/** Of a link, after its name. `link`: where it says that it leads. */
export function deadLinkWords(link: string): string {
  return `is a link to ${quote(link)}, which is not there`;
}

export function tellMissing(
  { digest, pointer }: Reference,
  content: ImageContent,
  report: ReportRule,
): void {
  const link = content.deadLink?.(digest);
  const detail = link === undefined ? 'is not there' : deadLinkWords(link);
  report(blobMissing, `${pointer}/digest`, `${quote(digest)} ${detail}`);
}

/** Digests that one note names. */
const namedMax = 5;

export function tellSparse(
  missing: readonly Reference[],
  entries: number,
  report: ReportRule,
): void {
  const [first] = missing;
  if (first === undefined) return;
  const named = missing.slice(0, namedMax).map(({ digest }) => quote(digest));
  const more = missing.length > namedMax ? ` and ${missing.length - namedMax} more` : '';
  const are = missing.length === 1 ? 'is' : 'are';
  const detail = `${missing.length} of ${plural(entries, 'manifest')} ${are} not there: ${named.join(', ')}${more}`;
  report(indexSparse, `${first.pointer}/digest`, detail);
}
