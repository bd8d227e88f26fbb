// Who refers to a document or layer of an image, in words: the same in every report.

import type { DocumentResult, Finding } from './results.ts';

/** `x/index.json at /manifests/1 (tag bad, linux/arm64) and 2 more`; undefined when nothing does. */
export function referrer({ referredBy }: DocumentResult): string | undefined {
  if (referredBy === undefined) return undefined;
  const { path, pointer, tag, platform, others } = referredBy;
  const way = [...(tag === undefined ? [] : [`tag ${tag}`]), ...(platform ? [platform] : [])];
  const through = way.length > 0 ? ` (${way.join(', ')})` : '';
  const more = others > 0 ? ` and ${others} more` : '';
  return `${path} at ${pointer}${through}${more}`;
}

/** The message of a finding for reports that show it alone, without its document around it. */
export function messageAlone(document: DocumentResult, { message }: Finding): string {
  const by = referrer(document);
  return by === undefined ? message : `${message} Referred to by ${by}.`;
}
