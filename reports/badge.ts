// A badge of a run: what shields.io reads (its endpoint form), and the same drawn. One short figure, and its colour.

import { duration, rate } from './figures.ts';
import { escapeHtml } from './html/markup.ts';
import type { Results } from './results.ts';
import { byLevel, isFailing, isWarning, tally, tallyWords } from './summary.ts';
import { oneLine } from './untrusted.ts';

/** As https://shields.io/badges/endpoint-badge wants it. */
export interface Badge {
  schemaVersion: 1;
  label: string;
  message: string;
  color: 'brightgreen' | 'yellow' | 'red' | 'lightgrey';
}

const messageCharsMax = 60;

/** Undefined for a run without checks, load or documents, of which a badge would say nothing. */
export function badgeOf(results: Results): Badge | undefined {
  const told = messageOf(results);
  if (told === undefined) return undefined;
  const [label, message, color] = told;
  const isCut = results.verdict === 'error';
  return {
    schemaVersion: 1,
    label,
    message: oneLine(isCut ? `${message} (not to its end)` : message, messageCharsMax),
    color: isCut ? 'lightgrey' : color,
  };
}

type Told = readonly [label: string, message: string, color: Badge['color']];

function messageOf({ checks, load, documents, verdict }: Results): Told | undefined {
  if (checks !== undefined) {
    // A run of some checks may have none of level MUST.
    const [level, members] = byLevel(checks)[0] ?? ['', []];
    if (level === '') return ['conformance', 'no check was run', 'lightgrey'];
    const color = checks.some(isFailing)
      ? 'red'
      : checks.some(isWarning)
        ? 'yellow'
        : 'brightgreen';
    return ['conformance', `${tallyWords(tally(members))} ${level}`, color];
  }
  if (load !== undefined) {
    const message = `${rate(load.pulls.perSecond)} pulls/s, p95 ${duration(load.pullMs.p95)}`;
    return ['load', message, verdict === 'pass' ? 'brightgreen' : 'red'];
  }
  if (documents === undefined) return undefined;
  const valid = documents.filter((document) => document.valid).length;
  const isAll = valid === documents.length;
  return ['documents', `${valid} of ${documents.length} valid`, isAll ? 'brightgreen' : 'red'];
}

/** One JSON document, ends with a line feed. */
export function renderBadgeJson(badge: Badge): string {
  return `${JSON.stringify(badge)}\n`;
}

const fills: Record<Badge['color'], string> = {
  brightgreen: '#1a7f37',
  yellow: '#946200',
  red: '#c5362b',
  lightgrey: '#656d76',
};

/** Widths of Verdana at 11 px, by character; what is not here is as wide as the widest. */
const narrow = "fijlrtI|!.,:;'()[] ";
const widthOf = (char: string): number => {
  if (narrow.includes(char)) return 4.4;
  if ('mwMW%@'.includes(char)) return 10.8;
  return /[A-Z0-9]/.test(char) ? 7.4 : /[\x20-\x7e]/.test(char) ? 6.7 : 11;
};
const padding = 6;

/** Flat, 20 px high; a title says the same to screen readers. */
export function renderBadgeSvg({ label, message, color }: Badge): string {
  const [left, right] = [label, message].map((text) => {
    const wide = [...text].reduce((sum, char) => sum + widthOf(char), 0);
    return {
      text: escapeHtml(text),
      chars: Math.round(wide),
      width: Math.round(wide) + 2 * padding,
    };
  }) as [Part, Part];
  const width = left.width + right.width;
  const title = `${left.text}: ${right.text}`;
  const text = (part: Part, x: number) =>
    `<text x="${x + padding}" y="14" textLength="${part.chars}" lengthAdjust="spacingAndGlyphs">${part.text}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${title}">
<title>${title}</title>
<clipPath id="round"><rect width="${width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)"><rect width="${left.width}" height="20" fill="#444c56"/><rect x="${left.width}" width="${right.width}" height="20" fill="${fills[color]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">${text(left, 0)}${text(right, left.width)}</g>
</svg>
`;
}

interface Part {
  text: string;
  chars: number;
  width: number;
}
